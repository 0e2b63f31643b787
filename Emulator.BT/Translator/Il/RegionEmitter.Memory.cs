using System.Reflection.Emit;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.Il;

/// <summary>
/// Guest memory, as <see cref="Mmu.Access"/> has it:
/// <code>
/// ea + size - 1 &lt;= limit of the segment     left out where the segment is flat (the page check covers its end)
/// linear = (base + ea) mod 2^32
/// delta  = table[linear >> 12];  delta != 0;  the access stays in its page
/// host   = linear + delta
/// </code>
/// Whatever fails goes to a cold stub that calls <see cref="RegionRuntime"/> and comes back. When that killed the block, the
/// stub runs the rest of the instruction and leaves.
/// </summary>
internal sealed unsafe partial class RegionEmitter
{
    // Host address between BeginModify and EndModify; null while the rest of the instruction is lowered for the slow path.
    private LocalBuilder? modifyHost;

    // Where slow read-modify-writes come back: the end of the present instruction.
    private readonly List<Label> joins = [];

    private void EmitLoad(int n)
    {
        int size = nodes[n].Width / 8, segment = (int)nodes[n].Imm;
        Label slow = il.Label(), done = il.Label();
        LocalBuilder address = EmitAddress(nodes[n].A);
        EmitHostAddress(address, nodes[n].A, segment, size, write: false, slow);
        EmitReadHost(size);
        StoreValue(n);
        il.Mark(done);
        Later(() =>
        {
            il.Mark(slow);
            il.Cpu();
            il.Int(segment);
            il.Load(address);
            il.Int(size);
            il.Pointer((nint)insn);
            il.Pointer(shape.Block);
            il.AddressOf(slowValue);
            il.Op(OpCodes.Conv_U);
            il.Call(Methods.Load);
            EmitAfterSlow(n, done, takeValue: true);
        });
    }

    private void EmitStore(int n)
    {
        int size = nodes[n].Width / 8, segment = (int)nodes[n].Imm;
        Label slow = il.Label(), done = il.Label();
        LocalBuilder address = EmitAddress(nodes[n].A);
        EmitHostAddress(address, nodes[n].A, segment, size, write: true, slow);
        EmitValue(nodes[n].B);
        EmitWriteHost(size);
        il.Mark(done);
        Later(() =>
        {
            il.Mark(slow);
            il.Cpu();
            il.Int(segment);
            il.Load(address);
            il.Int(size);
            il.Pointer((nint)insn);
            il.Pointer(shape.Block);
            EmitValue(nodes[n].B);
            il.Call(Methods.Store);
            EmitAfterSlow(n, done, takeValue: false);
        });
    }

    private void EmitBeginModify(int n)
    {
        int size = nodes[n].Width / 8, segment = (int)nodes[n].Imm;
        Label slow = il.Label(), goOn = il.Label();
        LocalBuilder address = EmitAddress(nodes[n].A);
        modifyHost = il.Local(typeof(nint));
        EmitHostAddress(address, nodes[n].A, segment, size, write: true, slow);
        il.Store(modifyHost);
        il.Load(modifyHost);
        EmitReadHost(size);
        StoreValue(n);
        Later(() =>
        {
            // The rest of the instruction again, with the slow write; it joins the hot path at the next instruction.
            Label fault = il.Label(), dead = il.Label();
            il.Mark(slow);
            il.Cpu();
            il.Int(segment);
            il.Load(address);
            il.Int(size);
            il.Pointer((nint)insn);
            il.AddressOf(slowValue);
            il.Op(OpCodes.Conv_U);
            il.Call(Methods.BeginModify);
            il.Branch(OpCodes.Brfalse, fault);
            Later(() =>
            {
                il.Mark(fault);
                EmitFault();
            });
            il.Load(slowValue);
            StoreValue(n);
            modifyHost = null;
            EmitNodes(n + 1);
            if (leaving)
            {
                EmitLeaveDead();
                return;
            }
            il.Pointer(shape.Block);
            il.Call(Methods.IsDead);
            il.Branch(OpCodes.Brtrue, dead);
            Later(() =>
            {
                il.Mark(dead);
                EmitLeaveDead();
            });
            il.Branch(OpCodes.Br, goOn);
        });
        if (!leaving)
        {
            joins.Add(goOn);
        }
    }

    private void EmitEndModify(ref IrNode node)
    {
        int size = node.Width / 8;
        if (modifyHost is { } host)
        {
            il.Load(host);
            EmitValue(node.A);
            EmitWriteHost(size);
            return;
        }
        il.Cpu();
        il.Int(size);
        EmitValue(node.A);
        il.Call(Methods.EndModify);
    }

    // Status on the stack: Done goes back to the hot path, a fault leaves, a dead block runs the rest of its instruction and leaves.
    private void EmitAfterSlow(int n, Label done, bool takeValue)
    {
        LocalBuilder status = il.Local(typeof(int));
        Label fault = il.Label();
        il.Store(status);
        if (takeValue)
        {
            il.Load(slowValue);
            StoreValue(n);
        }
        il.Load(status);
        il.Int(RegionRuntime.Done);
        il.Branch(OpCodes.Beq, done);
        il.Load(status);
        il.Branch(OpCodes.Brfalse, fault);
        Later(() =>
        {
            il.Mark(fault);
            EmitFault();
        });
        leaving = true;
        EmitNodes(n + 1);
        if (!unreachable)
        {
            EmitLeaveDead();
        }
    }

    private LocalBuilder EmitAddress(int node)
    {
        if (values[node] is { } known)
        {
            return known;
        }
        LocalBuilder address = il.Local(typeof(ulong));
        EmitValue(node);
        il.Store(address);
        return address;
    }

    // Leaves the host address on the stack, or goes to 'slow'.
    private void EmitHostAddress(LocalBuilder address, int addressNode, int segment, int size, bool write, Label slow)
    {
        bool flat = folded.Mask[addressNode] >> 32 == 0 && ((write ? shape.FlatWrites : shape.FlatReads) & (1 << segment)) != 0;
        LocalBuilder linear = address, delta = il.Local(typeof(nint));
        if (!flat)
        {
            il.Load(address);
            if (size > 1)
            {
                il.Long((ulong)size - 1);
                il.Op(OpCodes.Add);
            }
            il.LoadState(StateOffsets.Segment(segment, write ? StateOffsets.SegmentWriteLimit : StateOffsets.SegmentReadLimit), OpCodes.Ldind_I8);
            il.Branch(OpCodes.Bgt, slow);
            linear = il.Local(typeof(ulong));
            il.LoadState(StateOffsets.Segment(segment, StateOffsets.SegmentBase), OpCodes.Ldind_I8);
            il.Load(address);
            il.Op(OpCodes.Add);
            EmitTrunc(~0ul, 32);
            il.Store(linear);
        }
        il.Load(write ? writeTable : readTable);
        il.Load(linear);
        il.Int(12);
        il.Op(OpCodes.Shr_Un);
        il.Int(3);
        il.Op(OpCodes.Shl);
        il.Op(OpCodes.Conv_I);
        il.Op(OpCodes.Add);
        il.Op(OpCodes.Ldind_I);
        il.Store(delta);
        il.Load(delta);
        il.Branch(OpCodes.Brfalse, slow);
        if (size > 1)
        {
            il.Load(linear);
            il.Op(OpCodes.Conv_U4);
            il.Int(0xFFF);
            il.Op(OpCodes.And);
            il.Int(0x1000 - size);
            il.Branch(OpCodes.Bgt_Un, slow);
        }
        il.Load(delta);
        il.Load(linear);
        il.Op(OpCodes.Conv_I);
        il.Op(OpCodes.Add);
    }

    private void EmitReadHost(int size)
    {
        il.Op(size switch { 1 => OpCodes.Ldind_U1, 2 => OpCodes.Ldind_U2, 4 => OpCodes.Ldind_U4, _ => OpCodes.Ldind_I8 });
        if (size < 8)
        {
            il.Op(OpCodes.Conv_U8);
        }
    }

    private void EmitWriteHost(int size)
    {
        if (size < 8)
        {
            il.Op(OpCodes.Conv_I4);
        }
        il.Op(size switch { 1 => OpCodes.Stind_I1, 2 => OpCodes.Stind_I2, 4 => OpCodes.Stind_I4, _ => OpCodes.Stind_I8 });
    }
}

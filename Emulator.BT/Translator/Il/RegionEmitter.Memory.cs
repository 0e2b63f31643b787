using System.Reflection.Emit;
using Emulator.BT.Translator.Regions;

namespace Emulator.BT.Translator.Il;

/// <summary>
/// Guest memory, as <see cref="Mmu.Access"/> has it:
/// <code>
/// ea + size - 1 &lt;= limit of the segment     left out where the segment is flat (the page check covers its end)
/// linear = (base + ea) mod 2^32
/// delta  = table[linear >> 12];  delta != 0;  the access stays in its page
/// host   = linear + delta
/// </code>
/// Whatever fails goes to a cold stub that asks <see cref="RegionRuntime.Resolve"/> for the host address. Without one (a fault, a
/// device, two pages, the guest's own code) the interpreter does the whole instruction: nothing of it is done yet.
/// </summary>
internal sealed unsafe partial class RegionEmitter
{
    // Host address between BeginModify and EndModify.
    private LocalBuilder? modifyHost;

    private void EmitLoad(int n)
    {
        int size = nodes[n].Width / 8;
        il.Load(EmitHostAddress(nodes[n].A, (int)nodes[n].Imm, size, write: false));
        EmitReadHost(size);
        StoreValue(n);
    }

    private void EmitStore(int n)
    {
        int size = nodes[n].Width / 8;
        il.Load(EmitHostAddress(nodes[n].A, (int)nodes[n].Imm, size, write: true));
        EmitValue(nodes[n].B);
        EmitWriteHost(size);
    }

    private void EmitBeginModify(int n)
    {
        int size = nodes[n].Width / 8;
        modifyHost = EmitHostAddress(nodes[n].A, (int)nodes[n].Imm, size, write: true);
        il.Load(modifyHost);
        EmitReadHost(size);
        StoreValue(n);
    }

    private void EmitEndModify(ref IrNode node)
    {
        il.Load(modifyHost!);
        EmitValue(node.A);
        EmitWriteHost(node.Width / 8);
    }

    private LocalBuilder EmitAddress(int node)
    {
        if (values[node] is { } known && places.InLocal[node])
        {
            return known;
        }
        LocalBuilder address = il.Local(typeof(ulong));
        EmitValue(node);
        il.Store(address);
        return address;
    }

    // The host address in a local, or a bail.
    private LocalBuilder EmitHostAddress(int addressNode, int segment, int size, bool write)
    {
        LocalBuilder address = EmitAddress(addressNode), host = il.Local(typeof(nint)), linear = address;
        Label slow = il.Label(), go = il.Label();
        bool flat = folded.Mask[addressNode] >> 32 == 0 && RegionKey.IsFlat(plan.Key, segment, write);
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
        il.Store(host);
        il.Load(host);
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
        il.Load(host);
        il.Load(linear);
        il.Op(OpCodes.Conv_I);
        il.Op(OpCodes.Add);
        il.Store(host);
        il.Mark(go);
        Label bails = Bail();
        Later(() =>
        {
            il.Mark(slow);
            il.Cpu();
            il.Int(segment | (size << 4) | (write ? RegionRuntime.Write : 0));
            il.Load(address);
            il.Call(Methods.Resolve);
            il.Store(host);
            il.Load(host);
            il.Branch(OpCodes.Brtrue, go);
            il.Branch(OpCodes.Br, bails);
        });
        return host;
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

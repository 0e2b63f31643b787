using Emulator.BT.Decode;
using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Helpers;

/// <summary>IN, OUT, INS, OUTS with the I/O permission map (SDM Vol. 1, chapter 19). All end their block, so that time is exact.</summary>
public static unsafe class PortIo
{
    /// <summary>IN AL/AX/EAX from an immediate port or DX. Sub is the size in bytes.</summary>
    public static bool InImmediate(CpuState* cpu, Insn* i) => In(cpu, i, (ushort)(byte)i->Imm);

    /// <summary>IN from DX.</summary>
    public static bool InDx(CpuState* cpu, Insn* i) => In(cpu, i, (ushort)cpu->Gpr[2]);

    /// <summary>OUT to an immediate port.</summary>
    public static bool OutImmediate(CpuState* cpu, Insn* i) => Out(cpu, i, (ushort)(byte)i->Imm);

    /// <summary>OUT to DX.</summary>
    public static bool OutDx(CpuState* cpu, Insn* i) => Out(cpu, i, (ushort)cpu->Gpr[2]);

    /// <summary>INS, REP INS: one element an execution; under REP the instruction restarts itself.</summary>
    public static bool Ins(CpuState* cpu, Insn* i)
    {
        int size = i->Sub;
        ushort port = (ushort)cpu->Gpr[2];
        // The permission is asked for before the count (SDM Vol. 2A, INS).
        if (!Allowed(cpu, port, size))
        {
            return false;
        }
        if (!StringOps.Begin(cpu, i, out ulong count))
        {
            return Operand.EndBlock(cpu, i);
        }
        ulong di = Operand.Cut(i, cpu->Gpr[7]);
        if (!SlowAccess.ProbeSegment(cpu, Seg.ES, di, size, write: true))
        {
            return false;
        }
        Vcpu vcpu = Vcpu.From(cpu);
        // Only what surely can be stored is read from the device: up to the end of the page that was probed.
        bool down = (cpu->FlagsOther & Eflags.DF) != 0;
        int room = down ? 1 : Math.Max(1, StringOps.InPage(cpu, i, Seg.ES, di) / size);
        int chunk = Math.Min(room, StringOps.ChunkCount(cpu, i, count, size));
        for (int n = 0; n < chunk; n++)
        {
            vcpu.Debug.NotePort(port, size);
            if (!Operand.Store(cpu, i, Seg.ES, Operand.Cut(i, cpu->Gpr[7]), size, vcpu.Ports.Read(port, size)))
            {
                return StringOps.Stopped(cpu, i, n);
            }
            StringOps.Advance(cpu, i, 7, size);
        }
        return StringOps.Finish(cpu, i, count, chunk);
    }

    /// <summary>OUTS, REP OUTS.</summary>
    public static bool Outs(CpuState* cpu, Insn* i)
    {
        int size = i->Sub;
        ushort port = (ushort)cpu->Gpr[2];
        if (!Allowed(cpu, port, size))
        {
            return false;
        }
        if (!StringOps.Begin(cpu, i, out ulong count))
        {
            return Operand.EndBlock(cpu, i);
        }
        if (!SlowAccess.ProbeSegment(cpu, i->Segment, Operand.Cut(i, cpu->Gpr[6]), size, write: false))
        {
            return false;
        }
        Vcpu vcpu = Vcpu.From(cpu);
        int chunk = StringOps.ChunkCount(cpu, i, count, size);
        for (int n = 0; n < chunk; n++)
        {
            if (!Operand.Load(cpu, i, i->Segment, Operand.Cut(i, cpu->Gpr[6]), size, out ulong value))
            {
                return StringOps.Stopped(cpu, i, n);
            }
            vcpu.Debug.NotePort(port, size);
            vcpu.Ports.Write(port, size, (uint)value);
            StringOps.Advance(cpu, i, 6, size);
        }
        return StringOps.Finish(cpu, i, count, chunk);
    }

    /// <summary>Checks IOPL and the TSS's permission map; records #GP.</summary>
    public static bool Allowed(CpuState* cpu, ushort port, int size)
    {
        if (!cpu->IsProtected || (!cpu->IsV86 && cpu->Cpl <= (int)(cpu->FlagsOther & Eflags.IOPL) >> Eflags.IoplShift))
        {
            return true;
        }
        bool is32 = (cpu->Tr.Access & 8) != 0;
        if (!is32 || cpu->Tr.Limit < 103)
        {
            return Fault.GP(cpu);
        }
        if (!SlowAccess.LoadLinear(cpu, cpu->Tr.Base + 0x66, 2, user: false, out ulong mapBase))
        {
            return false;
        }
        ulong at = mapBase + (ulong)(port / 8);
        if (at + 1 > cpu->Tr.Limit)
        {
            return Fault.GP(cpu);
        }
        if (!SlowAccess.LoadLinear(cpu, cpu->Tr.Base + at, 2, user: false, out ulong bits))
        {
            return false;
        }
        return ((bits >> (port & 7)) & ((1ul << size) - 1)) == 0 || Fault.GP(cpu);
    }

    private static bool In(CpuState* cpu, Insn* i, ushort port)
    {
        if (!Allowed(cpu, port, i->Sub))
        {
            return false;
        }
        Vcpu vcpu = Vcpu.From(cpu);
        vcpu.Debug.NotePort(port, i->Sub);
        Operand.SetRegister(cpu, 0, i->Sub, vcpu.Ports.Read(port, i->Sub));
        return Operand.EndBlock(cpu, i);
    }

    private static bool Out(CpuState* cpu, Insn* i, ushort port)
    {
        if (!Allowed(cpu, port, i->Sub))
        {
            return false;
        }
        Vcpu vcpu = Vcpu.From(cpu);
        vcpu.Debug.NotePort(port, i->Sub);
        vcpu.Ports.Write(port, i->Sub, (uint)cpu->Gpr[0] & (uint)(~0ul >> (64 - (i->Sub * 8))));
        return Operand.EndBlock(cpu, i);
    }
}

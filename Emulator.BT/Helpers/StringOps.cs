using System.Runtime.CompilerServices;
using Emulator.BT.Decode;
using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Helpers;

/// <summary>
/// MOVS, STOS, LODS, CMPS, SCAS with and without REP (SDM Vol. 1, 7.3.9). A repeated instruction runs up to a page's worth
/// of elements, then restarts itself, so that interrupts and self-modification are seen; registers are exact at every element.
/// Sub is the element size in bytes. Handlers end their block.
/// </summary>
public static unsafe class StringOps
{
    private const int Rcx = 1, Rsi = 6, Rdi = 7;

    /// <summary>Most elements in one execution of a repeated instruction.</summary>
    private const int MaxChunk = 4096;

    /// <summary>MOVS.</summary>
    public static bool Movs(CpuState* cpu, Insn* i)
    {
        if (!Begin(cpu, i, out ulong count))
        {
            return Operand.EndBlock(cpu, i);
        }
        int size = i->Sub, chunk = Run(cpu, i, count, source: true, target: true);
        int bulk = chunk > 1 ? BulkMove(cpu, i, chunk, size) : 0;
        if (bulk > 0)
        {
            return Finish(cpu, i, count, bulk);
        }
        for (int n = 0; n < chunk; n++)
        {
            if (!Operand.Load(cpu, i, i->Segment, Operand.Cut(i, cpu->Gpr[Rsi]), size, out ulong value)
                || !Operand.Store(cpu, i, Seg.ES, Operand.Cut(i, cpu->Gpr[Rdi]), size, value))
            {
                return Stopped(cpu, i, n);
            }
            Advance(cpu, i, Rsi, size);
            Advance(cpu, i, Rdi, size);
        }
        return Finish(cpu, i, count, chunk);
    }

    /// <summary>STOS.</summary>
    public static bool Stos(CpuState* cpu, Insn* i)
    {
        if (!Begin(cpu, i, out ulong count))
        {
            return Operand.EndBlock(cpu, i);
        }
        int size = i->Sub, chunk = Run(cpu, i, count, source: false, target: true);
        int bulk = chunk > 1 ? BulkStore(cpu, i, chunk, size) : 0;
        if (bulk > 0)
        {
            return Finish(cpu, i, count, bulk);
        }
        for (int n = 0; n < chunk; n++)
        {
            if (!Operand.Store(cpu, i, Seg.ES, Operand.Cut(i, cpu->Gpr[Rdi]), size, cpu->Gpr[0]))
            {
                return Stopped(cpu, i, n);
            }
            Advance(cpu, i, Rdi, size);
        }
        return Finish(cpu, i, count, chunk);
    }

    /// <summary>LODS.</summary>
    public static bool Lods(CpuState* cpu, Insn* i)
    {
        if (!Begin(cpu, i, out ulong count))
        {
            return Operand.EndBlock(cpu, i);
        }
        int size = i->Sub, chunk = Run(cpu, i, count, source: true, target: false);
        for (int n = 0; n < chunk; n++)
        {
            if (!Operand.Load(cpu, i, i->Segment, Operand.Cut(i, cpu->Gpr[Rsi]), size, out ulong value))
            {
                return Stopped(cpu, i, n);
            }
            Operand.SetRegister(cpu, 0, size, value);
            Advance(cpu, i, Rsi, size);
        }
        return Finish(cpu, i, count, chunk);
    }

    /// <summary>CMPS.</summary>
    public static bool Cmps(CpuState* cpu, Insn* i) => Compare(cpu, i, scan: false);

    /// <summary>SCAS.</summary>
    public static bool Scas(CpuState* cpu, Insn* i) => Compare(cpu, i, scan: true);

    /// <summary>True with the count when there is anything to do; one element without REP.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Begin(CpuState* cpu, Insn* i, out ulong count)
    {
        count = IsRepeated(i) ? Operand.Cut(i, cpu->Gpr[Rcx]) : 1;
        return count != 0;
    }

    /// <summary>Elements for this execution: bounded, so that the loop stays interruptible.</summary>
    internal static int ChunkCount(CpuState* cpu, Insn* i, ulong count, int size) =>
        (cpu->AttentionFlags & Attention.SingleStep) != 0 ? 1 : (int)Math.Min(count, (ulong)(MaxChunk / size));

    // Elements for this execution, in either tier the same: upwards those that lie in one page at either end, and at least one.
    private static int Run(CpuState* cpu, Insn* i, ulong count, bool source, bool target)
    {
        int size = i->Sub, chunk = ChunkCount(cpu, i, count, size);
        if (chunk > 1 && (cpu->FlagsOther & Eflags.DF) == 0)
        {
            int from = source ? InPage(cpu, i, i->Segment, Operand.Cut(i, cpu->Gpr[Rsi])) : MaxChunk;
            int to = target ? InPage(cpu, i, Seg.ES, Operand.Cut(i, cpu->Gpr[Rdi])) : MaxChunk;
            chunk = Math.Max(1, Math.Min(chunk, Math.Min(from, to) / size));
        }
        return chunk;
    }

    /// <summary>Moves an index register by one element in the direction of DF.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Advance(CpuState* cpu, Insn* i, int register, int bytes)
    {
        long step = (cpu->FlagsOther & Eflags.DF) != 0 ? -bytes : bytes;
        SetIndex(cpu, i, register, cpu->Gpr[register] + (ulong)step);
    }

    /// <summary>Takes <paramref name="done"/> elements off the count and goes on, or to this instruction again.</summary>
    internal static bool Finish(CpuState* cpu, Insn* i, ulong count, int done)
    {
        if (!IsRepeated(i))
        {
            return Operand.EndBlock(cpu, i);
        }
        SetIndex(cpu, i, Rcx, count - (ulong)done);
        if (count == (ulong)done)
        {
            return Operand.EndBlock(cpu, i);
        }
        cpu->Rip = cpu->BlockRip + i->Offset;
        return false;
    }

    private static bool IsRepeated(Insn* i) => (i->Extra & (InsnFlags.Rep | InsnFlags.Repne)) != 0;

    // A fault after n elements: those are done, and the count says so.
    internal static bool Stopped(CpuState* cpu, Insn* i, int done)
    {
        if (IsRepeated(i))
        {
            SetIndex(cpu, i, Rcx, cpu->Gpr[Rcx] - (ulong)done);
        }
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SetIndex(CpuState* cpu, Insn* i, int register, ulong value)
    {
        if (i->AddressShift == 48)
        {
            *(ushort*)&cpu->Gpr[register] = (ushort)value;
        }
        else
        {
            cpu->Gpr[register] = Operand.Cut(i, value);
        }
    }

    private static bool Compare(CpuState* cpu, Insn* i, bool scan)
    {
        if (!Begin(cpu, i, out ulong count))
        {
            return Operand.EndBlock(cpu, i);
        }
        int size = i->Sub, chunk = Run(cpu, i, count, source: !scan, target: true);
        bool untilEqual = (i->Extra & InsnFlags.Repne) != 0;
        ulong mask = ~0ul >> (64 - (size * 8));
        for (int n = 0; n < chunk; n++)
        {
            ulong a = cpu->Gpr[0] & mask;
            if ((!scan && !Operand.Load(cpu, i, i->Segment, Operand.Cut(i, cpu->Gpr[Rsi]), size, out a))
                || !Operand.Load(cpu, i, Seg.ES, Operand.Cut(i, cpu->Gpr[Rdi]), size, out ulong b))
            {
                return Stopped(cpu, i, n);
            }
            if (!scan)
            {
                Advance(cpu, i, Rsi, size);
            }
            Advance(cpu, i, Rdi, size);
            if (a == b == untilEqual || (ulong)n == count - 1)
            {
                // Not before it is over: a fault on the way shows the flags before the instruction (SDM Vol. 2, REP).
                SetCompareFlags(cpu, size, a, b);
                if (IsRepeated(i))
                {
                    SetIndex(cpu, i, Rcx, count - (ulong)(n + 1));
                }
                return Operand.EndBlock(cpu, i);
            }
        }
        return Finish(cpu, i, count, chunk);
    }

    private static void SetCompareFlags(CpuState* cpu, int size, ulong a, ulong b)
    {
        int shift = 64 - (size * 8);
        ulong r = a - b;
        ulong vector = (~a & b) | ((~a | b) & r);
        cpu->FlagsResult = (ulong)((long)(r << shift) >> shift);
        cpu->FlagsAux = (vector << shift & 3ul << 62) | (vector & 8);
    }

    // Elements that lie in one page at either end, both upward, both plain memory; 0 when the slow way must be taken.
    private static int BulkMove(CpuState* cpu, Insn* i, int chunk, int size)
    {
        if ((cpu->FlagsOther & Eflags.DF) != 0)
        {
            return 0;
        }
        ulong si = Operand.Cut(i, cpu->Gpr[Rsi]), di = Operand.Cut(i, cpu->Gpr[Rdi]);
        int bytes = Math.Min(InPage(cpu, i, i->Segment, si), InPage(cpu, i, Seg.ES, di));
        int elements = Math.Min(chunk, bytes / size);
        if (elements == 0)
        {
            return 0;
        }
        int length = elements * size;
        byte* from = Access.TryRead(cpu, i->Segment, si, length), to = Access.TryWrite(cpu, Seg.ES, di, length);
        if (from == null || to == null)
        {
            return 0;
        }
        long distance = to - from;
        if (distance > 0 && distance < length)
        {
            // The copy feeds itself (a fill pattern): elements must go one by one.
            for (int n = 0; n < length; n += size)
            {
                Buffer.MemoryCopy(from + n, to + n, size, size);
            }
        }
        else
        {
            Buffer.MemoryCopy(from, to, length, length);
        }
        SetIndex(cpu, i, Rsi, cpu->Gpr[Rsi] + (ulong)length);
        SetIndex(cpu, i, Rdi, cpu->Gpr[Rdi] + (ulong)length);
        return elements;
    }

    private static int BulkStore(CpuState* cpu, Insn* i, int chunk, int size)
    {
        if ((cpu->FlagsOther & Eflags.DF) != 0)
        {
            return 0;
        }
        ulong di = Operand.Cut(i, cpu->Gpr[Rdi]);
        int elements = Math.Min(chunk, InPage(cpu, i, Seg.ES, di) / size);
        byte* to = elements == 0 ? null : Access.TryWrite(cpu, Seg.ES, di, elements * size);
        if (to == null)
        {
            return 0;
        }
        switch (size)
        {
            case 1: new Span<byte>(to, elements).Fill((byte)cpu->Gpr[0]); break;
            case 2: new Span<ushort>(to, elements).Fill((ushort)cpu->Gpr[0]); break;
            default: new Span<uint>(to, elements).Fill((uint)cpu->Gpr[0]); break;
        }
        SetIndex(cpu, i, Rdi, cpu->Gpr[Rdi] + (ulong)(elements * size));
        return elements;
    }

    // Bytes from segment:offset to the end of its page, without a wrap of the offset.
    internal static int InPage(CpuState* cpu, Insn* i, int segment, ulong offset)
    {
        ulong linear = cpu->Segments[segment].Base + offset;
        ulong toWrap = Operand.Cut(i, ~0ul) - offset;
        return (int)Math.Min(0x1000 - (linear & 0xFFF), toWrap == ulong.MaxValue ? toWrap : toWrap + 1);
    }
}

using System.Runtime.CompilerServices;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;

namespace Emulator.Mmu;

/// <summary>
/// Everything that <see cref="Access"/> leaves out: exact segment checks, pages not yet in the shadow tables, page-crossing
/// operands, devices, code pages. A false result means that a guest fault is recorded in the state.
/// </summary>
public static unsafe partial class SlowAccess
{
    /// <summary>Reads 1-8 bytes at segment:ea.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Load(CpuState* cpu, int segment, ulong ea, int size, out ulong value)
    {
        value = 0;
        return CheckSegment(cpu, segment, ea, size, write: false, out ulong linear)
            && CheckAlignment(cpu, linear, size)
            && LoadLinear(cpu, linear, size, cpu->Cpl == 3, out value);
    }

    /// <summary>Writes 1-8 bytes at segment:ea.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Store(CpuState* cpu, int segment, ulong ea, int size, ulong value) =>
        CheckSegment(cpu, segment, ea, size, write: true, out ulong linear)
        && CheckAlignment(cpu, linear, size)
        && StoreLinear(cpu, linear, size, cpu->Cpl == 3, value);

    /// <summary>First half of a read-modify-write: all checks of both, the old value, and the address in <c>ModifyAddress</c>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool BeginModify(CpuState* cpu, int segment, ulong ea, int size, out ulong value)
    {
        value = 0;
        if (!CheckSegment(cpu, segment, ea, size, write: true, out ulong linear)
            || (segment == Seg.CS && !CheckSegment(cpu, segment, ea, size, write: false, out _))
            || !CheckAlignment(cpu, linear, size))
        {
            return false;
        }
        cpu->ModifyAddress = linear;
        return Probe(cpu, linear, size, cpu->Cpl == 3, write: true) && LoadLinear(cpu, linear, size, cpu->Cpl == 3, out value);
    }

    /// <summary>Second half: cannot fault any more.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void EndModify(CpuState* cpu, int size, ulong value) => StoreLinear(cpu, cpu->ModifyAddress, size, cpu->Cpl == 3, value);

    /// <summary>
    /// Host address of an operand of 1-16 bytes that lies in one page of plain memory, with its page entered in the shadow tables;
    /// null for everything else: a fault (which is not recorded), a device, a second page, bytes that hold decoded code. Nothing
    /// the guest can see has changed then, and the caller may do it all again.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static byte* Resolve(CpuState* cpu, int segment, ulong ea, int size, bool write)
    {
        bool user = cpu->Cpl == 3;
        if (!CheckSegment(cpu, segment, ea, size, write, out ulong linear)
            || (write && segment == Seg.CS && !CheckSegment(cpu, segment, ea, size, write: false, out linear)))
        {
            cpu->FaultVector = -1;
            return null;
        }
        if ((linear & 0xFFF) + (ulong)size > 0x1000 || IsMisaligned(cpu, linear, size))
        {
            return null;
        }
        Mmu mmu = Mmu.From(cpu);
        byte* known = write ? mmu.KnownPlainWrite(linear, size, user) : mmu.KnownRead(linear, user);
        if (known != null)
        {
            return known;
        }
        ulong cr2 = cpu->Cr2;
        if (!mmu.Translate(linear, write, user, out _))
        {
            cpu->FaultVector = -1;
            cpu->Cr2 = cr2;
            return null;
        }
        return write ? mmu.KnownPlainWrite(linear, size, user) : mmu.KnownRead(linear, user);
    }

    /// <summary>Checks that 1 to 4096 bytes at segment:ea could be accessed; records the fault that they would take.</summary>
    public static bool ProbeSegment(CpuState* cpu, int segment, ulong ea, int size, bool write) =>
        CheckSegment(cpu, segment, ea, size, write, out ulong linear) && CheckAlignment(cpu, linear, size) && Probe(cpu, linear, size, cpu->Cpl == 3, write);

    /// <summary>Checks that 1 to 4096 bytes at a linear address could be accessed; records the fault that they would take.</summary>
    public static bool Probe(CpuState* cpu, ulong linear, int size, bool user, bool write)
    {
        Mmu mmu = Mmu.From(cpu);
        linear = (uint)linear;
        int first = 0x1000 - (int)(linear & 0xFFF);
        if (size <= first && write && mmu.IsKnownWritable(linear, user))
        {
            return true;
        }
        return mmu.Translate(linear, write, user, out _)
            && (size <= first || mmu.Translate((uint)(linear + (ulong)first), write, user, out _));
    }

    /// <summary>Reads 1-8 bytes at a linear address with the given rights (system structures: user = false).</summary>
    public static bool LoadLinear(CpuState* cpu, ulong linear, int size, bool user, out ulong value)
    {
        // Most are descriptors and stacks that the present tables know.
        if ((!user || cpu->Cpl == 3) && ((uint)linear & 0xFFF) + (uint)size <= 0x1000)
        {
            nint delta = (user ? cpu->ReadTable : cpu->SystemView.ReadTable)[(uint)linear >> 12];
            if (delta != 0)
            {
                value = ReadHost((byte*)((nint)(uint)linear + delta), size);
                return true;
            }
        }
        return LoadLinearSlow(cpu, linear, size, user, out value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadHost(byte* at, int size) => size switch { 1 => *at, 2 => *(ushort*)at, 4 => *(uint*)at, _ => *(ulong*)at };

    private static bool LoadLinearSlow(CpuState* cpu, ulong linear, int size, bool user, out ulong value)
    {
        Mmu mmu = Mmu.From(cpu);
        linear = (uint)linear;
        int first = 0x1000 - (int)(linear & 0xFFF);
        value = 0;
        byte* known = size <= first ? mmu.KnownRead(linear, user) : null;
        if (known != null)
        {
            value = ReadHost(known, size);
            return true;
        }
        if (!mmu.Translate(linear, write: false, user, out ulong pa))
        {
            return false;
        }
        if (size <= first)
        {
            mmu.Watcher?.Invoke(linear, size, false);
            value = mmu.Memory.ReadValue(pa, size);
            return true;
        }
        if (!mmu.Translate((uint)(linear + (ulong)first), write: false, user, out ulong pa2))
        {
            return false;
        }
        mmu.Watcher?.Invoke(linear, size, false);
        for (int n = 0; n < size; n++)
        {
            value |= mmu.Memory.ReadValue(n < first ? pa + (ulong)n : pa2 + (ulong)(n - first), 1) << (n * 8);
        }
        return true;
    }

    /// <summary>Writes 1-8 bytes at a linear address with the given rights; nothing is written when either page faults.</summary>
    public static bool StoreLinear(CpuState* cpu, ulong linear, int size, bool user, ulong value)
    {
        if ((!user || cpu->Cpl == 3) && ((uint)linear & 0xFFF) + (uint)size <= 0x1000)
        {
            nint delta = (user ? cpu->WriteTable : cpu->SystemView.WriteTable)[(uint)linear >> 12];
            if (delta != 0)
            {
                WriteHost((byte*)((nint)(uint)linear + delta), size, value);
                return true;
            }
        }
        return StoreLinearSlow(cpu, linear, size, user, value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteHost(byte* at, int size, ulong value)
    {
        switch (size)
        {
            case 1: *at = (byte)value; break;
            case 2: *(ushort*)at = (ushort)value; break;
            case 4: *(uint*)at = (uint)value; break;
            default: *(ulong*)at = value; break;
        }
    }

    private static bool StoreLinearSlow(CpuState* cpu, ulong linear, int size, bool user, ulong value)
    {
        Mmu mmu = Mmu.From(cpu);
        linear = (uint)linear;
        int first = 0x1000 - (int)(linear & 0xFFF);
        byte* known = size <= first ? mmu.KnownWrite(linear, size, user) : null;
        if (known != null)
        {
            WriteHost(known, size, value);
            return true;
        }
        if (!mmu.Translate(linear, write: true, user, out ulong pa))
        {
            return false;
        }
        if (size <= first)
        {
            mmu.Watcher?.Invoke(linear, size, true);
            mmu.Memory.WriteValue(pa, size, value);
            return true;
        }
        if (!mmu.Translate((uint)(linear + (ulong)first), write: true, user, out ulong pa2))
        {
            return false;
        }
        mmu.Watcher?.Invoke(linear, size, true);
        for (int n = 0; n < size; n++)
        {
            mmu.Memory.WriteValue(n < first ? pa + (ulong)n : pa2 + (ulong)(n - first), 1, (byte)(value >> (n * 8)));
        }
        return true;
    }

    /// <summary>True while misaligned data accesses fault (SDM Vol. 3A, 6.15, interrupt 17): at CPL 3 with CR0.AM and EFLAGS.AC.</summary>
    internal static bool ChecksAlignment(CpuState* cpu) => cpu->Cpl == 3 && (cpu->Cr0 & Cr0.AM) != 0 && (cpu->FlagsOther & Eflags.AC) != 0;

    // Operands of 2, 4 and 8 bytes must lie at multiples of their size; larger ones are made of these, or have rules of their own.
    private static bool IsMisaligned(CpuState* cpu, ulong linear, int size) =>
        size is 2 or 4 or 8 && (linear & (ulong)(size - 1)) != 0 && ChecksAlignment(cpu);

    private static bool CheckAlignment(CpuState* cpu, ulong linear, int size)
    {
        if (!IsMisaligned(cpu, linear, size))
        {
            return true;
        }
        cpu->FaultVector = Vector.AC;
        cpu->FaultErrorCode = 0;
        return false;
    }

    /// <summary>Exact segment rules (SDM Vol. 3A, 5.3 and 5.5): limit, direction, type, null.</summary>
    private static bool CheckSegment(CpuState* cpu, int segment, ulong ea, int size, bool write, out ulong linear)
    {
        ref SegmentRegister s = ref cpu->Segments[segment];
        linear = (uint)(s.Base + ea);
        ulong last = ea + (ulong)(size - 1);
        bool legal;
        if (cpu->UsesRealSegments)
        {
            legal = last <= s.Limit;
        }
        else
        {
            const int codeOrDown = SegmentRegister.CodeBit | SegmentRegister.ExpandDownBit;
            bool typeOk = (s.Access & (SegmentRegister.PresentBit | SegmentRegister.SBit)) == (SegmentRegister.PresentBit | SegmentRegister.SBit)
                && (write ? (s.Access & (SegmentRegister.CodeBit | SegmentRegister.WritableBit)) == SegmentRegister.WritableBit
                          : !s.IsCode || (s.Access & SegmentRegister.ReadableBit) != 0);
            bool inside = (s.Access & codeOrDown) == SegmentRegister.ExpandDownBit
                ? ea > s.Limit && last <= s.UpperBound
                : last <= s.Limit;
            legal = typeOk && inside;
        }
        if (!legal)
        {
            cpu->FaultVector = segment == Seg.SS ? Vector.SS : Vector.GP;
            cpu->FaultErrorCode = 0;
        }
        return legal;
    }
}

using Emulator.Core.Cpu;

namespace Emulator.BT;

/// <summary>
/// Breakpoints of the debug registers (SDM Vol. 3B, 18.2 and 18.3): execution, data writes, I/O (with CR4.DE), data reads and writes. While any is
/// enabled the processor runs one instruction at a time, and pages with data breakpoints stay out of the shadow tables.
/// </summary>
internal sealed unsafe class DebugUnit(CpuState* cpu, Mmu.Mmu mmu)
{
    private const int Execute = 0, Write = 1, Io = 2, ReadWrite = 3, Breakpoints = 4;
    private const ulong Enables = 0xFF, GeneralDetect = 1 << 13, SingleStep = 1 << 14;

    // DR6 bits of breakpoints that the present instruction has met so far, and whether one of them is enabled.
    private ulong met;
    private bool hit;

    /// <summary>True when a breakpoint is enabled.</summary>
    public bool IsActive => (cpu->Dr[7] & Enables) != 0;

    /// <summary>DR0-DR7 were written.</summary>
    public void RegistersChanged()
    {
        var pages = new List<uint>();
        for (int n = 0; n < Breakpoints; n++)
        {
            if (IsEnabled(n) && Kind(n) is Write or ReadWrite)
            {
                pages.Add((uint)Start(n) >> 12);
            }
        }
        mmu.Watch(pages, NoteAccess);
    }

    /// <summary>A debug exception is delivered: the handler may use the debug registers.</summary>
    public void Entered() => cpu->Dr[7] &= ~GeneralDetect;

    /// <summary>True when the instruction at CS:RIP has a breakpoint that RF does not pass over; DR6 says which.</summary>
    public bool BeforeInstruction()
    {
        Forget();
        if ((cpu->FlagsOther & Eflags.RF) != 0)
        {
            return false;
        }
        ulong linear = (uint)(cpu->Segments[Seg.CS].Base + cpu->Rip);
        for (int n = 0; n < Breakpoints; n++)
        {
            if (Kind(n) == Execute && (uint)cpu->Dr[n] == linear)
            {
                Meet(n);
            }
        }
        return Take();
    }

    /// <summary>True when the instruction that has just run traps, by TF or a breakpoint; DR6 says why.</summary>
    public bool AfterInstruction(bool trapFlag)
    {
        if (trapFlag)
        {
            cpu->Dr[6] |= SingleStep;
        }
        return Take() || trapFlag;
    }

    /// <summary>The instruction accesses a port.</summary>
    public void NotePort(ushort port, int size)
    {
        if (!IsActive || (cpu->Cr4 & Cr4.DE) == 0)
        {
            return;
        }
        for (int n = 0; n < Breakpoints; n++)
        {
            if (Kind(n) == Io && Overlaps(n, port, size))
            {
                Meet(n);
            }
        }
    }

    private void NoteAccess(ulong linear, int size, bool write)
    {
        for (int n = 0; n < Breakpoints; n++)
        {
            if ((Kind(n) == ReadWrite || (Kind(n) == Write && write)) && Overlaps(n, linear, size))
            {
                Meet(n);
            }
        }
    }

    // Breakpoints that are not enabled show in DR6 together with one that is.
    private void Meet(int n)
    {
        met |= 1ul << n;
        hit |= IsEnabled(n);
    }

    private bool Take()
    {
        bool taken = hit;
        if (taken)
        {
            cpu->Dr[6] |= met;
        }
        Forget();
        return taken;
    }

    private void Forget()
    {
        met = 0;
        hit = false;
    }

    private bool IsEnabled(int n) => (cpu->Dr[7] & (3ul << (n * 2))) != 0;

    private int Kind(int n) => (int)(cpu->Dr[7] >> (16 + (n * 4))) & 3;

    // 1, 2, 8 (1 on processors without 64-bit mode is undefined) and 4 bytes; the address counts without its low bits.
    private ulong Length(int n) => ((int)(cpu->Dr[7] >> (18 + (n * 4))) & 3) switch { 0 => 1ul, 1 => 2, 2 => 8, _ => 4 };

    private ulong Start(int n) => (uint)cpu->Dr[n] & ~(Length(n) - 1);

    private bool Overlaps(int n, ulong address, int size) => address < Start(n) + Length(n) && Start(n) < address + (ulong)size;
}

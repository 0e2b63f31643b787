namespace Emulator.Core.Cpu;

/// <summary>Bits of EFLAGS (SDM Vol. 1, 3.4.3).</summary>
public static class Eflags
{
#pragma warning disable CS1591 // the manual's own names
    public const uint CF = 1 << 0, Fixed1 = 1 << 1, PF = 1 << 2, AF = 1 << 4, ZF = 1 << 6, SF = 1 << 7, TF = 1 << 8, IF = 1 << 9,
        DF = 1 << 10, OF = 1 << 11, IOPL = 3 << 12, NT = 1 << 14, RF = 1 << 16, VM = 1 << 17, AC = 1 << 18, VIF = 1 << 19,
        VIP = 1 << 20, ID = 1 << 21;

    public const int IoplShift = 12;
#pragma warning restore CS1591

    /// <summary>The six arithmetic flags, which <see cref="CpuState"/> keeps in lazy form.</summary>
    public const uint Arithmetic = CF | PF | AF | ZF | SF | OF;

    /// <summary>Every bit that can be 1 besides <see cref="Fixed1"/>.</summary>
    public const uint Defined = Arithmetic | TF | IF | DF | IOPL | NT | RF | VM | AC | VIF | VIP | ID;
}

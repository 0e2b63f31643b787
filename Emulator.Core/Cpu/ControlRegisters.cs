namespace Emulator.Core.Cpu;

#pragma warning disable CS1591 // the manual's own names

/// <summary>Bits of CR0 (SDM Vol. 3A, 2.5).</summary>
public static class Cr0
{
    public const ulong PE = 1, MP = 2, EM = 4, TS = 8, ET = 16, NE = 32, WP = 1 << 16, AM = 1 << 18, NW = 1 << 29, CD = 1 << 30, PG = 1ul << 31;
}

/// <summary>Bits of CR4 (SDM Vol. 3A, 2.5).</summary>
public static class Cr4
{
    public const ulong VME = 1, PVI = 2, TSD = 4, DE = 8, PSE = 16, PAE = 32, MCE = 64, PGE = 128, PCE = 256, OSFXSR = 512, OSXMMEXCPT = 1024;
}

/// <summary>Exception vectors (SDM Vol. 3A, table 6-1).</summary>
public static class Vector
{
    public const int DE = 0, DB = 1, NMI = 2, BP = 3, OF = 4, BR = 5, UD = 6, NM = 7, DF = 8, TS = 10, NP = 11, SS = 12, GP = 13, PF = 14,
        MF = 16, AC = 17, MC = 18, XM = 19;

    /// <summary>Not a vector: an instruction that waits for the interrupt which FERR asks for (SDM Vol. 1, 8.7.2).</summary>
    public const int FerrWait = 256;
}

/// <summary>Bits of a page-fault error code (SDM Vol. 3A, 4.7).</summary>
public static class PageFaultError
{
    public const uint Present = 1, Write = 2, User = 4, Reserved = 8, Fetch = 16;
}

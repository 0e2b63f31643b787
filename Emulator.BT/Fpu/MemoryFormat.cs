namespace Emulator.BT.Fpu;

/// <summary>Format of a memory operand of up to 64 bits, as X87's loads, stores and arithmetic take it.</summary>
public static class MemoryFormat
{
    /// <summary>m32fp and m64fp.</summary>
    public const int Single = 0, Double = 1;

    /// <summary>m16int, m32int and m64int.</summary>
    public const int Int16 = 2, Int32 = 3, Int64 = 4;
}

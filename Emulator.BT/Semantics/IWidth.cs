namespace Emulator.BT.Semantics;

/// <summary>An operand width as a type, so that RyuJIT makes one handler for each.</summary>
public interface IWidth
{
    /// <summary>8, 16, 32 or 64.</summary>
    static abstract int Bits { get; }
}

/// <summary>Byte.</summary>
public readonly struct W8 : IWidth
{
    /// <inheritdoc/>
    public static int Bits => 8;
}

/// <summary>Word.</summary>
public readonly struct W16 : IWidth
{
    /// <inheritdoc/>
    public static int Bits => 16;
}

/// <summary>Doubleword.</summary>
public readonly struct W32 : IWidth
{
    /// <inheritdoc/>
    public static int Bits => 32;
}

/// <summary>Quadword.</summary>
public readonly struct W64 : IWidth
{
    /// <inheritdoc/>
    public static int Bits => 64;
}

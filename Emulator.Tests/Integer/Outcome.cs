namespace Emulator.Tests.Integer;

/// <summary>How a program ended.</summary>
internal unsafe struct Outcome
{
    public const uint NoException = uint.MaxValue;

    public fixed uint Registers[8];

    public uint Flags, Vector, Eip;
}

namespace Emulator.Firmware.Memory;

/// <summary>A run of guest-physical addresses in the memory map.</summary>
/// <param name="Start">First address.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Type">What it holds.</param>
public readonly record struct E820Entry(ulong Start, ulong Length, E820Type Type)
{
    /// <summary>Size of an entry in memory: start (64 bits), length (64), type (32).</summary>
    public const int Size = 20;

    /// <summary>Address after the last one.</summary>
    public ulong End => Start + Length;
}

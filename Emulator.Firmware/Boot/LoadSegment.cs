namespace Emulator.Firmware.Boot;

/// <summary>A run of a kernel file that goes to memory, followed by zeros.</summary>
/// <param name="FileOffset">Start in the file.</param>
/// <param name="FileSize">Bytes taken from the file.</param>
/// <param name="Address">Guest-physical start.</param>
/// <param name="MemorySize">Bytes in memory, at least <paramref name="FileSize"/>; the rest is zeros.</param>
internal sealed record LoadSegment(int FileOffset, int FileSize, uint Address, uint MemorySize)
{
    public ulong End => Address + (ulong)MemorySize;
}

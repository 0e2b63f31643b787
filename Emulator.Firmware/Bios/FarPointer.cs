namespace Emulator.Firmware.Bios;

/// <summary>Real-mode far addresses as they lie in memory: segment above, offset below.</summary>
internal static class FarPointer
{
    /// <summary>The doubleword for segment:offset.</summary>
    public static uint Make(int segment, int offset) => (uint)(segment & 0xFFFF) << 16 | (uint)(offset & 0xFFFF);

    /// <summary>The linear address that the doubleword leads to.</summary>
    public static uint Linear(uint pointer) => ((pointer >> 16) << 4) + (pointer & 0xFFFF);
}

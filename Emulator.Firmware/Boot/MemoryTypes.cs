namespace Emulator.Firmware.Boot;

/// <summary>
/// The memory types that a BIOS leaves in the MTRRs (SDM Vol. 3A, 12.11), as register writes: write-back is the default, uncached
/// are video memory, ROM area and the devices below 4 GiB. Values as SeaBIOS 1.16 leaves them.
/// </summary>
public static class MemoryTypes
{
    private const ulong WriteBack = 6, AllWriteBack = 0x0606_0606_0606_0606, Valid = 0x800, FixedAndVariableOn = 0xC00;
    private const ulong DeviceStart = 0xE000_0000, DeviceMask = 0xF_E000_0000;

    /// <summary>The writes, in order.</summary>
    public static IReadOnlyList<(uint Register, ulong Value)> RegisterWrites { get; } =
    [
        // 00000-7FFFF, 80000-9FFFF; A0000-FFFFF stay uncached.
        (0x250, AllWriteBack), (0x258, AllWriteBack),

        // Variable range 0: E0000000-FFFFFFFF uncached.
        (0x200, DeviceStart), (0x201, DeviceMask | Valid),
        (0x2FF, FixedAndVariableOn | WriteBack),
    ];
}

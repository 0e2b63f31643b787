namespace Emulator.Devices.Ide;

/// <summary>Why a packet command failed: sense key and additional sense code with qualifier (SPC-3 section 4.5, MMC-5 annex F).</summary>
internal readonly record struct ScsiSense(byte Key, byte Code, byte Qualifier)
{
    public static readonly ScsiSense None = new(0, 0, 0);
    public static readonly ScsiSense NoMedium = new(2, 0x3A, 0x01);
    public static readonly ScsiSense NoMediumTrayOpen = new(2, 0x3A, 0x02);
    public static readonly ScsiSense UnrecoveredRead = new(3, 0x11, 0x00);
    public static readonly ScsiSense InvalidCommand = new(5, 0x20, 0x00);
    public static readonly ScsiSense BlockOutOfRange = new(5, 0x21, 0x00);
    public static readonly ScsiSense InvalidField = new(5, 0x24, 0x00);
    public static readonly ScsiSense SavingNotSupported = new(5, 0x39, 0x00);
    public static readonly ScsiSense RemovalPrevented = new(5, 0x53, 0x02);
    public static readonly ScsiSense IllegalModeForTrack = new(5, 0x64, 0x00);
    public static readonly ScsiSense MediumChanged = new(6, 0x28, 0x00);
}

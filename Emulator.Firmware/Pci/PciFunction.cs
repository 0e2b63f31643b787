namespace Emulator.Firmware.Pci;

/// <summary>One function of bus 0, through <see cref="IPciConfig"/>. Register numbers: PCI 2.1, section 6.1.</summary>
internal sealed class PciFunction(IPciConfig config, int device, int function)
{
    public const int Command = 0x04, Class = 0x0A, HeaderType = 0x0E, FirstBar = 0x10, RomBar = 0x30;
    public const int InterruptLine = 0x3C, InterruptPin = 0x3D;

    public int Device => device;

    /// <summary>Vendor in the low half, device in the high half; all ones when there is no such function.</summary>
    public uint Id { get; } = config.Read(0, device, function, 0, 4);

    public bool IsPresent => (Id & 0xFFFF) is not (0xFFFF or 0);

    public bool IsMultifunction => (Read8(HeaderType) & 0x80) != 0;

    public bool IsBridge => (Read8(HeaderType) & 0x7F) != 0;

    /// <summary>Base class and subclass.</summary>
    public int ClassCode => (int)Read16(Class);

    public uint Read8(int register) => config.Read(0, device, function, register, 1);

    public uint Read16(int register) => config.Read(0, device, function, register, 2);

    public uint Read32(int register) => config.Read(0, device, function, register, 4);

    public void Write8(int register, uint value) => config.Write(0, device, function, register, 1, value);

    public void Write16(int register, uint value) => config.Write(0, device, function, register, 2, value);

    public void Write32(int register, uint value) => config.Write(0, device, function, register, 4, value);
}

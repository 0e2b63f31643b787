using Emulator.Core.Bus;
using Emulator.Core.Memory;
using Emulator.Devices.Pci;

namespace Emulator.Tests.Pci;

/// <summary>A PCI bus behind ports CF8 to CFF.</summary>
internal sealed class PciRig : IMachineControl, IDisposable
{
    public PciRig()
    {
        Memory = new PhysicalMemory(4 << 20, 4 << 20);
        Bus = new PciBus(Ports, Memory);
        Host = new PciHost(Bus, this);
        Host.Wire(Ports);
    }

    public PortBus Ports { get; } = new();

    public PhysicalMemory Memory { get; }

    public PciBus Bus { get; }

    public PciHost Host { get; }

    public int Resets { get; private set; }

    public int PowerOffs { get; private set; }

    public uint Read(int device, int function, int register, int size = 4)
    {
        Select(device, function, register);
        return Ports.Read((ushort)(0xCFC + (register & 3)), size);
    }

    public void Write(int device, int function, int register, uint value, int size = 4)
    {
        Select(device, function, register);
        Ports.Write((ushort)(0xCFC + (register & 3)), size, value);
    }

    public void RequestReset() => Resets++;

    public void RequestPowerOff() => PowerOffs++;

    public void StopForIoError(string reason) => throw new InvalidOperationException();

    public void RequestExit(int exitCode) => throw new InvalidOperationException();

    public void Dispose() => Memory.Dispose();

    private void Select(int device, int function, int register) =>
        Ports.Write(0xCF8, 4, 0x8000_0000 | (uint)(device << 11 | function << 8 | (register & 0xFC)));
}

/// <summary>A function with one BAR of each kind, and a ROM.</summary>
internal sealed class TestFunction : PciFunction, IPortDevice, IMmioDevice
{
    public const int RamBytes = 0x10000;

    public TestFunction(PhysicalMemory memory, int pin = 1)
        : base(new PciIdentity(0x1234, 0x1111, 2, 0x030000, pin))
    {
        RamAddress = memory.Allocate(RamBytes);
        AddBar(0, PciBar.Ram("test ram", RamBytes, RamAddress));
        AddBar(1, PciBar.Io("test io", 16, this));
        AddBar(2, PciBar.Mmio("test mmio", 4096, this));
        byte[] rom = new byte[5000];
        rom[0] = 0x55;
        rom[1] = 0xAA;
        AddRom("test rom", memory, rom);
    }

    public ulong RamAddress { get; }

    public uint LastValue { get; private set; }

    public void Interrupt(bool level) => SetInterrupt(level);

    public uint ReadPort(int offset, int size) => (uint)(0xA0 + offset);

    public void WritePort(int offset, int size, uint value) => LastValue = value;

    public ulong ReadMmio(ulong offset, int size) => 0xB000 + offset;

    public void WriteMmio(ulong offset, int size, ulong value) => LastValue = (uint)value;
}

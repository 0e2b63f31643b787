using Emulator.Core.Bus;
using Emulator.Core.Time;
using Emulator.Devices.Floppy;
using Xunit;

namespace Emulator.Tests.Floppy;

/// <summary>A controller with a 1.44M disk in drive A, out of reset, 500 kbit/s, DMA mode.</summary>
internal sealed class FloppyRig
{
    public const int Dor = 2, Msr = 4, Fifo = 5, Dir = 7, Ccr = 7;

    private readonly PortBus ports = new();

    public FloppyRig(MemoryBlockBackend? image = null)
    {
        Image = image ?? MemoryBlockBackend.Patterned(1474560);
        Queue = new EventQueue(Clock);
        Irq = new IrqLine(level => Irqs += level ? 1 : 0);
        Controller = new FloppyController(Queue, Irq, Dma);
        Drive = new FloppyDrive(Image);
        Controller.Attach(0, Drive);
        Controller.Wire(ports);
        Out(Dor, 0x1C);
        Run();
        for (int i = 0; i < 4; i++)
        {
            Command(0x08);
        }
        Out(Ccr, 0);
        Command(0x03, 0xAF, 0x02);
        Irqs = 0;
    }

    public ManualClock Clock { get; } = new();

    public EventQueue Queue { get; }

    public IrqLine Irq { get; }

    public int Irqs { get; private set; }

    public FakeDmaChannel Dma { get; } = new();

    public FloppyController Controller { get; }

    public FloppyDrive Drive { get; }

    public MemoryBlockBackend Image { get; }

    public byte Status => In(Msr);

    public byte In(int register) => (byte)ports.Read((ushort)(0x3F0 + register), 1);

    public void Out(int register, int value) => ports.Write((ushort)(0x3F0 + register), 1, (uint)value);

    public void Run()
    {
        Clock.NowNs += FloppyController.CommandDelayNs;
        Queue.RunDue();
    }

    /// <summary>Sends a command, lets it run and returns its result bytes.</summary>
    public byte[] Command(params byte[] bytes)
    {
        Send(bytes);
        Run();
        return Result();
    }

    public void Send(params byte[] bytes)
    {
        foreach (byte value in bytes)
        {
            Assert.Equal(0x80, Status & 0xC0);
            Out(Fifo, value);
        }
    }

    public byte[] Result()
    {
        var result = new List<byte>();
        while ((Status & 0xD0) == 0xD0)
        {
            result.Add(In(Fifo));
        }
        return [.. result];
    }

    public void Seek(byte cylinder)
    {
        Command(0x0F, 0, cylinder);
        Assert.Equal([0x20, cylinder], Command(0x08));
    }

    /// <summary>READ DATA or the like with N = 2, GPL = 1B, DTL = FF.</summary>
    public byte[] Transfer(byte command, int cylinder, int head, int sector, int lastSector) =>
        Command(command, (byte)(head << 2), (byte)cylinder, (byte)head, (byte)sector, 2, (byte)lastSector, 0x1B, 0xFF);
}

using System.Buffers.Binary;
using Emulator.Core.Bus;
using Emulator.Core.Time;
using Emulator.Devices.Ide;
using Emulator.Tests.Pci;
using Xunit;

namespace Emulator.Tests.Ide;

/// <summary>A PIIX3 IDE function with its ports, and a driver's basic moves on the primary channel.</summary>
internal sealed class IdeRig : IDisposable
{
    public const byte Bsy = 0x80, Drdy = 0x40, Df = 0x20, Dsc = 0x10, Drq = 0x08, Err = 0x01;
    public const ushort BusMaster = 0xC000;
    public const uint PrdTable = 0x1000;

    private readonly PciRig pci = new();

    public IdeRig()
    {
        Queue = new EventQueue(Clock);
        pci.Memory.Map(new Emulator.Core.Memory.MemoryRegion("ram", 0, 4 << 20, Emulator.Core.Memory.MemoryKind.Ram, 0, null, 0));
        Controller = new Piix3Ide(pci.Memory, new IrqLine(level => Irqs += level ? 1 : 0), IrqLine.Unconnected);
        pci.Bus.Add(1, 1, Controller);
        Controller.Wire(pci.Ports);
        pci.Write(1, 1, 0x20, BusMaster);
        pci.Write(1, 1, 4, 5, 2);
    }

    public ManualClock Clock { get; } = new();

    public EventQueue Queue { get; }

    public Piix3Ide Controller { get; }

    public PciRig Pci => pci;

    /// <summary>Rising edges of IRQ 14.</summary>
    public int Irqs { get; private set; }

    public byte Status => In(7);

    public byte AlternateStatus => (byte)pci.Ports.Read(0x3F6, 1);

    public byte Error => In(1);

    public void Dispose() => pci.Dispose();

    public byte In(int register) => (byte)pci.Ports.Read((ushort)(0x1F0 + register), 1);

    public void Out(int register, int value) => pci.Ports.Write((ushort)(0x1F0 + register), 1, (uint)value);

    public void Control(int value) => pci.Ports.Write(0x3F6, 1, (uint)value);

    /// <summary>Lets every completion that is due happen.</summary>
    public void Run()
    {
        Clock.NowNs += IdeDrive.CompletionDelayNs;
        Queue.RunDue();
    }

    public void Command28(byte command, long lba, int count, int drive = 0)
    {
        Out(6, 0xE0 | drive << 4 | (int)(lba >> 24 & 0x0F));
        Out(2, count);
        Out(3, (int)lba & 0xFF);
        Out(4, (int)(lba >> 8) & 0xFF);
        Out(5, (int)(lba >> 16) & 0xFF);
        Out(7, command);
    }

    public void Command48(byte command, long lba, int count)
    {
        Out(6, 0xE0);
        Out(2, count >> 8);
        Out(3, (int)(lba >> 24) & 0xFF);
        Out(4, (int)(lba >> 32) & 0xFF);
        Out(5, (int)(lba >> 40) & 0xFF);
        Out(2, count & 0xFF);
        Out(3, (int)lba & 0xFF);
        Out(4, (int)(lba >> 8) & 0xFF);
        Out(5, (int)(lba >> 16) & 0xFF);
        Out(7, command);
    }

    public byte[] ReadData(int bytes, int width = 2)
    {
        byte[] data = new byte[bytes];
        for (int i = 0; i < bytes; i += width)
        {
            uint value = pci.Ports.Read(0x1F0, width);
            for (int j = 0; j < width; j++)
            {
                data[i + j] = (byte)(value >> (8 * j));
            }
        }
        return data;
    }

    public void WriteData(ReadOnlySpan<byte> data, int width = 2)
    {
        for (int i = 0; i < data.Length; i += width)
        {
            uint value = 0;
            for (int j = 0; j < width; j++)
            {
                value |= (uint)data[i + j] << (8 * j);
            }
            pci.Ports.Write(0x1F0, width, value);
        }
    }

    public ushort[] Identify(byte command = 0xEC)
    {
        Out(7, command);
        Run();
        Assert.Equal(Drq, Status & (Bsy | Drq | Err));
        byte[] page = ReadData(512);
        Assert.Equal(0, Status & (Bsy | Drq | Err));
        return [.. Enumerable.Range(0, 256).Select(i => BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(2 * i)))];
    }

    /// <summary>Sends a packet; <paramref name="limit"/> is the byte-count limit.</summary>
    public void Packet(ReadOnlySpan<byte> packet, int limit = 0xFFFE, bool dma = false)
    {
        Out(1, dma ? 1 : 0);
        Out(4, limit & 0xFF);
        Out(5, limit >> 8);
        Out(7, 0xA0);
        Assert.Equal(Drq, AlternateStatus & (Bsy | Drq | Err));
        Assert.Equal(1, In(2) & 3);
        byte[] padded = new byte[12];
        packet.CopyTo(padded);
        WriteData(padded);
        Assert.Equal(Bsy, AlternateStatus & Bsy);
        Run();
    }

    /// <summary>Runs a packet command that returns data and reads them, block by block.</summary>
    public byte[] PacketIn(ReadOnlySpan<byte> packet, int limit = 0xFFFE)
    {
        Packet(packet, limit);
        var data = new List<byte>();
        while ((Status & Drq) != 0)
        {
            Assert.Equal(2, In(2) & 3);
            int n = In(4) | In(5) << 8;
            Assert.InRange(n, 1, limit);
            data.AddRange(ReadData((n + 1) & ~1)[..n]);
        }
        Assert.Equal(Drdy, Status);
        Assert.Equal(3, In(2) & 3);
        return [.. data];
    }

    /// <summary>Runs a packet command without data and returns sense key, code and qualifier, zeros when it succeeded.</summary>
    public (int Key, int Code, int Qualifier) PacketSense(params byte[] packet)
    {
        Packet(packet);
        byte status = Status;
        Assert.Equal(0, status & (Bsy | Drq));
        if ((status & Err) == 0)
        {
            return (0, 0, 0);
        }
        int key = Error >> 4;
        byte[] sense = PacketIn([0x03, 0, 0, 0, 18, 0]);
        Assert.Equal(0x70, sense[0]);
        Assert.Equal(key, sense[2]);
        return (sense[2], sense[12], sense[13]);
    }

    public void WritePrds(params (uint Address, int Count, bool Last)[] descriptors)
    {
        Span<byte> entry = stackalloc byte[8];
        for (int i = 0; i < descriptors.Length; i++)
        {
            (uint address, int count, bool last) = descriptors[i];
            BinaryPrimitives.WriteUInt32LittleEndian(entry, address);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], (uint)(count & 0xFFFF) | (last ? 0x8000_0000 : 0));
            pci.Memory.Write(PrdTable + ((ulong)i * 8), entry);
        }
        pci.Ports.Write(BusMaster + 4, 4, PrdTable);
        pci.Ports.Write(BusMaster + 2, 1, 0x06);
    }

    public void StartBusMaster(bool toMemory) => pci.Ports.Write(BusMaster, 1, (uint)(toMemory ? 9 : 1));

    public byte BusMasterStatus => (byte)pci.Ports.Read(BusMaster + 2, 1);

    public byte[] Memory(uint address, int length)
    {
        byte[] data = new byte[length];
        pci.Memory.Read(address, data);
        return data;
    }
}

using Emulator.Devices.Ide;
using Xunit;
using static Emulator.Tests.Ide.IdeRig;

namespace Emulator.Tests.Ide;

public sealed class BusMasterTests : IDisposable
{
    private readonly IdeRig rig = new();
    private readonly MemoryBlockBackend image = MemoryBlockBackend.Patterned(1000 * 512L);

    public BusMasterTests() => rig.Controller.Primary.Attach(0, new AtaDisk(rig.Queue, image));

    public void Dispose() => rig.Dispose();

    [Fact]
    public void ConfigurationSpaceSaysLegacyBusMaster()
    {
        Assert.Equal(0x7010_8086u, rig.Pci.Read(1, 1, 0));
        Assert.Equal(0x0101_8000u, rig.Pci.Read(1, 1, 8));
        Assert.Equal(BusMaster | 1u, rig.Pci.Read(1, 1, 0x20));
        rig.Pci.Write(1, 1, 0x40, 0x8000_8000);
        Assert.Equal(0x8000_8000u, rig.Pci.Read(1, 1, 0x40));
    }

    [Fact]
    public void ReadScattersOverTheTable()
    {
        rig.WritePrds((0x10000, 512, false), (0x20000, 1024, false), (0x30000, 512, true));
        rig.Command28(0xC8, 10, 4);
        Assert.Equal(Bsy, rig.AlternateStatus & Bsy);
        rig.StartBusMaster(toMemory: true);
        Assert.Equal(1, rig.BusMasterStatus & 7);
        rig.Run();
        Assert.Equal(4, rig.BusMasterStatus & 7);
        Assert.Equal(1, rig.Irqs);
        Assert.Equal(Drdy | Dsc, rig.Status);
        Assert.Equal(image.Data[(10 * 512)..(11 * 512)], rig.Memory(0x10000, 512));
        Assert.Equal(image.Data[(11 * 512)..(13 * 512)], rig.Memory(0x20000, 1024));
        Assert.Equal(image.Data[(13 * 512)..(14 * 512)], rig.Memory(0x30000, 512));
        rig.Pci.Ports.Write(BusMaster + 2, 1, 4);
        Assert.Equal(0, rig.BusMasterStatus & 7);
    }

    [Fact]
    public void CountZeroIs64Kilobytes()
    {
        rig.WritePrds((0x10000, 0, false), (0x20000, 0, true));
        rig.Command48(0x25, 0, 256);
        rig.StartBusMaster(toMemory: true);
        rig.Run();
        Assert.Equal(4, rig.BusMasterStatus & 7);
        Assert.Equal(image.Data[..(256 * 512)], rig.Memory(0x10000, 256 * 512));
    }

    [Fact]
    public void WriteGathersFromTheTable()
    {
        byte[] data = new byte[3 * 512];
        new Random(3).NextBytes(data);
        rig.Pci.Memory.Write(0x40000, data.AsSpan(0, 512));
        rig.Pci.Memory.Write(0x50002, data.AsSpan(512));
        rig.WritePrds((0x40000, 512, false), (0x50002, 1024, true));
        rig.Command28(0xCA, 20, 3);
        rig.StartBusMaster(toMemory: false);
        rig.Run();
        Assert.Equal(4, rig.BusMasterStatus & 7);
        Assert.Equal(data, image.Data[(20 * 512)..(23 * 512)]);
    }

    [Fact]
    public void StartBeforeTheCommandWorksToo()
    {
        rig.WritePrds((0x10000, 512, true));
        rig.StartBusMaster(toMemory: true);
        rig.Command28(0xC8, 1, 1);
        rig.Run();
        Assert.Equal(image.Data[512..1024], rig.Memory(0x10000, 512));
    }

    [Fact]
    public void LongerTableLeavesActiveSet()
    {
        rig.WritePrds((0x10000, 1024, true));
        rig.Command28(0xC8, 1, 1);
        rig.StartBusMaster(toMemory: true);
        rig.Run();
        Assert.Equal(5, rig.BusMasterStatus & 7);
        rig.Pci.Ports.Write(BusMaster, 1, 0);
        Assert.Equal(4, rig.BusMasterStatus & 7);
    }

    [Fact]
    public void ShorterTableLeavesTheDriveWaiting()
    {
        rig.WritePrds((0x10000, 512, true));
        rig.Command28(0xC8, 1, 2);
        rig.StartBusMaster(toMemory: true);
        rig.Run();
        Assert.Equal(0, rig.BusMasterStatus & 7);
        Assert.Equal(0, rig.Irqs);
        Assert.Equal(Bsy, rig.AlternateStatus & Bsy);
        rig.Control(4);
        rig.Control(0);
        Assert.Equal(Drdy | Dsc, rig.Status);
    }

    [Fact]
    public void StoppedBusMasterMovesNothing()
    {
        rig.WritePrds((0x10000, 512, true));
        rig.Command28(0xC8, 1, 1);
        rig.StartBusMaster(toMemory: true);
        rig.Pci.Ports.Write(BusMaster, 1, 0);
        rig.Run();
        Assert.Equal(new byte[512], rig.Memory(0x10000, 512));
        Assert.Equal(0, rig.Irqs);
        rig.StartBusMaster(toMemory: true);
        rig.Run();
        Assert.Equal(image.Data[512..1024], rig.Memory(0x10000, 512));
    }

    [Fact]
    public void HostErrorEndsWithInterruptAndError()
    {
        image.BadSectors.Add(2);
        rig.WritePrds((0x10000, 1024, true));
        rig.Command28(0xC8, 2, 2);
        rig.StartBusMaster(toMemory: true);
        rig.Run();
        Assert.Equal(4, rig.BusMasterStatus & 4);
        Assert.Equal(Err, rig.Status & Err);
        Assert.Equal(0x40, rig.Error);
    }

    [Fact]
    public void RegistersHoldTheirBits()
    {
        rig.Pci.Ports.Write(BusMaster + 4, 4, 0x1234_5677);
        Assert.Equal(0x1234_5674u, rig.Pci.Ports.Read(BusMaster + 4, 4));
        rig.Pci.Ports.Write(BusMaster + 2, 1, 0x60);
        Assert.Equal(0x60, rig.BusMasterStatus);
        Assert.Equal(0u, rig.Pci.Ports.Read(BusMaster + 10, 1));
    }

    [Fact]
    public void AnyPortAccessesLeaveTheDriveUsable()
    {
        var random = new Random(7);
        rig.Controller.Primary.Attach(1, new AtapiCdrom(rig.Queue, new MemoryBlockBackend(20 * 2048)));
        rig.WritePrds((0xFFFF_FF00, 0, false), (0x10000, 512, false), (0x9_F000, 0, true));
        int[] widths = [1, 1, 2, 4];
        for (int i = 0; i < 30_000; i++)
        {
            int width = widths[random.Next(4)];
            ushort port = (ushort)(random.Next(8) == 0 ? BusMaster + (random.Next(2) * 2) : random.Next(20) == 0 ? 0x3F6 : 0x1F0 + random.Next(8));
            rig.Pci.Ports.Write(port, width, (uint)random.Next());
            _ = rig.Pci.Ports.Read((ushort)(0x1F0 + random.Next(8)), width);
            if (random.Next(2) == 0)
            {
                rig.Run();
            }
        }
        rig.Pci.Bus.Reset();
        rig.Command28(0x20, 2, 1);
        rig.Run();
        Assert.Equal(image.Data[1024..1536], rig.ReadData(512));
    }

    [Fact]
    public void WithoutBusMasterThereIsNoDma()
    {
        var channel = new IdeChannel(Emulator.Core.Bus.IrqLine.Unconnected);
        channel.Attach(0, new AtaDisk(rig.Queue, image));
        var ports = new Emulator.Core.Bus.PortBus();
        channel.Wire(ports, "ide", 0x1F0, 0x3F6);
        ports.Write(0x1F7, 1, 0xC8);
        Assert.Equal((uint)Err, ports.Read(0x1F7, 1) & (Err | Bsy));
        ports.Write(0x1F7, 1, 0xEC);
        rig.Run();
        ushort[] id = [.. Enumerable.Range(0, 256).Select(_ => (ushort)ports.Read(0x1F0, 2))];
        Assert.Equal((0, 0, 0), (id[49] & 0x100, id[63], id[88]));
    }
}

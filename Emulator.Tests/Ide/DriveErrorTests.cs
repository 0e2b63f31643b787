using Emulator.Core.Backends;
using Emulator.Devices.Ide;
using Xunit;
using static Emulator.Tests.Ide.IdeRig;

namespace Emulator.Tests.Ide;

/// <summary>The host fails: the command is reported as failed, taken for done, or waits and is tried again.</summary>
public sealed class DriveErrorTests : IDisposable
{
    private const int Sectors = 300;

    private readonly IdeRig rig = new();
    private readonly MemoryBlockBackend image = MemoryBlockBackend.Patterned(1000 * 512L), disc = MemoryBlockBackend.Patterned(100 * 2048L);
    private readonly List<bool> asked = [];
    private BlockErrorAction action = BlockErrorAction.Stop;

    public DriveErrorTests()
    {
        rig.Controller.Primary.Attach(0, new AtaDisk(rig.Queue, image) { ErrorAction = Ask });
        rig.Controller.Primary.Attach(1, new AtapiCdrom(rig.Queue, disc) { ErrorAction = Ask });
    }

    public void Dispose() => rig.Dispose();

    private BlockErrorAction Ask(IOException error, bool isRead)
    {
        asked.Add(isRead);
        return action;
    }

    private static byte[] Random(int bytes)
    {
        byte[] data = new byte[bytes];
        new Random(bytes).NextBytes(data);
        return data;
    }

    // Tried twice in vain, then the host's disk has room again.
    private void StaysBusyThenGoesOn(bool isRead, HashSet<long>? bad = null, int irqs = 0)
    {
        for (int n = 1; n <= 3; n++)
        {
            Assert.Equal(Bsy, rig.AlternateStatus & (Bsy | Drq | Err));
            Assert.Equal(Enumerable.Repeat(isRead, n), asked);
            if (n == 3)
            {
                (bad ?? image.BadSectors).Clear();
                image.FlushFails = false;
            }
            Assert.Equal(irqs, rig.Irqs);
            rig.Run();
        }
        Assert.Equal(3, asked.Count);
    }

    [Fact]
    public void Dma_write_goes_on_where_it_stopped()
    {
        byte[] data = Random(Sectors * 512);
        rig.Pci.Memory.Write(0x10000, data);
        image.BadSectors.Add(10 + 140);
        rig.WritePrds((0x10000, 100 * 512, false), (0x10000 + (100 * 512), 100 * 512, false), (0x10000 + (200 * 512), 100 * 512, true));
        rig.Command48(0x35, 10, Sectors);
        rig.StartBusMaster(toMemory: false);
        rig.Run();
        StaysBusyThenGoesOn(isRead: false);
        Assert.Equal(Drdy | Dsc, rig.Status);
        Assert.Equal(data, image.Data[(10 * 512)..((10 + Sectors) * 512)]);
        Assert.Equal(4, rig.BusMasterStatus & 7);
    }

    [Fact]
    public void Dma_read_goes_on_where_it_stopped()
    {
        image.BadSectors.Add(10 + 140);
        rig.WritePrds((0x10000, 0, false), (0x20000, 0, false), (0x30000, 0, true));
        rig.Command48(0x25, 10, Sectors);
        rig.StartBusMaster(toMemory: true);
        rig.Run();
        StaysBusyThenGoesOn(isRead: true);
        Assert.Equal(image.Data[(10 * 512)..((10 + Sectors) * 512)], rig.Memory(0x10000, Sectors * 512));
    }

    [Fact]
    public void Pio_write_keeps_the_block()
    {
        byte[] data = Random(512);
        image.BadSectors.Add(7);
        rig.Command28(0x30, 7, 1);
        rig.WriteData(data);
        rig.Run();
        StaysBusyThenGoesOn(isRead: false);
        Assert.Equal(Drdy | Dsc, rig.Status);
        Assert.Equal(data, image.Data[(7 * 512)..(8 * 512)]);
    }

    [Fact]
    public void Pio_read_waits_for_its_data()
    {
        image.BadSectors.Add(7);
        rig.Command28(0x20, 7, 1);
        rig.Run();
        StaysBusyThenGoesOn(isRead: true);
        Assert.Equal(image.Data[(7 * 512)..(8 * 512)], rig.ReadData(512));
    }

    [Theory]
    [InlineData(0x40, true)]
    [InlineData(0xE7, false)]
    public void Verify_and_flush_are_tried_again(byte command, bool isRead)
    {
        image.BadSectors.Add(7);
        image.FlushFails = true;
        rig.Command28(command, 7, 1);
        rig.Run();
        StaysBusyThenGoesOn(isRead);
        Assert.Equal(Drdy | Dsc, rig.Status);
    }

    [Fact]
    public void A_reset_ends_the_waiting()
    {
        image.BadSectors.Add(7);
        rig.Command28(0x20, 7, 1);
        rig.Run();
        rig.Control(4);
        rig.Control(0);
        rig.Run();
        Assert.Equal([true], asked);
        Assert.Equal(Drdy | Dsc, rig.Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_packet_read_is_tried_again(bool dma)
    {
        disc.BadSectors.Add(5 * 4);
        rig.Out(6, 0xB0);
        rig.WritePrds((0x10000, 2048, true));
        rig.Packet([0x28, 0, 0, 0, 0, 5, 0, 0, 1], dma: dma);
        if (dma)
        {
            rig.StartBusMaster(toMemory: true);
            rig.Run();
        }
        StaysBusyThenGoesOn(isRead: true, disc.BadSectors, rig.Irqs);
        byte[] expected = disc.Data[(5 * 2048)..(6 * 2048)];
        Assert.Equal(expected, dma ? rig.Memory(0x10000, 2048) : rig.ReadData(2048));
    }

    [Fact]
    public void Ignored_errors_are_none()
    {
        action = BlockErrorAction.Ignore;
        image.BadSectors.Add(7);
        image.FlushFails = true;
        rig.Command28(0x30, 7, 2);
        rig.WriteData(Random(512));
        rig.Run();
        rig.WriteData(Random(512));
        rig.Run();
        Assert.Equal(Drdy | Dsc, rig.Status);
        Assert.Equal(Random(512), image.Data[(8 * 512)..(9 * 512)]);
        rig.Command28(0xE7, 0, 0);
        rig.Run();
        Assert.Equal(Drdy | Dsc, rig.Status);
        Assert.Equal([false, false], asked);
    }
}

using System.Buffers.Binary;
using System.Text;
using Emulator.Devices.Ide;
using Xunit;
using static Emulator.Tests.Ide.IdeRig;

namespace Emulator.Tests.Ide;

public sealed class AtapiCdromTests : IDisposable
{
    private const int Sectors = 200;

    private static readonly byte[] EventPoll = [0x4A, 1, 0, 0, 0x10, 0, 0, 0, 8, 0];

    private readonly IdeRig rig = new();
    private readonly MemoryBlockBackend disc = MemoryBlockBackend.Patterned(Sectors * 2048);
    private readonly AtapiCdrom drive;

    public AtapiCdromTests()
    {
        drive = new AtapiCdrom(rig.Queue, disc);
        rig.Controller.Primary.Attach(0, drive);
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void SignatureAndIdentification()
    {
        rig.Control(4);
        rig.Control(0);
        Assert.Equal(0, rig.Status);
        Assert.Equal((1, 1, 0x14, 0xEB), (rig.In(2), rig.In(3), rig.In(4), rig.In(5)));
        rig.Out(7, 0xEC);
        rig.Run();
        Assert.Equal(Err, rig.Status & (Err | Drq));
        Assert.Equal((4, 0x14, 0xEB), (rig.Error, rig.In(4), rig.In(5)));
        ushort[] id = rig.Identify(0xA1);
        Assert.Equal(0x85C0, id[0]);
        Assert.Equal(0x0100, id[49] & 0x0100);
        Assert.Equal(0x0010, id[82] & 0x0010);
    }

    [Fact]
    public void DeviceResetShowsTheSignatureEvenWhileBusy()
    {
        rig.Out(7, 0xA1);
        rig.Out(7, 0x08);
        Assert.Equal(0, rig.Status);
        Assert.Equal((0x14, 0xEB), (rig.In(4), rig.In(5)));
        rig.Run();
        Assert.Equal(0, rig.Irqs);
    }

    [Fact]
    public void InquiryIsARemovableCdrom()
    {
        byte[] data = rig.PacketIn([0x12, 0, 0, 0, 36, 0]);
        Assert.Equal(36, data.Length);
        Assert.Equal((5, 0x80, 31), (data[0], data[1], data[4]));
        Assert.Equal("EMU     EMU DVD-ROM     1.0 ", Encoding.ASCII.GetString(data, 8, 28));
        Assert.Equal(5, rig.PacketIn([0x12, 0, 0, 0, 5, 0]).Length);
    }

    [Fact]
    public void CapacityIsInSectorsOf2048()
    {
        byte[] data = rig.PacketIn([0x25]);
        Assert.Equal(Sectors - 1, BinaryPrimitives.ReadInt32BigEndian(data));
        Assert.Equal(2048, BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(4)));
    }

    [Theory]
    [InlineData(2048)]
    [InlineData(0xFFFF)]
    [InlineData(3000)]
    [InlineData(2047)]
    public void ReadMovesBlocksOfAtMostTheLimit(int limit)
    {
        byte[] data = rig.PacketIn([0x28, 0, 0, 0, 0, 3, 0, 0, 70, 0], limit);
        Assert.Equal(disc.Data[(3 * 2048)..(73 * 2048)], data);
    }

    [Fact]
    public void EachBlockHasItsInterruptAndTheEndOne()
    {
        rig.PacketIn([0xA8, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0], 2048);
        Assert.Equal(5, rig.Irqs);
    }

    [Fact]
    public void ReadByDma()
    {
        rig.WritePrds((0x10000, 0, false), (0x20000, 0, false), (0x30000, 4 * 2048, true));
        rig.Packet([0x28, 0, 0, 0, 0, 1, 0, 0, 68, 0], 0, dma: true);
        rig.StartBusMaster(toMemory: true);
        rig.Run();
        Assert.Equal(4, rig.BusMasterStatus & 7);
        Assert.Equal(Drdy, rig.Status);
        Assert.Equal(3, rig.In(2) & 3);
        Assert.Equal(disc.Data[2048..(69 * 2048)], rig.Memory(0x10000, 68 * 2048));
    }

    [Fact]
    public void ZeroByteCountLimitAborts()
    {
        rig.Packet([0x28, 0, 0, 0, 0, 1, 0, 0, 1, 0], 0);
        Assert.Equal(Err, rig.Status & (Err | Drq));
        Assert.Equal(4, rig.Error);
        rig.Packet([0x00], 0);
        Assert.Equal(Drdy, rig.Status);
    }

    [Fact]
    public void ReadOfNothingSucceedsAndBeyondTheEndFails()
    {
        Assert.Equal((0, 0, 0), rig.PacketSense(0x28, 0, 0, 0, 0, 1, 0, 0, 0, 0));
        Assert.Equal((5, 0x21, 0), rig.PacketSense(0x28, 0, 0, 0, 0, 199, 0, 0, 2, 0));
        Assert.Equal((5, 0x21, 0), rig.PacketSense(0xA8, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF));
        Assert.Equal((5, 0x21, 0), rig.PacketSense(0x2B, 0, 0, 0, 1, 0));
        Assert.Equal((0, 0, 0), rig.PacketSense(0x2B, 0, 0, 0, 0, 10));
    }

    [Fact]
    public void HostErrorIsAMediumError()
    {
        disc.BadSectors.Add(40);
        Assert.Equal((3, 0x11, 0), rig.PacketSense(0x28, 0, 0, 0, 0, 10, 0, 0, 1, 0));
    }

    [Fact]
    public void TocOfOneDataTrack()
    {
        byte[] lba = rig.PacketIn([0x43, 0, 0, 0, 0, 0, 0, 0, 100, 0]);
        Assert.Equal([0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0, 0, 0x14, 0xAA, 0, 0, 0, 0, Sectors], lba.Select(b => (int)b));
        byte[] msf = rig.PacketIn([0x43, 2, 0, 0, 0, 0, 0xAA, 0, 100, 0]);
        Assert.Equal([0, 10, 1, 1, 0, 0x14, 0xAA, 0, 0, 0, 4, 50], msf.Select(b => (int)b));
        byte[] session = rig.PacketIn([0x43, 0, 1, 0, 0, 0, 0, 0, 12, 0]);
        Assert.Equal([0, 10, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0], session.Select(b => (int)b));
        byte[] raw = rig.PacketIn([0x43, 2, 2, 0, 0, 0, 1, 0, 100, 0]);
        Assert.Equal(48, raw.Length);
        Assert.Equal([0xA0, 0xA1, 0xA2, 0x01], new[] { raw[7], raw[18], raw[29], raw[40] }.Select(b => (int)b));
        // The control byte's format field, as SFF-8020 had it.
        Assert.Equal(session, rig.PacketIn([0x43, 0, 0, 0, 0, 0, 0, 0, 12, 0x40]));
        Assert.Equal((5, 0x24, 0), rig.PacketSense(0x43, 0, 5, 0, 0, 0, 0, 0, 12, 0));
        Assert.Equal((5, 0x24, 0), rig.PacketSense(0x43, 0, 0, 0, 0, 0, 2, 0, 12, 0));
    }

    [Fact]
    public void ConfigurationNamesTheProfile()
    {
        byte[] all = rig.PacketIn([0x46, 0, 0, 0, 0, 0, 0, 0, 255, 0]);
        Assert.Equal(all.Length - 4, BinaryPrimitives.ReadInt32BigEndian(all));
        Assert.Equal(8, BinaryPrimitives.ReadInt16BigEndian(all.AsSpan(6)));
        byte[] one = rig.PacketIn([0x46, 2, 0, 3, 0, 0, 0, 0, 255, 0]);
        Assert.Equal(16, one.Length);
        Assert.Equal((0, 3, 4), (one[8], one[9], one[11]));
        drive.Medium = null;
        Assert.Equal(0, BinaryPrimitives.ReadInt16BigEndian(rig.PacketIn([0x46, 0, 0, 0, 0, 0, 0, 0, 8, 0]).AsSpan(6)));
    }

    [Fact]
    public void ModeSenseGivesTheCapabilities()
    {
        byte[] ten = rig.PacketIn([0x5A, 0, 0x2A, 0, 0, 0, 0, 0, 128, 0]);
        Assert.Equal(28, ten.Length);
        Assert.Equal((26, 1, 0x2A, 18), (ten[1], ten[2], ten[8], ten[9]));
        byte[] six = rig.PacketIn([0x1A, 0, 0x3F, 0, 255, 0]);
        Assert.Equal((six.Length - 1, 0x01, 0x0E, 0x2A), (six[0], six[4], six[12], six[28]));
        Assert.Equal((5, 0x24, 0), rig.PacketSense(0x5A, 0, 0x33, 0, 0, 0, 0, 0, 128, 0));
        Assert.Equal((5, 0x39, 0), rig.PacketSense(0x5A, 0, 0xEA, 0, 0, 0, 0, 0, 128, 0));
        Assert.All(rig.PacketIn([0x5A, 0, 0x6A, 0, 0, 0, 0, 0, 128, 0])[10..], b => Assert.Equal(0, b));
    }

    [Fact]
    public void UnknownCommandIsRefusedWithSense()
    {
        Assert.Equal((5, 0x20, 0), rig.PacketSense(0xFF));
        Assert.Equal(0, rig.PacketIn([0x03, 0, 0, 0, 18, 0])[2]);
    }

    [Fact]
    public void MediumChangeIsAUnitAttentionOnce()
    {
        drive.Medium = new MemoryBlockBackend(10 * 2048);
        // INQUIRY goes through and does not clear it.
        rig.PacketIn([0x12, 0, 0, 0, 36, 0]);
        Assert.Equal((6, 0x28, 0), rig.PacketSense(0x00));
        Assert.Equal((0, 0, 0), rig.PacketSense(0x00));
        Assert.Equal(9, rig.PacketIn([0x25])[3]);
        drive.Medium = null;
        Assert.Equal((2, 0x3A, 1), rig.PacketSense(0x00));
        Assert.Equal((2, 0x3A, 1), rig.PacketSense(0x28, 0, 0, 0, 0, 1, 0, 0, 1, 0));
    }

    [Fact]
    public void EventStatusTellsOfMedia()
    {
        byte[] poll = [0x4A, 1, 0, 0, 0x10, 0, 0, 0, 8, 0];
        Assert.Equal([0, 6, 4, 0x10, 0, 2, 0, 0], rig.PacketIn(poll).Select(b => (int)b));
        drive.Medium = new MemoryBlockBackend(2048);
        Assert.Equal(2, rig.PacketIn(poll)[4]);
        Assert.Equal(0, rig.PacketIn(poll)[4]);
        drive.Medium = null;
        byte[] removed = rig.PacketIn(poll);
        Assert.Equal((3, 0), (removed[4], removed[5]));
        Assert.Equal(0x80, rig.PacketIn([0x4A, 1, 0, 0, 0x40, 0, 0, 0, 8, 0])[2]);
        Assert.Equal((5, 0x24, 0), rig.PacketSense(0x4A, 0, 0, 0, 0x10, 0, 0, 0, 8, 0));
    }

    [Fact]
    public void EjectObeysTheLock()
    {
        Assert.Equal((0, 0, 0), rig.PacketSense(0x1E, 0, 0, 0, 1));
        Assert.True(drive.IsLocked);
        Assert.Equal((5, 0x53, 2), rig.PacketSense(0x1B, 0, 0, 0, 2));
        Assert.Same(disc, drive.LoadedMedium);
        drive.RequestEject();
        Assert.Equal((1, 2), (rig.PacketIn(EventPoll)[4], rig.PacketIn(EventPoll)[5]));
        rig.PacketSense(0x1E, 0, 0, 0, 0);
        Assert.Equal((0, 0, 0), rig.PacketSense(0x1B, 0, 0, 0, 2));
        Assert.Null(drive.LoadedMedium);
        Assert.True(drive.IsTrayOpen);
        byte[] removed = rig.PacketIn(EventPoll);
        Assert.Equal((3, 1), (removed[4], removed[5]));
        Assert.Equal((2, 0x3A, 2), rig.PacketSense(0x00));
    }

    // The disc stays in the tray: closing it brings the disc back, as a new one.
    [Fact]
    public void AnEjectedDiscIsThereAgainWhenTheTrayCloses()
    {
        rig.PacketSense(0x1B, 0, 0, 0, 2);
        Assert.Equal((2, 0x3A, 2), rig.PacketSense(0x25));
        Assert.Same(disc, drive.Medium);
        Assert.Equal((0, 0, 0), rig.PacketSense(0x1B, 0, 0, 0, 3));
        Assert.Equal((2, 2), (rig.PacketIn(EventPoll)[4], rig.PacketIn(EventPoll)[5]));
        Assert.Equal((6, 0x28, 0), rig.PacketSense(0x00));
        Assert.Equal((0, 0, 0), rig.PacketSense(0x00));
        rig.PacketSense(0x1B, 0, 0, 0, 2);
        drive.Medium = null;
        Assert.Equal((0, 0, 0), rig.PacketSense(0x1B, 0, 0, 0, 3));
        Assert.Equal((2, 0x3A, 1), rig.PacketSense(0x00));
    }

    [Fact]
    public void DiscAndTrackInformation()
    {
        byte[] info = rig.PacketIn([0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0]);
        Assert.Equal((32, 0x0E, 1), (info[1], info[2], info[3]));
        byte[] track = rig.PacketIn([0x52, 1, 0, 0, 0, 1, 0, 0, 36, 0]);
        Assert.Equal(Sectors, BinaryPrimitives.ReadInt32BigEndian(track.AsSpan(24)));
        Assert.Equal(8, rig.PacketIn([0xBD, 0, 0, 0, 0, 0, 0, 0, 0, 8]).Length);
    }

    [Fact]
    public void ReadCdGivesUserDataOnly()
    {
        Assert.Equal(disc.Data[(2 * 2048)..(3 * 2048)], rig.PacketIn([0xBE, 0, 0, 0, 0, 2, 0, 0, 1, 0x10, 0]));
        Assert.Equal((5, 0x64, 0), rig.PacketSense(0xBE, 0, 0, 0, 0, 2, 0, 0, 1, 0xF8, 0));
    }

    [Fact]
    public void AnyPacketLeavesTheDriveUsable()
    {
        var random = new Random(4);
        byte[] packet = new byte[12];
        for (int i = 0; i < 3000; i++)
        {
            random.NextBytes(packet);
            packet[0] = (byte)i;
            drive.Medium ??= disc;
            rig.Packet(packet, random.Next(0x10000));
            rig.Control(4);
            rig.Control(0);
        }
        drive.Medium = disc;
        Assert.Equal((6, 0x28, 0), rig.PacketSense(0x00));
        Assert.Equal((0, 0, 0), rig.PacketSense(0x00));
    }
}

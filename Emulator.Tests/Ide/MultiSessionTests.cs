using System.Buffers.Binary;
using Emulator.Devices.Ide;
using Xunit;

namespace Emulator.Tests.Ide;

/// <summary>Images of discs with more than one session, and what READ TOC says of them (MMC-5 section 6.26).</summary>
public sealed class MultiSessionTests : IDisposable
{
    private const int FirstVolume = 200, Gap = 11400, SecondStart = FirstVolume + Gap, SecondVolume = 100, Sectors = SecondStart + SecondVolume;

    private readonly IdeRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void TheLastSessionsFirstTrackIsWhereLinuxLooksForIt()
    {
        Insert(Disc(SecondVolume, SecondStart + 25));
        // As Linux asks: format 1 in the control byte of SFF-8020, and as MMC has it.
        foreach (byte[] packet in new byte[][] { [0x43, 0, 0, 0, 0, 0, 0, 0, 12, 0x40], [0x43, 0, 1, 0, 0, 0, 0, 0, 12, 0] })
        {
            byte[] last = rig.PacketIn(packet);
            Assert.Equal((10, 1, 2, 2), (last[1], last[2], last[3], last[6]));
            Assert.Equal(SecondStart, BinaryPrimitives.ReadInt32BigEndian(last.AsSpan(8)));
        }
        byte[] msf = rig.PacketIn([0x43, 2, 1, 0, 0, 0, 0, 0, 12, 0]);
        const int frames = SecondStart + 150;
        Assert.Equal([frames / 4500, frames / 75 % 60, frames % 75], msf[9..12].Select(b => (int)b));
    }

    [Fact]
    public void TracksSessionsAndLeadOuts()
    {
        Insert(Disc(SecondVolume, SecondStart + 25));
        byte[] tracks = rig.PacketIn([0x43, 0, 0, 0, 0, 0, 0, 0, 100, 0]);
        Assert.Equal([(1, 0), (2, SecondStart), (0xAA, Sectors)], Entries(tracks));
        Assert.Equal([(2, SecondStart), (0xAA, Sectors)], Entries(rig.PacketIn([0x43, 0, 0, 0, 0, 0, 2, 0, 100, 0])));
        Assert.Equal((5, 0x24, 0), rig.PacketSense(0x43, 0, 0, 0, 0, 0, 3, 0, 100, 0));
        byte[] raw = rig.PacketIn([0x43, 2, 2, 0, 0, 0, 0, 0, 200, 0]);
        Assert.Equal([(1, 0xA0), (1, 0xA1), (1, 0xA2), (1, 1), (2, 0xA0), (2, 0xA1), (2, 0xA2), (2, 2)], Enumerable.Range(0, 8).Select(n => ((int)raw[4 + (11 * n)], (int)raw[7 + (11 * n)])));
        Assert.Equal([0, (FirstVolume + 150) / 75, (FirstVolume + 150) % 75], raw[34..37].Select(b => (int)b));
        Assert.Equal((5, 0x24, 0), rig.PacketSense(0x43, 2, 2, 0, 0, 0, 3, 0, 100, 0));
    }

    [Fact]
    public void DiscAndTrackInformation()
    {
        Insert(Disc(SecondVolume, SecondStart + 25));
        byte[] disc = rig.PacketIn([0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0]);
        Assert.Equal((1, 2, 2, 2), (disc[3], disc[4], disc[5], disc[6]));
        byte[] byTrack = rig.PacketIn([0x52, 1, 0, 0, 0, 2, 0, 0, 36, 0]), byAddress = rig.PacketIn([0x52, 0, 0, 0, 0x2D, 0x50, 0, 0, 36, 0]);
        Assert.Equal(byTrack, byAddress);
        Assert.Equal((2, 2, SecondStart, SecondVolume), (byTrack[2], byTrack[3], BinaryPrimitives.ReadInt32BigEndian(byTrack.AsSpan(8)), BinaryPrimitives.ReadInt32BigEndian(byTrack.AsSpan(24))));
        Assert.Equal((5, 0x24, 0), rig.PacketSense(0x52, 1, 0, 0, 0, 3, 0, 0, 36, 0));
    }

    // A volume's size counts from its session or from sector 0, and sessions follow at once where no gap was copied.
    [Theory]
    [InlineData(SecondVolume, SecondStart + 25, 2)]
    [InlineData(Sectors, SecondStart + 25, 2)]
    [InlineData(SecondVolume, 25, 1)]
    [InlineData(SecondVolume, Sectors, 1)]
    public void ASessionIsAVolumeDescriptorWhoseDirectoryIsInIt(int size, int root, int count) => Assert.Equal(count, Sessions(Disc(size, root)));

    [Fact]
    public void WithoutDescriptorsOrBehindTheGapThereIsOneSession()
    {
        Assert.Equal(1, Sessions(MemoryBlockBackend.Patterned(500 * 2048)));
        var far = new MemoryBlockBackend((FirstVolume + 20000) * 2048);
        WriteDescriptor(far, 0, FirstVolume, 20);
        WriteDescriptor(far, FirstVolume + 12000, 50, FirstVolume + 12020);
        Assert.Equal(1, Sessions(far));
        far.BadSectors.Add(16 * 4);
        Assert.Equal(1, Sessions(far));
    }

    private void Insert(MemoryBlockBackend disc) => rig.Controller.Primary.Attach(0, new AtapiCdrom(rig.Queue, disc));

    private static int Sessions(MemoryBlockBackend disc)
    {
        using var rig = new IdeRig();
        rig.Controller.Primary.Attach(0, new AtapiCdrom(rig.Queue, disc));
        return rig.PacketIn([0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0])[4];
    }

    private static MemoryBlockBackend Disc(int secondSize, int secondRoot)
    {
        var disc = new MemoryBlockBackend(Sectors * 2048);
        WriteDescriptor(disc, 0, FirstVolume, 20);
        WriteDescriptor(disc, SecondStart, secondSize, secondRoot);
        return disc;
    }

    private static void WriteDescriptor(MemoryBlockBackend disc, int start, int size, int root)
    {
        Span<byte> sector = disc.Data.AsSpan((start + 16) * 2048, 2048);
        sector[0] = sector[6] = 1;
        "CD001"u8.CopyTo(sector[1..]);
        BinaryPrimitives.WriteInt32LittleEndian(sector[80..], size);
        BinaryPrimitives.WriteInt32LittleEndian(sector[158..], root);
    }

    private static IEnumerable<(int Track, int Lba)> Entries(byte[] toc) =>
        Enumerable.Range(0, (toc.Length - 4) / 8).Select(n => ((int)toc[6 + (8 * n)], BinaryPrimitives.ReadInt32BigEndian(toc.AsSpan(8 + (8 * n)))));
}

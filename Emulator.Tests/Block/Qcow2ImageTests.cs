using Emulator.Bench.Fuzz;
using Emulator.Machine.Config;
using Emulator.Remote.Block;
using Emulator.Remote.Block.Qcow2;
using Xunit;

namespace Emulator.Tests.Block;

/// <summary>qcow2 images in memory against a model: contents, refcounts, and what a crash at any moment leaves.</summary>
public sealed class Qcow2ImageTests
{
    private const int Size = (1 << 20) + 1536;

    public static TheoryData<int, int, int> Shapes => new() { { 3, 16, 4 }, { 3, 9, 4 }, { 2, 12, 4 }, { 3, 9, 0 }, { 3, 10, 6 }, { 2, 9, 4 }, { 3, 12, 3 } };

    private static Qcow2Header Shape(int version, int clusterBits, int refcountOrder, long size = Size, string? backing = null) => new()
    {
        Version = version, ClusterBits = clusterBits, RefcountOrder = refcountOrder, Size = size, BackingFile = backing,
        BackingFormat = backing is null ? null : "raw",
    };

    private static MemoryStorage Empty(Qcow2Header shape, bool keepsHistory = false)
    {
        var storage = new MemoryStorage([]) { KeepsHistory = keepsHistory };
        Qcow2Creator.Create(storage, shape);
        return storage;
    }

    private static Qcow2Image Open(IImageStorage storage, byte[]? backing = null) =>
        Qcow2Image.Open(storage, (_, _) => new RawImage(new MemoryStorage(backing!, readOnly: true)));

    private static void AssertClean(Qcow2Image image)
    {
        var result = image.Check(CheckRepair.None);
        Assert.Empty(result.Messages);
        Assert.Equal((0, 0), (result.Corruptions, result.Leaks));
    }

    private static byte[] Contents(DiskImage image)
    {
        byte[] all = new byte[image.Length];
        image.Read(0, all);
        return all;
    }

    // A random stretch, more often short than long.
    private static (int Offset, byte[] Data) Change(Random random, int size)
    {
        int offset = random.Next(size), most = random.Next(4) == 0 ? 100_000 : 2000;
        byte[] data = new byte[random.Next(Math.Min(most, size - offset) + 1)];
        random.NextBytes(data);
        return (offset, data);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Random_writes_read_back_and_leave_a_clean_image(int version, int clusterBits, int refcountOrder)
    {
        var random = new Random(clusterBits);
        byte[] below = new byte[Size / 2];
        random.NextBytes(below);
        byte[] expected = [.. below, .. new byte[Size - below.Length]];
        var storage = Empty(Shape(version, clusterBits, refcountOrder, backing: "below"));
        for (int round = 0; round < 5; round++)
        {
            using var image = Open(storage, below);
            for (int n = 0; n < 40; n++)
            {
                var (offset, data) = Change(random, Size);
                image.Write(offset, data);
                data.CopyTo(expected, offset);
                if (random.Next(10) == 0)
                {
                    image.Flush();
                }
            }
            Assert.Equal(expected, Contents(image));
            AssertClean(image);
        }
        using var last = Open(new MemoryStorage(storage.Contents, readOnly: true), below);
        Assert.Equal(expected, Contents(last));
        AssertClean(last);
        Assert.Equal(0ul, last.Header.Incompatible & Qcow2Header.DirtyBit);
    }

    /// <summary>The process is killed: every write before is done, none after.</summary>
    [Theory]
    [InlineData(3, 12)]
    [InlineData(2, 9)]
    public void A_kill_loses_nothing_flushed_and_damages_nothing(int version, int clusterBits)
    {
        int leaks = 0, kills = 0;
        for (int kill = 3; ; kill += clusterBits == 9 ? 29 : 7)
        {
            var random = new Random(1);
            var storage = Empty(Shape(version, clusterBits, 4, 200_000));
            var journal = new WriteJournal(200_000);
            var image = Open(storage);
            int end = storage.Writes + kill;
            storage.BeforeWrite = number => _ = number < end ? 0 : throw new IOException("killed");
            if (!Run(image, journal, random, 60))
            {
                break;
            }
            kills++;

            // As qemu-img check looks at it: no repair, whatever the dirty bit says.
            using (var left = Open(new MemoryStorage(storage.Contents, readOnly: true)))
            {
                var result = left.Check(CheckRepair.None);
                Assert.Equal(0, result.Corruptions);
                leaks += result.Leaks > 0 ? 1 : 0;
                journal.Verify(Contents(left), $"kill at write {kill}");
            }

            // And the next start goes on with it.
            using var again = Open(new MemoryStorage(storage.Contents));
            again.Write(1000, new byte[5000]);
            again.Flush();
            if (version == 3)
            {
                AssertClean(again);
            }
        }
        Assert.True(kills > 15, $"only {kills} kills");

        // Only between the refcounts and the tables of one flush, never in between flushes.
        Assert.True(leaks < kills, $"{leaks} of {kills}");
    }

    [Theory]
    [InlineData(3, 12)]
    [InlineData(3, 9)]
    [InlineData(2, 9)]
    [InlineData(2, 12)]
    public void A_power_failure_loses_nothing_flushed(int version, int clusterBits)
    {
        for (int seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            byte[] below = new byte[200_000];
            random.NextBytes(below);
            var storage = Empty(Shape(version, clusterBits, 4, 200_000, "below"), keepsHistory: true);
            var journal = new WriteJournal(below);
            var image = Open(storage, below);
            int end = storage.Writes + random.Next(1, 300);
            storage.BeforeWrite = number => _ = number < end ? 0 : throw new IOException("power failure");
            Run(image, journal, random, 100);
            byte[] left = storage.AfterPowerFailure(random);
            using var again = Open(new MemoryStorage(left), below);
            journal.Verify(Contents(again), $"seed {seed}");
            var result = again.Check(CheckRepair.None);
            Assert.True(result.Corruptions == 0, $"seed {seed}: {string.Join('\n', result.Messages)}");
        }
    }

    // False when the run came to its end.
    private static bool Run(Qcow2Image image, WriteJournal journal, Random random, int steps)
    {
        try
        {
            for (int n = 0; n < steps; n++)
            {
                var (offset, data) = Change(random, journal.Length);
                journal.Begin(offset, data);
                image.Write(offset, data);
                if (random.Next(5) == 0)
                {
                    image.Flush();
                    journal.Flushed();
                }
            }
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    [Fact]
    public void The_refcount_table_moves_when_it_is_full()
    {
        // 512-byte clusters with 64-bit refcounts: a table of one cluster counts 2 MB.
        const int size = 5 << 20;
        var storage = Empty(Shape(3, 9, 6, size));
        byte[] data = new byte[size];
        new Random(3).NextBytes(data);
        using (var image = Open(storage))
        {
            for (int at = 0; at < size; at += 100_000)
            {
                image.Write(at, data.AsSpan(at, Math.Min(100_000, size - at)));
            }
            Assert.True(image.Header.RefcountTableClusters > 1);
            AssertClean(image);
        }
        using var again = Open(new MemoryStorage(storage.Contents, readOnly: true));
        Assert.Equal(data, Contents(again));
        AssertClean(again);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Compressed_clusters_read_back_and_are_given_back(int type)
    {
        var storage = Empty(new() { ClusterBits = 12, Size = 1 << 20, CompressionType = type });
        byte[] expected = new byte[1 << 20];
        var random = new Random(4);
        for (int n = 0; n < expected.Length; n++)
        {
            expected[n] = (byte)(n / 1000 * random.Next(3));
        }
        using (var image = Open(storage))
        {
            for (int at = 0; at < expected.Length; at += 4096)
            {
                image.WriteCompressed(at, expected.AsSpan(at, 4096));
            }
            AssertClean(image);
            Assert.True(image.Check(CheckRepair.None).CompressedClusters > 200);
        }
        long compressedEnd = storage.Length;
        Assert.True(compressedEnd < expected.Length * 3 / 4);
        using (var image = Open(storage))
        {
            Assert.Equal(expected, Contents(image));
            for (int n = 0; n < 300; n++)
            {
                var (offset, data) = Change(random, 300_000);
                image.Write(offset, data);
                data.CopyTo(expected, offset);
                if (n % 20 == 0)
                {
                    image.Flush();
                }
            }
            Assert.Equal(expected, Contents(image));
            AssertClean(image);
        }
    }

    [Fact]
    public void Resizing_keeps_what_stays_and_shows_zeros_where_it_grew()
    {
        var storage = Empty(Shape(3, 9, 4, 100_352));
        byte[] data = new byte[100_352];
        new Random(5).NextBytes(data);
        using var image = Open(storage);
        image.Write(0, data);
        image.Resize(50_688);
        AssertClean(image);
        image.Resize(40 << 20);
        AssertClean(image);
        byte[] expected = new byte[40 << 20];
        data.AsSpan(0, 50_688).CopyTo(expected);
        image.Write(expected.Length - 3, [1, 2, 3]);
        expected[^3] = 1;
        expected[^2] = 2;
        expected[^1] = 3;
        Assert.Equal(expected, Contents(image));
        AssertClean(image);
        using var again = Open(new MemoryStorage(storage.Contents, readOnly: true));
        Assert.Equal(40 << 20, again.Length);
    }

    [Fact]
    public void Making_empty_shows_the_backing_file_again()
    {
        byte[] below = new byte[200_192];
        new Random(6).NextBytes(below);
        var storage = Empty(Shape(3, 9, 4, 200_192, "below"));
        using var image = Open(storage, below);
        image.Write(777, new byte[99_999]);
        image.Flush();
        image.MakeEmpty();
        Assert.Equal(below, Contents(image));
        AssertClean(image);
        Assert.Equal(0, image.Check(CheckRepair.None).AllocatedClusters);
    }

    [Fact]
    public void Wrong_refcounts_are_found_and_repaired()
    {
        var storage = Empty(Shape(3, 12, 4, 200_000));
        byte[] data = new byte[200_000];
        new Random(7).NextBytes(data);
        using (var image = Open(storage))
        {
            image.Write(0, data);
        }
        byte[] damaged = storage.Contents;
        int block = 2 * 4096;
        damaged[block + 2 * 10 + 1] = 0;   // a used cluster counts as free
        damaged[block + 2 * 11 + 1] = 5;   // another too often
        damaged[block + 2 * 1000 + 1] = 1; // and one that nothing uses
        var file = new MemoryStorage(damaged);
        using (var image = Qcow2Image.Open(file, null, forRepair: true))
        {
            var found = image.Check(CheckRepair.None);
            Assert.True(found.Corruptions >= 1);
            Assert.Equal(2, found.Leaks);
            Assert.Contains(found.Messages, m => m.StartsWith("ERROR cluster 10 refcount=0 reference=1", StringComparison.Ordinal));
            Assert.Contains(found.Messages, m => m.StartsWith("Leaked cluster 1000 refcount=1 reference=0", StringComparison.Ordinal));
            var repaired = image.Check(CheckRepair.All);
            Assert.Equal((0, 0, 2), (repaired.Corruptions, repaired.Leaks, repaired.LeaksFixed));
            AssertClean(image);
            Assert.Equal(data, Contents(image));
        }
    }

    [Fact]
    public void A_full_host_disk_is_an_error_and_nothing_is_lost()
    {
        var storage = Empty(Shape(3, 12, 4, 200_000));
        using var image = Open(storage);
        byte[] data = new byte[100_000];
        data.AsSpan().Fill(1);
        image.Write(0, data);
        image.Flush();
        storage.BeforeWrite = _ => throw new IOException("full");
        Assert.Throws<IOException>(() => image.Write(120_000, data.AsSpan(0, 50_000)));
        storage.BeforeWrite = null;
        image.Write(150_000, [9]);
        image.Flush();
        AssertClean(image);
        Assert.Equal(data, Contents(image)[..100_000]);
    }

    [Theory]
    [InlineData(4, 9, "of version 9")]
    [InlineData(20, 40, "clusters have 2^40")]
    [InlineData(32, 1, "is encrypted")]
    [InlineData(72 + 4, 4, "keeps its data in another file")]
    [InlineData(72 + 4, 16, "has extended L2 entries")]
    [InlineData(72, 1, "needs the unknown features")]
    [InlineData(72 + 4, 2, "is marked as damaged")]
    [InlineData(96, 9, "refcounts have 2^9 bits")]
    [InlineData(100, 7, "its head has 7 bytes")]
    [InlineData(36, 0, "L1 table is too small")]
    [InlineData(56, 0, "no refcount table")]
    [InlineData(44, 77, "no cluster's start")]
    public void What_cannot_be_used_is_refused_in_a_sentence(int at, int value, string reason)
    {
        byte[] image = Empty(Shape(3, 12, 4)).Contents;
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(image.AsSpan(at), value);
        Assert.Contains(reason, Assert.Throws<UserErrorException>(() => Open(new MemoryStorage(image))).Message);
    }
}

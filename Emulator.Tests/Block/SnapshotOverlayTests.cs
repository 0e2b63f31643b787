using Emulator.Machine.Config;
using Emulator.Remote.Block;
using Xunit;

namespace Emulator.Tests.Block;

public sealed class SnapshotOverlayTests : IDisposable
{
    private const int Size = 64 * 1024 + 512;

    private readonly TempDirectory temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void Random_writes_read_back_and_leave_the_base_alone()
    {
        var random = new Random(1);
        byte[] original = new byte[Size];
        random.NextBytes(original);
        string path = temp.Make("disk", original);
        byte[] expected = [.. original];
        using (var overlay = new SnapshotOverlay(RawImage.Open(path, readOnly: true)))
        {
            for (int i = 0; i < 300; i++)
            {
                int offset = random.Next(Size);
                byte[] data = new byte[random.Next(Math.Min(20_000, Size - offset) + 1)];
                if (i % 3 == 0)
                {
                    random.NextBytes(data);
                    overlay.Write(offset, data);
                    data.CopyTo(expected, offset);
                }
                else
                {
                    overlay.Read(offset, data);
                    Assert.True(data.AsSpan().SequenceEqual(expected.AsSpan(offset, data.Length)), $"step {i}");
                }
            }
            Assert.False(overlay.IsReadOnly);
            Assert.Equal(Size, overlay.Length);
            Assert.InRange(overlay.ChangedBytes, 1, Size + 4096);
        }
        Assert.Equal(original, File.ReadAllBytes(path));
    }

    [Fact]
    public void Commit_writes_the_changes_and_forgets_them()
    {
        string path = temp.Make("disk", new byte[Size]);
        using (var overlay = new SnapshotOverlay(RawImage.Open(path, readOnly: true)))
        {
            overlay.Write(Size - 4, [1, 2, 3, 4]);
            overlay.Write(5000, [9]);
            overlay.Commit();
            Assert.Equal(0, overlay.ChangedBytes);
            byte[] back = new byte[1];
            overlay.Read(5000, back);
            Assert.Equal(9, back[0]);
        }
        byte[] file = File.ReadAllBytes(path);
        Assert.Equal(Size, file.Length);
        Assert.Equal([1, 2, 3, 4], file[^4..]);
        Assert.Equal([0, 9, 0], file[4999..5002]);
    }

    [Fact]
    public void A_commit_that_is_refused_keeps_the_changes()
    {
        string path = temp.Make("disk", new byte[Size]);
        using var overlay = new SnapshotOverlay(RawImage.Open(path, readOnly: true));
        using var other = RawImage.Open(path, readOnly: true);
        overlay.Write(0, [5]);
        Assert.Throws<UserErrorException>(overlay.Commit);
        byte[] back = new byte[1];
        overlay.Read(0, back);
        Assert.Equal(5, back[0]);
        Assert.Equal(0, File.ReadAllBytes(path)[0]);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(Size, 1)]
    [InlineData(Size - 1, 2)]
    public void Ranges_outside_the_image_are_refused(long offset, int count)
    {
        using var overlay = new SnapshotOverlay(RawImage.Open(temp.Make("disk", new byte[Size]), readOnly: true));
        Assert.Throws<IOException>(() => overlay.Read(offset, new byte[count]));
        Assert.Throws<IOException>(() => overlay.Write(offset, new byte[count]));
    }
}

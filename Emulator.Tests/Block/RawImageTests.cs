using Emulator.Machine.Config;
using Emulator.Remote.Block;
using Xunit;

namespace Emulator.Tests.Block;

public sealed class RawImageTests : IDisposable
{
    private readonly TempDirectory temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void Writes_reach_the_file()
    {
        string path = temp.Make("disk", new byte[2048]);
        using (var image = RawImage.Open(path, readOnly: false))
        {
            image.Write(512, [1, 2, 3]);
            image.Flush();
            Span<byte> back = stackalloc byte[4];
            image.Read(511, back);
            Assert.Equal([0, 1, 2, 3], back.ToArray());
        }
        Assert.Equal([0, 1, 2, 3, 0], File.ReadAllBytes(path)[511..516]);
    }

    [Fact]
    public void A_last_sector_that_is_cut_off_is_completed_with_zeros()
    {
        string path = temp.Make("disk", [.. Enumerable.Repeat((byte)0xAA, 700)]);
        using var image = RawImage.Open(path, readOnly: false);
        Assert.Equal(1024, image.Length);
        Assert.Equal(700, image.FileLength);
        byte[] sector = [.. Enumerable.Repeat((byte)0x55, 512)];
        image.Read(512, sector);
        Assert.All(sector[..188], b => Assert.Equal(0xAA, b));
        Assert.All(sector[188..], b => Assert.Equal(0, b));

        image.Write(512, new byte[512]);
        Assert.Equal(1024, new FileInfo(path).Length);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(1024, 1)]
    [InlineData(1000, 25)]
    [InlineData(long.MaxValue, 16)]
    public void Ranges_outside_the_image_are_refused(long offset, int count)
    {
        using var image = RawImage.Open(temp.Make("disk", new byte[1024]), readOnly: false);
        Assert.Throws<IOException>(() => image.Read(offset, new byte[count]));
        Assert.Throws<IOException>(() => image.Write(offset, new byte[count]));
    }

    [Fact]
    public void A_read_only_image_refuses_writes()
    {
        using var image = RawImage.Open(temp.Make("disk", new byte[1024]), readOnly: true);
        Assert.True(image.IsReadOnly);
        Assert.Throws<IOException>(() => image.Write(0, [1]));
        image.Flush();
    }

    [Fact]
    public void A_writer_keeps_others_out_and_readers_share()
    {
        string path = temp.Make("disk", new byte[1024]);
        using (RawImage.Open(path, readOnly: false))
        {
            Assert.Contains("in use", Assert.Throws<UserErrorException>(() => RawImage.Open(path, readOnly: false)).Message);
            Assert.Contains("in use", Assert.Throws<UserErrorException>(() => RawImage.Open(path, readOnly: true)).Message);
        }
        using var first = RawImage.Open(path, readOnly: true);
        using var second = RawImage.Open(path, readOnly: true);
        Assert.Contains("in use", Assert.Throws<UserErrorException>(() => RawImage.Open(path, readOnly: false)).Message);
    }

    [Fact]
    public void Reopening_changes_the_right_to_write_and_fails_without_harm()
    {
        string path = temp.Make("disk", new byte[1024]);
        using var image = RawImage.Open(path, readOnly: true);
        image.Reopen(readOnly: false);
        image.Write(0, [7]);
        image.Reopen(readOnly: true);
        Assert.True(image.IsReadOnly);

        using var other = RawImage.Open(path, readOnly: true);
        Assert.Throws<UserErrorException>(() => image.Reopen(readOnly: false));
        Assert.True(image.IsReadOnly);
        byte[] back = new byte[1];
        image.Read(0, back);
        Assert.Equal(7, back[0]);
    }
}

using Emulator.Cli;
using Emulator.Tests.CommandLines;
using Xunit;

namespace Emulator.Tests.Cli;

/// <summary><c>emu PATH</c>: what a file is taken for.</summary>
public sealed class MediumProbeTests : IDisposable
{
    private readonly TempDirectory temp = new();

    public void Dispose() => temp.Dispose();

    [Theory]
    [InlineData("disk", "hda")]
    [InlineData("floppy", "fda")]
    [InlineData("cd", "cdrom")]
    [InlineData("bzImage", "kernel")]
    [InlineData("multiboot", "kernel")]
    [InlineData("elf64", "kernel")]
    [InlineData("data", "hda")]
    public void A_file_is_taken_for_what_it_looks_like(string kind, string option)
    {
        string path = new StandIns(temp).Make(kind, "x");
        Assert.Equal(option, MediumProbe.Look(path).Option);
    }

    [Fact]
    public void Boot_sectors_go_to_a_floppy_unless_they_read_as_from_a_hard_disk()
    {
        byte[] sector = new byte[512];
        (sector[510], sector[511]) = (0x55, 0xAA);
        Assert.Contains("a boot sector", MediumProbe.Guess(sector, 512).Reason);
        Assert.Equal("fda", MediumProbe.Guess(sector, 5000).Option);
        Assert.Equal("hda", MediumProbe.Guess(sector, 10 << 20).Option);
        (sector[0], sector[1]) = (0xB4, 0x42);
        Assert.Equal("hda", MediumProbe.Guess(sector, 5000).Option);
        (sector[0], sector[1]) = (0, 0);
        (sector[446], sector[450], sector[454], sector[458]) = (0x80, 6, 1, 1);
        Assert.Equal("hda", MediumProbe.Guess(sector, 5000).Option);
        "QFI\xFB"u8[..3].CopyTo(sector);
        sector[3] = 0xFB;
        Assert.Contains("qcow2", MediumProbe.Guess(sector, 5000).Reason);
    }

    [Fact]
    public void What_it_was_taken_for_is_said_and_booted()
    {
        string path = new StandIns(temp).Make("floppy", "x");
        var result = CommandLine.Parse([path], onTerminal: false);
        Assert.Equal($"{path} is taken for a floppy disk: 1474560 bytes are the size of one; -fda, -hda, -cdrom and -kernel say it otherwise", Assert.Single(result.Notes));
        Assert.Equal(("floppy0", "acd"), (Assert.Single(result.Config!.Drives).Id, result.Config.Boot.Order));
        result = CommandLine.Parse([path], onTerminal: true, new Invocation("qemu-system-i386"));
        Assert.Equal("ide0-hd0", Assert.Single(result.Config!.Drives).Id);
        Assert.Empty(result.Notes);
    }
}

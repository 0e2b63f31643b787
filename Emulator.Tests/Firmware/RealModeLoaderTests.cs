using Emulator.Firmware;
using Emulator.Firmware.Boot;
using Xunit;

namespace Emulator.Tests.Firmware;

public sealed class RealModeLoaderTests : IDisposable
{
    private readonly TempFiles files = new();

    public void Dispose() => files.Dispose();

    [Theory]
    [InlineData(0x20F, 1, 0x100000u, false)]
    [InlineData(0x206, 1, 0x100000u, false)]
    [InlineData(0x205, 1, 0x100000u, true)]
    [InlineData(0x200, 1, 0x100000u, true)]
    [InlineData(0x20F, 0, 0x100000u, true)] // zImage
    [InlineData(0x207, 1, 0u, true)] // iPXE: no 32-bit entry
    public void TheSetupRunsWhereNo32BitEntryIsKnown(int version, int loadFlags, uint entry, bool realMode)
    {
        LinuxImage image = Image(version, loadFlags).U32(0x214, entry);
        Assert.Equal(realMode, RealModeLoader.Recognises(image.Bytes));
    }

    [Fact]
    public void NothingElseIsTakenForASetup()
    {
        Assert.False(RealModeLoader.Recognises(new byte[4096]));
        Assert.False(RealModeLoader.Recognises(Image(0x200, 0).Bytes[..0x220]));
    }

    [Fact]
    public void SpoiltOrTooLargeIsRefusedWithTheReason()
    {
        LinuxImage setupOnly = Image(0x201, 1);
        setupOnly.Bytes[0x1F1] = 60;
        Assert.Contains("is cut off", Refusal(setupOnly));
        Assert.Contains("takes 255: shorten -append", Refusal(Image(0x201, 1), new string('x', 256)));
        var zImage = new LinuxImage(protectedSize: 600_000).U16(0x206, 0x200);
        zImage.Bytes[0x211] = 0;
        Assert.Contains("more than fit below 90000", Refusal(zImage));
        var setup = new LinuxImage(protectedSize: 200_000).U16(0x206, 0x203);
        setup.Bytes[0x1F1] = 200;
        Assert.Contains("has a setup of 102912 bytes", Refusal(setup));
        string initrd = files.Add("initrd", new byte[9 << 20]);
        Assert.Contains("and its initrd do not fit into 8 MiB of RAM: give at least 11 MiB (-m)", Refusal(Image(0x203, 1), initrd: initrd));
    }

    [Theory]
    [InlineData("vga=normal", 0xFFFF)]
    [InlineData("a vga=791 b", 791)]
    [InlineData("vga=0x317", 0x317)]
    [InlineData("vga=nonsense", 0)]
    public void TheVideoModeGoesIntoTheHeader(string commandLine, int mode)
    {
        RealModeStart start = RealModeLoader.Prepare(new KernelFiles("k", null, commandLine), Image(0x203, 1).Bytes, 16 << 20);
        byte[] setup = start.Parts[0].Data;
        Assert.Equal(mode, setup[0x1FA] | setup[0x1FB] << 8);
    }

    [Fact]
    public void RandomHeadersNeverThrowAnythingElse()
    {
        var random = new Random(1);
        for (int i = 0; i < 2000; i++)
        {
            LinuxImage image = Image(random.Next(0x200, 0x210), random.Next(2));
            for (int n = 0; n < 8; n++)
            {
                image.Bytes[random.Next(0x1F1, 0x268)] = (byte)random.Next(256);
            }
            if (!RealModeLoader.Recognises(image.Bytes))
            {
                continue;
            }
            try
            {
                RealModeLoader.Prepare(new KernelFiles("k", null, "x"), image.Bytes, 16 << 20);
            }
            catch (FirmwareException)
            {
                // A reason, and nothing but one.
            }
        }
    }

    private static LinuxImage Image(int version, int loadFlags)
    {
        LinuxImage image = new LinuxImage().U16(0x206, version);
        image.Bytes[0x211] = (byte)loadFlags;
        return image;
    }

    private static string Refusal(LinuxImage image, string commandLine = "", string? initrd = null) =>
        Assert.Throws<FirmwareException>(() => RealModeLoader.Prepare(new KernelFiles("k", initrd, commandLine), image.Bytes, 8 << 20)).Message;
}

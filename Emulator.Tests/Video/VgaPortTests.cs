using Xunit;

namespace Emulator.Tests.Video;

public sealed class VgaPortTests
{
    [Theory]
    [InlineData(0x3C4, 1, 0xFF, 0x3D)]
    [InlineData(0x3C4, 2, 0xFF, 0x0F)]
    [InlineData(0x3C4, 4, 0xFF, 0x0E)]
    [InlineData(0x3CE, 3, 0xFF, 0x1F)]
    [InlineData(0x3CE, 5, 0xFF, 0x7B)]
    [InlineData(0x3CE, 8, 0xA5, 0xA5)]
    [InlineData(0x3D4, 0x0E, 0xA5, 0xA5)]
    public void RegistersKeepTheBitsThatExist(int port, int index, int written, int read)
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Text80x25);
        machine.Set(port, index, written);
        Assert.Equal(index, machine.In(port));
        Assert.Equal(read, machine.Get(port, index));
    }

    [Theory]
    [InlineData(0x3C4, 5)]
    [InlineData(0x3CE, 9)]
    [InlineData(0x3D4, 0x40)]
    public void RegistersThatDoNotExistReadAsZero(int port, int index)
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Text80x25);
        machine.Set(port, index, 0xFF);
        Assert.Equal(0, machine.Get(port, index));
    }

    [Fact]
    public void MiscOutputBit0MovesTheCrtcBetween3BxAnd3Dx()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Text80x25);
        machine.Set(0x3D4, 0x0F, 0x12);
        machine.Set(0x3B4, 0x0F, 0x34);
        Assert.Equal(0x12, machine.Get(0x3D4, 0x0F));
        Assert.Equal(0xFF, machine.In(0x3B5));
        machine.Out(0x3C2, 0x66);
        Assert.Equal(0x66, machine.In(0x3CC));
        Assert.Equal(0xFF, machine.In(0x3D5));
        Assert.Equal(0x12, machine.Get(0x3B4, 0x0F));
        Assert.NotEqual(0xFF, machine.In(0x3BA));
    }

    [Fact]
    public void Cr11ProtectsCr0To7ButNotTheLineCompareBit()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Text80x25);
        machine.Set(0x3D4, 0x11, 0x8E);
        machine.Set(0x3D4, 0x00, 0x11);
        machine.Set(0x3D4, 0x07, 0x00);
        Assert.Equal(0x5F, machine.Get(0x3D4, 0x00));
        Assert.Equal(0x0F, machine.Get(0x3D4, 0x07));
        machine.Set(0x3D4, 0x08, 0x03);
        Assert.Equal(0x03, machine.Get(0x3D4, 0x08));
        machine.Set(0x3D4, 0x11, 0x0E);
        machine.Set(0x3D4, 0x00, 0x11);
        Assert.Equal(0x11, machine.Get(0x3D4, 0x00));
    }

    [Fact]
    public void AttributePortTakesIndexAndDataInTurnAndStatusResetsIt()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Text80x25);
        machine.In(0x3DA);
        machine.Out(0x3C0, 0x33); // index 13, palette stays on
        machine.Out(0x3C0, 0x05);
        Assert.Equal(0x33, machine.In(0x3C0));
        Assert.Equal(0x05, machine.In(0x3C1));
        machine.Out(0x3C0, 0x31);
        machine.In(0x3DA); // data is due, but this makes it an index again
        machine.Out(0x3C0, 0x33);
        machine.Out(0x3C0, 0x07);
        Assert.Equal(0x07, machine.In(0x3C1));
        machine.Out(0x3C0, 0x31);
        Assert.Equal(0x00, machine.In(0x3C1));
    }

    [Fact]
    public void DacStepsThroughComponentsAndColours()
    {
        using var machine = new VgaMachine();
        machine.Out(0x3C8, 0xFF);
        foreach (int level in new[] { 1, 2, 3, 4, 5, 0xFF })
        {
            machine.Out(0x3C9, level);
        }
        Assert.Equal(0, machine.In(0x3C7));
        Assert.Equal(1, machine.In(0x3C8)); // FF, then 0, now 1
        machine.Out(0x3C7, 0xFF);
        Assert.Equal(3, machine.In(0x3C7));
        int[] read = [machine.In(0x3C9), machine.In(0x3C9), machine.In(0x3C9), machine.In(0x3C9), machine.In(0x3C9), machine.In(0x3C9)];
        Assert.Equal([1, 2, 3, 4, 5, 0x3F], read);
    }

    [Fact]
    public void VbeWidensTheDac()
    {
        using var machine = new VgaMachine();
        machine.SetVbeMode(640, 480, 8, 0x61);
        machine.SetDac(7, 0x81, 0xC2, 0xFE);
        machine.Out(0x3C7, 7);
        Assert.Equal(0x81, machine.In(0x3C9));
        machine.Framebuffer[0] = 7;
        Assert.Equal(0xFF81C2FEu, machine.Render()[0, 0]);
    }

    [Fact]
    public void PixelMaskIsAndedToThePixel()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode13);
        machine.Poke(0xA0000, 0xF7);
        machine.Out(0x3C6, 0x0F);
        Assert.Equal(0x0F, machine.In(0x3C6));
        Assert.Equal(VgaMachine.Dac(0x07), machine.Render()[0, 0]);
    }
}

using Emulator.Core.Bus;
using Emulator.Devices.Video;
using Xunit;

namespace Emulator.Tests.Video;

public sealed class VbeTests
{
    [Fact]
    public void IdentifiesItselfAndKeepsOlderIdsThatAreSet()
    {
        using var machine = new VgaMachine();
        Assert.Equal(0xB0C5, machine.GetVbe(0));
        machine.SetVbe(0, 0xB0C2);
        Assert.Equal(0xB0C2, machine.GetVbe(0));
        machine.SetVbe(0, 0x1234);
        Assert.Equal(0xB0C2, machine.GetVbe(0));
        Assert.Equal(16 * 16, machine.GetVbe(10));
    }

    [Fact]
    public void CapabilitiesAreToldOnRequest()
    {
        using var machine = new VgaMachine();
        machine.SetVbe(1, 800);
        machine.SetVbe(4, 2);
        Assert.Equal((2560, 1600, 32), (machine.GetVbe(1), machine.GetVbe(2), machine.GetVbe(3)));
        machine.SetVbe(4, 0);
        Assert.Equal(800, machine.GetVbe(1));
    }

    [Theory]
    [InlineData(640, 480, 8)]
    [InlineData(800, 600, 15)]
    [InlineData(1024, 768, 16)]
    [InlineData(1280, 1024, 24)]
    [InlineData(1920, 1200, 32)]
    public void LinearModesShowTheFramebuffer(int width, int height, int bitsPerPixel)
    {
        using var machine = new VgaMachine();
        machine.SetVbeMode(width, height, bitsPerPixel);
        Assert.Equal((width, height, bitsPerPixel), (machine.GetVbe(1), machine.GetVbe(2), machine.GetVbe(3)));
        Assert.Equal(width, machine.GetVbe(6));
        int bytes = (bitsPerPixel + 7) / 8;
        new Random(bitsPerPixel).NextBytes(machine.Framebuffer[..(width * height * bytes)]);
        byte[] memory = machine.Framebuffer[..(width * height * bytes)].ToArray();
        machine.AssertPicture(width, height, (x, y) => Expected(memory, ((y * width) + x) * bytes, bitsPerPixel));
        Assert.Null(machine.Vga.ReadText());
    }

    [Fact]
    public void VirtualScreenIsPannedOver()
    {
        using var machine = new VgaMachine();
        machine.SetVbeMode(640, 480, 16);
        machine.SetVbe(6, 1000);
        machine.SetVbe(8, 33);
        machine.SetVbe(9, 77);
        Assert.Equal((16 << 20) / 2000, machine.GetVbe(7));
        new Random(3).NextBytes(machine.Framebuffer);
        byte[] memory = machine.Framebuffer[..(2000 * 600)].ToArray();
        machine.AssertPicture(640, 480, (x, y) => Expected(memory, ((y + 77) * 2000) + ((x + 33) * 2), 16));
        machine.SetVbe(8, 5000);
        machine.SetVbe(9, 60000);
        Assert.Equal((360, ((16 << 20) / 2000) - 480), (machine.GetVbe(8), machine.GetVbe(9)));
        machine.Render();
    }

    [Fact]
    public void PlanarModeIsWrittenThroughTheWindowAndPanned()
    {
        using var machine = new VgaMachine();
        machine.SetMode(VgaMode.Mode12);
        machine.SetVbeMode(800, 600, 4);
        machine.SetVbe(6, 1600);
        machine.SetVbe(8, 3);
        var planes = new byte[4][];
        for (int plane = 0; plane < 4; plane++)
        {
            machine.Set(0x3C4, 2, 1 << plane);
            planes[plane] = new byte[200 * 600];
            new Random(plane).NextBytes(planes[plane]);
            for (int i = 0; i < planes[plane].Length; i++)
            {
                if ((i & 0xFFFF) == 0)
                {
                    machine.SetVbe(5, i >> 16);
                }
                machine.Poke(0xA0000 + (i & 0xFFFF), planes[plane][i]);
            }
        }
        int[] palette = [0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F];
        machine.AssertPicture(800, 600, (x, y) =>
        {
            int at = (y * 200) + ((x + 3) / 8), bit = 7 - ((x + 3) % 8);
            int pixel = Enumerable.Range(0, 4).Sum(plane => ((planes[plane][at] >> bit) & 1) << plane);
            return VgaMachine.Dac(palette[pixel]);
        });
    }

    [Fact]
    public void WindowIsBankedOverTheFramebuffer()
    {
        using var machine = new VgaMachine();
        machine.SetMode(VgaMode.Text80x25);
        machine.SetVbeMode(1024, 768, 8, 0x01);
        machine.SetVbe(5, 3);
        machine.Memory.WriteValue(0xA1234, 4, 0x44332211);
        Assert.Equal([0x11, 0x22, 0x33, 0x44], machine.Framebuffer.Slice(0x31234, 4).ToArray());
        Assert.Equal(0x3322u, machine.Memory.ReadValue(0xA1235, 2));
        Assert.Equal(0xFF, machine.Peek(0xB8000));
        machine.SetVbe(5, 0x1FF);
        Assert.Equal(0xFF, machine.GetVbe(5));
    }

    [Theory]
    [InlineData(0x41, 0)]
    [InlineData(0xC1, 0x5A)]
    public void EnablingClearsTheScreenUnlessTold(int enable, int left)
    {
        using var machine = new VgaMachine();
        machine.Framebuffer.Fill(0x5A);
        machine.SetVbeMode(640, 480, 8, enable);
        Assert.Equal(left, machine.Framebuffer[0]);
        Assert.Equal(left, machine.Framebuffer[(640 * 480) - 1]);
        Assert.Equal(0x5A, machine.Framebuffer[640 * 480]);
    }

    [Fact]
    public void DisablingGivesTheVgaModeBack()
    {
        using var machine = new VgaMachine();
        machine.SetVbeMode(1024, 768, 32);
        Assert.Equal((1024, 768), machine.Vga.Size);
        machine.SetVbe(4, 0);
        machine.SetMode(VgaMode.Text80x25);
        Assert.Equal((720, 400), machine.Vga.Size);
        machine.PokeWord(0xB8000, 0x0741);
        Assert.Equal(0x0741, machine.Vga.ReadText()!.Cells[0]);
    }

    [Theory]
    [InlineData(0, 0, 0, 8, 1, 8)]
    [InlineData(0xFFFF, 0xFFFF, 7, 2560, 1600, 8)]
    [InlineData(643, 481, 32, 640, 481, 32)]
    public void ImpossibleModesAreCut(int width, int height, int bitsPerPixel, int cutWidth, int cutHeight, int cutBits)
    {
        using var machine = new VgaMachine();
        machine.SetVbeMode(width, height, bitsPerPixel);
        Assert.Equal((cutWidth, cutHeight, cutBits), (machine.GetVbe(1), machine.GetVbe(2), machine.GetVbe(3)));
        Assert.Equal(cutWidth * cutHeight, machine.Render().Length);
    }

    [Fact]
    public void RegisterBarReachesBothRegisterSets()
    {
        using var machine = new VgaMachine();
        IMmioDevice bar = machine.Vga.RegisterBar;
        Assert.Equal(0xB0C5u, bar.ReadMmio(0x500, 2));
        bar.WriteMmio(0x502, 2, 800);
        bar.WriteMmio(0x504, 2, 600);
        bar.WriteMmio(0x506, 2, 32);
        bar.WriteMmio(0x508, 2, 0x41);
        Assert.Equal((800, 600), machine.Vga.Size);
        Assert.Equal(600u << 16 | 800u, bar.ReadMmio(0x502, 4));
        bar.WriteMmio(0x40C, 1, 0x55); // DAC index at 3C8 is 408, graphics index 3CE is 40E; 3CC is read only
        bar.WriteMmio(0x40E, 2, 0x3C08); // index 8, data 3C
        Assert.Equal(0x3C, machine.Get(0x3CE, 8));
        Assert.Equal(0x3Cu, bar.ReadMmio(0x40F, 1));
        bar.WriteMmio(0x402, 1, 0x67);
        Assert.Equal(0x67u, bar.ReadMmio(0x40C, 1));
        Assert.Equal(8u, bar.ReadMmio(0x600, 4));
        Assert.Equal(0x1E1E1E1Eu, bar.ReadMmio(0x604, 4));
        Assert.Equal(0xFFFFFF00u, bar.ReadMmio(0x000, 4)); // the EDID's header
        Assert.Equal(0u, bar.ReadMmio(Edid.Length, 4));
    }

    private static uint Expected(byte[] memory, int at, int bitsPerPixel)
    {
        switch (bitsPerPixel)
        {
            case 8:
                return VgaMachine.Dac(memory[at]);
            case 15:
            case 16:
                int word = memory[at] | (memory[at + 1] << 8);
                int green = bitsPerPixel == 16 ? Widen((word >> 5) & 0x3F, 6) : Widen((word >> 5) & 0x1F, 5);
                int red = Widen((word >> (bitsPerPixel == 16 ? 11 : 10)) & 0x1F, 5);
                return 0xFF000000 | (uint)((red << 16) | (green << 8) | Widen(word & 0x1F, 5));
            default:
                return 0xFF000000 | (uint)(memory[at] | (memory[at + 1] << 8) | (memory[at + 2] << 16));
        }
    }

    // Repeats the bits downwards, so that all ones become FF.
    private static int Widen(int value, int bits) => (value << (8 - bits)) | (value >> ((2 * bits) - 8));
}

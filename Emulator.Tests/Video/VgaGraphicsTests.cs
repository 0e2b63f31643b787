using Xunit;

namespace Emulator.Tests.Video;

public sealed class VgaGraphicsTests
{
    private const int A0000 = 0xA0000, B8000 = 0xB8000;

    [Fact]
    public void Mode4IsTheCgas320x200In4Colours()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode4);
        byte[] memory = Fill(machine, B8000, 0x4000);
        int[] palette = [0x00, 0x13, 0x15, 0x17];
        machine.AssertPicture(640, 400, (x, y) =>
        {
            int column = x / 2, row = y / 2;
            int packed = memory[((row & 1) * 0x2000) + (row / 2 * 80) + (column / 4)];
            return VgaMachine.Dac(palette[(packed >> (6 - (column % 4 * 2))) & 3]);
        });
    }

    [Fact]
    public void Mode6IsTheCgas640x200In2Colours()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode6);
        byte[] memory = Fill(machine, B8000, 0x4000);
        machine.AssertPicture(640, 400, (x, y) =>
        {
            int row = y / 2;
            int packed = memory[((row & 1) * 0x2000) + (row / 2 * 80) + (x / 8)];
            return VgaMachine.Dac(((packed >> (7 - (x % 8))) & 1) != 0 ? 0x17 : 0x00);
        });
    }

    [Fact]
    public void ModeDIs320x200In16Colours() => Planar(VgaMode.ModeD, 640, 400, 40, 2, 2, Ega);

    [Fact]
    public void ModeEIs640x200In16Colours() => Planar(VgaMode.ModeE, 640, 400, 80, 1, 2, Ega);

    [Fact]
    public void Mode10Is640x350In16Colours() => Planar(VgaMode.Mode10, 640, 350, 80, 1, 1, Vga);

    [Fact]
    public void Mode12Is640x480In16Colours() => Planar(VgaMode.Mode12, 640, 480, 80, 1, 1, Vga);

    [Fact]
    public void Mode13Is320x200In256Colours()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode13);
        byte[] memory = Fill(machine, A0000, 0x10000);
        machine.AssertPicture(640, 400, (x, y) => VgaMachine.Dac(memory[(y / 2 * 320) + (x / 2)]));
    }

    [Fact]
    public void UnchainedModeHas320x240AndFourPlanes()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode13);
        SetModeX(machine);
        byte[][] planes = FillPlanes(machine, 0x10000);
        machine.AssertPicture(640, 480, (x, y) =>
        {
            int column = x / 2;
            return VgaMachine.Dac(planes[column & 3][(y / 2 * 80) + (column / 4)]);
        });
    }

    [Fact]
    public void UnchainedModeScrollsByStartAddressAndPanning()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode13);
        SetModeX(machine);
        byte[][] planes = FillPlanes(machine, 0x10000);
        machine.Set(0x3D4, 0x0C, 0x4B);
        machine.Set(0x3D4, 0x0D, 0x03);
        machine.SetAttribute(0x13, 6); // three pixels
        machine.AssertPicture(640, 480, (x, y) =>
        {
            int column = (x / 2) + 3;
            return VgaMachine.Dac(planes[column & 3][0x4B03 + (y / 2 * 80) + (column / 4)]);
        });
    }

    [Fact]
    public void LineCompareSplitsAndPanningGoesOnUnlessTold()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode12);
        byte[][] planes = FillPlanes(machine, 0x10000);
        machine.Set(0x3D4, 0x0D, 0x50);
        machine.SetAttribute(0x13, 5);
        machine.Set(0x3D4, 0x18, 100);
        machine.Set(0x3D4, 0x07, 0x2E); // CR7 without line compare bit 8; CR11 protects nothing here but bit 4
        machine.Set(0x3D4, 0x09, 0x00);
        Func<int, int, int, uint> picture = (x, y, panAfterSplit) =>
        {
            int dot = y <= 100 ? x + 5 : x + panAfterSplit;
            int at = (y <= 100 ? 0x50 + (y * 80) : (y - 101) * 80) + (dot / 8);
            return VgaMachine.Dac(Vga[Pixel(planes, at, dot % 8)]);
        };
        machine.AssertPicture(640, 480, (x, y) => picture(x, y, 5));
        machine.SetAttribute(0x10, 0x21);
        machine.AssertPicture(640, 480, (x, y) => picture(x, y, 0));
    }

    [Fact]
    public void ColourPlaneEnableAndColourSelectShapeTheDacIndex()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode12);
        machine.Set(0x3C4, 2, 0x0B);
        machine.Poke(A0000, 0x80);
        machine.SetAttribute(0x0B, 0x3A);
        Assert.Equal(VgaMachine.Dac(0x3A), machine.Render()[0, 0]);
        machine.SetAttribute(0x14, 0x0E); // bits 7-6 from 3-2; bits 5-4 only with AR10 bit 7
        Assert.Equal(VgaMachine.Dac(0xFA), machine.Render()[0, 0]);
        machine.SetAttribute(0x10, 0x81);
        Assert.Equal(VgaMachine.Dac(0xEA), machine.Render()[0, 0]);
        machine.SetAttribute(0x14, 0);
        machine.SetAttribute(0x12, 0x03);
        machine.SetAttribute(0x03, 0x05);
        Assert.Equal(VgaMachine.Dac(0x05), machine.Render()[0, 0]);
    }

    private static readonly int[] Ega = [0, 1, 2, 3, 4, 5, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17];
    private static readonly int[] Vga = [0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F];

    private static void Planar(VgaMode mode, int width, int height, int rowBytes, int acrossDots, int downLines, int[] palette)
    {
        using VgaMachine machine = VgaMachine.InMode(mode);
        byte[][] planes = FillPlanes(machine, 0x10000);
        machine.AssertPicture(width, height, (x, y) =>
        {
            int column = x / acrossDots;
            return VgaMachine.Dac(palette[Pixel(planes, (y / downLines * rowBytes) + (column / 8), column % 8)]);
        });
    }

    // Mode 13h made 320x240 unchained, as Abrash's "Mode X" sets it.
    private static void SetModeX(VgaMachine machine)
    {
        machine.Set(0x3C4, 4, 0x06);
        machine.Out(0x3C2, 0xE3);
        machine.Set(0x3D4, 0x11, 0x2C);
        (int Index, int Value)[] crtc =
        [
            (0x06, 0x0D), (0x07, 0x3E), (0x09, 0x41), (0x10, 0xEA), (0x11, 0xAC), (0x12, 0xDF), (0x14, 0x00), (0x15, 0xE7), (0x16, 0x06),
            (0x17, 0xE3),
        ];
        foreach ((int index, int value) in crtc)
        {
            machine.Set(0x3D4, index, value);
        }
    }

    private static int Pixel(byte[][] planes, int address, int x)
    {
        int bit = 7 - x;
        return ((planes[0][address] >> bit) & 1) | (((planes[1][address] >> bit) & 1) << 1)
            | (((planes[2][address] >> bit) & 1) << 2) | (((planes[3][address] >> bit) & 1) << 3);
    }

    private static byte[] Fill(VgaMachine machine, int address, int count)
    {
        var memory = new byte[count];
        new Random(count).NextBytes(memory);
        for (int i = 0; i < count; i++)
        {
            machine.Poke(address + i, memory[i]);
        }
        return memory;
    }

    private static byte[][] FillPlanes(VgaMachine machine, int count)
    {
        var planes = new byte[4][];
        for (int plane = 0; plane < 4; plane++)
        {
            machine.Set(0x3C4, 2, 1 << plane);
            planes[plane] = new byte[count];
            new Random(plane).NextBytes(planes[plane]);
            for (int i = 0; i < count; i++)
            {
                machine.Poke(A0000 + i, planes[plane][i]);
            }
        }
        machine.Set(0x3C4, 2, 0x0F);
        return planes;
    }
}

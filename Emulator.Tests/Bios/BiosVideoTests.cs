using Emulator.Firmware.Bios.Rom;
using Xunit;

namespace Emulator.Tests.Bios;

/// <summary>INT 10h of the built-in video BIOS, by what is in memory, in the registers and on the screen.</summary>
public sealed class BiosVideoTests
{
    private const uint TextMemory = 0xB8000;

    [Fact]
    public void TextIsWrittenScrolledAndReadBack()
    {
        using var rig = new BiosRig();
        rig.Int(0x10, new() { Eax = 0x0003 });
        Assert.Equal([0x20, 0x07], rig.Read(TextMemory, 2));
        rig.Int(0x10, new() { Eax = 0x0200, Edx = 0x0A05 }); // row 10, column 5
        rig.Int(0x10, new() { Eax = 0x0941, Ebx = 0x001E, Ecx = 3 });
        Assert.Equal([0x41, 0x1E, 0x41, 0x1E, 0x41, 0x1E, 0x20, 0x07], rig.Read(TextMemory + (((10 * 80) + 5) * 2), 8));
        BiosRegisters cell = rig.Int(0x10, new() { Eax = 0x0800 });
        Assert.Equal(0x1E41, cell.Ax);
        BiosRegisters cursor = rig.Int(0x10, new() { Eax = 0x0300 });
        Assert.Equal((0x0A05, 0x0D0E), (cursor.Dx, cursor.Cx));
        rig.Int(0x10, new() { Eax = 0x0602, Ebx = 0x2F00, Ecx = 0x0000, Edx = 0x184F }); // two lines up
        Assert.Equal([0x41, 0x1E], rig.Read(TextMemory + (((8 * 80) + 5) * 2), 2));
        Assert.Equal([0x20, 0x2F], rig.Read(TextMemory + (24 * 160), 2));
        rig.Int(0x10, new() { Eax = 0x0701, Ebx = 0x3000, Ecx = 0x0804, Edx = 0x090A }); // a window one line down
        Assert.Equal([0x41, 0x1E], rig.Read(TextMemory + (((9 * 80) + 5) * 2), 2));
        Assert.Equal([0x20, 0x30], rig.Read(TextMemory + (((8 * 80) + 5) * 2), 2));

        rig.Write(BiosRig.Buffer, (byte)'o', 0x4E, (byte)'k', 0x4F);
        rig.Int(0x10, new() { Eax = 0x1303, Ebx = 0, Ecx = 2, Edx = 0x0000, Ebp = BiosRig.Buffer });
        Assert.Equal([(byte)'o', 0x4E, (byte)'k', 0x4F], rig.Read(TextMemory, 4));
        Assert.Equal(0x0002, rig.Int(0x10, new() { Eax = 0x0300 }).Dx);
    }

    [Fact]
    public void TeletypeWrapsAndScrollsAtTheEndOfTheScreen()
    {
        using var rig = new BiosRig();
        rig.Int(0x10, new() { Eax = 0x0003 });
        rig.Int(0x10, new() { Eax = 0x0200, Edx = 0x184F });
        rig.Int(0x10, new() { Eax = 0x0E58 }); // X into the last cell
        Assert.Equal(0x58, rig.Read(TextMemory + (23 * 160) + 158, 1)[0]);
        Assert.Equal(0x1800, rig.Int(0x10, new() { Eax = 0x0300 }).Dx);
        rig.Int(0x10, new() { Eax = 0x0E59 });
        rig.Int(0x10, new() { Eax = 0x0E08 });
        rig.Int(0x10, new() { Eax = 0x0E0A });
        Assert.Equal(0x59, rig.Read(TextMemory + (23 * 160), 1)[0]);
        Assert.Equal(0x1800, rig.Int(0x10, new() { Eax = 0x0300 }).Dx);
        // The CRT controller's cursor is there too.
        int address = 0;
        rig.Guest.Do(() =>
        {
            rig.Board.Ports.Write(0x3D4, 1, 0x0E);
            address = (int)rig.Board.Ports.Read(0x3D5, 1) << 8;
            rig.Board.Ports.Write(0x3D4, 1, 0x0F);
            address |= (int)rig.Board.Ports.Read(0x3D5, 1);
        });
        Assert.Equal(24 * 80, address);
    }

    [Fact]
    public void EveryModeHasItsSizeAndItsDataArea()
    {
        using var rig = new BiosRig();
        (int Mode, int Width, int Height, int Columns, int Rows)[] modes =
        [
            (0x00, 360, 400, 40, 25), (0x01, 360, 400, 40, 25), (0x02, 720, 400, 80, 25), (0x03, 720, 400, 80, 25), (0x04, 320, 200, 40, 25),
            (0x05, 320, 200, 40, 25), (0x06, 640, 200, 80, 25), (0x07, 720, 400, 80, 25), (0x0D, 320, 200, 40, 25), (0x0E, 640, 200, 80, 25),
            (0x0F, 640, 350, 80, 25), (0x10, 640, 350, 80, 25), (0x11, 640, 480, 80, 30), (0x12, 640, 480, 80, 30), (0x13, 320, 200, 40, 25),
        ];
        foreach ((int mode, int width, int height, int columns, int rows) in modes)
        {
            rig.Int(0x10, new() { Eax = (uint)mode });
            (int Width, int Height) size = default;
            rig.Guest.Do(() => size = rig.Board.Vga!.Size);
            // 200-line modes are drawn with every line twice.
            Assert.True(size.Width % width == 0 && size.Height % height == 0 && size.Height / height <= 2, $"mode {mode:x2} is {size}");
            BiosRegisters state = rig.Int(0x10, new() { Eax = 0x0F00 });
            Assert.Equal((byte)mode, state.Al);
            Assert.Equal(columns, state.Ah);
            Assert.Equal(rows - 1, rig.Read(0x484, 1)[0]);
        }
    }

    [Theory]
    [InlineData(0x04, 3)]
    [InlineData(0x06, 1)]
    [InlineData(0x0D, 0x0B)]
    [InlineData(0x12, 0x0E)]
    [InlineData(0x13, 0xC5)]
    public void PixelsAndCharactersAreDrawnInGraphicsModes(int mode, int color)
    {
        using var rig = new BiosRig();
        rig.Int(0x10, new() { Eax = (uint)mode });
        rig.Int(0x10, new() { Eax = (uint)(0x0C00 | color), Ecx = 13, Edx = 21 });
        Assert.Equal(color, rig.Int(0x10, new() { Eax = 0x0D00, Ecx = 13, Edx = 21 }).Al);
        Assert.Equal(0, rig.Int(0x10, new() { Eax = 0x0D00, Ecx = 14, Edx = 21 }).Al);
        rig.Int(0x10, new() { Eax = 0x0200, Edx = 0x0407 });
        rig.Int(0x10, new() { Eax = 0x0952, Ebx = (uint)color, Ecx = 1 });
        Assert.Equal((byte)'R', rig.Int(0x10, new() { Eax = 0x0800 }).Al);
        rig.Int(0x10, new() { Eax = 0x0601, Ebx = 0, Ecx = 0, Edx = 0x184F }); // one row of characters up
        rig.Int(0x10, new() { Eax = 0x0200, Edx = 0x0307 });
        Assert.Equal((byte)'R', rig.Int(0x10, new() { Eax = 0x0800 }).Al);
    }

    [Fact]
    public void PalettesAndFontsCanBeSetAndRead()
    {
        using var rig = new BiosRig();
        rig.Int(0x10, new() { Eax = 0x0003 });
        rig.Int(0x10, new() { Eax = 0x1010, Ebx = 5, Edx = 0x1100, Ecx = 0x2233 });
        BiosRegisters color = rig.Int(0x10, new() { Eax = 0x1015, Ebx = 5 });
        Assert.Equal((0x11, 0x2233), (color.Dx >> 8, color.Cx));
        rig.Int(0x10, new() { Eax = 0x1000, Ebx = 0x2A03 });
        Assert.Equal(0x2A, rig.Int(0x10, new() { Eax = 0x1007, Ebx = 3 }).Bx >> 8);

        BiosRegisters font = rig.Int(0x10, new() { Eax = 0x1130, Ebx = 0x0600 });
        Assert.Equal((16, 24), (font.Cx, font.Dx & 0xFF));
        uint at = ((uint)font.Es << 4) + (font.Ebp & 0xFFFF) + ('A' * 16u);
        byte[] letter = rig.Read(at, 16);
        Assert.Contains(letter, row => row != 0);
        // The same picture is in plane 2, where the screen takes it from.
        var loaded = new byte[16];
        rig.Guest.Do(() =>
        {
            foreach ((ushort port, byte index, byte value) in new (ushort, byte, byte)[] { (0x3C4, 4, 7), (0x3CE, 4, 2), (0x3CE, 5, 0), (0x3CE, 6, 4) })
            {
                rig.Board.Ports.Write(port, 1, index);
                rig.Board.Ports.Write((ushort)(port + 1), 1, value);
            }
            for (int n = 0; n < 16; n++)
            {
                loaded[n] = (byte)rig.Board.Memory.ReadValue(0xA0000 + ('A' * 32u) + (uint)n, 1);
            }
        });
        Assert.Equal(letter, loaded);

        rig.Int(0x10, new() { Eax = 0x0003 });
        rig.Int(0x10, new() { Eax = 0x1112, Ebx = 0 }); // 8x8: 50 lines
        Assert.Equal(49, rig.Read(0x484, 1)[0]);
        int rows = 0;
        rig.Guest.Do(() => rows = rig.Board.Vga!.ReadText()!.Rows);
        Assert.Equal(50, rows);
    }

    [Fact]
    public void LinesOfTextModesAndStateFunctions()
    {
        using var rig = new BiosRig();
        Assert.Equal(0x12, rig.Int(0x10, new() { Eax = 0x1201, Ebx = 0x30 }).Al); // 350 lines
        rig.Int(0x10, new() { Eax = 0x0003 });
        Assert.Equal(14, rig.Read(0x485, 1)[0]);
        (int Width, int Height) size = default;
        rig.Guest.Do(() => size = rig.Board.Vga!.Size);
        Assert.Equal(350, size.Height);
        rig.Int(0x10, new() { Eax = 0x1202, Ebx = 0x30 });
        rig.Int(0x10, new() { Eax = 0x0003 });
        Assert.Equal((0x1A, 8), (rig.Int(0x10, new() { Eax = 0x1A00 }).Al, rig.Int(0x10, new() { Eax = 0x1A00 }).Bx));
        Assert.Equal(0x1B, rig.Int(0x10, new() { Eax = 0x1B00, Edi = BiosRig.Buffer }).Al);
        Assert.Equal(3, rig.Read(BiosRig.Buffer + 4, 1)[0]);
        Assert.Equal([16, 0], rig.Read(BiosRig.Buffer + 0x27, 2));
        Assert.Equal(0x0003, rig.Int(0x10, new() { Eax = 0x1210, Ebx = 0xFF10 }).Bx);

        int blocks = rig.Int(0x10, new() { Eax = 0x1C00, Ecx = 7 }).Bx;
        Assert.InRange(blocks, 13, 32);
        rig.Int(0x10, new() { Eax = 0x1C01, Ecx = 7, Ebx = BiosRig.Buffer });
        rig.Int(0x10, new() { Eax = 0x0013 });
        rig.Int(0x10, new() { Eax = 0x1C02, Ecx = 7, Ebx = BiosRig.Buffer });
        Assert.Equal(3, rig.Int(0x10, new() { Eax = 0x0F00 }).Al);
        rig.Guest.Do(() => size = rig.Board.Vga!.Size);
        Assert.Equal((720, 400), size);
    }

    [Fact]
    public void VbeTellsSetsAndPansItsModes()
    {
        using var rig = new BiosRig();
        rig.Write(BiosRig.Buffer, "VBE2"u8.ToArray());
        Assert.Equal(0x004F, rig.Int(0x10, new() { Eax = 0x4F00, Edi = BiosRig.Buffer }).Ax);
        Assert.Equal("VESA\0\x03"u8.ToArray(), rig.Read(BiosRig.Buffer, 6));
        Assert.Equal(256u, rig.Value(BiosRig.Buffer + 18, 2)); // 16 MiB
        Assert.Equal(0x004F, rig.Int(0x10, new() { Eax = 0x4F01, Ecx = 0x143, Edi = BiosRig.Buffer }).Ax);
        Assert.Equal((3200u, 800u, 600u), (rig.Value(BiosRig.Buffer + 16, 2), rig.Value(BiosRig.Buffer + 18, 2), rig.Value(BiosRig.Buffer + 20, 2)));
        uint frame = rig.Value(BiosRig.Buffer + 40, 4);
        Assert.Equal(0x014F, rig.Int(0x10, new() { Eax = 0x4F01, Ecx = 0x1FF, Edi = BiosRig.Buffer }).Ax);

        Assert.Equal(0x004F, rig.Int(0x10, new() { Eax = 0x4F02, Ebx = 0x4143 }).Ax);
        Assert.Equal(0x4143, rig.Int(0x10, new() { Eax = 0x4F03 }).Bx);
        rig.Write(frame + 3200 + 8, 0x11, 0x22, 0x33, 0x00);
        var pixels = new uint[800 * 600];
        rig.Guest.Do(() => rig.Board.Vga!.Render(pixels));
        Assert.Equal(0x332211u, pixels[802] & 0xFFFFFF);

        BiosRegisters line = rig.Int(0x10, new() { Eax = 0x4F06, Ebx = 0, Ecx = 1024 });
        Assert.Equal((4096, 1024), (line.Bx, line.Cx));
        Assert.Equal(0x004F, rig.Int(0x10, new() { Eax = 0x4F07, Ebx = 0, Ecx = 16, Edx = 40 }).Ax);
        BiosRegisters start = rig.Int(0x10, new() { Eax = 0x4F07, Ebx = 1 });
        Assert.Equal((16, 40), (start.Cx, start.Dx));
        Assert.Equal(0x014F, rig.Int(0x10, new() { Eax = 0x4F07, Ebx = 0, Ecx = 300, Edx = 0 }).Ax);

        rig.Int(0x10, new() { Eax = 0x4F02, Ebx = 0x0101 }); // 640x480x8 through the window
        Assert.Equal(0x004F, rig.Int(0x10, new() { Eax = 0x4F05, Ebx = 0, Edx = 2 }).Ax);
        Assert.Equal(2, rig.Int(0x10, new() { Eax = 0x4F05, Ebx = 0x0100 }).Dx);
        rig.Guest.Do(() => rig.Board.Memory.WriteValue(0xA0000, 1, 0x5A));
        Assert.Equal(0x5Au, rig.Value(frame + 0x20000, 1));
        Assert.Equal(8, rig.Int(0x10, new() { Eax = 0x4F08, Ebx = 0x0800 }).Bx >> 8);
        rig.Write(BiosRig.Buffer, 0x10, 0x20, 0x30, 0x00);
        Assert.Equal(0x004F, rig.Int(0x10, new() { Eax = 0x4F09, Ebx = 0, Ecx = 1, Edx = 7, Edi = BiosRig.Buffer }).Ax);
        rig.Int(0x10, new() { Eax = 0x4F09, Ebx = 1, Ecx = 1, Edx = 7, Edi = BiosRig.Buffer + 0x100 });
        Assert.Equal([0x10, 0x20, 0x30, 0x00], rig.Read(BiosRig.Buffer + 0x100, 4));
        rig.Int(0x10, new() { Eax = 0x0003 });
        Assert.Equal(3, rig.Int(0x10, new() { Eax = 0x4F03 }).Bx);
    }

    [Fact]
    public void TheRomIsAnOptionRomWithACopyOfTheModeParameters()
    {
        ReadOnlySpan<byte> rom = VideoRom.Instance.Image.Span;
        Assert.Equal([0x55, 0xAA, 0x40], rom[..3].ToArray());
        Assert.Equal(0, rom.ToArray().Sum(b => b) & 0xFF);
        int data = rom[0x18];
        Assert.Equal("PCIR"u8, rom.Slice(data, 4));
        Assert.Equal([80, 24, 16], rom.Slice(VideoRom.ParameterTable + (24 * 64), 3).ToArray()); // entry 24: mode 3, 400 lines
    }
}

namespace Emulator.Firmware.Bios.Video;

/// <summary>AH=0Bh and AH=10h: attribute controller and DAC.</summary>
public sealed partial class VideoBios
{
    private const int ModeControl = 0x10, Overscan = 0x11, ColorSelect = 0x14;

    private void SetCgaColors(byte what, byte value)
    {
        byte palette = Data.Byte(BiosData.CgaPalette);
        if (what == 0)
        {
            // The CGA's intensity is bit 4 of an attribute register; bit 4 of the value is the intensity of the other three colours.
            int background = (value & 7) | ((value & 8) << 1);
            vga.Attribute(Overscan, background);
            Data.SetByte(BiosData.CgaPalette, (palette & 0xE0) | (value & 0x1F));
            if (!Mode.IsText)
            {
                vga.Attribute(0, background);
                for (int n = 1; n < 4; n++)
                {
                    vga.Attribute(n, (vga.ReadAttribute(n) & 0x0F) | (value & 0x10));
                }
            }
        }
        else
        {
            // Palette 0 is green, red, brown; palette 1 cyan, magenta, white; bit 4 of the stored byte is their intensity.
            int intensity = palette & 0x10;
            Data.SetByte(BiosData.CgaPalette, (palette & 0xDF) | ((value & 1) << 5));
            if (!Mode.IsText)
            {
                for (int n = 1; n < 4; n++)
                {
                    vga.Attribute(n, (n * 2) + (value & 1) + intensity);
                }
            }
        }
    }

    private void Palette(BiosCall call)
    {
        switch (call.Al)
        {
            case 0x00:
                vga.Attribute(call.Bl & 0x1F, call.Bh);
                break;
            case 0x01:
                vga.Attribute(Overscan, call.Bh);
                break;
            case 0x02:
                for (int n = 0; n < 17; n++)
                {
                    vga.Attribute(n == 16 ? Overscan : n, (byte)Memory.Load(call.InEs((ushort)(call.Dx + n)), 1));
                }
                break;
            case 0x03:
                vga.Attribute(ModeControl, call.Bl == 0 ? vga.ReadAttribute(ModeControl) & ~8 : vga.ReadAttribute(ModeControl) | 8);
                break;
            case 0x07:
                call.Bh = vga.ReadAttribute(call.Bl & 0x1F);
                break;
            case 0x08:
                call.Bh = vga.ReadAttribute(Overscan);
                break;
            case 0x09:
                for (int n = 0; n < 17; n++)
                {
                    Memory.Store(call.InEs((ushort)(call.Dx + n)), 1, vga.ReadAttribute(n == 16 ? Overscan : n));
                }
                break;
            case 0x10:
                vga.WriteDac(call.Bx, [call.Dh, call.Ch, call.Cl]);
                break;
            case 0x12:
                var colors = new byte[Math.Min((int)call.Cx, 256) * 3];
                Memory.Read(call.InEs(call.Dx), colors);
                vga.WriteDac(call.Bx, colors);
                break;
            case 0x13:
                SelectColorPage(call.Bl, call.Bh);
                break;
            case 0x15:
                byte[] one = vga.ReadDac(call.Bl, 1);
                (call.Dh, call.Ch, call.Cl) = (one[0], one[1], one[2]);
                break;
            case 0x17:
                Memory.Write(call.InEs(call.Dx), vga.ReadDac(call.Bx, Math.Min((int)call.Cx, 256)));
                break;
            case 0x18:
                vga.DacMask = call.Bl;
                break;
            case 0x19:
                call.Bl = vga.DacMask;
                break;
            case 0x1A:
                bool sixteen = (vga.ReadAttribute(ModeControl) & 0x80) != 0;
                call.Bl = (byte)(sixteen ? 1 : 0);
                call.Bh = (byte)(vga.ReadAttribute(ColorSelect) >> (sixteen ? 0 : 2));
                break;
            case 0x1B:
                ToGreyScale(call.Bx, call.Cx);
                break;
        }
    }

    // BL = 0: 4 pages of 64 colours or 16 of 16 (BH); BL = 1: the page.
    private void SelectColorPage(byte what, byte value)
    {
        int control = vga.ReadAttribute(ModeControl);
        if (what == 0)
        {
            vga.Attribute(ModeControl, (control & 0x7F) | ((value & 1) << 7));
        }
        else
        {
            vga.Attribute(ColorSelect, (control & 0x80) != 0 ? value & 0x0F : (value & 3) << 2);
        }
    }

    // Luminance of 30 % red, 59 % green, 11 % blue.
    private void ToGreyScale(int first, int count)
    {
        byte[] colors = vga.ReadDac(first, Math.Clamp(count, 0, 256));
        for (int n = 0; n + 2 < colors.Length; n += 3)
        {
            byte grey = (byte)Math.Min(((colors[n] * 77) + (colors[n + 1] * 151) + (colors[n + 2] * 28) + 128) >> 8, 0x3F);
            colors[n] = colors[n + 1] = colors[n + 2] = grey;
        }
        vga.WriteDac(first, colors);
    }
}

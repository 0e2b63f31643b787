using Emulator.Firmware.Bios.Rom;

namespace Emulator.Firmware.Bios.Video;

/// <summary>AH=11h: fonts in plane 2 and for graphics modes.</summary>
public sealed partial class VideoBios
{
    private const int FontSlot = 32;

    private static readonly int[] BlockStarts = [0x0000, 0x4000, 0x8000, 0xC000, 0x2000, 0x6000, 0xA000, 0xE000];

    private void FontServices(BiosCall call)
    {
        bool activates = (call.Al & 0x10) != 0;
        switch (call.Al)
        {
            case 0x00 or 0x10:
                var user = new byte[Math.Min((int)call.Cx, 256) * call.Bh];
                Memory.Read(call.InEs(call.Bp), user);
                Load(call.Bl, user, call.Bh, call.Dx, activates);
                break;
            case 0x01 or 0x11:
                Load(call.Bl, RomFont(14), 14, 0, activates);
                break;
            case 0x02 or 0x12:
                Load(call.Bl, RomFont(8), 8, 0, activates);
                break;
            case 0x04 or 0x14:
                Load(call.Bl, RomFont(16), 16, 0, activates);
                break;
            case 0x03:
                vga.Sequencer(3, call.Bl);
                break;
            case 0x20:
                Memory.Store(0x1F * 4, 4, FarPointer.Make(call.Es.Selector, call.Bp));
                break;
            case 0x21:
                SetGraphicsFont(FarPointer.Make(call.Es.Selector, call.Bp), call.Cx, call);
                break;
            case 0x22:
                SetGraphicsFont(FarPointer.Make(VideoRom.Segment, VideoRom.Font14), 14, call);
                break;
            case 0x23:
                SetGraphicsFont(FarPointer.Make(VideoRom.Segment, VideoRom.Font8), 8, call);
                break;
            case 0x24:
                SetGraphicsFont(FarPointer.Make(VideoRom.Segment, VideoRom.Font16), 16, call);
                break;
            case 0x30:
                FontInformation(call);
                break;
        }
    }

    private byte[] RomFont(int height)
    {
        var font = new byte[256 * height];
        Memory.Read((VideoRom.Segment << 4) + (uint)FontOf(height), font);
        return font;
    }

    private void LoadFont(int block, ushort romOffset, int height, int first, int count)
    {
        var font = new byte[count * height];
        Memory.Read((VideoRom.Segment << 4) + (uint)(romOffset + (first * height)), font);
        StoreFont(block, font, height, first);
    }

    // AL=0xh only loads; AL=1xh changes the character's height and with it the rows.
    private void Load(int block, byte[] font, int height, int first, bool activates)
    {
        if (height is 0 or > FontSlot)
        {
            return;
        }
        StoreFont(block, font, height, first);
        if (!activates)
        {
            return;
        }
        int total = vga.ReadCrtc(0x12) | (vga.ReadCrtc(7) & 2) << 7 | (vga.ReadCrtc(7) & 0x40) << 3;
        bool doubled = (vga.ReadCrtc(9) & 0x80) != 0;
        int lines = doubled ? (total + 1) / 2 : total + 1;
        int rows = lines / height, end = (rows * height * (doubled ? 2 : 1)) - 1;
        vga.Crtc(9, (vga.ReadCrtc(9) & 0xE0) | (height - 1));
        vga.Crtc(0x12, end & 0xFF);
        vga.Crtc(7, (vga.ReadCrtc(7) & ~0x42) | (end >> 7 & 2) | (end >> 3 & 0x40));
        Data.SetByte(BiosData.Rows, rows - 1);
        Data.SetWord(BiosData.CharacterHeight, height);
        Data.SetWord(BiosData.PageSize, ((rows * Columns * 2) + 0xFF) & ~0xFF);
        SetCursorShape(6, 7);
        if (height <= 8)
        {
            vga.Crtc(0x0A, height - 2);
            vga.Crtc(0x0B, height - 1);
        }
    }

    // Plane 2 alone, without odd and even, at A0000; afterwards as text modes have it.
    private void StoreFont(int block, byte[] font, int height, int first)
    {
        vga.Sequencer(0, 1);
        vga.Sequencer(2, 4);
        vga.Sequencer(4, 7);
        vga.Sequencer(0, 3);
        vga.Graphics(4, 2);
        vga.Graphics(5, 0);
        vga.Graphics(6, 4);
        uint at = 0xA0000u + (uint)BlockStarts[block & 7] + (uint)((first & 0xFF) * FontSlot);
        for (int character = 0; character < font.Length / height && first + character < 256; character++)
        {
            for (int row = 0; row < height; row++)
            {
                Memory.Store(at + (uint)((character * FontSlot) + row), 1, font[(character * height) + row]);
            }
        }
        vga.Sequencer(0, 1);
        vga.Sequencer(2, 3);
        vga.Sequencer(4, 3);
        vga.Sequencer(0, 3);
        vga.Graphics(4, 0);
        vga.Graphics(5, 0x10);
        vga.Graphics(6, (vga.Miscellaneous & 1) != 0 ? 0x0E : 0x0A);
    }

    private void SetGraphicsFont(uint pointer, int height, BiosCall call)
    {
        Memory.Store(0x43 * 4, 4, pointer);
        Data.SetWord(BiosData.CharacterHeight, height);
        Data.SetByte(BiosData.Rows, call.Bl switch { 0 => call.Dl, 1 => 14, 3 => 43, _ => 25 } - 1);
    }

    private void FontInformation(BiosCall call)
    {
        uint pointer = call.Bh switch
        {
            0 => Memory.Load(0x1F * 4, 4),
            1 => Memory.Load(0x43 * 4, 4),
            2 or 5 => FarPointer.Make(VideoRom.Segment, VideoRom.Font14),
            3 => FarPointer.Make(VideoRom.Segment, VideoRom.Font8),
            4 => FarPointer.Make(VideoRom.Segment, VideoRom.Font8 + 0x400),
            _ => FarPointer.Make(VideoRom.Segment, VideoRom.Font16),
        };
        call.SetEs((ushort)(pointer >> 16));
        call.Bp = (ushort)pointer;
        call.Cx = Data.Word(BiosData.CharacterHeight);
        call.Dl = Data.Byte(BiosData.Rows);
    }
}

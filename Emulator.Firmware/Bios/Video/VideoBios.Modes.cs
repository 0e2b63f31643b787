using Emulator.Firmware.Bios.Rom;

namespace Emulator.Firmware.Bios.Video;

/// <summary>Modes, and AH=12h with what it says about them.</summary>
public sealed partial class VideoBios
{
    private const byte KeepMemory = 0x80, NoPaletteLoad = 0x08, GreyScale = 0x02, Lines400 = 0x10, Lines200 = 0x80, NoCursorEmulation = 0x01;

    private void SetMode(byte request)
    {
        byte flags = Data.Byte(BiosData.VideoFlags);
        int lines = (flags & Lines400) != 0 ? 400 : (flags & Lines200) != 0 ? 200 : 350;
        int number = request & 0x7F;
        if (VideoModes.Find(number, lines) is not { } mode)
        {
            return;
        }
        vga.Program(mode);
        vga.DacMask = 0xFF;
        if ((flags & NoPaletteLoad) == 0)
        {
            vga.WriteDac(0, DacPalette.Contents(mode.Palette));
            if ((flags & GreyScale) != 0)
            {
                ToGreyScale(0, 256);
            }
        }
        if ((request & KeepMemory) == 0)
        {
            ClearMemory(mode);
        }
        FillDataArea(mode, number, (request & KeepMemory) != 0);
        SetFontVectors(mode);
        if (mode.IsText)
        {
            LoadFont(0, FontOf(mode.CharacterHeight), mode.CharacterHeight, 0, 256);
        }
        for (int page = 0; page < 8; page++)
        {
            Data.SetWord(BiosData.CursorPositions + (page * 2), 0);
        }
        SelectPage(0);
    }

    private void ClearMemory(VideoMode mode)
    {
        uint start = (uint)mode.Segment << 4;
        if (mode.IsText)
        {
            vga.Fill(start, 0x8000, 0x0720_0720);
        }
        else
        {
            vga.Fill(start, mode.Segment == 0xA000 ? 0x10000 : 0x8000, 0);
        }
    }

    private void FillDataArea(VideoMode mode, int number, bool kept)
    {
        BiosData data = Data;
        data.SetByte(BiosData.VideoMode, number);
        data.SetWord(BiosData.Columns, mode.Columns);
        data.SetWord(BiosData.PageSize, mode.PageBytes);
        data.SetWord(BiosData.PageStart, 0);
        data.SetWord(BiosData.CursorShape, mode.IsText ? mode.Crtc[0x0B] | mode.Crtc[0x0A] << 8 : 0);
        data.SetByte(BiosData.Page, 0);
        data.SetWord(BiosData.CrtcPort, vga.CrtcPort);
        data.SetByte(BiosData.ModeRegister, number switch { 0 => 0x2C, 1 => 0x28, 2 => 0x2D, 3 => 0x29, 4 => 0x2A, 5 => 0x2E, 6 => 0x1E, _ => 0x29 });
        data.SetByte(BiosData.CgaPalette, number == 6 ? 0x3F : 0x30);
        data.SetByte(BiosData.Rows, mode.Rows - 1);
        data.SetWord(BiosData.CharacterHeight, mode.CharacterHeight);
        data.SetByte(BiosData.VideoInfo, (data.Byte(BiosData.VideoInfo) & 0x7F) | (kept ? KeepMemory : 0));
        data.SetByte(BiosData.VideoSwitches, 0xF9);
        data.SetByte(BiosData.VideoFlags, data.Byte(BiosData.VideoFlags) | 1);
    }

    private void SetFontVectors(VideoMode mode)
    {
        Memory.Store(0x1F * 4, 4, FarPointer.Make(VideoRom.Segment, VideoRom.Font8 + 0x400));
        Memory.Store(0x43 * 4, 4, FarPointer.Make(VideoRom.Segment, FontOf(mode.CharacterHeight)));
    }

    private static ushort FontOf(int height) => height switch { <= 8 => VideoRom.Font8, <= 14 => VideoRom.Font14, _ => VideoRom.Font16 };

    // AH=12h, "alternate select".
    private void Alternate(BiosCall call)
    {
        BiosData data = Data;
        switch (call.Bl)
        {
            case 0x10:
                call.Bh = (byte)(data.Byte(BiosData.VideoMode) == MonochromeMode ? 1 : 0);
                call.Bl = 3; // 256 KiB
                call.Ch = 0;
                call.Cl = (byte)(data.Byte(BiosData.VideoSwitches) & 0x0F);
                return;
            case 0x20:
                return; // another print screen routine: INT 05h's is the same for all heights
            case 0x30 when call.Al <= 2:
                int lines = call.Al switch { 0 => Lines200, 1 => 0, _ => Lines400 };
                data.SetByte(BiosData.VideoFlags, (data.Byte(BiosData.VideoFlags) & ~(Lines200 | Lines400)) | lines);
                break;
            case 0x31 when call.Al <= 1:
                SetFlag(BiosData.VideoFlags, NoPaletteLoad, call.Al == 1);
                break;
            case 0x32 when call.Al <= 1:
                vga.Miscellaneous = (byte)(call.Al == 0 ? vga.Miscellaneous | 2 : vga.Miscellaneous & ~2);
                break;
            case 0x33 when call.Al <= 1:
                SetFlag(BiosData.VideoFlags, GreyScale, call.Al == 0);
                break;
            case 0x34 when call.Al <= 1:
                SetFlag(BiosData.VideoInfo, NoCursorEmulation, call.Al == 1);
                break;
            case 0x36 when call.Al <= 1:
                int clocking = vga.ReadSequencer(1);
                vga.Sequencer(1, call.Al == 1 ? clocking | 0x20 : clocking & ~0x20);
                break;
            default:
                return;
        }
        call.Al = 0x12;
    }

    private void SetFlag(int offset, int bit, bool on)
    {
        BiosData data = Data;
        data.SetByte(offset, on ? data.Byte(offset) | bit : data.Byte(offset) & ~bit);
    }
}

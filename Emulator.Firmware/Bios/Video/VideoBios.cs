using Emulator.Firmware.Bios.Rom;

namespace Emulator.Firmware.Bios.Video;

/// <summary>
/// INT 10h: text, graphics, palettes, fonts and VBE on a VGA with Bochs VBE. Its state is the BIOS data area's, so programs that change
/// it there are heard. Source: IBM PS/2 BIOS Interface Technical Reference, INT 10h; VESA BIOS Extension 3.0.
/// </summary>
public sealed partial class VideoBios
{
    private const byte MonochromeMode = 7, VbeBanner = 0x4F;
    private const uint Font8Linear = (VideoRom.Segment << 4) + VideoRom.Font8;

    private readonly IBiosHost host;
    private readonly VgaHardware vga;

    /// <summary>Makes the services for <paramref name="host"/>'s display adapter.</summary>
    public VideoBios(IBiosHost host)
    {
        this.host = host;
        vga = new VgaHardware(host);
    }

    private IBiosMemory Memory => host.Memory;

    private BiosData Data => new(host.Memory);

    private int Columns => Math.Max((int)Data.Word(BiosData.Columns), 1);

    private int Rows => Data.Byte(BiosData.Rows) + 1;

    private int Height => Math.Clamp(Data.Word(BiosData.CharacterHeight), (ushort)1, (ushort)32);

    private VideoMode Mode => VideoModes.Find(Data.Byte(BiosData.VideoMode) & 0x7F, 400) ?? VideoModes.Find(3, 400)!;

    /// <summary>The ROM's initialization: vectors, data area, mode 3.</summary>
    public void Initialize()
    {
        SetVector(0x10, VideoRom.Instance.Int10Offset);
        SetVector(0x42, VideoRom.Instance.Int10Offset);
        SetVector(0x6D, VideoRom.Instance.Int10Offset);
        Data.SetByte(BiosData.VideoInfo, 0x60); // 256 KiB
        Data.SetByte(BiosData.VideoSwitches, 0xF9);
        Data.SetByte(BiosData.VideoFlags, 0x51); // 400 lines, VGA active, palettes are loaded
        Data.SetByte(BiosData.DisplayCombination, 8); // VGA with a colour display
        Data.SetDword(BiosData.SavePointer, FarPointer.Make(VideoRom.Segment, VideoRom.SavePointers));
        SetMode(3);
    }

    /// <summary>INT 10h.</summary>
    public void Handle(BiosCall call)
    {
        switch (call.Ah)
        {
            case 0x00:
                SetMode(call.Al);
                call.Al = (call.Al & 0x7F) switch { > 7 => 0x20, 6 => 0x3F, _ => 0x30 };
                break;
            case 0x01:
                SetCursorShape(call.Ch, call.Cl);
                break;
            case 0x02:
                SetCursor(call.Bh, call.Dl, call.Dh);
                break;
            case 0x03:
                call.Cx = Data.Word(BiosData.CursorShape);
                call.Dx = Data.Word(BiosData.CursorPositions + ((call.Bh & 7) * 2));
                break;
            case 0x04:
                call.Ah = 0; // no light pen
                break;
            case 0x05:
                SelectPage(call.Al);
                break;
            case 0x06:
            case 0x07:
                Scroll(call.Cl, call.Ch, call.Dl, call.Dh, call.Al, call.Bh, call.Ah == 0x06, Data.Byte(BiosData.Page));
                break;
            case 0x08:
                (call.Al, call.Ah) = ReadCell(call.Bh);
                break;
            case 0x09:
                WriteCells(call.Bh, call.Al, call.Bl, call.Cx);
                break;
            case 0x0A:
                WriteCells(call.Bh, call.Al, Mode.IsText ? null : call.Bl, call.Cx);
                break;
            case 0x0B:
                SetCgaColors(call.Bh, call.Bl);
                break;
            case 0x0C:
                WritePixel(call.Bh, call.Cx, call.Dx, call.Al);
                break;
            case 0x0D:
                call.Al = ReadPixel(call.Bh, call.Cx, call.Dx);
                break;
            case 0x0E:
                Teletype(Data.Byte(BiosData.Page), call.Al, Mode.IsText ? null : call.Bl);
                break;
            case 0x0F:
                call.Al = (byte)(Data.Byte(BiosData.VideoMode) | (Data.Byte(BiosData.VideoInfo) & 0x80));
                call.Ah = (byte)Data.Word(BiosData.Columns);
                call.Bh = Data.Byte(BiosData.Page);
                break;
            case 0x10:
                Palette(call);
                break;
            case 0x11:
                FontServices(call);
                break;
            case 0x12:
                Alternate(call);
                break;
            case 0x13:
                WriteString(call);
                break;
            case 0x1A:
                DisplayCombination(call);
                break;
            case 0x1B when call.Bx == 0:
                FunctionalityState(call);
                break;
            case 0x1C:
                SaveRestore(call);
                break;
            case VbeBanner:
                Vbe(call);
                break;
        }
    }

    /// <summary>Writes text at the cursor of the present page; for the BIOS's own messages.</summary>
    public void Print(string text)
    {
        foreach (char c in text)
        {
            if (c == '\n')
            {
                Teletype(Data.Byte(BiosData.Page), (byte)'\r', null);
            }
            Teletype(Data.Byte(BiosData.Page), (byte)c, Mode.IsText ? null : (byte)7);
        }
    }

    private void DisplayCombination(BiosCall call)
    {
        if (call.Al == 0)
        {
            call.Bx = Data.Byte(BiosData.DisplayCombination); // no second display
        }
        else if (call.Al == 1)
        {
            Data.SetByte(BiosData.DisplayCombination, call.Bl);
        }
        else
        {
            return;
        }
        call.Al = 0x1A;
    }

    // AH=1Bh: the static table's address, the data area's copies, and what depends on the mode.
    private void FunctionalityState(BiosCall call)
    {
        uint at = call.InEs(call.Di);
        Memory.Write(at, new byte[64]);
        Memory.Store(at, 4, FarPointer.Make(VideoRom.Segment, VideoRom.Functionality));
        var copy = new byte[30];
        Memory.Read(0x449, copy);
        Memory.Write(at + 4, copy);
        Memory.Store(at + 0x22, 1, (uint)Rows);
        Memory.Store(at + 0x23, 2, (uint)Height);
        Memory.Store(at + 0x25, 1, Data.Byte(BiosData.DisplayCombination));
        VideoMode mode = Mode;
        int colors = mode.Memory switch
        {
            VideoMemory.Cga4 => 4,
            VideoMemory.Cga2 => 2,
            VideoMemory.Linear8 => 256,
            _ => mode.Number switch { 7 => 0, 0x0F or 0x11 => 2, _ => 16 },
        };
        Memory.Store(at + 0x27, 2, (uint)colors);
        Memory.Store(at + 0x29, 1, mode.IsText ? 8u : (uint)Math.Max(1, 0x10000 / Math.Max(mode.PageBytes, 1) / 2));
        Memory.Store(at + 0x2A, 1, mode.Lines switch { 200 => 0u, 350 => 1, 400 => 2, _ => 3 });
        Memory.Store(at + 0x2D, 1, 0x01u | (Data.Byte(BiosData.VideoFlags) & 0x0Eu)); // all modes on all displays
        Memory.Store(at + 0x31, 1, 3); // 256 KiB
        call.Al = 0x1B;
    }

    private void SetVector(int vector, ushort offset) => Memory.Store((uint)vector * 4, 4, FarPointer.Make(VideoRom.Segment, offset));
}

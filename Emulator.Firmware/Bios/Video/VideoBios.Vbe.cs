using Emulator.Firmware.Bios.Rom;

namespace Emulator.Firmware.Bios.Video;

/// <summary>AX=4Fxxh (VESA BIOS Extension 3.0): modes of the Bochs VBE adapter, windowed and with a linear frame buffer.</summary>
public sealed partial class VideoBios
{
    private const ushort Succeeded = 0x004F, Failed = 0x014F;
    private const int LinearFlag = 0x4000, KeepFlag = 0x8000, Enabled = 1, LinearEnabled = 0x40, NoClear = 0x80, EightBitDac = 0x20;
    private const int WindowBytes = 0x10000;

    private void Vbe(BiosCall call)
    {
        bool done = call.Al switch
        {
            0x00 => ControllerInformation(call),
            0x01 => ModeInformation(call),
            0x02 => SetVbeMode(call.Bx),
            0x03 => CurrentMode(call),
            0x04 => VbeSaveRestore(call),
            0x05 => Window(call),
            0x06 => LineLength(call),
            0x07 => DisplayStart(call),
            0x08 => DacWidth(call),
            0x09 => VbePalette(call),
            0x0A => ProtectedMode(call),
            0x15 => DisplayData(call),
            _ => false,
        };
        call.Ax = done ? Succeeded : Failed;
    }

    private int VideoMemoryBytes => vga.ReadVbe(VgaHardware.VbeMemory) << 16;

    private VbeMode? FindVbeMode(int number) =>
        VbeMode.All.FirstOrDefault(mode => mode.Number == (number & 0x1FF) && (long)mode.MemoryBytes(mode.Width) * mode.Height <= VideoMemoryBytes);

    private VbeMode? ActiveVbeMode =>
        (vga.ReadVbe(VgaHardware.VbeEnable) & Enabled) == 0
            ? null
            : new VbeMode(0, vga.ReadVbe(VgaHardware.VbeXRes), vga.ReadVbe(VgaHardware.VbeYRes), vga.ReadVbe(VgaHardware.VbeBpp));

    private uint Framebuffer() => AdapterBar(0) ?? 0xE0000000; // without PCI

    // A BAR of the display adapter, wherever it is on bus 0.
    private uint? AdapterBar(int index)
    {
        const uint bochsVga = 0x11111234;
        for (int device = 0; device < 32; device++)
        {
            if (host.Pci.Read(0, device, 0, 0, 4) == bochsVga)
            {
                return host.Pci.Read(0, device, 0, 0x10 + (index * 4), 4) & ~15u;
            }
        }
        return null;
    }

    // VBE/DDC 1.1: the EDID, which stands at the start of the adapter's register BAR.
    private bool DisplayData(BiosCall call)
    {
        const int registerBar = 2, edidBytes = 128;
        const ushort oneSecondDdc2 = 0x0102;
        if (AdapterBar(registerBar) is not { } edid || call.Bl > 1 || (call.Bl == 1 && call.Dx != 0))
        {
            return false;
        }
        if (call.Bl == 0)
        {
            call.Bx = oneSecondDdc2;
            return true;
        }
        var bytes = new byte[edidBytes];
        for (uint n = 0; n < edidBytes; n++)
        {
            bytes[n] = host.ReadRegister(edid + n);
        }
        Memory.Write(call.InEs(call.Di), bytes);
        return true;
    }

    private bool ControllerInformation(BiosCall call)
    {
        uint at = call.InEs(call.Di);
        bool wantsVersion2 = Memory.Load(at, 4) == 0x32454256; // "VBE2"
        var info = new ByteWriter().Text("VESA", 4).U16(0x0300).U32(FarPointer.Make(VideoRom.Segment, VideoRom.VbeVendor))
            .U32(1) // the DAC can be switched to 8 bits
            .U16(call.Di + 0x22).U16(call.Es.Selector).U16(VideoMemoryBytes >> 16)
            .U16(1).U32(FarPointer.Make(VideoRom.Segment, VideoRom.VbeVendor)).U32(FarPointer.Make(VideoRom.Segment, VideoRom.VbeProduct))
            .U32(FarPointer.Make(VideoRom.Segment, VideoRom.VbeRevision));
        foreach (VbeMode mode in VbeMode.All.Where(mode => FindVbeMode(mode.Number) is not null))
        {
            info.U16(mode.Number);
        }
        info.U16(0xFFFF);
        byte[] bytes = info.ToArray();
        // The mode list lies in the block's reserved part, as VBE lets it; version 1 callers give 256 bytes.
        Memory.Write(at, bytes.AsSpan(0, Math.Min(bytes.Length, wantsVersion2 ? 512 : 256)));
        return true;
    }

    private bool ModeInformation(BiosCall call)
    {
        if (FindVbeMode(call.Cx) is not { } mode)
        {
            return false;
        }
        // Supported by hardware, optional fields are there, colour, graphics, linear frame buffer.
        int attributes = 0x01 | 0x02 | 0x08 | 0x10 | (mode.IsPlanar ? 0 : 0x80);
        const int window = 0x07; // there, readable, writable
        int pages = Math.Min((VideoMemoryBytes / (mode.MemoryBytes(mode.Width) * mode.Height)) - 1, 255);
        int memoryModel = mode.Bits switch { 4 => 3, 8 => 4, _ => 6 };
        (int redSize, int redAt, int greenSize, int greenAt, int blueSize, int blueAt, int restSize, int restAt) = mode.Bits switch
        {
            15 => (5, 10, 5, 5, 5, 0, 1, 15),
            16 => (5, 11, 6, 5, 5, 0, 0, 0),
            24 => (8, 16, 8, 8, 8, 0, 0, 0),
            32 => (8, 16, 8, 8, 8, 0, 8, 24),
            _ => (0, 0, 0, 0, 0, 0, 0, 0),
        };
        ByteWriter info = new ByteWriter()
            .U16(attributes).U8(window).U8(0).U16(WindowBytes >> 10).U16(WindowBytes >> 10).U16(0xA000).U16(0).U32(0).U16(mode.Pitch)
            .U16(mode.Width).U16(mode.Height).U8(8).U8(16).U8(mode.IsPlanar ? 4 : 1).U8(mode.Bits).U8(1).U8(memoryModel).U8(0).U8(pages).U8(1)
            .U8(redSize).U8(redAt).U8(greenSize).U8(greenAt).U8(blueSize).U8(blueAt).U8(restSize).U8(restAt).U8(mode.Bits == 32 ? 2 : 0)
            .U32(mode.IsPlanar ? 0 : Framebuffer()).U32(0).U16(0)
            .U16(mode.Pitch).U8(pages).U8(pages)
            .U8(redSize).U8(redAt).U8(greenSize).U8(greenAt).U8(blueSize).U8(blueAt).U8(restSize).U8(restAt).U32(0);
        info.Zeros(256 - info.Length);
        Memory.Write(call.InEs(call.Di), info.ToArray());
        return true;
    }

    private bool SetVbeMode(int request)
    {
        int number = request & 0x1FF;
        if (number < 0x100)
        {
            if (VideoModes.Find(number, 400) is null)
            {
                return false;
            }
            SetMode((byte)(number | ((request & KeepFlag) != 0 ? KeepMemory : 0)));
            return true;
        }
        if ((request & 0x800) != 0 || FindVbeMode(number) is not { } mode)
        {
            return false; // bit 11 asks for a refresh rate of the caller's
        }
        if (mode.IsPlanar && (request & LinearFlag) != 0)
        {
            return false;
        }
        vga.Program(VideoModes.Find(mode.Bits == 8 ? 0x13 : 0x12, 400)!);
        vga.Sequencer(4, 0x0E);
        vga.WriteVbe(VgaHardware.VbeXRes, mode.Width);
        vga.WriteVbe(VgaHardware.VbeYRes, mode.Height);
        vga.WriteVbe(VgaHardware.VbeBpp, mode.Bits);
        vga.WriteVbe(VgaHardware.VbeEnable, Enabled | ((request & LinearFlag) != 0 ? LinearEnabled : 0) | ((request & KeepFlag) != 0 ? NoClear : 0));
        if (mode.Bits <= 8)
        {
            vga.DacMask = 0xFF;
            vga.WriteDac(0, DacPalette.Contents(mode.IsPlanar ? DacContents.Ega : DacContents.Vga256));
        }
        BiosData data = Data;
        data.SetByte(BiosData.VideoMode, 0x7F);
        data.SetWord(BiosData.Columns, mode.Width / 8);
        data.SetByte(BiosData.Rows, (mode.Height / 16) - 1);
        data.SetWord(BiosData.CharacterHeight, 16);
        data.SetWord(BiosData.CursorShape, request & ~0x3E00);
        return true;
    }

    private bool CurrentMode(BiosCall call)
    {
        call.Bx = ActiveVbeMode is null ? (ushort)(Data.Byte(BiosData.VideoMode) & 0x7F) : Data.Word(BiosData.CursorShape);
        return true;
    }

    private bool VbeSaveRestore(BiosCall call)
    {
        int what = (call.Cx & 7) | ((call.Cx & 8) != 0 ? HardwareState : 0);
        switch (call.Dl)
        {
            case 0:
                call.Bx = (ushort)((StateBytes(what) + Unit - 1) / Unit);
                return true;
            case 1:
                Memory.Write(call.InEs(call.Bx), SaveState(what));
                return true;
            case 2:
                var state = new byte[StateBytes(what)];
                Memory.Read(call.InEs(call.Bx), state);
                RestoreState(what, state);
                return true;
            default:
                return false;
        }
    }

    private bool Window(BiosCall call)
    {
        if (ActiveVbeMode is null || call.Bl != 0)
        {
            return false;
        }
        if (call.Bh == 1)
        {
            call.Dx = vga.ReadVbe(VgaHardware.VbeBank);
            return true;
        }
        if (call.Bh != 0 || call.Dx * WindowBytes >= VideoMemoryBytes)
        {
            return false;
        }
        vga.WriteVbe(VgaHardware.VbeBank, call.Dx);
        return true;
    }

    // BL: 0 sets pixels, 1 gets, 2 sets bytes, 3 gets the largest.
    private bool LineLength(BiosCall call)
    {
        if (ActiveVbeMode is not { } mode || call.Bl > 3)
        {
            return false;
        }
        int largest = Math.Min(VideoMemoryBytes / mode.Height * 8 / mode.MemoryBytes(8), 0x7FF8) & ~7;
        if (call.Bl is 0 or 2)
        {
            int pixels = call.Bl == 0 ? call.Cx : mode.LinePixels(call.Cx);
            pixels = (pixels + 7) & ~7;
            if (pixels < mode.Width || pixels > largest)
            {
                return false;
            }
            vga.WriteVbe(VgaHardware.VbeVirtualWidth, pixels);
        }
        int width = call.Bl == 3 ? largest : vga.ReadVbe(VgaHardware.VbeVirtualWidth);
        call.Cx = (ushort)width;
        call.Bx = (ushort)mode.LineBytes(width);
        call.Dx = (ushort)Math.Min(VideoMemoryBytes / mode.MemoryBytes(width), 0xFFFF);
        return true;
    }

    private bool DisplayStart(BiosCall call)
    {
        if (ActiveVbeMode is not { } mode)
        {
            return false;
        }
        switch (call.Bl)
        {
            case 0x00 or 0x80:
                if (call.Cx + mode.Width > vga.ReadVbe(VgaHardware.VbeVirtualWidth)
                    || (long)(call.Dx + mode.Height) * mode.MemoryBytes(vga.ReadVbe(VgaHardware.VbeVirtualWidth)) > VideoMemoryBytes)
                {
                    return false;
                }
                vga.WriteVbe(VgaHardware.VbeXOffset, call.Cx);
                vga.WriteVbe(VgaHardware.VbeYOffset, call.Dx);
                return true;
            case 0x01:
                call.Bh = 0;
                call.Cx = vga.ReadVbe(VgaHardware.VbeXOffset);
                call.Dx = vga.ReadVbe(VgaHardware.VbeYOffset);
                return true;
            default:
                return false;
        }
    }

    private bool DacWidth(BiosCall call)
    {
        if (ActiveVbeMode is not { Bits: 8 } || call.Bl > 1)
        {
            return false;
        }
        int enable = vga.ReadVbe(VgaHardware.VbeEnable);
        if (call.Bl == 0)
        {
            enable = call.Bh >= 8 ? enable | EightBitDac : enable & ~EightBitDac;
            vga.WriteVbe(VgaHardware.VbeEnable, enable);
        }
        call.Bh = (byte)((enable & EightBitDac) != 0 ? 8 : 6);
        return true;
    }

    // Entries of blue, green, red and a byte of alignment.
    private bool VbePalette(BiosCall call)
    {
        if (call.Bl is not (0 or 1 or 0x80) || call.Dx + call.Cx > 256)
        {
            return false;
        }
        var entries = new byte[call.Cx * 4];
        uint at = call.InEs(call.Di);
        if (call.Bl == 1)
        {
            byte[] colors = vga.ReadDac(call.Dx, call.Cx);
            for (int n = 0; n < call.Cx; n++)
            {
                (entries[n * 4], entries[(n * 4) + 1], entries[(n * 4) + 2]) = (colors[(n * 3) + 2], colors[(n * 3) + 1], colors[n * 3]);
            }
            Memory.Write(at, entries);
            return true;
        }
        Memory.Read(at, entries);
        var dac = new byte[call.Cx * 3];
        for (int n = 0; n < call.Cx; n++)
        {
            (dac[n * 3], dac[(n * 3) + 1], dac[(n * 3) + 2]) = (entries[(n * 4) + 2], entries[(n * 4) + 1], entries[n * 4]);
        }
        vga.WriteDac(call.Dx, dac);
        return true;
    }

    private static bool ProtectedMode(BiosCall call)
    {
        if (call.Bl != 0)
        {
            return false;
        }
        call.SetEs(VideoRom.Segment);
        call.Di = VideoRom.VbeProtectedMode;
        call.Cx = VbeProtectedModeCode.Length;
        return true;
    }
}

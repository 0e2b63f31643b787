using System.Text;
using Emulator.Firmware.Bios.Video;

namespace Emulator.Firmware.Bios.Rom;

/// <summary>
/// The display adapter's 32 KiB option ROM: its INT 10h calls into the VMM; fonts, mode parameters and the tables of AH=1Bh lie in it
/// for the programs that look at them. Form: Plug and Play BIOS Specification 1.0a, section 3.1, and PCI 2.1, section 6.3.
/// </summary>
public sealed class VideoRom
{
    /// <summary>Bytes of the ROM, and where it is shadowed.</summary>
    public const int Size = 0x8000, Segment = 0xC000;

    /// <summary>Offsets of the fonts.</summary>
    public const ushort Font16 = 0x1000, Font14 = 0x2000, Font8 = 0x3000;

    /// <summary>Static functionality table of AH=1Bh, and the table that 40:A8 points to.</summary>
    public const ushort Functionality = 0x0200, SavePointers = 0x0220, ParameterTable = 0x4000;

    /// <summary>VBE's strings: vendor, product, revision.</summary>
    public const ushort VbeVendor = 0x0280, VbeProduct = 0x02A0, VbeRevision = 0x02C0;

    /// <summary>Protected-mode interface of VBE, AX=4F0Ah.</summary>
    public const ushort VbeProtectedMode = 0x0300;

    private readonly RomWriter rom = new(Size);

    private VideoRom()
    {
        rom.Org(0).Emit(0x55, 0xAA, Size / 512);
        rom.Org(3).Jump(0x100);
        rom.Org(0x18).Emit(0x60, 0x00);
        rom.Org(0x1E).Emit(Encoding.ASCII.GetBytes("IBM VGA Compatible"));
        rom.Org(0x60).Emit(Encoding.ASCII.GetBytes("PCIR"))
            .Emit(0x34, 0x12, 0x11, 0x11, 0x00, 0x00, 0x18, 0x00, 0x00, 0x00, 0x00, 0x03, Size / 512, 0x00, 0x01, 0x00, 0x00, 0x80, 0x00, 0x00);
        rom.Org(0x100).Trap(BiosEntry.VideoInit).Emit(0xCB);
        rom.Org(0x180);
        Int10Offset = (ushort)rom.Service(BiosEntry.Int10);

        // Modes 0-13 without 8-C; 200, 350 and 400 lines; page, cursor, blinking and palette functions; DAC, display combination; save and restore.
        rom.Org(Functionality).Emit(0xFF, 0xE0, 0x0F, 0x00, 0x00, 0x00, 0x00, 0x07, 0x02, 0x08, 0xFF, 0x0E, 0x00, 0x00, 0x3F, 0x00);
        rom.Org(SavePointers).Emit(ParameterTable & 0xFF, ParameterTable >> 8, Segment & 0xFF, Segment >> 8).Emit(new byte[24]);
        rom.Org(VbeVendor).Emit(Text(Identity.Vendor));
        rom.Org(VbeProduct).Emit(Text("emu VGA"));
        rom.Org(VbeRevision).Emit(Text("1.0"));
        VbeProtectedModeCode.Add(rom);
        rom.Org(Font16).Emit(Fonts.Load(16));
        rom.Org(Font14).Emit(Fonts.Load(14));
        rom.Org(Font8).Emit(Fonts.Load(8));
        rom.Org(ParameterTable).Emit(VideoModes.ParameterTable());
        rom.SetChecksum(0, Size, Size - 1);
        Traps = rom.Traps.ToDictionary(pair => (uint)((Segment << 4) + pair.Key), pair => pair.Value);
    }

    /// <summary>The ROM, made once.</summary>
    public static VideoRom Instance { get; } = new();

    /// <summary>The image.</summary>
    public ReadOnlyMemory<byte> Image => rom.Bytes;

    /// <summary>Calls into the VMM by physical address, where the ROM is shadowed.</summary>
    public IReadOnlyDictionary<uint, BiosEntry> Traps { get; }

    /// <summary>Offset of INT 10h's handler.</summary>
    public ushort Int10Offset { get; }

    private static byte[] Text(string text) => [.. Encoding.ASCII.GetBytes(text), 0];
}

namespace Emulator.Firmware.Bios.Video;

/// <summary>How a mode keeps its pixels.</summary>
public enum VideoMemory
{
    /// <summary>Characters and attributes.</summary>
    Text,

    /// <summary>CGA: two interleaved halves, 2 bits a pixel.</summary>
    Cga4,

    /// <summary>CGA: two interleaved halves, 1 bit a pixel.</summary>
    Cga2,

    /// <summary>EGA and VGA: a bit of each pixel in each plane.</summary>
    Planar,

    /// <summary>A byte a pixel.</summary>
    Linear8,
}

/// <summary>A standard mode: its memory, and its registers in the 64-byte form of IBM's video parameter table.</summary>
/// <param name="Number">Mode number; text modes with other than 400 lines share it.</param>
/// <param name="Lines">Scan lines of the picture: 200, 350, 400 or 480.</param>
/// <param name="Segment">Where its memory shows.</param>
/// <param name="Memory">How pixels are kept.</param>
/// <param name="Palette">Which DAC contents it starts with.</param>
/// <param name="Parameters">64 bytes: columns, rows - 1, character height, page size (2), sequencer 1-4, miscellaneous output, CRTC 0-18h,
/// attribute controller 0-13h, graphics controller 0-8 (IBM PS/2 BIOS Interface Technical Reference, INT 10h).</param>
public sealed record VideoMode(int Number, int Lines, ushort Segment, VideoMemory Memory, DacContents Palette, byte[] Parameters)
{
    /// <summary>Character columns.</summary>
    public int Columns => Parameters[0];

    /// <summary>Character rows.</summary>
    public int Rows => Parameters[1] + 1;

    /// <summary>Height of a character.</summary>
    public int CharacterHeight => Parameters[2];

    /// <summary>Bytes of a page.</summary>
    public int PageBytes => Parameters[3] | Parameters[4] << 8;

    /// <summary>True for modes of characters.</summary>
    public bool IsText => Memory == VideoMemory.Text;

    /// <summary>Sequencer registers 1-4.</summary>
    public ReadOnlySpan<byte> Sequencer => Parameters.AsSpan(5, 4);

    /// <summary>Miscellaneous output register.</summary>
    public byte MiscellaneousOutput => Parameters[9];

    /// <summary>CRT controller registers 0-18h.</summary>
    public ReadOnlySpan<byte> Crtc => Parameters.AsSpan(10, 25);

    /// <summary>Attribute controller registers 0-13h.</summary>
    public ReadOnlySpan<byte> Attributes => Parameters.AsSpan(35, 20);

    /// <summary>Graphics controller registers 0-8.</summary>
    public ReadOnlySpan<byte> Graphics => Parameters.AsSpan(55, 9);
}

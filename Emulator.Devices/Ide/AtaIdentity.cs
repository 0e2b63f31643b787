using System.Text;

namespace Emulator.Devices.Ide;

/// <summary>The 256 words that IDENTIFY DEVICE and IDENTIFY PACKET DEVICE return (ATA/ATAPI-6, sections 8.15 and 8.16).</summary>
internal ref struct AtaIdentity(Span<byte> page)
{
    private readonly Span<byte> page = page;

    /// <summary>Sets a 16-bit word.</summary>
    public readonly void Word(int index, int value)
    {
        page[2 * index] = (byte)value;
        page[(2 * index) + 1] = (byte)(value >> 8);
    }

    /// <summary>Sets two or four words, low word first.</summary>
    public readonly void Number(int index, int words, long value)
    {
        for (int i = 0; i < words; i++)
        {
            Word(index + i, (int)(value >> (16 * i)));
        }
    }

    /// <summary>Sets an ASCII string: padded with blanks, first character in the high byte of each word.</summary>
    public readonly void Text(int index, int words, string text)
    {
        Span<byte> field = page.Slice(2 * index, 2 * words);
        field.Fill((byte)' ');
        Encoding.ASCII.GetBytes(text.AsSpan(0, Math.Min(text.Length, field.Length)), field);
        for (int i = 0; i < field.Length; i += 2)
        {
            (field[i], field[i + 1]) = (field[i + 1], field[i]);
        }
    }

    /// <summary>Words 63 and 88: modes 0 to 2 of multiword DMA and 0 to 5 of Ultra DMA, with the chosen one; timing words 64 to 68.</summary>
    public readonly void TransferModes(bool dma, byte mode)
    {
        if (dma)
        {
            Word(63, 0x0007 | (mode >> 3 == 4 ? 0x100 << (mode & 7) : 0));
            Word(88, 0x003F | (mode >> 3 == 8 ? 0x100 << (mode & 7) : 0));
        }
        Word(64, 0x0003);
        for (int i = 65; i <= 68; i++)
        {
            Word(i, 120);
        }
    }
}

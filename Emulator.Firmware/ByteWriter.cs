using System.Buffers.Binary;
using System.Text;

namespace Emulator.Firmware;

/// <summary>A growing little-endian byte buffer: what every firmware table is made of.</summary>
internal sealed class ByteWriter
{
    private byte[] buffer = new byte[256];

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    public ByteWriter U8(int value)
    {
        Take(1)[0] = (byte)value;
        return this;
    }

    public ByteWriter U16(int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Take(2), (ushort)value);
        return this;
    }

    public ByteWriter U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);
        return this;
    }

    public ByteWriter U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);
        return this;
    }

    public ByteWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Take(bytes.Length));
        return this;
    }

    /// <summary>ASCII text padded or cut to <paramref name="width"/> bytes.</summary>
    public ByteWriter Text(string text, int width, char pad = '\0')
    {
        Encoding.ASCII.GetBytes(text.PadRight(width, pad).AsSpan(0, width), Take(width));
        return this;
    }

    public ByteWriter Zeros(int count)
    {
        Take(count).Clear();
        return this;
    }

    public ByteWriter AlignTo(int alignment) => Zeros((alignment - (Length % alignment)) % alignment);

    public byte[] ToArray() => buffer.AsSpan(0, Length).ToArray();

    private Span<byte> Take(int count)
    {
        if (Length + count > buffer.Length)
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, Length + count));
        }
        Span<byte> span = buffer.AsSpan(Length, count);
        Length += count;
        return span;
    }
}

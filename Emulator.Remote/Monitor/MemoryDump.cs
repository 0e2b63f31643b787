using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Emulator.Core.Cpu;

namespace Emulator.Remote.Monitor;

/// <summary>The output of <c>x</c> and <c>xp</c>.</summary>
/// <param name="view">Whose memory.</param>
/// <param name="disassembler">For format <c>i</c>.</param>
public sealed unsafe class MemoryDump(GuestView view, Disassembler disassembler)
{
    private const int MostBytes = 16 << 20, LongestString = 4096;

    /// <summary>Writes the dump.</summary>
    /// <param name="output">Gets its lines.</param>
    /// <param name="format">What to show.</param>
    /// <param name="address">First address.</param>
    /// <param name="isPhysical">True for guest-physical addresses, false for linear ones.</param>
    /// <exception cref="MonitorException">More is asked for than a person can read.</exception>
    public void Write(TextWriter output, MonitorFormat format, ulong address, bool isPhysical)
    {
        if ((long)format.Count * format.Size > MostBytes)
        {
            throw new MonitorException($"more than {MostBytes} bytes: use memsave or pmemsave");
        }
        address = isPhysical ? address : (uint)address;
        switch (format.Letter)
        {
            case 'i':
                Instructions(output, format.Count, address, isPhysical);
                break;
            case 's':
                Strings(output, format.Count, address, isPhysical);
                break;
            default:
                Items(output, format, address, isPhysical);
                break;
        }
    }

    /// <summary>A character constant as C writes it, for those that can be printed.</summary>
    public static string Character(ulong value) => value switch
    {
        '\'' => "'\\''",
        '\\' => "'\\\\'",
        '\n' => "'\\n'",
        '\r' => "'\\r'",
        >= 32 and <= 126 => $"'{(char)value}'",
        _ => string.Create(CultureInfo.InvariantCulture, $"'\\x{value:x2}'"),
    };

    private void Instructions(TextWriter output, int count, ulong address, bool isPhysical)
    {
        Span<byte> bytes = stackalloc byte[Disassembler.LongestInsn];
        ulong segmentBase = isPhysical ? 0 : view.Cpu->Segments[Seg.CS].Base;
        int mode = view.Cpu->CodeMode;
        while (count-- > 0)
        {
            int got = Read(address, bytes, isPhysical);
            ulong target = mode == CodeMode.Bits16 ? (ushort)(address - segmentBase) : (uint)address;
            int length = got == 0 ? 0 : disassembler.Write(output, (uint)address, target, bytes[..got], mode);
            if (length == 0)
            {
                output.Write(string.Create(CultureInfo.InvariantCulture, $"0x{(uint)address:x8}: unable to read memory\n"));
                return;
            }
            address += (ulong)length;
        }
    }

    private void Strings(TextWriter output, int count, ulong address, bool isPhysical)
    {
        Span<byte> one = stackalloc byte[1];
        while (count-- > 0)
        {
            var text = new StringBuilder(Address(address, isPhysical)).Append(" \"");
            int length = 0;
            for (; length < LongestString; length++)
            {
                if (Read(address + (ulong)length, one, isPhysical) == 0)
                {
                    output.Write(Address(address, isPhysical) + " Cannot access memory\n");
                    return;
                }
                if (one[0] == 0)
                {
                    break;
                }
                text.Append(one[0] == '"' ? "\\\"" : Character(one[0])[1..^1]);
            }
            output.Write(text.Append("\"\n").ToString());
            address += (ulong)length + 1;
        }
    }

    private void Items(TextWriter output, MonitorFormat format, ulong address, bool isPhysical)
    {
        int left = format.Count * format.Size;
        Span<byte> line = stackalloc byte[format.Size == 1 ? 8 : 16];
        int size = format.Letter == 'c' ? 1 : format.Size;
        while (left > 0)
        {
            Span<byte> part = line[..Math.Min(left, line.Length)];
            output.Write(Address(address, isPhysical));
            if (Read(address, part, isPhysical) < part.Length)
            {
                output.Write(" Cannot access memory\n");
                return;
            }
            for (int n = 0; n < part.Length; n += size)
            {
                output.Write(' ');
                output.Write(Item(format.Letter, part.Slice(n, size)));
            }
            output.Write('\n');
            address += (ulong)part.Length;
            left -= part.Length;
        }
    }

    private static string Item(char letter, ReadOnlySpan<byte> bytes)
    {
        Span<byte> wide = stackalloc byte[8];
        wide.Clear();
        bytes.CopyTo(wide);
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(wide);
        int bits = bytes.Length * 8;
        return letter switch
        {
            'o' => Octal(value).PadLeft((bits + 2) / 3),
            'u' => value.ToString(CultureInfo.InvariantCulture).PadLeft(((bits * 10) + 32) / 33),
            'd' => ((long)value).ToString(CultureInfo.InvariantCulture).PadLeft(((bits * 10) + 32) / 33),
            'c' => Character(value),
            _ => "0x" + value.ToString("x" + (bits / 4), CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Octal digits behind a zero; zero alone for 0.</summary>
    public static string Octal(ulong value)
    {
        var digits = new StringBuilder();
        for (; value != 0; value >>= 3)
        {
            digits.Insert(0, (char)('0' + (int)(value & 7)));
        }
        return digits.Insert(0, '0').ToString();
    }

    private static string Address(ulong address, bool isPhysical) => isPhysical
        ? string.Create(CultureInfo.InvariantCulture, $"{address:x16}:")
        : string.Create(CultureInfo.InvariantCulture, $"{(uint)address:x8}:");

    private int Read(ulong address, Span<byte> destination, bool isPhysical) =>
        isPhysical ? view.ReadPhysical(address, destination) : view.ReadLinear((uint)address, destination);
}

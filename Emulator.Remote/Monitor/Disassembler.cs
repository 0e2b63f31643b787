using System.Globalization;
using System.Text;
using Emulator.Core.Cpu;
using Iced.Intel;
using Decoder = Iced.Intel.Decoder;

namespace Emulator.Remote.Monitor;

/// <summary>
/// Machine code as lines in AT&amp;T syntax: address, up to eight bytes, instruction; further bytes on lines of their own.
/// </summary>
public sealed class Disassembler
{
    /// <summary>Bytes of the longest instruction.</summary>
    public const int LongestInsn = 15;

    private const int BytesInLine = 8;
    private readonly GasFormatter formatter = new();
    private readonly StringOutput text = new();

    /// <summary>Makes one.</summary>
    public Disassembler()
    {
        FormatterOptions options = formatter.Options;
        options.UppercaseHex = false;
        options.SpaceAfterOperandSeparator = true;
        options.GasSpaceAfterMemoryOperandComma = true;
        options.GasShowMnemonicSizeSuffix = true;
        options.BranchLeadingZeros = false;
        options.SmallHexNumbersInDecimal = false;
        options.FirstOperandCharIndex = 9;
    }

    /// <summary>One instruction.</summary>
    /// <param name="output">Gets its lines.</param>
    /// <param name="address">Where it is, as it is printed.</param>
    /// <param name="offset">Its offset in the code segment, which branches count from.</param>
    /// <param name="bytes">Its bytes, as many as could be read.</param>
    /// <param name="codeMode">A value of <see cref="CodeMode"/>.</param>
    /// <returns>Its length; 0 when the bytes end before it does.</returns>
    public int Write(TextWriter output, uint address, ulong offset, ReadOnlySpan<byte> bytes, int codeMode)
    {
        int bits = codeMode switch { CodeMode.Bits16 => 16, CodeMode.Bits32 => 32, _ => 64 };
        Decoder decoder = Decoder.Create(bits, new ByteArrayCodeReader(bytes.ToArray()), offset);
        decoder.Decode(out Instruction instruction);
        if (decoder.LastError == DecoderError.NoMoreBytes)
        {
            return 0;
        }
        formatter.Format(instruction, text);
        string insn = text.ToStringAndReset();
        for (int start = 0; start < instruction.Length; start += BytesInLine)
        {
            var line = new StringBuilder();
            line.Append(CultureInfo.InvariantCulture, $"0x{unchecked(address + (uint)start):x8}: ");
            foreach (byte b in bytes[start..Math.Min(start + BytesInLine, instruction.Length)])
            {
                line.Append(CultureInfo.InvariantCulture, $" {b:x2}");
            }
            if (start == 0)
            {
                line.Append(' ', (BytesInLine - Math.Min(BytesInLine, instruction.Length)) * 3).Append("  ").Append(insn);
            }
            output.Write(line.Append('\n').ToString());
        }
        return instruction.Length;
    }
}

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Emulator.Tests.Cpu;

/// <summary>One recorded case: registers in the order ax bx cx dx cs ss ds es sp bp si di ip flags; null where not given.</summary>
internal sealed record MooCase(string Name, byte[] Bytes, ushort?[] Initial, (uint Address, byte Value)[] InitialRam,
    ushort?[] Final, (uint Address, byte Value)[] FinalRam, int? Exception, uint FlagsAddress);

/// <summary>Reader of the MOO files of the per-instruction suites (see the suites' README for the layout).</summary>
internal static class MooFile
{
    public static List<MooCase> Read(string path)
    {
        using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        gzip.CopyTo(memory);
        var cases = new List<MooCase>();
        foreach ((string tag, ReadOnlyMemory<byte> data) in Chunks(memory.ToArray()))
        {
            if (tag == "TEST")
            {
                cases.Add(ReadCase(data[4..]));
            }
        }
        return cases;
    }

    private static MooCase ReadCase(ReadOnlyMemory<byte> data)
    {
        string name = "";
        byte[] bytes = [];
        ushort?[] initial = new ushort?[14], final = new ushort?[14];
        (uint, byte)[] initialRam = [], finalRam = [];
        int? exception = null;
        uint flagsAddress = 0;
        foreach ((string tag, ReadOnlyMemory<byte> chunk) in Chunks(data))
        {
            ReadOnlySpan<byte> s = chunk.Span;
            switch (tag)
            {
                case "NAME": name = Encoding.ASCII.GetString(s[4..(4 + (int)U32(s))]); break;
                case "BYTS": bytes = s[4..(4 + (int)U32(s))].ToArray(); break;
                case "INIT": (initial, initialRam) = ReadState(chunk); break;
                case "FINA": (final, finalRam) = ReadState(chunk); break;
                case "EXCP": exception = s[0]; flagsAddress = U32(s[1..]); break;
            }
        }
        return new MooCase(name, bytes, initial, initialRam, final, finalRam, exception, flagsAddress);
    }

    private static (ushort?[] Registers, (uint, byte)[] Ram) ReadState(ReadOnlyMemory<byte> data)
    {
        var registers = new ushort?[14];
        var ram = new List<(uint, byte)>();
        foreach ((string tag, ReadOnlyMemory<byte> chunk) in Chunks(data))
        {
            ReadOnlySpan<byte> s = chunk.Span;
            if (tag == "REGS")
            {
                int mask = BinaryPrimitives.ReadUInt16LittleEndian(s), at = 2;
                for (int n = 0; n < 14; n++)
                {
                    if ((mask & (1 << n)) != 0)
                    {
                        registers[n] = BinaryPrimitives.ReadUInt16LittleEndian(s[at..]);
                        at += 2;
                    }
                }
            }
            else if (tag.StartsWith("RAM", StringComparison.Ordinal))
            {
                for (int n = 0, at = 4; n < U32(s); n++, at += 5)
                {
                    ram.Add((U32(s[at..]), s[at + 4]));
                }
            }
        }
        return (registers, ram.ToArray());
    }

    private static IEnumerable<(string Tag, ReadOnlyMemory<byte> Data)> Chunks(ReadOnlyMemory<byte> data)
    {
        for (int at = 0; at + 8 <= data.Length;)
        {
            string tag = Encoding.ASCII.GetString(data.Span.Slice(at, 4));
            int length = (int)U32(data.Span[(at + 4)..]);
            yield return (tag, data.Slice(at + 8, length));
            at += 8 + length;
        }
    }

    private static uint U32(ReadOnlySpan<byte> s) => BinaryPrimitives.ReadUInt32LittleEndian(s);
}

using Emulator.BT.Decode;
using Emulator.BT.Model;
using Iced.Intel;
using Xunit;

namespace Emulator.Tests.Cpu;

/// <summary>The opcode maps' lengths: of whatever is an instruction they are the decoder's, and one byte less is always too few.</summary>
public sealed unsafe class OpcodeLengthTests
{
    private static readonly byte[][] PrefixSets = [[], [0x66], [0x67], [0x66, 0x67], [0xF2], [0xF3, 0x2E]];

    public static TheoryData<string> Models => new(CpuModel.All.Select(m => m.Name));

    [Theory]
    [MemberData(nameof(Models))]
    public void AreTheDecodersForEveryInstructionThatTheModelHas(string name)
    {
        CpuModel model = CpuModel.Find(name)!;
        var code = new byte[15];
        int seen = 0;
        foreach (int bits in (ReadOnlySpan<int>)[16, 32])
        {
            foreach (byte[] prefixes in PrefixSets)
            {
                for (int opcode = 0; opcode < 512; opcode++)
                {
                    for (int next = 0; next < 256; next++)
                    {
                        byte[] start = opcode < 256 ? [(byte)opcode, (byte)next] : [0x0F, (byte)opcode, (byte)next];
                        code.AsSpan().Fill(0x25);
                        prefixes.CopyTo(code, 0);
                        start.CopyTo(code, prefixes.Length);
                        seen += Compare(code, bits, model) ? 1 : 0;
                    }
                }
            }
        }
        Assert.True(seen > 500_000, $"only {seen} instructions");
    }

    private static bool Compare(byte[] code, int bits, CpuModel model)
    {
        Decoder decoder = Decoder.Create(bits, new ByteArrayCodeReader(code), InsnDecoder.Options);
        decoder.Decode(out Instruction x);
        Insn i = default;
        if (x.IsInvalid || InsnTable.Find(in x, model, ref i) is var row && row.Meaning == InsnTable.Undefined.Meaning)
        {
            return false;
        }
        fixed (byte* bytes = code)
        {
            int whole = OpcodeLength.Measure(bytes, 15, bits == 32, model), cut = OpcodeLength.Measure(bytes, x.Length - 1, bits == 32, model);
            Assert.True(whole == x.Length && cut == 0, $"{bits} bits, {Convert.ToHexString(code)}: {whole}, {cut} and {x.Length}");
        }
        return true;
    }
}

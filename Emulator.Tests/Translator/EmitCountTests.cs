using Emulator.BT.Decode;
using Emulator.BT.Model;
using Iced.Intel;
using Xunit;
using Xunit.Abstractions;

namespace Emulator.Tests.Translator;

/// <summary>How much of the instruction set the translator emits rather than calls as a helper. The floors only grow.</summary>
public sealed unsafe class EmitCountTests(ITestOutputHelper output)
{
    private const int FormFloor = 1572, RecorderFloor = 391;

    [Fact]
    public void TheNumberOfEmittingFormsOnlyGrows()
    {
        var emitted = new HashSet<(Code, bool, bool)>();
        var helpers = new HashSet<(Code, bool, bool)>();
        var semantics = new HashSet<nint>();
        foreach (int bits in (ReadOnlySpan<int>)[16, 32])
        {
            for (int prefixes = 0; prefixes < 4; prefixes++)
            {
                Sweep(bits, (prefixes & 1) != 0, (prefixes & 2) != 0, emitted, helpers, semantics);
            }
        }
        output.WriteLine($"{emitted.Count} forms emit through {semantics.Count} recorders, {helpers.Count} forms are helpers");
        Assert.True(emitted.Count >= FormFloor, $"{emitted.Count} forms emit, {FormFloor} did");
        Assert.True(semantics.Count >= RecorderFloor, $"{semantics.Count} recorders, {RecorderFloor} there were");
    }

    // A form: the instruction as Iced numbers it, the width of the code, and whether its r/m operand is in memory.
    private static void Sweep(
        int bits, bool operand, bool address, HashSet<(Code, bool, bool)> emitted, HashSet<(Code, bool, bool)> helpers, HashSet<nint> semantics)
    {
        CpuModel model = CpuModel.Max;
        var bytes = new byte[15];
        for (int opcode = 0; opcode < 512; opcode++)
        {
            for (int modrm = 0; modrm < 256; modrm++)
            {
                int at = 0;
                if (operand)
                {
                    bytes[at++] = 0x66;
                }
                if (address)
                {
                    bytes[at++] = 0x67;
                }
                if (opcode >= 256)
                {
                    bytes[at++] = 0x0F;
                }
                bytes[at++] = (byte)opcode;
                bytes[at] = (byte)modrm;
                Decoder decoder = Decoder.Create(bits, bytes);
                decoder.Decode(out Instruction x);
                if (x.IsInvalid)
                {
                    continue;
                }
                var i = new Insn
                {
                    Extra = (ushort)((operand != (bits == 32) ? InsnFlags.Operand32 : 0) | (address != (bits == 32) ? InsnFlags.Address32 : 0)),
                };
                Row row = InsnTable.Find(in x, model, ref i);
                if ((nint)row.Interpret == (nint)InsnTable.Undefined.Interpret)
                {
                    continue;
                }
                bool memory = x.Op0Kind == OpKind.Memory || x.Op1Kind == OpKind.Memory;
                (row.Emit != null ? emitted : helpers).Add((x.Code, bits == 32, memory));
                if (row.Emit != null)
                {
                    semantics.Add((nint)row.Emit);
                }
            }
        }
    }
}

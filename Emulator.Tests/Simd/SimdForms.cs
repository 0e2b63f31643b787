using Iced.Intel;

namespace Emulator.Tests.Simd;

/// <summary>One instruction to compare: its code, the same for 32-bit guest and 64-bit host.</summary>
/// <param name="Name">Iced's name of the form, with what distinguishes this one.</param>
/// <param name="Code">The form.</param>
/// <param name="Bytes">Machine code.</param>
/// <param name="HasMemory">True with a memory operand.</param>
internal sealed record SimdForm(string Name, Code Code, byte[] Bytes, bool HasMemory);

/// <summary>Every MMX, SSE and SSE2 form that Iced can encode for 32-bit code, with registers, memory and immediates.</summary>
internal static class SimdForms
{
    private static readonly (int First, int Second)[] Registers = [(0, 1), (5, 5), (7, 2)];
    private static readonly CpuidFeature[] Features = [CpuidFeature.MMX, CpuidFeature.SSE, CpuidFeature.SSE2, CpuidFeature.CLFSH];

    /// <summary>The codes of these instruction sets in 32-bit mode.</summary>
    public static IEnumerable<Code> Codes() => Enum.GetValues<Code>().Where(IsOurs);

    /// <summary>All forms; immediates are a few, drawn with <paramref name="random"/>.</summary>
    public static IEnumerable<SimdForm> All(Random random)
    {
        foreach (Code code in Codes())
        {
            OpCodeInfo info = code.ToOpCode();
            bool immediate = Enumerable.Range(0, info.OpCount).Any(n => info.GetOpKind(n) == OpCodeOperandKind.imm8);
            foreach (bool memory in new[] { false, true })
            {
                foreach ((int first, int second) in Registers)
                {
                    for (int k = 0; k < (immediate ? 8 : 1); k++)
                    {
                        byte value = (byte)(k < 4 ? k + (4 * random.Next(2)) : random.Next(256));
                        if (TryEncode(info, memory, first, second, value, out byte[] bytes))
                        {
                            string name = $"{code} {(memory ? "m" : "r")} {first},{second}" + (immediate ? $",{value:x2}" : "");
                            yield return new SimdForm(name, code, bytes, memory);
                        }
                    }
                }
            }
        }
    }

    private static bool IsOurs(Code code)
    {
        OpCodeInfo info = code.ToOpCode();
        // The state images are compared by tests of their own.
        return info.IsInstruction && info.Mode32 && info.Encoding == EncodingKind.Legacy && code.CpuidFeatures().All(Features.Contains);
    }

    private static bool TryEncode(OpCodeInfo info, bool memory, int first, int second, byte immediate, out byte[] bytes)
    {
        bytes = [];
        var x = new Instruction { Code = info.Code };
        bool usesMemory = false;
        for (int n = 0; n < info.OpCount; n++)
        {
            int number = n == 0 ? first : second;
            switch (info.GetOpKind(n))
            {
                case OpCodeOperandKind.xmm_reg or OpCodeOperandKind.xmm_rm:
                    SetRegister(ref x, n, Register.XMM0 + number);
                    break;
                case OpCodeOperandKind.mm_reg or OpCodeOperandKind.mm_rm:
                    SetRegister(ref x, n, Register.MM0 + number);
                    break;
                case OpCodeOperandKind.r32_reg or OpCodeOperandKind.r32_rm:
                    SetRegister(ref x, n, Register.EAX + (number & 3));
                    break;
                case OpCodeOperandKind.xmm_or_mem:
                    SetEither(ref x, n, Register.XMM0 + number, memory);
                    usesMemory |= memory;
                    break;
                case OpCodeOperandKind.mm_or_mem:
                    SetEither(ref x, n, Register.MM0 + number, memory);
                    usesMemory |= memory;
                    break;
                case OpCodeOperandKind.r32_or_mem:
                    SetEither(ref x, n, Register.EAX + (number & 3), memory);
                    usesMemory |= memory;
                    break;
                case OpCodeOperandKind.mem:
                    if (!memory)
                    {
                        return false;
                    }
                    SetEither(ref x, n, Register.None, memory: true);
                    usesMemory = true;
                    break;
                case OpCodeOperandKind.seg_rDI:
                    x.SetOpKind(n, OpKind.MemorySegEDI);
                    break;
                case OpCodeOperandKind.imm8:
                    x.SetOpKind(n, OpKind.Immediate8);
                    x.Immediate8 = immediate;
                    break;
                default:
                    throw new InvalidOperationException($"{info.Code} has an operand of kind {info.GetOpKind(n)}");
            }
        }
        if (memory != usesMemory)
        {
            return false;
        }
        var writer = new ByteWriter();
        Encoder.Create(32, writer).Encode(x, 0);
        bytes = [.. writer.Bytes];
        return true;
    }

    private static void SetRegister(ref Instruction x, int operand, Register register)
    {
        x.SetOpKind(operand, OpKind.Register);
        x.SetOpRegister(operand, register);
    }

    private static void SetEither(ref Instruction x, int operand, Register register, bool memory)
    {
        if (!memory)
        {
            SetRegister(ref x, operand, register);
            return;
        }
        x.SetOpKind(operand, OpKind.Memory);
        x.MemoryBase = Register.EDI;
        x.MemoryDisplSize = 4;
        x.MemoryDisplacement64 = SimdBlock.Operand;
    }

    private sealed class ByteWriter : CodeWriter
    {
        public List<byte> Bytes { get; } = [];

        public override void WriteByte(byte value) => Bytes.Add(value);
    }
}

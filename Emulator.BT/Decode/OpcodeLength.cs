using Emulator.BT.Model;

namespace Emulator.BT.Decode;

/// <summary>
/// How many bytes an undefined instruction has: prefixes, opcode, and what the opcode maps say comes behind it (SDM Vol. 2D, appendix A). The
/// processor reads all of them before it is #UD, so a page fault on one of them comes first; an opcode that the maps lack is its own
/// end (docs/decisions/0028).
/// </summary>
internal static unsafe class OpcodeLength
{
    // - nothing, m ModR/M, r ModR/M that always names a register, b imm8, w imm16, z imm16 or imm32, e ENTER's three bytes, B and Z ModR/M
    // with imm8 or immz, t and T group 3 (TEST alone has an immediate), a address, p far pointer, P prefix, X the two-byte opcodes.
    private const string OneByte =
        "mmmmbz--mmmmbz-X" + "mmmmbz--mmmmbz--" + "mmmmbzP-mmmmbzP-" + "mmmmbzP-mmmmbzP-" + "----------------" + "----------------" +
        "--mmPPPPzZbB----" + "bbbbbbbbbbbbbbbb" + "BZBBmmmmmmmmmmmm" + "----------p-----" + "aaaa----bz------" + "bbbbbbbbzzzzzzzz" +
        "BBw-mmBZe-w--b--" + "mmmmbb--mmmmmmmm" + "bbbbbbbbzzpb----" + "P-PP--tT------mm";

    // UD0 (FF) has no ModR/M byte up to the P6 and later (Vol. 2B, UD).
    private const string TwoByte =
        "mmmm---------m--" + "mmmmmmmmmmmmmmmm" + "rrrr----mmmmmmmm" + "----------------" + "mmmmmmmmmmmmmmmm" + "mmmmmmmmmmmmmmmm" +
        "mmmmmmmmmmmmmmmm" + "BBBBmmm-------mm" + "zzzzzzzzzzzzzzzz" + "mmmmmmmmmmmmmmmm" + "---mBm-----mBmmm" + "mmmmmmmm-mBmmmmm" +
        "mmBmBBBm--------" + "-mmmmmmmmmmmmmmm" + "mmmmmmmmmmmmmmmm" + "-mmmmmmmmmmmmmm-";

    // What a model needs to have a two-byte opcode: N the reserved NOPs, C CMOV, 8 CMPXCHG8B, F FXSAVE, M MMX, S SSE, 2 SSE2.
    private const string Needs =
        "             N  " + "SSSSSSSSNNNNNNNN" + "        SSSSSSSS" + "                " + "CCCCCCCCCCCCCCCC" + "SSSSSSSSSS22SSSS" +
        "MMMMMMMMMMMM22MM" + "SMMMMMMM      MM" + "                " + "                " + "              F " + "                " +
        "  S2SSS8        " + " MMM2M2SMMSMMMSM" + "SMMSSM2SMMSMMMSM" + " MMM2MSSMMM2MMM ";

    /// <summary>The length in bytes, or 0 when the instruction goes on behind the <paramref name="available"/> bytes.</summary>
    /// <param name="bytes">Its first byte.</param>
    /// <param name="available">Bytes that are there.</param>
    /// <param name="wide">True for 32-bit code.</param>
    /// <param name="model">Whose opcodes count.</param>
    public static int Measure(byte* bytes, int available, bool wide, CpuModel model)
    {
        bool operand32 = wide, address32 = wide;
        int at = 0;
        for (; at < available && OneByte[bytes[at]] == 'P'; at++)
        {
            operand32 = bytes[at] == 0x66 ? !wide : operand32;
            address32 = bytes[at] == 0x67 ? !wide : address32;
        }
        if (at == available)
        {
            return 0;
        }
        char form = OneByte[bytes[at++]];
        if (form == 'X')
        {
            if (at == available)
            {
                return 0;
            }
            byte opcode = bytes[at++];
            form = Has(model, Needs[opcode]) ? TwoByte[opcode] : '-';
        }
        int immediate = operand32 ? 4 : 2;
        int length = form switch
        {
            '-' => at,
            'b' => at + 1,
            'w' => at + 2,
            'e' => at + 3,
            'z' => at + immediate,
            'p' => at + immediate + 2,
            'a' => at + (address32 ? 4 : 2),
            'r' => at + 1,
            _ when at == available => 0,
            'm' => at + AddressBytes(bytes + at, available - at, address32),
            'B' => at + AddressBytes(bytes + at, available - at, address32) + 1,
            'Z' => at + AddressBytes(bytes + at, available - at, address32) + immediate,
            _ => at + AddressBytes(bytes + at, available - at, address32) + ((bytes[at] & 0x30) != 0 ? 0 : form == 't' ? 1 : immediate),
        };
        return length <= available ? length : 0;
    }

    // ModR/M, SIB and displacement; without the SIB byte at hand, at least one byte more than there are.
    private static int AddressBytes(byte* modRm, int available, bool address32)
    {
        int mod = *modRm >> 6, rm = *modRm & 7;
        if (mod == 3)
        {
            return 1;
        }
        if (!address32)
        {
            return 1 + (mod == 0 ? (rm == 6 ? 2 : 0) : mod);
        }
        int sib = rm == 4 ? 1 : 0;
        if (sib == 1 && available < 2)
        {
            return 2;
        }
        bool noBase = (sib == 1 ? modRm[1] & 7 : rm) == 5;
        return 1 + sib + mod switch { 0 => noBase ? 4 : 0, 1 => 1, _ => 4 };
    }

    private static bool Has(CpuModel model, char need) => need switch
    {
        'N' => model.Family >= 6,
        'C' => model.Has(CpuFeatures.Cmov),
        '8' => model.Has(CpuFeatures.Cx8),
        'F' => model.Has(CpuFeatures.Fxsr),
        'M' => model.Has(CpuFeatures.Mmx),
        'S' => model.Has(CpuFeatures.Sse),
        '2' => model.Has(CpuFeatures.Sse2),
        _ => true,
    };
}

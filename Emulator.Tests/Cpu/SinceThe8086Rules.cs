using Iced.Intel;
using static Emulator.Tests.Cpu.ChipExpectation;

namespace Emulator.Tests.Cpu;

/// <summary>
/// Where a 386 and everything after it differs from the 8086 in real mode (SDM Vol. 3B, 21.1 and 22). A rule says what must come out instead where
/// that follows from the case; where the opcode has become another instruction, or the chip's own result is its microcode's, the case is left out.
/// </summary>
internal static class SinceThe8086Rules
{
    /// <summary>The rules' names.</summary>
    public const string Later = "left out: 60-6F, C0, C1, C8, C9 have become instructions of the 186 and later (aliases of Jcc and RET here)",
        Escape = "left out: D8-DF without a coprocessor only read their operand",
        SetMinusOne = "left out: D0-D3 /6 sets all ones on the 8086; later it is SHL",
        RepMultiply = "left out: REP before MUL, IMUL, DIV, IDIV changes the sign on the 8086; later it means nothing",
        NoRoom = "left out: no room for a HLT where the instruction ends, or for a vector",
        Count = "left out: shift counts of 32 and more are masked since the 286",
        Undefined = "#UD since the 186: opcodes without a meaning, register forms of LEA, LES, LDS and far transfers, MOV and POP of CS, segment registers 6 and 7",
        FsGs = "MOV with segment register 4 or 5: ES and CS on the 8086, FS and GS later",
        PushSp = "PUSH SP: the new SP on the 8086, the old one later",
        DivideReturn = "#DE: the 8086 returns after the instruction, later processors to it",
        Ascii = "AAA, AAS: a carry out of AL goes to AH since the 286",
        Decimal = "DAA, DAS with AL above 99: the 8086 looks at AF as well, and DAS's CF is not the first borrow's";

    private const ushort StopSegment = 0xFFFF;
    private const uint StopLinear = 0xF_FFF0;

    /// <summary>What a later processor must make of a case; null when it is left out, with the rule's name.</summary>
    public static ChipExpectation? Apply(MooCase test, string opcode, uint flagsMask, out string? rule)
    {
        var expected = new ChipExpectation(test, flagsMask);
        Decoder decoder = Decoder.Create(16, test.Bytes, DecoderOptions.ForceReservedNop);
        Instruction x = decoder.Decode();
        rule = LeftOut(test, opcode);
        if (rule is not null)
        {
            return null;
        }
        expected.Rule = Change(test, expected, in x);
        rule = expected.Rule;
        if (expected.Setup.Count == 0)
        {
            uint stop = Address(expected.Registers[Cs], expected.Registers[Ip]);
            if (Collides(test, stop))
            {
                rule = NoRoom;
                return null;
            }
            expected.Ram.Remove(stop);
            expected.Setup.Add((stop, 0xF4));
            expected.Registers[Ip]++;
        }
        else if (expected.Setup.Any(b => Collides(test, b.Address)))
        {
            rule = NoRoom;
            return null;
        }
        return expected;
    }

    // Bytes that were fetched after the instruction are NOPs, and no part of the case.
    private static bool Collides(MooCase test, uint address) => test.InitialRam.Concat(test.FinalRam).Any(b => b.Address == address && b.Value != 0x90);

    // The chip has 1 MiB, which wraps.
    private static uint Address(int segment, int offset) => Linear(segment, offset) & 0xF_FFFF;

    private static void SetWord(ChipExpectation expected, int segment, int offset, int value)
    {
        expected.Ram[Address(segment, offset)] = (byte)value;
        expected.Ram[Address(segment, offset + 1)] = (byte)(value >> 8);
    }

    private static string? LeftOut(MooCase test, string opcode)
    {
        uint first = Convert.ToUInt32(opcode[..2], 16);
        bool rep = test.Bytes.TakeWhile(b => b is 0x26 or 0x2E or 0x36 or 0x3E or 0xF0 or 0xF1 or 0xF2 or 0xF3).Any(b => b is 0xF2 or 0xF3);
        return first switch
        {
            >= 0x60 and <= 0x6F or 0xC0 or 0xC1 or 0xC8 or 0xC9 => Later,
            >= 0xD8 and <= 0xDF => Escape,
            >= 0xD0 and <= 0xD3 when opcode.EndsWith(".6", StringComparison.Ordinal) => SetMinusOne,
            0xD2 or 0xD3 when (test.Initial[Cx]!.Value & 0xFF) > 31 => Count,
            0xF6 or 0xF7 when rep && opcode[^1] >= '4' => RepMultiply,
            _ => null,
        };
    }

    private static string? Change(MooCase test, ChipExpectation expected, in Instruction x)
    {
        ushort Value(int n) => test.Initial[n]!.Value;
        // The chip reaches 0000:0400 by #DE, with six bytes pushed.
        bool divides = x.Mnemonic is Mnemonic.Div or Mnemonic.Idiv or Mnemonic.Aam;
        bool divideError = divides && expected.Registers[Cs] == 0 && expected.Registers[Ip] == 0x400 && expected.Registers[Sp] == (ushort)(Value(Sp) - 6);
        if (x.IsInvalid || x.Mnemonic == Mnemonic.Xabort || x.Code.CpuidFeatures().Contains(CpuidFeature.INTEL8086_ONLY) || x.Op0Register == Register.CS && x.Mnemonic is Mnemonic.Mov or Mnemonic.Pop)
        {
            return Fault(test, expected, 6, Undefined);
        }
        if (IsFsOrGs(x.Op0Register) || IsFsOrGs(x.Op1Register))
        {
            return RunsOn(test, expected, in x);
        }
        if (divideError)
        {
            return Fault(test, expected, 0, DivideReturn, flagsMask: ~0x8D5u);
        }
        switch (x.Mnemonic)
        {
            case Mnemonic.Push when x.Op0Register == Register.SP:
                SetWord(expected, Value(Ss), Value(Sp) - 2, Value(Sp));
                return PushSp;
            case Mnemonic.Aaa or Mnemonic.Aas:
                return AsciiAdjust(test, expected, x.Mnemonic == Mnemonic.Aaa);
            case Mnemonic.Daa or Mnemonic.Das:
                return DecimalAdjust(test, expected, x.Mnemonic == Mnemonic.Daa);
            case Mnemonic.Pushf or Mnemonic.Int or Mnemonic.Int3 or Mnemonic.Into:
                // FLAGS 12-15 in the image.
                expected.PushedFlags = Address(Value(Ss), Value(Sp) - 2);
                return null;
            default:
                return null;
        }
    }

    // The instruction faults and nothing of it is done: vector leads to HLT at FFFF:0000.
    private static string Fault(MooCase test, ChipExpectation expected, int vector, string rule, uint flagsMask = 0xFFFF)
    {
        expected.Ram.Clear();
        ushort sp = test.Initial[Sp]!.Value, ss = test.Initial[Ss]!.Value, flags = test.Initial[Flags]!.Value;
        for (int n = 0; n < expected.Registers.Length; n++)
        {
            expected.Registers[n] = test.Initial[n]!.Value;
        }
        (expected.Registers[Cs], expected.Registers[Ip]) = (StopSegment, 1);
        expected.Registers[Sp] = (ushort)(sp - 6);
        expected.Registers[Flags] = (ushort)(flags & ~0x300);
        expected.FlagsMask = 0x0FFF & flagsMask;
        if (sp is >= 6 and < 0xFFFF)
        {
            expected.Ram[Address(ss, sp - 2)] = (byte)flags;
            expected.PushedFlags = Address(ss, sp - 2);
            SetWord(expected, ss, sp - 4, test.Initial[Cs]!.Value);
            SetWord(expected, ss, sp - 6, test.Initial[Ip]!.Value);
        }
        if (vector == 0)
        {
            // The suite's own vector.
            (expected.Registers[Cs], expected.Registers[Ip]) = (0, 0x401);
            expected.Setup.Add((0x400, 0xF4));
            return rule;
        }
        uint at = (uint)vector * 4;
        expected.Setup.AddRange([(at, 0), (at + 1, 0), (at + 2, 0xFF), (at + 3, 0xFF), (StopLinear, 0xF4)]);
        return rule;
    }

    private static string RunsOn(MooCase test, ChipExpectation expected, in Instruction x)
    {
        expected.Ram.Clear();
        expected.Compared = 1 << Cs | 1 << Ip | 1 << Ss | (x.Op0Register == Register.SP ? 0 : 1 << Sp);
        foreach (int n in (ReadOnlySpan<int>)[Cs, Ss, Sp])
        {
            expected.Registers[n] = test.Initial[n]!.Value;
        }
        expected.Registers[Ip] = (ushort)(test.Initial[Ip]!.Value + x.Length);
        return FsGs;
    }

    private static string? AsciiAdjust(MooCase test, ChipExpectation expected, bool add)
    {
        int ax = test.Initial[Ax]!.Value;
        bool adjust = (ax & 0xF) > 9 || (test.Initial[Flags]!.Value & 0x10) != 0;
        int result = adjust ? (add ? ax + 0x106 : ax - 0x106) & 0xFF0F : ax & 0xFF0F;
        if (result == expected.Registers[Ax])
        {
            return null;
        }
        expected.Registers[Ax] = (ushort)result;
        return Ascii;
    }

    // SDM Vol. 2A, DAA and DAS.
    private static string? DecimalAdjust(MooCase test, ChipExpectation expected, bool add)
    {
        int ax = test.Initial[Ax]!.Value, al = ax & 0xFF, flags = test.Initial[Flags]!.Value, result = al;
        bool low = (al & 0xF) > 9 || (flags & 0x10) != 0, high = al > 0x99 || (flags & 1) != 0;
        bool carry = high || (low && !add && al < 6);
        result += (low ? 6 : 0) * (add ? 1 : -1);
        result += (high ? 0x60 : 0) * (add ? 1 : -1);
        ax = (ax & 0xFF00) | (result & 0xFF);
        if (ax == expected.Registers[Ax] && carry == ((expected.Registers[Flags] & 1) != 0))
        {
            return null;
        }
        expected.Registers[Ax] = (ushort)ax;
        int parity = System.Numerics.BitOperations.PopCount((uint)ax & 0xFF) & 1;
        expected.Registers[Flags] = (ushort)((expected.Registers[Flags] & ~0xD5) | (carry ? 1 : 0) | (parity == 0 ? 4 : 0) | (low ? 0x10 : 0)
            | ((ax & 0xFF) == 0 ? 0x40 : 0) | (ax & 0x80));
        return Decimal;
    }

    private static bool IsFsOrGs(Register r) => r is Register.FS or Register.GS;
}

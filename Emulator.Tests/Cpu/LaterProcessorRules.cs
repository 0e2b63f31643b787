using Iced.Intel;
using static Emulator.Tests.Cpu.ChipExpectation;

namespace Emulator.Tests.Cpu;

/// <summary>
/// Where a 386 and everything after it differs from the 80286 in real mode, each rule as narrow as its cases. A rule does not leave
/// the case out: it says what must come out instead.
/// </summary>
internal static class LaterProcessorRules
{
    /// <summary>The rules' names.</summary>
    public const string Lock = "LOCK before an instruction that cannot be locked: the 286 ignores it, later processors raise #UD",
        Long = "instructions of 11 to 15 bytes: #GP on the 286 only",
        FsGs = "MOV with FS or GS: #UD on the 286, which has neither",
        Restart = "string instructions that fault: the 286 leaves the registers advanced, later processors restore them",
        Stack = "a word at offset FFFF of SS: exception 13 on the 286, 12 later";

    // Where an exception that the chip did not raise is sent to: HLT at FFFF:0000.
    private const ushort StopSegment = 0xFFFF;
    private const uint StopLinear = 0xF_FFF0;

    /// <summary>What a later processor must make of a case.</summary>
    public static ChipExpectation Apply(MooCase test, uint flagsMask)
    {
        var expected = new ChipExpectation(test, flagsMask);
        byte[] code = test.Bytes[..^1];
        Instruction x = Decode(code, DecoderOptions.None), anyLock = Decode(code, DecoderOptions.NoInvalidCheck);
        if (x.IsInvalid && !anyLock.IsInvalid && anyLock.HasLockPrefix)
        {
            Undefined(test, expected);
        }
        else if (code.Length > 10 && test.Exception == 13)
        {
            LongInstruction(test, expected, x.Length);
        }
        else if (test.Exception == 6 && (IsFsOrGs(x.Op0Register) || IsFsOrGs(x.Op1Register)))
        {
            FsAndGs(test, expected, x.Length);
        }
        else if (test.Exception == 13)
        {
            RestartedString(test, expected, in x);
            StackFault(test, expected, in x);
        }
        return expected;
    }

    // 286: LOCK before anything. 386: #UD but for the read-modify-write instructions on memory (SDM Vol. 2A, LOCK).
    private static void Undefined(MooCase test, ChipExpectation expected)
    {
        expected.Rule = Lock;
        expected.Ram.Clear();
        expected.FlagsMask = 0x0FFF;
        ushort sp = test.Initial[Sp]!.Value, ss = test.Initial[Ss]!.Value, flags = test.Initial[Flags]!.Value;
        for (int n = 0; n < expected.Registers.Length; n++)
        {
            expected.Registers[n] = test.Initial[n]!.Value;
        }
        (expected.Registers[Cs], expected.Registers[Ip]) = (StopSegment, 1);
        expected.Registers[Sp] = (ushort)(sp - 6);
        expected.Registers[Flags] = (ushort)(flags & ~0x300);
        // The top four bits are the 286's again: only the low byte is compared.
        expected.Ram[Linear(ss, sp - 2)] = (byte)flags;
        expected.SetWord(ss, sp - 4, test.Initial[Cs]!.Value);
        expected.SetWord(ss, sp - 6, test.Initial[Ip]!.Value);
        SetVector(expected, 6, 0, StopSegment);
        expected.Setup.Add((StopLinear, 0xF4));
    }

    // 286: #GP beyond ten bytes. 386: fifteen. No chip result to compare with; the instruction must run and the HLT after it.
    private static void LongInstruction(MooCase test, ChipExpectation expected, int length)
    {
        expected.Rule = Long;
        RunsOn(test, expected, length);
    }

    // 286: no FS and GS, so #UD. 386: MOV with them.
    private static void FsAndGs(MooCase test, ChipExpectation expected, int length)
    {
        expected.Rule = FsGs;
        RunsOn(test, expected, length);
    }

    private static void RunsOn(MooCase test, ChipExpectation expected, int length)
    {
        expected.Ram.Clear();
        expected.Compared = 1 << Cs | 1 << Ip | 1 << Sp | 1 << Ss;
        foreach (int n in (ReadOnlySpan<int>)[Cs, Ss, Sp])
        {
            expected.Registers[n] = test.Initial[n]!.Value;
        }
        expected.Registers[Ip] = (ushort)(test.Initial[Ip]!.Value + length + 1);
    }

    // 286: the index and count registers of the element that faulted have moved. 386: an instruction that faults can be restarted.
    private static void RestartedString(MooCase test, ChipExpectation expected, in Instruction x)
    {
        if (!x.IsStringInstruction)
        {
            return;
        }
        int done = Math.Min(UsesSi(in x) ? ElementsToEnd(test, Si) : int.MaxValue, UsesDi(in x) ? ElementsToEnd(test, Di) : int.MaxValue);
        foreach (int n in (ReadOnlySpan<int>)[Si, Di])
        {
            bool moves = n == Si ? UsesSi(in x) : UsesDi(in x);
            expected.Registers[n] = (ushort)(test.Initial[n]!.Value + (moves ? done * Step(test) : 0));
        }
        if (x.HasRepPrefix || x.HasRepnePrefix)
        {
            expected.Registers[Cx] = (ushort)(test.Initial[Cx]!.Value - done);
        }
        expected.Rule = Restart;
    }

    // 286: 13 for any word at FFFF. 386: 12 where the segment is SS (SDM Vol. 3B, 21.3 and 22.33.2). Vector 12 gets 13's handler.
    private static void StackFault(MooCase test, ChipExpectation expected, in Instruction x)
    {
        if (!FaultsInStack(test, in x))
        {
            return;
        }
        expected.Rule = expected.Rule is null ? Stack : $"{expected.Rule}; and {Stack}";
        foreach ((uint address, byte value) in test.InitialRam)
        {
            if (address is >= 13 * 4 and < 14 * 4)
            {
                expected.Setup.Add((address - 4, value));
            }
        }
    }

    private static bool FaultsInStack(MooCase test, in Instruction x)
    {
        ushort Value(int n) => test.Initial[n]!.Value;
        for (int n = 0; n < x.OpCount; n++)
        {
            if (x.GetOpKind(n) is OpKind.Memory && x.MemorySegment == Register.SS && LastByteBeyond(test, in x))
            {
                return true;
            }
            if (x.GetOpKind(n) is OpKind.MemorySegSI && x.MemorySegment == Register.SS
                && ElementsToEnd(test, Si) <= (UsesDi(in x) ? ElementsToEnd(test, Di) : int.MaxValue))
            {
                return true;
            }
        }
        return x.Mnemonic switch
        {
            Mnemonic.Pop or Mnemonic.Ret => Value(Sp) == 0xFFFF,
            Mnemonic.Retf => Value(Sp) is 0xFFFF or 0xFFFD,
            Mnemonic.Iret => Value(Sp) is 0xFFFF or 0xFFFD or 0xFFFB,
            Mnemonic.Popa => (Value(Sp) & 1) != 0 && Value(Sp) >= 0xFFF1,
            Mnemonic.Leave => Value(Bp) == 0xFFFF,
            _ => false,
        };
    }

    private static bool UsesSi(in Instruction x) => x.Mnemonic is Mnemonic.Movsw or Mnemonic.Cmpsw or Mnemonic.Lodsw or Mnemonic.Outsw;

    private static bool UsesDi(in Instruction x) => x.Mnemonic is not (Mnemonic.Lodsw or Mnemonic.Outsw);

    private static int Step(MooCase test) => (test.Initial[Flags]!.Value & 0x400) != 0 ? -2 : 2;

    // Words before the one at FFFF; none where the register is even.
    private static int ElementsToEnd(MooCase test, int register)
    {
        int value = test.Initial[register]!.Value;
        return (value & 1) == 0 ? int.MaxValue : (ushort)((0xFFFF - value) * Math.Sign(Step(test))) / 2;
    }

    private static bool LastByteBeyond(MooCase test, in Instruction x)
    {
        int size = x.MemorySize.GetSize();
        ushort Value(Register r) => r switch
        {
            Register.BX => test.Initial[1]!.Value,
            Register.BP => test.Initial[Bp]!.Value,
            Register.SI => test.Initial[Si]!.Value,
            Register.DI => test.Initial[Di]!.Value,
            _ => 0,
        };
        int offset = (Value(x.MemoryBase) + Value(x.MemoryIndex) + (int)x.MemoryDisplacement64) & 0xFFFF;
        return offset + size > 0x10000;
    }

    private static bool IsFsOrGs(Register r) => r is Register.FS or Register.GS;

    private static void SetVector(ChipExpectation expected, int vector, int offset, int segment)
    {
        uint at = (uint)vector * 4;
        expected.Setup.AddRange([(at, (byte)offset), (at + 1, (byte)(offset >> 8)), (at + 2, (byte)segment), (at + 3, (byte)(segment >> 8))]);
    }

    private static Instruction Decode(byte[] code, DecoderOptions options)
    {
        Decoder decoder = Decoder.Create(16, code, options | DecoderOptions.ForceReservedNop);
        return decoder.Decode();
    }
}

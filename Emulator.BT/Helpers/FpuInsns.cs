using System.Runtime.CompilerServices;
using Emulator.BT.Decode;
using Emulator.BT.Fpu;
using Emulator.Core.Cpu;

namespace Emulator.BT.Helpers;

/// <summary>
/// The D8-DF instructions around <see cref="X87"/>: CR0 checks, pending exceptions, last-instruction pointers, guest memory.
/// Imm holds the 11 opcode bits (three of the escape byte, then ModR/M); Sub what the comment of each says.
/// </summary>
public static unsafe class FpuInsns
{
    /// <summary>Flag in Sub: pop afterwards.</summary>
    public const int Pop = 0x10;

    private static readonly byte[] FormatBytes = [4, 8, 2, 4, 8];

    /// <summary>ST(0) op= memory. Sub: the format in bits 0-3, the operation (ModR/M reg) in bits 4-6.</summary>
    public static bool ArithmeticMemory(CpuState* cpu, Insn* i)
    {
        int format = i->Sub & 15;
        if (!Begin(cpu, i) || !LoadOperand(cpu, i, FormatBytes[format], out ulong raw))
        {
            return false;
        }
        FpuState* f = &cpu->Fpu;
        switch (i->Sub >> 4)
        {
            case 0: X87.AddMemory(f, raw, format); break;
            case 1: X87.MultiplyMemory(f, raw, format); break;
            case 2: X87.CompareMemory(f, raw, format, pop: false); break;
            case 3: X87.CompareMemory(f, raw, format, pop: true); break;
            case 4: X87.SubtractMemory(f, raw, format); break;
            case 5: X87.SubtractReversedMemory(f, raw, format); break;
            case 6: X87.DivideMemory(f, raw, format); break;
            default: X87.DivideReversedMemory(f, raw, format); break;
        }
        return true;
    }

    /// <summary>ST(0) op= ST(i). Sub: the operation.</summary>
    public static bool ArithmeticTop(CpuState* cpu, Insn* i)
    {
        if (!Begin(cpu, i))
        {
            return false;
        }
        FpuState* f = &cpu->Fpu;
        int st = StackIndex(i);
        switch (i->Sub)
        {
            case 0: X87.Add(f, 0, st, pop: false); break;
            case 1: X87.Multiply(f, 0, st, pop: false); break;
            case 2: X87.Compare(f, st, 0, quiet: false); break;
            case 3: X87.Compare(f, st, 1, quiet: false); break;
            case 4: X87.Subtract(f, 0, st, pop: false); break;
            case 5: X87.SubtractReversed(f, 0, st, pop: false); break;
            case 6: X87.Divide(f, 0, st, pop: false); break;
            default: X87.DivideReversed(f, 0, st, pop: false); break;
        }
        return true;
    }

    /// <summary>ST(i) op= ST(0). Sub: the operation and <see cref="Pop"/>. The encodings of SUB and SUBR, DIV and DIVR are swapped here.</summary>
    public static bool ArithmeticOther(CpuState* cpu, Insn* i)
    {
        if (!Begin(cpu, i))
        {
            return false;
        }
        FpuState* f = &cpu->Fpu;
        int st = StackIndex(i);
        bool pop = (i->Sub & Pop) != 0;
        switch (i->Sub & 7)
        {
            case 0: X87.Add(f, st, 0, pop); break;
            case 1: X87.Multiply(f, st, 0, pop); break;
            case 4: X87.SubtractReversed(f, st, 0, pop); break;
            case 5: X87.Subtract(f, st, 0, pop); break;
            case 6: X87.DivideReversed(f, st, 0, pop); break;
            default: X87.Divide(f, st, 0, pop); break;
        }
        return true;
    }

    /// <summary>FLD m32/m64, FILD. Sub: the format.</summary>
    public static bool LoadMemory(CpuState* cpu, Insn* i)
    {
        if (!Begin(cpu, i) || !LoadOperand(cpu, i, FormatBytes[i->Sub], out ulong raw))
        {
            return false;
        }
        X87.LoadMemory(&cpu->Fpu, raw, i->Sub);
        return true;
    }

    /// <summary>FST, FSTP, FIST, FISTP to memory. Sub: the format and <see cref="Pop"/>.</summary>
    public static bool StoreMemory(CpuState* cpu, Insn* i)
    {
        if (!Begin(cpu, i))
        {
            return false;
        }
        ulong value;
        int format = i->Sub & 15;
        uint outcome = X87.PrepareStore(&cpu->Fpu, format, &value);
        if ((outcome & X87.MayStore) != 0 && !Operand.Store(cpu, i, i->Segment, Operand.Address(cpu, i), FormatBytes[format], value))
        {
            return false;
        }
        X87.FinishStore(&cpu->Fpu, outcome, (i->Sub & Pop) != 0);
        return true;
    }

    /// <summary>FLD m80 (Sub = 0), FBLD (1).</summary>
    public static bool LoadTenBytes(CpuState* cpu, Insn* i)
    {
        ulong ea = Operand.Address(cpu, i);
        if (!Begin(cpu, i) || !LoadOperand(cpu, i, 8, out ulong low) || !Operand.Load(cpu, i, i->Segment, Operand.Cut(i, ea + 8), 2, out ulong high))
        {
            return false;
        }
        if (i->Sub == 0)
        {
            X87.LoadExtended(&cpu->Fpu, low, (uint)high);
        }
        else
        {
            X87.LoadBcd(&cpu->Fpu, low, (uint)high);
        }
        return true;
    }

    /// <summary>FSTP m80 (Sub = 0), FBSTP (1).</summary>
    public static bool StoreTenBytes(CpuState* cpu, Insn* i)
    {
        if (!Begin(cpu, i))
        {
            return false;
        }
        Float80 image;
        uint outcome = i->Sub == 0 ? X87.PrepareStoreExtended(&cpu->Fpu, &image) : X87.PrepareStoreBcd(&cpu->Fpu, &image);
        if ((outcome & X87.MayStore) != 0)
        {
            ulong ea = Operand.Address(cpu, i);
            if (!Mmu.SlowAccess.ProbeSegment(cpu, i->Segment, ea, 10, write: true)
                || !Operand.Store(cpu, i, i->Segment, ea, 8, image.Significand)
                || !Operand.Store(cpu, i, i->Segment, Operand.Cut(i, ea + 8), 2, image.SignExponent))
            {
                return false;
            }
        }
        X87.FinishStore(&cpu->Fpu, outcome, pop: true);
        return true;
    }

    /// <summary>FLD ST(i), FXCH, FFREE, FFREEP, FST ST(i), FSTP ST(i), FUCOM, FUCOMP, FCOMPP, FUCOMPP, FSTP D9: Sub 0-10.</summary>
    public static bool Register(CpuState* cpu, Insn* i)
    {
        if (!Begin(cpu, i))
        {
            return false;
        }
        FpuState* f = &cpu->Fpu;
        int st = StackIndex(i);
        switch (i->Sub)
        {
            case 0: X87.LoadRegister(f, st); break;
            case 1: X87.Exchange(f, st); break;
            case 2: X87.Free(f, st, pop: false); break;
            case 3: X87.Free(f, st, pop: true); break;
            case 4: X87.StoreRegister(f, st, pop: false); break;
            case 5: X87.StoreRegister(f, st, pop: true); break;
            case 6: X87.Compare(f, st, 0, quiet: true); break;
            case 7: X87.Compare(f, st, 1, quiet: true); break;
            case 8: X87.Compare(f, 1, 2, quiet: false); break;
            case 10: X87.StoreRegisterUnchecked(f, st); break;
            default: X87.Compare(f, 1, 2, quiet: true); break;
        }
        return true;
    }

    /// <summary>FCOMI (Sub = 0), FUCOMI (1), with <see cref="Pop"/>.</summary>
    public static bool CompareToFlags(CpuState* cpu, Insn* i)
    {
        if (!Begin(cpu, i))
        {
            return false;
        }
        X87.CompareToFlags(cpu, StackIndex(i), (i->Sub & Pop) != 0, (i->Sub & 1) != 0);
        return true;
    }

    /// <summary>FCMOVcc. Sub: the condition code of Jcc.</summary>
    public static bool MoveIf(CpuState* cpu, Insn* i)
    {
        if (!Begin(cpu, i))
        {
            return false;
        }
        X87.MoveIf(&cpu->Fpu, StackIndex(i), Interpreter.Flags.Condition(cpu, i->Sub));
        return true;
    }

    /// <summary>D9 E0-FF: the operations on the top of the stack and the constants. Sub: ModR/M - E0.</summary>
    public static bool Top(CpuState* cpu, Insn* i)
    {
        if (!Begin(cpu, i))
        {
            return false;
        }
        FpuState* f = &cpu->Fpu;
        switch (i->Sub)
        {
            case 0x00: X87.ChangeSign(f); break;
            case 0x01: X87.Absolute(f); break;
            case 0x04: X87.Test(f); break;
            case 0x05: X87.Examine(f); break;
            case >= 0x08 and <= 0x0E: X87.LoadConstant(f, i->Sub - 8); break;
            case 0x10: X87.Exp2Minus1(f); break;
            case 0x11: X87.YLog2X(f); break;
            case 0x12: X87.Tangent(f); break;
            case 0x13: X87.Arctangent(f); break;
            case 0x14: X87.Extract(f); break;
            case 0x15: X87.Remainder(f, nearest: true); break;
            case 0x16: X87.DecrementTop(f); break;
            case 0x17: X87.IncrementTop(f); break;
            case 0x18: X87.Remainder(f, nearest: false); break;
            case 0x19: X87.YLog2XPlus1(f); break;
            case 0x1A: X87.SquareRoot(f); break;
            case 0x1B: X87.SineCosine(f); break;
            case 0x1C: X87.RoundToInteger(f); break;
            case 0x1D: X87.Scale(f); break;
            case 0x1E: X87.Sine(f); break;
            default: X87.Cosine(f); break;
        }
        return true;
    }

    /// <summary>FNOP.</summary>
    public static bool Nop(CpuState* cpu, Insn* i) => Begin(cpu, i);

    /// <summary>FENI, FDISI, FSETPM: nothing since the 387.</summary>
    public static bool Legacy(CpuState* cpu, Insn* i) => Available(cpu);

    /// <summary>WAIT.</summary>
    public static bool Wait(CpuState* cpu, Insn* i) =>
        (cpu->Cr0 & (Cr0.MP | Cr0.TS)) == (Cr0.MP | Cr0.TS) ? Fault.Raise(cpu, Vector.NM) : NoPending(cpu);

    /// <summary>FNINIT.</summary>
    public static bool Init(CpuState* cpu, Insn* i)
    {
        if (!Available(cpu))
        {
            return false;
        }
        X87.Initialize(&cpu->Fpu);
        NoError(cpu);
        return true;
    }

    /// <summary>FNCLEX.</summary>
    public static bool ClearExceptions(CpuState* cpu, Insn* i)
    {
        if (!Available(cpu))
        {
            return false;
        }
        X87.ClearExceptions(&cpu->Fpu);
        NoError(cpu);
        return true;
    }

    /// <summary>FLDCW.</summary>
    public static bool LoadControl(CpuState* cpu, Insn* i)
    {
        if (!Available(cpu) || !NoPending(cpu) || !Operand.Load(cpu, i, i->Segment, Operand.Address(cpu, i), 2, out ulong value))
        {
            return false;
        }
        X87.LoadControl(&cpu->Fpu, (uint)value);
        return true;
    }

    /// <summary>FNSTCW (Sub = 0), FNSTSW m16 (1).</summary>
    public static bool StoreWord(CpuState* cpu, Insn* i) =>
        Available(cpu) && Operand.Store(
            cpu, i, i->Segment, Operand.Address(cpu, i), 2, i->Sub == 0 ? X87.GetControl(&cpu->Fpu) : X87.GetStatus(&cpu->Fpu));

    /// <summary>FNSTSW AX.</summary>
    public static bool StatusToAx(CpuState* cpu, Insn* i)
    {
        if (!Available(cpu))
        {
            return false;
        }
        Operand.SetRegister(cpu, 0, 2, X87.GetStatus(&cpu->Fpu));
        return true;
    }

    /// <summary>FNSTENV (Sub = 0), FNSAVE (1).</summary>
    public static bool StoreImage(CpuState* cpu, Insn* i)
    {
        if (!Available(cpu))
        {
            return false;
        }
        Span<byte> image = stackalloc byte[108];
        EnvironmentLayout layout = Layout(cpu, i);
        bool save = i->Sub == 1;
        image = image[..(save ? X87.SaveSize(layout) : X87.EnvironmentSize(layout))];
        if (save)
        {
            X87.WriteSave(&cpu->Fpu, image, layout);
        }
        else
        {
            X87.WriteEnvironment(&cpu->Fpu, image, layout);
        }
        ulong ea = Operand.Address(cpu, i);
        if (!Mmu.SlowAccess.ProbeSegment(cpu, i->Segment, ea, image.Length, write: true))
        {
            return false;
        }
        for (int n = 0; n < image.Length; n++)
        {
            if (!Operand.Store(cpu, i, i->Segment, Operand.Cut(i, ea + (ulong)n), 1, image[n]))
            {
                return false;
            }
        }
        if (save)
        {
            X87.Initialize(&cpu->Fpu);
        }
        else
        {
            X87.MaskExceptions(&cpu->Fpu);
        }
        NoError(cpu);
        return true;
    }

    /// <summary>FLDENV (Sub = 0), FRSTOR (1).</summary>
    public static bool LoadImage(CpuState* cpu, Insn* i)
    {
        if (!Available(cpu) || !NoPending(cpu))
        {
            return false;
        }
        Span<byte> image = stackalloc byte[108];
        EnvironmentLayout layout = Layout(cpu, i);
        image = image[..(i->Sub == 1 ? X87.SaveSize(layout) : X87.EnvironmentSize(layout))];
        ulong ea = Operand.Address(cpu, i);
        for (int n = 0; n < image.Length; n++)
        {
            if (!Operand.Load(cpu, i, i->Segment, Operand.Cut(i, ea + (ulong)n), 1, out ulong value))
            {
                return false;
            }
            image[n] = (byte)value;
        }
        if (i->Sub == 1)
        {
            X87.ReadSave(&cpu->Fpu, image, layout);
        }
        else
        {
            X87.ReadEnvironment(&cpu->Fpu, image, layout);
        }
        return true;
    }

    private static EnvironmentLayout Layout(CpuState* cpu, Insn* i) => (cpu->UsesRealSegments, Operand.Size(i) == 4) switch
    {
        (true, true) => EnvironmentLayout.Real32,
        (true, false) => EnvironmentLayout.Real16,
        (false, true) => EnvironmentLayout.Protected32,
        _ => EnvironmentLayout.Protected16,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int StackIndex(Insn* i) => (int)i->Imm & 7;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Available(CpuState* cpu) => (cpu->Cr0 & (Cr0.EM | Cr0.TS)) == 0 || Fault.Raise(cpu, Vector.NM);

    // Without CR0.NE the error goes out through FERR to IRQ 13, and the instruction waits for the interrupt unless IGNNE is asserted
    // (SDM Vol. 1, 8.7.2 and appendix D).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool NoPending(CpuState* cpu)
    {
        if (!X87.HasPendingException(&cpu->Fpu))
        {
            return true;
        }
        if ((cpu->Cr0 & Cr0.NE) != 0)
        {
            return Fault.Raise(cpu, Vector.MF);
        }
        return Vcpu.From(cpu).IgnoresFpuErrors || Fault.Raise(cpu, Vector.FerrWait);
    }

    // Exceptions are gone or masked: IGNNE ends with FERR.
    private static void NoError(CpuState* cpu) => Vcpu.From(cpu).IgnoresFpuErrors = false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Begin(CpuState* cpu, Insn* i)
    {
        if (!Available(cpu) || !NoPending(cpu))
        {
            return false;
        }
        FpuState* f = &cpu->Fpu;
        f->InstructionPointer = cpu->BlockRip + i->Offset;
        f->InstructionSelector = cpu->Segments[Seg.CS].Selector;
        f->Opcode = (ushort)i->Imm;
        if (i->IsMemory)
        {
            f->DataPointer = Operand.Address(cpu, i);
            f->DataSelector = cpu->Segments[i->Segment].Selector;
        }
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool LoadOperand(CpuState* cpu, Insn* i, int size, out ulong raw) =>
        Operand.Load(cpu, i, i->Segment, cpu->Fpu.DataPointer, size, out raw);
}

using Emulator.BT.Fpu;
using Emulator.Core.Cpu;

namespace Emulator.Tests.Fpu;

/// <summary>What the emulated side of an instruction does to the state and its 16-byte memory operand.</summary>
internal unsafe delegate void X87Semantics(CpuState* s, byte* memory);

/// <summary>How operands are drawn and results compared.</summary>
internal enum X87Kind
{
    Exact,
    Load,
    Bcd,
    Transcendental,
}

/// <summary>One opcode form: host code (memory forms address [RDI + disp32]) and our semantics.</summary>
/// <param name="Name">Mnemonic and form.</param>
/// <param name="Code">Machine code.</param>
/// <param name="Kind">Way of comparing.</param>
/// <param name="Low">Least exponent of a transcendental's ST(0) in half of its cases.</param>
/// <param name="High">Greatest exponent.</param>
/// <param name="Run">Our semantics.</param>
internal sealed unsafe record X87Instruction(string Name, byte[] Code, X87Kind Kind, int Low, int High, X87Semantics Run)
{
    /// <summary>Every x87 instruction that computes, in the register and memory forms that have semantics of their own.</summary>
    public static List<X87Instruction> All()
    {
        var all = new List<X87Instruction>();
        void Add(string name, X87Semantics run, X87Kind kind, params byte[] code) => all.Add(new(name, code, kind, 0, 0, run));
        void Wide(string name, int low, int high, X87Semantics run, params byte[] code) =>
            all.Add(new(name, code, X87Kind.Transcendental, low, high, run));
        void Memory(string name, byte opcode, int reg, X87Semantics run, X87Kind kind = X87Kind.Exact) =>
            Add(name, run, kind, opcode, (byte)(0x87 | reg << 3), BlockMemory & 0xFF, BlockMemory >> 8, 0, 0);

        for (int i = 0; i < 8; i += 3)
        {
            int n = i;
            Add($"fadd st,st{n}", (s, m) => X87.Add(&s->Fpu, 0, n, false), X87Kind.Exact, 0xD8, (byte)(0xC0 + n));
            Add($"fmul st,st{n}", (s, m) => X87.Multiply(&s->Fpu, 0, n, false), X87Kind.Exact, 0xD8, (byte)(0xC8 + n));
            Add($"fcom st{n}", (s, m) => X87.Compare(&s->Fpu, n, 0, false), X87Kind.Exact, 0xD8, (byte)(0xD0 + n));
            Add($"fcomp st{n}", (s, m) => X87.Compare(&s->Fpu, n, 1, false), X87Kind.Exact, 0xD8, (byte)(0xD8 + n));
            Add($"fsub st,st{n}", (s, m) => X87.Subtract(&s->Fpu, 0, n, false), X87Kind.Exact, 0xD8, (byte)(0xE0 + n));
            Add($"fsubr st,st{n}", (s, m) => X87.SubtractReversed(&s->Fpu, 0, n, false), X87Kind.Exact, 0xD8, (byte)(0xE8 + n));
            Add($"fdiv st,st{n}", (s, m) => X87.Divide(&s->Fpu, 0, n, false), X87Kind.Exact, 0xD8, (byte)(0xF0 + n));
            Add($"fdivr st,st{n}", (s, m) => X87.DivideReversed(&s->Fpu, 0, n, false), X87Kind.Exact, 0xD8, (byte)(0xF8 + n));
            Add($"fld st{n}", (s, m) => X87.LoadRegister(&s->Fpu, n), X87Kind.Exact, 0xD9, (byte)(0xC0 + n));
            Add($"fxch st{n}", (s, m) => X87.Exchange(&s->Fpu, n), X87Kind.Exact, 0xD9, (byte)(0xC8 + n));
            Add($"fcmovb st,st{n}", (s, m) => X87.MoveIf(&s->Fpu, n, (s->GetEflags() & 1) != 0), X87Kind.Exact, 0xDA, (byte)(0xC0 + n));
            Add($"fucomi st{n}", (s, m) => X87.CompareToFlags(s, n, false, true), X87Kind.Exact, 0xDB, (byte)(0xE8 + n));
            Add($"fcomi st{n}", (s, m) => X87.CompareToFlags(s, n, false, false), X87Kind.Exact, 0xDB, (byte)(0xF0 + n));
            Add($"ffree st{n}", (s, m) => X87.Free(&s->Fpu, n, false), X87Kind.Exact, 0xDD, (byte)(0xC0 + n));
            Add($"fst st{n}", (s, m) => X87.StoreRegister(&s->Fpu, n, false), X87Kind.Exact, 0xDD, (byte)(0xD0 + n));
            Add($"fstp st{n}", (s, m) => X87.StoreRegister(&s->Fpu, n, true), X87Kind.Exact, 0xDD, (byte)(0xD8 + n));
            Add($"fucom st{n}", (s, m) => X87.Compare(&s->Fpu, n, 0, true), X87Kind.Exact, 0xDD, (byte)(0xE0 + n));
            Add($"fucomp st{n}", (s, m) => X87.Compare(&s->Fpu, n, 1, true), X87Kind.Exact, 0xDD, (byte)(0xE8 + n));
            Add($"faddp st{n}", (s, m) => X87.Add(&s->Fpu, n, 0, true), X87Kind.Exact, 0xDE, (byte)(0xC0 + n));
            Add($"fmulp st{n}", (s, m) => X87.Multiply(&s->Fpu, n, 0, true), X87Kind.Exact, 0xDE, (byte)(0xC8 + n));
            Add($"fsubrp st{n}", (s, m) => X87.SubtractReversed(&s->Fpu, n, 0, true), X87Kind.Exact, 0xDE, (byte)(0xE0 + n));
            Add($"fsubp st{n}", (s, m) => X87.Subtract(&s->Fpu, n, 0, true), X87Kind.Exact, 0xDE, (byte)(0xE8 + n));
            Add($"fdivrp st{n}", (s, m) => X87.DivideReversed(&s->Fpu, n, 0, true), X87Kind.Exact, 0xDE, (byte)(0xF0 + n));
            Add($"fdivp st{n}", (s, m) => X87.Divide(&s->Fpu, n, 0, true), X87Kind.Exact, 0xDE, (byte)(0xF8 + n));
            Add($"ffreep st{n}", (s, m) => X87.Free(&s->Fpu, n, true), X87Kind.Exact, 0xDF, (byte)(0xC0 + n));
            Add($"fadd st{n},st", (s, m) => X87.Add(&s->Fpu, n, 0, false), X87Kind.Exact, 0xDC, (byte)(0xC0 + n));
            Add($"fmul st{n},st", (s, m) => X87.Multiply(&s->Fpu, n, 0, false), X87Kind.Exact, 0xDC, (byte)(0xC8 + n));
            Add($"fsubr st{n},st", (s, m) => X87.SubtractReversed(&s->Fpu, n, 0, false), X87Kind.Exact, 0xDC, (byte)(0xE0 + n));
            Add($"fsub st{n},st", (s, m) => X87.Subtract(&s->Fpu, n, 0, false), X87Kind.Exact, 0xDC, (byte)(0xE8 + n));
            Add($"fdivr st{n},st", (s, m) => X87.DivideReversed(&s->Fpu, n, 0, false), X87Kind.Exact, 0xDC, (byte)(0xF0 + n));
            Add($"fdiv st{n},st", (s, m) => X87.Divide(&s->Fpu, n, 0, false), X87Kind.Exact, 0xDC, (byte)(0xF8 + n));
            // Encodings that no manual names and every chip has.
            Add($"fcom2 st{n}", (s, m) => X87.Compare(&s->Fpu, n, 0, false), X87Kind.Exact, 0xDC, (byte)(0xD0 + n));
            Add($"fcomp3 st{n}", (s, m) => X87.Compare(&s->Fpu, n, 1, false), X87Kind.Exact, 0xDC, (byte)(0xD8 + n));
            Add($"fcomp5 st{n}", (s, m) => X87.Compare(&s->Fpu, n, 1, false), X87Kind.Exact, 0xDE, (byte)(0xD0 + n));
            Add($"fxch4 st{n}", (s, m) => X87.Exchange(&s->Fpu, n), X87Kind.Exact, 0xDD, (byte)(0xC8 + n));
            Add($"fxch7 st{n}", (s, m) => X87.Exchange(&s->Fpu, n), X87Kind.Exact, 0xDF, (byte)(0xC8 + n));
            Add($"fstp1 st{n}", (s, m) => X87.StoreRegisterUnchecked(&s->Fpu, n), X87Kind.Exact, 0xD9, (byte)(0xD8 + n));
            Add($"fstp8 st{n}", (s, m) => X87.StoreRegister(&s->Fpu, n, true), X87Kind.Exact, 0xDF, (byte)(0xD0 + n));
            Add($"fstp9 st{n}", (s, m) => X87.StoreRegister(&s->Fpu, n, true), X87Kind.Exact, 0xDF, (byte)(0xD8 + n));
            for (int c = 0; c < 8; c++)
            {
                (uint flags, bool wanted) = (new uint[] { Eflags.CF, Eflags.ZF, Eflags.CF | Eflags.ZF, Eflags.PF }[c & 3], c < 4);
                if (c > 0)
                {
                    Add($"fcmov{c} st{n}", (s, m) => X87.MoveIf(&s->Fpu, n, (s->GetEflags() & flags) != 0 == wanted), X87Kind.Exact, (byte)(c < 4 ? 0xDA : 0xDB), (byte)(0xC0 + (8 * (c & 3)) + n));
                }
            }
            Add($"fucomip st{n}", (s, m) => X87.CompareToFlags(s, n, true, true), X87Kind.Exact, 0xDF, (byte)(0xE8 + n));
            Add($"fcomip st{n}", (s, m) => X87.CompareToFlags(s, n, true, false), X87Kind.Exact, 0xDF, (byte)(0xF0 + n));
        }
        foreach ((string name, byte opcode, int format) in new (string, byte, int)[]
            {
                ("m32", 0xD8, MemoryFormat.Single), ("m64", 0xDC, MemoryFormat.Double), ("i16", 0xDE, MemoryFormat.Int16),
                ("i32", 0xDA, MemoryFormat.Int32),
            })
        {
            Memory("fadd " + name, opcode, 0, (s, m) => X87.AddMemory(&s->Fpu, *(ulong*)m, format));
            Memory("fmul " + name, opcode, 1, (s, m) => X87.MultiplyMemory(&s->Fpu, *(ulong*)m, format));
            Memory("fcom " + name, opcode, 2, (s, m) => X87.CompareMemory(&s->Fpu, *(ulong*)m, format, false));
            Memory("fcomp " + name, opcode, 3, (s, m) => X87.CompareMemory(&s->Fpu, *(ulong*)m, format, true));
            Memory("fsub " + name, opcode, 4, (s, m) => X87.SubtractMemory(&s->Fpu, *(ulong*)m, format));
            Memory("fsubr " + name, opcode, 5, (s, m) => X87.SubtractReversedMemory(&s->Fpu, *(ulong*)m, format));
            Memory("fdiv " + name, opcode, 6, (s, m) => X87.DivideMemory(&s->Fpu, *(ulong*)m, format));
            Memory("fdivr " + name, opcode, 7, (s, m) => X87.DivideReversedMemory(&s->Fpu, *(ulong*)m, format));
        }
        foreach ((string name, byte opcode, int reg, int format, bool pop) in new (string, byte, int, int, bool)[]
            {
                ("fst m32", 0xD9, 2, MemoryFormat.Single, false), ("fstp m32", 0xD9, 3, MemoryFormat.Single, true),
                ("fst m64", 0xDD, 2, MemoryFormat.Double, false), ("fstp m64", 0xDD, 3, MemoryFormat.Double, true),
                ("fist i16", 0xDF, 2, MemoryFormat.Int16, false), ("fistp i16", 0xDF, 3, MemoryFormat.Int16, true),
                ("fist i32", 0xDB, 2, MemoryFormat.Int32, false), ("fistp i32", 0xDB, 3, MemoryFormat.Int32, true),
                ("fistp i64", 0xDF, 7, MemoryFormat.Int64, true),
            })
        {
            Memory(name, opcode, reg, (s, m) => Store(s, m, format, pop));
        }
        Memory("fstp m80", 0xDB, 7, StoreExtended);
        Memory("fbstp", 0xDF, 6, StoreBcd);
        Memory("fld m32", 0xD9, 0, (s, m) => X87.LoadMemory(&s->Fpu, *(ulong*)m, MemoryFormat.Single), X87Kind.Load);
        Memory("fld m64", 0xDD, 0, (s, m) => X87.LoadMemory(&s->Fpu, *(ulong*)m, MemoryFormat.Double), X87Kind.Load);
        Memory("fild i16", 0xDF, 0, (s, m) => X87.LoadMemory(&s->Fpu, *(ulong*)m, MemoryFormat.Int16), X87Kind.Load);
        Memory("fild i32", 0xDB, 0, (s, m) => X87.LoadMemory(&s->Fpu, *(ulong*)m, MemoryFormat.Int32), X87Kind.Load);
        Memory("fild i64", 0xDF, 5, (s, m) => X87.LoadMemory(&s->Fpu, *(ulong*)m, MemoryFormat.Int64), X87Kind.Load);
        Memory("fld m80", 0xDB, 5, (s, m) => X87.LoadExtended(&s->Fpu, *(ulong*)m, *(ushort*)(m + 8)), X87Kind.Load);
        Memory("fbld", 0xDF, 4, (s, m) => X87.LoadBcd(&s->Fpu, *(ulong*)m, *(ushort*)(m + 8)), X87Kind.Bcd);
        // The masks come from the drawn control word, or an exception would hit the host.
        Memory("fnstcw", 0xD9, 7, (s, m) => *(ushort*)m = X87.GetControl(&s->Fpu));
        Memory("fnstsw m", 0xDD, 7, (s, m) => *(ushort*)m = X87.GetStatus(&s->Fpu));
        Memory("fldcw", 0xD9, 5, (s, m) => X87.LoadControl(&s->Fpu, *(ushort*)m), X87Kind.Load);
        for (int i = 0; i < 7; i++)
        {
            int n = i;
            Add($"fldconst {n}", (s, m) => X87.LoadConstant(&s->Fpu, n), X87Kind.Load, 0xD9, (byte)(0xE8 + n));
        }
        Add("fcompp", (s, m) => X87.Compare(&s->Fpu, 1, 2, false), X87Kind.Exact, 0xDE, 0xD9);
        Add("fucompp", (s, m) => X87.Compare(&s->Fpu, 1, 2, true), X87Kind.Exact, 0xDA, 0xE9);
        Add("fnop", (s, m) => { }, X87Kind.Exact, 0xD9, 0xD0);
        Add("feni", (s, m) => { }, X87Kind.Exact, 0xDB, 0xE0);
        Add("fdisi", (s, m) => { }, X87Kind.Exact, 0xDB, 0xE1);
        Add("fsetpm", (s, m) => { }, X87Kind.Exact, 0xDB, 0xE4);
        Add("fchs", (s, m) => X87.ChangeSign(&s->Fpu), X87Kind.Exact, 0xD9, 0xE0);
        Add("fabs", (s, m) => X87.Absolute(&s->Fpu), X87Kind.Exact, 0xD9, 0xE1);
        Add("ftst", (s, m) => X87.Test(&s->Fpu), X87Kind.Exact, 0xD9, 0xE4);
        Add("fxam", (s, m) => X87.Examine(&s->Fpu), X87Kind.Exact, 0xD9, 0xE5);
        Add("fxtract", (s, m) => X87.Extract(&s->Fpu), X87Kind.Exact, 0xD9, 0xF4);
        Add("fprem1", (s, m) => X87.Remainder(&s->Fpu, true), X87Kind.Exact, 0xD9, 0xF5);
        Add("fdecstp", (s, m) => X87.DecrementTop(&s->Fpu), X87Kind.Exact, 0xD9, 0xF6);
        Add("fincstp", (s, m) => X87.IncrementTop(&s->Fpu), X87Kind.Exact, 0xD9, 0xF7);
        Add("fprem", (s, m) => X87.Remainder(&s->Fpu, false), X87Kind.Exact, 0xD9, 0xF8);
        Add("fsqrt", (s, m) => X87.SquareRoot(&s->Fpu), X87Kind.Exact, 0xD9, 0xFA);
        Add("frndint", (s, m) => X87.RoundToInteger(&s->Fpu), X87Kind.Exact, 0xD9, 0xFC);
        Add("fscale", (s, m) => X87.Scale(&s->Fpu), X87Kind.Exact, 0xD9, 0xFD);
        Add("fnclex", (s, m) => X87.ClearExceptions(&s->Fpu), X87Kind.Exact, 0xDB, 0xE2);
        Add("fninit", (s, m) => X87.Initialize(&s->Fpu), X87Kind.Exact, 0xDB, 0xE3);
        Wide("f2xm1", -70, -1, (s, m) => X87.Exp2Minus1(&s->Fpu), 0xD9, 0xF0);
        Wide("fyl2x", -64, 64, (s, m) => X87.YLog2X(&s->Fpu), 0xD9, 0xF1);
        Wide("fptan", -66, 62, (s, m) => X87.Tangent(&s->Fpu), 0xD9, 0xF2);
        Wide("fpatan", -66, 66, (s, m) => X87.Arctangent(&s->Fpu), 0xD9, 0xF3);
        Wide("fyl2xp1", -70, -3, (s, m) => X87.YLog2XPlus1(&s->Fpu), 0xD9, 0xF9);
        Wide("fsincos", -66, 62, (s, m) => X87.SineCosine(&s->Fpu), 0xD9, 0xFB);
        Wide("fsin", -66, 62, (s, m) => X87.Sine(&s->Fpu), 0xD9, 0xFE);
        Wide("fcos", -66, 62, (s, m) => X87.Cosine(&s->Fpu), 0xD9, 0xFF);
        return all;
    }

    /// <summary>Offset of the memory operand in the host's block.</summary>
    public const int BlockMemory = 0x110;

    private static void Store(CpuState* s, byte* memory, int format, bool pop)
    {
        ulong value;
        uint outcome = X87.PrepareStore(&s->Fpu, format, &value);
        if ((outcome & X87.MayStore) != 0)
        {
            int size = format is MemoryFormat.Int16 ? 2 : format is MemoryFormat.Single or MemoryFormat.Int32 ? 4 : 8;
            new Span<byte>(&value, size).CopyTo(new Span<byte>(memory, 16));
        }
        X87.FinishStore(&s->Fpu, outcome, pop);
    }

    private static void StoreExtended(CpuState* s, byte* memory)
    {
        Float80 value;
        Finish(s, memory, X87.PrepareStoreExtended(&s->Fpu, &value), &value);
    }

    private static void StoreBcd(CpuState* s, byte* memory)
    {
        Float80 value;
        Finish(s, memory, X87.PrepareStoreBcd(&s->Fpu, &value), &value);
    }

    private static void Finish(CpuState* s, byte* memory, uint outcome, Float80* value)
    {
        if ((outcome & X87.MayStore) != 0)
        {
            *(ulong*)memory = value->Significand;
            *(ushort*)(memory + 8) = value->SignExponent;
        }
        X87.FinishStore(&s->Fpu, outcome, true);
    }
}

using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class X87
{
    /// <summary>FLD m32/m64, FILD: pushes raw bits in a <see cref="MemoryFormat"/>.</summary>
    public static void LoadMemory(FpuState* f, ulong raw, int format)
    {
        if (!IsEmpty(f, -1))
        {
            StackOverflow(f);
            return;
        }
        Float80 value;
        uint flags = Widen(&value, raw, format) != 0 ? FpuStatus.DE : 0;
        if (SoftFloat80.IsNaN(&value) && (value.Significand & SoftFloat80.QuietBit) == 0)
        {
            value.Significand |= SoftFloat80.QuietBit;
            flags = FpuStatus.IE;
        }
        Raise(f, flags);
        // A denormal is loaded even when its exception is unmasked.
        if ((flags & ~(uint)f->Control & FpuStatus.IE) == 0)
        {
            *Push(f) = value;
        }
    }

    /// <summary>FLD m80; nothing is judged.</summary>
    public static void LoadExtended(FpuState* f, ulong significand, uint signExponent)
    {
        if (!IsEmpty(f, -1))
        {
            StackOverflow(f);
            return;
        }
        Raise(f, 0);
        SoftFloat80.Set(Push(f), signExponent, significand);
    }

    /// <summary>FBLD: the low 64 and high 16 bits of the packed BCD image.</summary>
    public static void LoadBcd(FpuState* f, ulong low, uint high)
    {
        if (!IsEmpty(f, -1))
        {
            StackOverflow(f);
            return;
        }
        Raise(f, 0);
        SoftFloat80.FromBcd(Push(f), low, high);
    }

    /// <summary>FLD ST(i).</summary>
    public static void LoadRegister(FpuState* f, int i)
    {
        // An empty source counts before a full stack.
        if (IsEmpty(f, i))
        {
            Raise(f, FpuStatus.IE | FpuStatus.SF);
            if ((f->Control & FpuStatus.IE) != 0)
            {
                SoftFloat80.SetIndefinite(Push(f));
            }
            return;
        }
        if (!IsEmpty(f, -1))
        {
            StackOverflow(f);
            return;
        }
        Float80* source = Register(f, i);
        Raise(f, 0);
        *Push(f) = *source;
    }

    /// <summary>FLD1 FLDL2T FLDL2E FLDPI FLDLG2 FLDLN2 FLDZ = 0-6, as the opcode's low bits number them.</summary>
    public static void LoadConstant(FpuState* f, int constant)
    {
        if (!IsEmpty(f, -1))
        {
            StackOverflow(f);
            return;
        }
        uint rounding = f->Control & FpuControl.RoundingMask;
        // The significands below are rounded down; all but log2 10 lie above the middle.
        ulong up = rounding == FpuControl.Up ? 1ul : 0, nearest = rounding == FpuControl.Nearest ? 1ul : up;
        Raise(f, 0);
        Float80* d = Push(f);
        switch (constant)
        {
            case 0:
                SoftFloat80.Set(d, SoftFloat80.Bias, SoftFloat80.IntegerBit);
                break;
            case 1:
                SoftFloat80.Set(d, 0x4000, 0xD49A_784B_CD1B_8AFE + up);
                break;
            case 2:
                SoftFloat80.Set(d, 0x3FFF, 0xB8AA_3B29_5C17_F0BB + nearest);
                break;
            case 3:
                SoftFloat80.Set(d, 0x4000, 0xC90F_DAA2_2168_C234 + nearest);
                break;
            case 4:
                SoftFloat80.Set(d, 0x3FFD, 0x9A20_9A84_FBCF_F798 + nearest);
                break;
            case 5:
                SoftFloat80.Set(d, 0x3FFE, 0xB172_17F7_D1CF_79AB + nearest);
                break;
            default:
                SoftFloat80.Set(d, 0, 0);
                break;
        }
    }
}

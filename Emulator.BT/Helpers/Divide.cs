using Emulator.BT.Decode;
using Emulator.Core.Cpu;

namespace Emulator.BT.Helpers;

/// <summary>AAM, AAD and the decimal adjustments.</summary>
public static unsafe class Divide
{
    /// <summary>AAM: Imm is the base. CF, OF and AF, undefined in the manual, are cleared.</summary>
    public static bool Aam(CpuState* cpu, Insn* i)
    {
        uint radix = (byte)i->Imm, al = (byte)cpu->Gpr[0];
        if (radix == 0)
        {
            return Fault.Raise(cpu, Vector.DE);
        }
        SetAx(cpu, (al / radix << 8) | (al % radix));
        SetByteFlags(cpu, al % radix, 0);
        return true;
    }

    /// <summary>AAD: Imm is the base. CF, OF and AF, undefined in the manual, are cleared.</summary>
    public static bool Aad(CpuState* cpu, Insn* i)
    {
        uint al = (byte)cpu->Gpr[0], ah = (byte)(cpu->Gpr[0] >> 8);
        uint r = (byte)(al + (ah * (uint)(byte)i->Imm));
        SetAx(cpu, r);
        SetByteFlags(cpu, r, 0);
        return true;
    }

    /// <summary>AAA (Sub = 0), AAS (1). SF, ZF and PF, undefined in the manual, come from AL; OF is cleared.</summary>
    public static bool AsciiAdjust(CpuState* cpu, Insn* i)
    {
        uint ax = (ushort)cpu->Gpr[0];
        bool adjust = (ax & 15) > 9 || (cpu->FlagsAux & 8) != 0;
        if (adjust)
        {
            ax = i->Sub == 0 ? ax + 0x106 : ax - 0x106;
        }
        SetAx(cpu, ax & 0xFF0F);
        SetByteFlags(cpu, ax & 0xF, adjust ? Eflags.CF | Eflags.AF : 0);
        return true;
    }

    /// <summary>DAA (Sub = 0), DAS (1). OF, undefined in the manual, is cleared.</summary>
    public static bool DecimalAdjust(CpuState* cpu, Insn* i)
    {
        uint al = (byte)cpu->Gpr[0], old = al, flags = 0;
        bool carry = (long)cpu->FlagsAux < 0, add = i->Sub == 0;
        if ((al & 15) > 9 || (cpu->FlagsAux & 8) != 0)
        {
            flags |= Eflags.AF | (carry || (add ? al > 0xF9 : al < 6) ? Eflags.CF : 0);
            al = add ? al + 6 : al - 6;
        }
        if (old > 0x99 || carry)
        {
            al = add ? al + 0x60 : al - 0x60;
            flags |= Eflags.CF;
        }
        *(byte*)cpu->Gpr = (byte)al;
        SetByteFlags(cpu, (byte)al, flags);
        return true;
    }

    private static void SetAx(CpuState* cpu, uint value) => *(ushort*)cpu->Gpr = (ushort)value;

    private static void SetByteFlags(CpuState* cpu, uint result, uint carryAndAdjust)
    {
        cpu->FlagsResult = (ulong)(sbyte)result;
        // OF, undefined, is cleared: bits 63 and 62 alike.
        cpu->FlagsAux = ((carryAndAdjust & Eflags.CF) != 0 ? 3ul << 62 : 0) | ((carryAndAdjust & Eflags.AF) != 0 ? 8ul : 0);
    }
}

using Iced.Intel;

namespace Emulator.Tests.Integer;

/// <summary>The integer instructions that user code may run, as Iced knows their forms.</summary>
internal static class IntegerForms
{
    private static readonly HashSet<Mnemonic> Mnemonics =
    [
        Mnemonic.Add, Mnemonic.Adc, Mnemonic.Sub, Mnemonic.Sbb, Mnemonic.Cmp, Mnemonic.And, Mnemonic.Or, Mnemonic.Xor, Mnemonic.Test, Mnemonic.Inc,
        Mnemonic.Dec, Mnemonic.Neg, Mnemonic.Not, Mnemonic.Mov, Mnemonic.Movzx, Mnemonic.Movsx, Mnemonic.Lea, Mnemonic.Xchg, Mnemonic.Xadd,
        Mnemonic.Cmpxchg, Mnemonic.Cmpxchg8b, Mnemonic.Bswap, Mnemonic.Cbw, Mnemonic.Cwde, Mnemonic.Cwd, Mnemonic.Cdq, Mnemonic.Xlatb, Mnemonic.Shl,
        Mnemonic.Sal, Mnemonic.Shr, Mnemonic.Sar, Mnemonic.Rol, Mnemonic.Ror, Mnemonic.Rcl, Mnemonic.Rcr, Mnemonic.Shld, Mnemonic.Shrd, Mnemonic.Mul,
        Mnemonic.Imul, Mnemonic.Div, Mnemonic.Idiv, Mnemonic.Aam, Mnemonic.Aad, Mnemonic.Aaa, Mnemonic.Aas, Mnemonic.Daa, Mnemonic.Das, Mnemonic.Bt,
        Mnemonic.Bts, Mnemonic.Btr, Mnemonic.Btc, Mnemonic.Bsf, Mnemonic.Bsr, Mnemonic.Push, Mnemonic.Pop, Mnemonic.Pusha, Mnemonic.Pushad,
        Mnemonic.Popa, Mnemonic.Popad, Mnemonic.Pushf, Mnemonic.Pushfd, Mnemonic.Popf, Mnemonic.Popfd, Mnemonic.Enter, Mnemonic.Leave, Mnemonic.Nop,
        Mnemonic.Clc, Mnemonic.Stc, Mnemonic.Cmc, Mnemonic.Cld, Mnemonic.Std, Mnemonic.Lahf, Mnemonic.Sahf, Mnemonic.Salc, Mnemonic.Bound, Mnemonic.Into,
        Mnemonic.Int3, Mnemonic.Arpl, Mnemonic.Lar, Mnemonic.Lsl, Mnemonic.Verr, Mnemonic.Verw, Mnemonic.Movsb, Mnemonic.Movsw, Mnemonic.Movsd,
        Mnemonic.Stosb, Mnemonic.Stosw, Mnemonic.Stosd, Mnemonic.Lodsb, Mnemonic.Lodsw, Mnemonic.Lodsd, Mnemonic.Cmpsb, Mnemonic.Cmpsw,
        Mnemonic.Cmpsd, Mnemonic.Scasb, Mnemonic.Scasw, Mnemonic.Scasd, Mnemonic.Jmp, Mnemonic.Call, Mnemonic.Ret, Mnemonic.Retf, Mnemonic.Loop, Mnemonic.Loope,
        Mnemonic.Loopne, Mnemonic.Jcxz, Mnemonic.Jecxz, Mnemonic.Ud2, Mnemonic.Lds, Mnemonic.Les, Mnemonic.Lss, Mnemonic.Lfs, Mnemonic.Lgs, Mnemonic.Reservednop, Mnemonic.Pause,
    ];

    /// <summary>Every form that code of 32 bits has.</summary>
    public static Code[] All { get; } = [.. Enum.GetValues<Code>().Where(c => IsOurs(c, 32))];

    /// <summary>Every form that code of 16 bits has.</summary>
    public static Code[] All16 { get; } = [.. Enum.GetValues<Code>().Where(c => IsOurs(c, 16))];

    private static bool IsOurs(Code code, int bits)
    {
        OpCodeInfo info = code.ToOpCode();
        ConditionCode condition = code.ConditionCode();
        bool conditional = condition != ConditionCode.None && info.Encoding == EncodingKind.Legacy && !code.CpuidFeatures().Contains(CpuidFeature.FPU);
        if (!info.IsInstruction || !(bits == 32 ? info.Mode32 : info.Mode16) || info.Encoding != EncodingKind.Legacy || info.IsPrivileged || !(conditional || Mnemonics.Contains(info.Mnemonic)))
        {
            return false;
        }
        if (info.Mnemonic == Mnemonic.Reservednop && info.OpCode == 0x0D && !NativeCode.IsIntel)
        {
            // AMD's processors have PREFETCHW there and no register form of it: #UD.
            return false;
        }
        foreach (int n in Enumerable.Range(0, info.OpCount))
        {
            switch (info.GetOpKind(n))
            {
                case OpCodeOperandKind.cr_reg or OpCodeOperandKind.dr_reg or OpCodeOperandKind.tr_reg:
                case OpCodeOperandKind.xmm_reg or OpCodeOperandKind.xmm_or_mem or OpCodeOperandKind.mm_reg or OpCodeOperandKind.mm_or_mem:
                // Flat code above 64 KiB: a 16-bit EIP leads out of the window.
                case OpCodeOperandKind.br16_1 or OpCodeOperandKind.br16_2 or OpCodeOperandKind.farbr2_2 when bits == 32:
                    return false;
            }
        }
        if (!NativeCode.IsIntel && (code is Code.Reservednop_rm16_r16_0F0D or Code.Reservednop_rm32_r32_0F0D))
        {
            // PREFETCH of AMD's, which refuses registers; with Intel no operation.
            return false;
        }
        bool outside = code is Code.Jmpe_disp16 or Code.Jmpe_disp32 || (bits == 32 && code is Code.Retnw or Code.Retnw_imm16 or Code.Retfw or Code.Retfw_imm16
            or Code.Jmp_rm16 or Code.Call_rm16 or Code.Jmp_m1616 or Code.Call_m1616);
        bool fsOrGs = code is Code.Popw_FS or Code.Popd_FS or Code.Popw_GS or Code.Popd_GS || info.Mnemonic is Mnemonic.Lfs or Mnemonic.Lgs;
        outside |= fsOrGs && !IntegerHost.HasFsGs;
        return !outside && code.CpuidFeatures().All(f => f is CpuidFeature.INTEL8086 or CpuidFeature.INTEL8086_ONLY or CpuidFeature.INTEL186 or CpuidFeature.INTEL286
            or CpuidFeature.INTEL386 or CpuidFeature.INTEL486 or CpuidFeature.CMOV or CpuidFeature.CX8 or CpuidFeature.MULTIBYTENOP or CpuidFeature.PAUSE)
            && !(code.CpuidFeatures().Contains(CpuidFeature.INTEL8086_ONLY));
    }
}

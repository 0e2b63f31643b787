using Iced.Intel;

namespace Emulator.BT.Translator.X64;

/// <summary>Which x87 and MMX instructions the host runs for the guest: those whose results the manual defines to the bit.</summary>
internal static class X87Rules
{
    /// <summary>True for instructions that are copied.</summary>
    public static bool IsCopied(in Instruction x) => x.Mnemonic is Mnemonic.Fadd or Mnemonic.Faddp or Mnemonic.Fiadd or Mnemonic.Fmul or Mnemonic.Fmulp
        or Mnemonic.Fimul or Mnemonic.Fsub or Mnemonic.Fsubp or Mnemonic.Fisub or Mnemonic.Fsubr or Mnemonic.Fsubrp or Mnemonic.Fisubr or Mnemonic.Fdiv
        or Mnemonic.Fdivp or Mnemonic.Fidiv or Mnemonic.Fdivr or Mnemonic.Fdivrp or Mnemonic.Fidivr or Mnemonic.Fcom or Mnemonic.Fcomp or Mnemonic.Fcompp
        or Mnemonic.Ficom or Mnemonic.Ficomp or Mnemonic.Fucom or Mnemonic.Fucomp or Mnemonic.Fucompp or Mnemonic.Ftst or Mnemonic.Fxam or Mnemonic.Fld
        or Mnemonic.Fst or Mnemonic.Fstp or Mnemonic.Fild or Mnemonic.Fist or Mnemonic.Fistp or Mnemonic.Fxch or Mnemonic.Fchs or Mnemonic.Fabs
        or Mnemonic.Fld1 or Mnemonic.Fldz or Mnemonic.Fldpi or Mnemonic.Fldl2e or Mnemonic.Fldl2t or Mnemonic.Fldlg2 or Mnemonic.Fldln2
        or Mnemonic.Fsqrt or Mnemonic.Frndint or Mnemonic.Fincstp or Mnemonic.Fdecstp or Mnemonic.Ffree or Mnemonic.Fnop or Mnemonic.Fcomi
        or Mnemonic.Fcomip or Mnemonic.Fucomi or Mnemonic.Fucomip || IsControl(in x);

    /// <summary>True for instructions on MMX registers alone, that MXCSR has no part in.</summary>
    public static bool IsMmx(in Instruction x)
    {
        bool mmx = x.Mnemonic == Mnemonic.Emms;
        for (int n = 0; n < x.OpCount; n++)
        {
            if (x.GetOpKind(n) is not (OpKind.Register or OpKind.Memory or OpKind.Immediate8) || (x.GetOpKind(n) == OpKind.Register && x.GetOpRegister(n).IsXMM()))
            {
                return false;
            }
            mmx |= x.GetOpKind(n) == OpKind.Register && x.GetOpRegister(n).IsMM();
        }
        return mmx && x.Mnemonic is not (Mnemonic.Cvtpi2pd or Mnemonic.Cvtpi2ps or Mnemonic.Cvtps2pi or Mnemonic.Cvttps2pi or Mnemonic.Cvtpd2pi or Mnemonic.Cvttpd2pi);
    }

    /// <summary>True for copied instructions that set the last-instruction pointers: all but those that control the unit.</summary>
    public static bool SetsPointers(in Instruction x) => IsCopied(in x) && !IsControl(in x);

    private static bool IsControl(in Instruction x) =>
        x.Mnemonic is Mnemonic.Fnstcw or Mnemonic.Fnstsw or Mnemonic.Fnclex or Mnemonic.Wait;
}

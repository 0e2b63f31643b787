using Emulator.BT.Simd;
using Emulator.Core.Cpu;
using Iced.Intel;

namespace Emulator.BT.Decode;

internal static unsafe partial class SimdRows
{
    private static Row? FindMove(in Instruction x, ref Insn i)
    {
        switch (x.Mnemonic)
        {
            case Mnemonic.Movaps or Mnemonic.Movapd or Mnemonic.Movdqa:
                return Move(in x, &XmmMoves.Move, &XmmMoves.LoadAligned, &XmmMoves.StoreAligned);
            case Mnemonic.Movups or Mnemonic.Movupd or Mnemonic.Movdqu:
                return Move(in x, &XmmMoves.Move, &XmmMoves.LoadUnaligned, &XmmMoves.StoreUnaligned);
            case Mnemonic.Movntps or Mnemonic.Movntpd or Mnemonic.Movntdq:
                return InsnTable.Helper(&XmmMoves.StoreAligned);
            case Mnemonic.Movss:
                return Move(in x, &XmmMoves.Merge32, &XmmMoves.Load32, &XmmMoves.Store32);
            case Mnemonic.Movsd:
                return Move(in x, &XmmMoves.Merge64, &XmmMoves.Load64, &XmmMoves.Store64);
            case Mnemonic.Movlps or Mnemonic.Movlpd:
                return Move(in x, null, &XmmMoves.LoadLow, &XmmMoves.Store64);
            case Mnemonic.Movhps or Mnemonic.Movhpd:
                return Move(in x, null, &XmmMoves.LoadHigh, &XmmMoves.StoreHigh);
            case Mnemonic.Movhlps:
                return InsnTable.Helper(&XmmMoves.HighToLow);
            case Mnemonic.Movlhps:
                return InsnTable.Helper(&XmmMoves.LowToHigh);
            case Mnemonic.Movq when x.Op0Register.IsMM() || x.Op1Register.IsMM():
                return Move(in x, &MmxMoves.Move, &MmxMoves.Load64, &MmxMoves.Store64);
            case Mnemonic.Movq:
                return Move(in x, &XmmMoves.Move64, &XmmMoves.Load64, &XmmMoves.Store64);
            case Mnemonic.Movd when x.Op0Register.IsMM():
                return Move(in x, &MmxMoves.FromInteger, &MmxMoves.Load32, null);
            case Mnemonic.Movd when x.Op1Register.IsMM():
                return Move(in x, &MmxMoves.ToInteger, null, &MmxMoves.Store32);
            case Mnemonic.Movd when x.Op0Register.IsXMM():
                return Move(in x, &XmmMoves.FromInteger, &XmmMoves.Load32, null);
            case Mnemonic.Movd:
                return Move(in x, &XmmMoves.ToInteger, null, &XmmMoves.Store32);
            case Mnemonic.Movntq:
                return InsnTable.Helper(&MmxMoves.Store64);
            case Mnemonic.Movdq2q:
                return InsnTable.Helper(&MmxMoves.FromXmm);
            case Mnemonic.Movq2dq:
                return InsnTable.Helper(&MmxMoves.ToXmm);
            case Mnemonic.Maskmovq:
                SetMaskedOperands(in x, ref i);
                return InsnTable.Helper(&MmxMoves.StoreMasked);
            case Mnemonic.Maskmovdqu:
                SetMaskedOperands(in x, ref i);
                return InsnTable.Helper(&XmmMoves.StoreMasked);
            default:
                return null;
        }
    }

    private static Row Move(
        in Instruction x, delegate*<CpuState*, Insn*, bool> register, delegate*<CpuState*, Insn*, bool> load, delegate*<CpuState*, Insn*, bool> store) =>
        InsnTable.Helper(x.Op0Kind == OpKind.Memory ? store : x.Op1Kind == OpKind.Memory ? load : register);

    // Value and mask are Iced's second and third operands.
    private static void SetMaskedOperands(in Instruction x, ref Insn i)
    {
        i.Dst = (byte)x.Op1Register.GetNumber();
        i.Src = (byte)x.Op2Register.GetNumber();
    }
}

using Emulator.BT.Simd;
using Iced.Intel;

namespace Emulator.BT.Decode;

internal static unsafe partial class SimdRows
{
    private static Row? FindInteger(in Instruction x)
    {
        switch (x.Mnemonic)
        {
            case Mnemonic.Paddb: return Both<PackedAdd<byte>>(in x);
            case Mnemonic.Paddw: return Both<PackedAdd<ushort>>(in x);
            case Mnemonic.Paddd: return Both<PackedAdd<uint>>(in x);
            case Mnemonic.Paddq: return Both<PackedAdd<ulong>>(in x);
            case Mnemonic.Psubb: return Both<PackedSubtract<byte>>(in x);
            case Mnemonic.Psubw: return Both<PackedSubtract<ushort>>(in x);
            case Mnemonic.Psubd: return Both<PackedSubtract<uint>>(in x);
            case Mnemonic.Psubq: return Both<PackedSubtract<ulong>>(in x);
            case Mnemonic.Paddsb: return Both<PackedAddSaturate<sbyte>>(in x);
            case Mnemonic.Paddsw: return Both<PackedAddSaturate<short>>(in x);
            case Mnemonic.Paddusb: return Both<PackedAddSaturate<byte>>(in x);
            case Mnemonic.Paddusw: return Both<PackedAddSaturate<ushort>>(in x);
            case Mnemonic.Psubsb: return Both<PackedSubtractSaturate<sbyte>>(in x);
            case Mnemonic.Psubsw: return Both<PackedSubtractSaturate<short>>(in x);
            case Mnemonic.Psubusb: return Both<PackedSubtractSaturate<byte>>(in x);
            case Mnemonic.Psubusw: return Both<PackedSubtractSaturate<ushort>>(in x);
            case Mnemonic.Pminub: return Both<PackedMin<byte>>(in x);
            case Mnemonic.Pminsw: return Both<PackedMin<short>>(in x);
            case Mnemonic.Pmaxub: return Both<PackedMax<byte>>(in x);
            case Mnemonic.Pmaxsw: return Both<PackedMax<short>>(in x);
            case Mnemonic.Pavgb: return Both<PackedAverageBytes>(in x);
            case Mnemonic.Pavgw: return Both<PackedAverageWords>(in x);
            case Mnemonic.Pmullw: return Both<PackedMultiplyLow>(in x);
            case Mnemonic.Pmulhw: return Both<PackedMultiplyHigh>(in x);
            case Mnemonic.Pmulhuw: return Both<PackedMultiplyHighUnsigned>(in x);
            case Mnemonic.Pmaddwd: return Both<PackedMultiplyAdd>(in x);
            case Mnemonic.Pmuludq: return Both<PackedMultiplyWide>(in x);
            case Mnemonic.Psadbw: return Both<PackedSumDifferences>(in x);
            case Mnemonic.Pcmpeqb: return Both<PackedEqual<byte>>(in x);
            case Mnemonic.Pcmpeqw: return Both<PackedEqual<ushort>>(in x);
            case Mnemonic.Pcmpeqd: return Both<PackedEqual<uint>>(in x);
            case Mnemonic.Pcmpgtb: return Both<PackedGreater<sbyte>>(in x);
            case Mnemonic.Pcmpgtw: return Both<PackedGreater<short>>(in x);
            case Mnemonic.Pcmpgtd: return Both<PackedGreater<int>>(in x);
            case Mnemonic.Pand or Mnemonic.Andps or Mnemonic.Andpd: return Both<VectorAnd>(in x);
            case Mnemonic.Pandn or Mnemonic.Andnps or Mnemonic.Andnpd: return Both<VectorAndNot>(in x);
            case Mnemonic.Por or Mnemonic.Orps or Mnemonic.Orpd: return Both<VectorOr>(in x);
            case Mnemonic.Pxor or Mnemonic.Xorps or Mnemonic.Xorpd: return Both<VectorXor>(in x);
            case Mnemonic.Psllw: return Shift<PackedShiftLeft<ushort>>(in x);
            case Mnemonic.Pslld: return Shift<PackedShiftLeft<uint>>(in x);
            case Mnemonic.Psllq: return Shift<PackedShiftLeft<ulong>>(in x);
            case Mnemonic.Psrlw: return Shift<PackedShiftRight<ushort>>(in x);
            case Mnemonic.Psrld: return Shift<PackedShiftRight<uint>>(in x);
            case Mnemonic.Psrlq: return Shift<PackedShiftRight<ulong>>(in x);
            case Mnemonic.Psraw: return Shift<PackedShiftArithmetic<short>>(in x);
            case Mnemonic.Psrad: return Shift<PackedShiftArithmetic<int>>(in x);
            case Mnemonic.Pslldq: return Shift<ShiftBytesLeft>(in x);
            case Mnemonic.Psrldq: return Shift<ShiftBytesRight>(in x);
            default: return null;
        }
    }

    private static Row? FindShuffle(in Instruction x)
    {
        switch (x.Mnemonic)
        {
            case Mnemonic.Punpcklbw: return Both<UnpackLow<byte>>(in x);
            case Mnemonic.Punpcklwd: return Both<UnpackLow<ushort>>(in x);
            case Mnemonic.Punpckldq or Mnemonic.Unpcklps: return Both<UnpackLow<uint>>(in x);
            case Mnemonic.Punpcklqdq or Mnemonic.Unpcklpd: return Xmm<UnpackLow<ulong>>(in x);
            case Mnemonic.Punpckhbw: return Both<UnpackHigh<byte>, MmxUnpackHigh<byte>>(in x);
            case Mnemonic.Punpckhwd: return Both<UnpackHigh<ushort>, MmxUnpackHigh<ushort>>(in x);
            case Mnemonic.Punpckhdq or Mnemonic.Unpckhps: return Both<UnpackHigh<uint>, MmxUnpackHigh<uint>>(in x);
            case Mnemonic.Punpckhqdq or Mnemonic.Unpckhpd: return Xmm<UnpackHigh<ulong>>(in x);
            case Mnemonic.Packsswb: return Both<PackWordsSigned, MmxPack<PackWordsSigned>>(in x);
            case Mnemonic.Packssdw: return Both<PackDoublewordsSigned, MmxPack<PackDoublewordsSigned>>(in x);
            case Mnemonic.Packuswb: return Both<PackWordsUnsigned, MmxPack<PackWordsUnsigned>>(in x);
            case Mnemonic.Pshufd: return XmmImmediate<ShuffleDoublewords>(in x);
            case Mnemonic.Pshuflw: return XmmImmediate<ShuffleLowWords>(in x);
            case Mnemonic.Pshufhw: return XmmImmediate<ShuffleHighWords>(in x);
            case Mnemonic.Pshufw: return MmxImmediate<ShuffleLowWords>(in x);
            case Mnemonic.Shufps: return XmmImmediate<ShuffleSingles>(in x);
            case Mnemonic.Shufpd: return XmmImmediate<ShuffleDoubles>(in x);
            case Mnemonic.Pinsrw: return InsnTable.Helper(IsMmx(in x) ? &MmxForms.Insert : &XmmForms.Insert);
            case Mnemonic.Pextrw: return ToInteger<ExtractWord, MmxExtractWord>(in x);
            case Mnemonic.Pmovmskb: return ToInteger<MoveMaskBytes, MoveMaskBytes>(in x);
            case Mnemonic.Movmskps: return ToInteger<MoveMaskSingles, MoveMaskSingles>(in x);
            case Mnemonic.Movmskpd: return ToInteger<MoveMaskDoubles, MoveMaskDoubles>(in x);
            default: return null;
        }
    }
}

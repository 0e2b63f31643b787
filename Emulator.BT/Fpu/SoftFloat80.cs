using System.Numerics;
using System.Runtime.CompilerServices;
using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

/// <summary>
/// Double-extended arithmetic of the x87 (SDM Vol. 1, chapters 4 and 8), exact to the bit. Every operation takes the control word
/// (perhaps with <see cref="DenormalOperand"/>) and returns the exceptions it raised as status-word bits, with C1 when the result
/// was rounded up. The destination is not written when an unmasked invalid, zero-divide or denormal exception is among them; an
/// unmasked overflow or underflow writes the result with the exponent wrapped by 24576 (SDM Vol. 1, 8.5.4, 8.5.5).
/// </summary>
public static unsafe partial class SoftFloat80
{
    /// <summary>Set beside the control word: the operand came from a denormal single or double, which its 80-bit form hides.</summary>
    public const uint DenormalOperand = 1 << 16;

    internal const int Bias = 16383;
    internal const uint SignBit = 0x8000, ExponentMask = 0x7FFF;
    internal const ulong IntegerBit = 1ul << 63, QuietBit = 1ul << 62;
    private const int ExponentWrap = 24576;

    /// <summary>Control bits of the common case: 64-bit precision, round to nearest.</summary>
    private const uint PlainMask = FpuControl.RoundingMask | FpuControl.PrecisionMask, Plain = FpuControl.Precision64;

    /// <summary>The real indefinite QNaN (SDM Vol. 1, table 4-3).</summary>
    public static void SetIndefinite(Float80* d) => Set(d, SignBit | ExponentMask, QuietBit | IntegerBit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Set(Float80* d, uint signExponent, ulong significand)
    {
        d->Significand = significand;
        d->SignExponent = (ushort)signExponent;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsUnsupported(Float80* a) => (a->SignExponent & ExponentMask) != 0 && (long)a->Significand >= 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsNaN(Float80* a) => (a->SignExponent & ExponentMask) == ExponentMask && a->Significand > IntegerBit;

    internal static bool IsSignaling(Float80* a) => IsNaN(a) && (a->Significand & QuietBit) == 0;

    internal static bool IsInfinity(Float80* a) => (a->SignExponent & ExponentMask) == ExponentMask && a->Significand == IntegerBit;

    internal static bool IsZero(Float80* a) => (a->SignExponent & ExponentMask) == 0 && a->Significand == 0;

    /// <summary>True for denormals and pseudo-denormals.</summary>
    internal static bool IsDenormal(Float80* a) => (a->SignExponent & ExponentMask) == 0 && a->Significand != 0;

    internal static uint Sign(Float80* a) => a->SignExponent & SignBit;

    /// <summary>Exponent and normalised significand of a number that is neither 0 nor special; the exponent may be 0 or less.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Unpack(Float80* a, out int exponent, out ulong significand)
    {
        exponent = (int)(a->SignExponent & ExponentMask);
        significand = a->Significand;
        if (exponent == 0)
        {
            int n = BitOperations.LeadingZeroCount(significand);
            significand <<= n;
            exponent = 1 - n;
        }
    }

    /// <summary>True when both operands are normal numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsPlain(uint exponentA, ulong a, uint exponentB, ulong b, uint control) =>
        (control & DenormalOperand) == 0 & (long)(a & b) < 0 & exponentA - 1 < ExponentMask - 1 & exponentB - 1 < ExponentMask - 1;

    /// <summary>An invalid operation: the masked response is the indefinite QNaN.</summary>
    internal static uint Invalid(Float80* d, uint control)
    {
        if ((control & FpuStatus.IE) != 0)
        {
            SetIndefinite(d);
        }
        return FpuStatus.IE;
    }

    /// <summary>DE when an operand is denormal; true when it is unmasked, so that the operation stops.</summary>
    private static bool DenormalStops(Float80* a, Float80* b, uint control, ref uint flags)
    {
        if ((control & DenormalOperand) == 0 && !IsDenormal(a) && !IsDenormal(b))
        {
            return false;
        }
        flags |= FpuStatus.DE;
        return (control & FpuStatus.DE) == 0;
    }

    /// <summary>Deals with unsupported formats and NaNs of one operand; true when that decided the result.</summary>
    private static bool SpecialOperand(Float80* d, Float80* a, uint control, out uint flags)
    {
        flags = 0;
        if (IsUnsupported(a))
        {
            flags = Invalid(d, control);
            return true;
        }
        if (!IsNaN(a))
        {
            return false;
        }
        if ((a->Significand & QuietBit) == 0)
        {
            flags = FpuStatus.IE;
            if ((control & FpuStatus.IE) == 0)
            {
                return true;
            }
        }
        Set(d, a->SignExponent, a->Significand | QuietBit);
        return true;
    }

    /// <summary>Deals with unsupported formats and NaNs of two operands (SDM Vol. 1, table 4-7); true when that decided it.</summary>
    private static bool SpecialOperands(Float80* d, Float80* a, Float80* b, uint control, out uint flags)
    {
        flags = 0;
        if (IsUnsupported(a) || IsUnsupported(b))
        {
            flags = Invalid(d, control);
            return true;
        }
        bool nanA = IsNaN(a), nanB = IsNaN(b);
        if (!nanA && !nanB)
        {
            return false;
        }
        bool signalingA = IsSignaling(a), signalingB = IsSignaling(b);
        if (signalingA || signalingB)
        {
            flags = FpuStatus.IE;
            if ((control & FpuStatus.IE) == 0)
            {
                return true;
            }
        }
        Float80* result;
        if (!nanB || (nanA && signalingB && !signalingA))
        {
            result = a;
        }
        else if (!nanA || (signalingA && !signalingB))
        {
            result = b;
        }
        else if (a->Significand != b->Significand)
        {
            result = a->Significand > b->Significand ? a : b;
        }
        else
        {
            result = a->SignExponent < b->SignExponent ? a : b;
        }
        Set(d, result->SignExponent, result->Significand | QuietBit);
        return true;
    }
}

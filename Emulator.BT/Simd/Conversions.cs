using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Emulator.BT.Semantics;
using Emulator.Core.Cpu;

namespace Emulator.BT.Simd;

/// <summary>A conversion between vectors: the new destination under MXCSR, and the flags that it raises.</summary>
public interface IFloatConversion
{
    /// <summary>Converts the elements of the source.</summary>
    static abstract Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, uint mxcsr, ref uint flags);
}

/// <summary>CVTPS2PD: the two low singles.</summary>
public readonly struct SinglesToDoubles : IFloatConversion
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, uint mxcsr, ref uint flags)
    {
        Vector128<float> low = Vector128.Create(source.GetLower(), source.GetLower()).AsSingle();
        return FloatLane.AreOrdinary(low, low) ? Vector128.WidenLower(low).AsByte() : Carefully(source, mxcsr, ref flags);
    }

    private static Vector128<byte> Carefully(Vector128<byte> source, uint mxcsr, ref uint flags)
    {
        Vector128<uint> a = source.AsUInt32();
        ulong low = SoftFloat<float>.Convert<double>(a[0], mxcsr, ref flags);
        return Vector128.Create(low, SoftFloat<float>.Convert<double>(a[1], mxcsr, ref flags)).AsByte();
    }
}

/// <summary>CVTPD2PS: zeros above.</summary>
public readonly struct DoublesToSingles : IFloatConversion
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, uint mxcsr, ref uint flags)
    {
        if (FloatLane.IsQuick(mxcsr))
        {
            Vector128<double> a = source.AsDouble();
            // Both halves alike, so that no zero looks like an underflow.
            Vector128<float> result = Vector128.Narrow(a, a);
            if (FloatLane.ArePlain(a, a, a) && FloatLane.ArePlain(result, result, result))
            {
                return Vector128.Create(result.GetLower(), default).AsByte();
            }
        }
        return Carefully(source, mxcsr, ref flags);
    }

    private static Vector128<byte> Carefully(Vector128<byte> source, uint mxcsr, ref uint flags)
    {
        Vector128<ulong> a = source.AsUInt64();
        uint low = (uint)SoftFloat<double>.Convert<float>(a[0], mxcsr, ref flags);
        return Vector128.Create(low, (uint)SoftFloat<double>.Convert<float>(a[1], mxcsr, ref flags), 0, 0).AsByte();
    }
}

/// <summary>CVTSS2SD.</summary>
public readonly struct SingleToDouble : IFloatConversion
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, uint mxcsr, ref uint flags)
    {
        uint a = source.AsUInt32().ToScalar();
        ulong result = Ieee<float>.IsOrdinary(a)
            ? BitConverter.DoubleToUInt64Bits(source.AsSingle().ToScalar())
            : SoftFloat<float>.Convert<double>(a, mxcsr, ref flags);
        return destination.AsUInt64().WithElement(0, result).AsByte();
    }
}

/// <summary>CVTSD2SS.</summary>
public readonly struct DoubleToSingle : IFloatConversion
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, uint mxcsr, ref uint flags)
    {
        ulong a = source.AsUInt64().ToScalar();
        uint result = BitConverter.SingleToUInt32Bits((float)source.AsDouble().ToScalar());
        if (!FloatLane.IsQuick(mxcsr) || !Ieee<double>.IsPlain(a) || !Ieee<float>.IsPlain(result))
        {
            result = (uint)SoftFloat<double>.Convert<float>(a, mxcsr, ref flags);
        }
        return destination.AsUInt32().WithElement(0, result).AsByte();
    }
}

/// <summary>CVTDQ2PD, CVTPI2PD: always exact.</summary>
public readonly struct IntegersToDoubles : IFloatConversion
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, uint mxcsr, ref uint flags) =>
        Sse2.IsSupported
            ? Sse2.ConvertToVector128Double(source.AsInt32()).AsByte()
            : Portable.ConvertToDouble(source.AsInt32()).AsByte();
}

/// <summary>CVTDQ2PS.</summary>
public readonly struct IntegersToSingles : IFloatConversion
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, uint mxcsr, ref uint flags) =>
        FloatLane.IsQuick(mxcsr) ? Vector128.ConvertToSingle(source.AsInt32()).AsByte() : Carefully(source.AsInt32(), mxcsr, ref flags);

    internal static Vector128<byte> Carefully(Vector128<int> source, uint mxcsr, ref uint flags)
    {
        Vector128<uint> result = default;
        for (int n = 0; n < 4; n++)
        {
            result = result.WithElement(n, (uint)SoftFloat<float>.FromInteger(source[n], mxcsr, ref flags));
        }
        return result.AsByte();
    }
}

/// <summary>CVTPI2PS: the upper half of the destination stays.</summary>
public readonly struct MmxToSingles : IFloatConversion
{
    /// <inheritdoc/>
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, uint mxcsr, ref uint flags)
    {
        // Zeros above raise nothing.
        Vector128<byte> low = Vector128.Create(source.GetLower(), default);
        return Vector128.Create(IntegersToSingles.Run(destination, low, mxcsr, ref flags).GetLower(), destination.GetUpper());
    }
}

/// <summary>CVTPS2DQ, CVTTPS2DQ.</summary>
public readonly struct SinglesToIntegers<Truncates> : IFloatConversion
    where Truncates : struct, IFlag
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, uint mxcsr, ref uint flags)
    {
        if (Sse2.IsSupported && FloatLane.IsQuick(mxcsr))
        {
            Vector128<int> result = Truncates.Value
                ? Sse2.ConvertToVector128Int32WithTruncation(source.AsSingle())
                : Sse2.ConvertToVector128Int32(source.AsSingle());
            if (!Vector128.EqualsAny(result, Vector128.Create(int.MinValue)))
            {
                return result.AsByte();
            }
        }
        return Carefully(source, mxcsr, ref flags);
    }

    private static Vector128<byte> Carefully(Vector128<byte> source, uint mxcsr, ref uint flags)
    {
        Vector128<int> result = default;
        for (int n = 0; n < 4; n++)
        {
            result = result.WithElement(n, FloatToInteger.Run<float>(source.AsUInt32()[n], Truncates.Value, mxcsr, ref flags));
        }
        return result.AsByte();
    }
}

/// <summary>CVTPS2PI, CVTTPS2PI: the two low singles.</summary>
public readonly struct SinglesToMmx<Truncates> : IFloatConversion
    where Truncates : struct, IFlag
{
    /// <inheritdoc/>
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, uint mxcsr, ref uint flags) =>
        SinglesToIntegers<Truncates>.Run(destination, Vector128.Create(source.GetLower(), default), mxcsr, ref flags);
}

/// <summary>CVTPD2DQ, CVTTPD2DQ, CVTPD2PI, CVTTPD2PI: zeros above.</summary>
public readonly struct DoublesToIntegers<Truncates> : IFloatConversion
    where Truncates : struct, IFlag
{
    /// <inheritdoc/>
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, uint mxcsr, ref uint flags)
    {
        Vector128<ulong> a = source.AsUInt64();
        int low = FloatToInteger.Run<double>(a[0], Truncates.Value, mxcsr, ref flags);
        return Vector128.Create(low, FloatToInteger.Run<double>(a[1], Truncates.Value, mxcsr, ref flags), 0, 0).AsByte();
    }
}

/// <summary>One element to a signed doubleword, for all conversions of that kind.</summary>
internal static class FloatToInteger
{
    /// <summary>The integer; 80000000 and IE when it does not fit. Denormals raise no DE here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Run<T>(ulong bits, bool truncates, uint mxcsr, ref uint flags)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double a = double.CreateTruncating(Ieee<T>.Value(SoftFloat<T>.Flush(bits, mxcsr)));
        double rounded = truncates ? Math.Truncate(a) : (mxcsr & Mxcsr.RoundingMask) switch
        {
            0 => Math.Round(a),
            Mxcsr.RoundDown => Math.Floor(a),
            Mxcsr.RoundUp => Math.Ceiling(a),
            _ => Math.Truncate(a),
        };
        if (!(rounded >= int.MinValue && rounded <= int.MaxValue))
        {
            flags |= Mxcsr.IE;
            return int.MinValue;
        }
        flags |= rounded != a ? Mxcsr.PE : 0;
        return (int)rounded;
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Emulator.BT.Simd;

/// <summary>Proofs that a rounded result of normal operands is exact. False may also mean that it can't be told so simply.</summary>
internal static class FloatExactness
{
    // The error of a product is a multiple of 2^-105 (2^-47) of it: above these it can't vanish below the denormals.
    private const double LeastProduct = 1.0e-280;
    private const float LeastProductOfSingles = 1.0e-22f;

    /// <summary>sum = a + b. By Knuth's TwoSum: the error is exact unless an intermediate overflows, and then it is not 0.</summary>
    public static bool Sum<T>(T a, T b, T sum)
        where T : IBinaryFloatingPointIeee754<T>
    {
        T virtualB = sum - a, virtualA = sum - virtualB;
        return a - virtualA + (b - virtualB) == T.Zero;
    }

    /// <summary>product = a * b.</summary>
    public static bool Product<T>(T a, T b, T product)
        where T : IBinaryFloatingPointIeee754<T>
    {
        double x = double.CreateTruncating(a), y = double.CreateTruncating(b), z = double.CreateTruncating(product);
        // The product of two singles has at most 48 bits.
        return typeof(T) == typeof(float) ? x * y == z : Math.Abs(z) > LeastProduct && Math.FusedMultiplyAdd(x, y, -z) == 0;
    }

    /// <summary>All ones for each element where sum = a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Sums<T>(Vector128<T> a, Vector128<T> b, Vector128<T> sum)
        where T : IBinaryFloatingPointIeee754<T>
    {
        Vector128<T> virtualB = sum - a, virtualA = sum - virtualB;
        return Vector128.Equals(a - virtualA + (b - virtualB), Vector128<T>.Zero);
    }

    /// <summary>All ones for each element where product = a * b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Products<T>(Vector128<T> a, Vector128<T> b, Vector128<T> product)
        where T : IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float))
        {
            Vector128<float> p = product.As<T, float>();
            return (Vector128.GreaterThan(Vector128.Abs(p), Vector128.Create(LeastProductOfSingles))
                & Vector128.Equals(Vector128.FusedMultiplyAdd(a.As<T, float>(), b.As<T, float>(), -p), Vector128<float>.Zero)).As<float, T>();
        }
        Vector128<double> q = product.As<T, double>();
        return (Vector128.GreaterThan(Vector128.Abs(q), Vector128.Create(LeastProduct))
            & Vector128.Equals(Vector128.FusedMultiplyAdd(a.As<T, double>(), b.As<T, double>(), -q), Vector128<double>.Zero)).As<double, T>();
    }
}

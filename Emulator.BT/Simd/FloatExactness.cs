using System.Numerics;

namespace Emulator.BT.Simd;

/// <summary>Proofs that a rounded result of normal operands is exact. False may also mean that it can't be told so simply.</summary>
internal static class FloatExactness
{
    // The error of a product is a multiple of 2^-104 of it: above this it can't vanish below the denormals.
    private const double LeastProduct = 1.0e-280;

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
}

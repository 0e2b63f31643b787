using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Emulator.BT.Simd;

/// <summary>The eight predicates of CMPPS and its like: equal, less, less or equal, unordered, and their opposites.</summary>
public static class FloatCompare
{
    /// <summary>All ones where the predicate holds; right for operands without NaNs and denormals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Run<T>(Vector128<T> a, Vector128<T> b, int predicate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector128<T> holds = (predicate & 3) switch
        {
            0 => Vector128.Equals(a, b),
            1 => Vector128.LessThan(a, b),
            2 => Vector128.LessThanOrEqual(a, b),
            _ => Vector128<T>.Zero,
        };
        return (predicate & 4) == 0 ? holds : ~holds;
    }

    /// <summary>The same for one element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<T>(T a, T b, int predicate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        bool holds = (predicate & 3) switch
        {
            0 => a == b,
            1 => a < b,
            2 => a <= b,
            _ => false,
        };
        return holds == ((predicate & 4) == 0);
    }

    /// <summary>The predicate of any operands' bits, and the flags.</summary>
    internal static bool Soft<T>(ulong a, ulong b, int predicate, uint mxcsr, ref uint flags)
        where T : unmanaged
    {
        int order = SoftFloat<T>.Compare(a, b, signaling: (predicate & 3) is 1 or 2, mxcsr, ref flags);
        bool holds = (predicate & 3) switch
        {
            0 => order == 0,
            1 => order == -1,
            2 => order is -1 or 0,
            _ => order == 2,
        };
        return holds == ((predicate & 4) == 0);
    }
}

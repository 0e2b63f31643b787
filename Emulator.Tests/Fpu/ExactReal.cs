using System.Numerics;

namespace Emulator.Tests.Fpu;

/// <summary>
/// Elementary functions in fixed point with 400 fraction bits, by their series alone: what transcendentals are measured against. Values are
/// integers, the real number times 2^400; errors stay below 2^-380.
/// </summary>
internal static class ExactReal
{
    public const int Bits = 400;

    public static readonly BigInteger One = BigInteger.One << Bits;

    /// <summary>ln 2 = 2 artanh(1/3).</summary>
    public static readonly BigInteger Ln2 = 2 * Artanh(One / 3);

    /// <summary>Machin's formula.</summary>
    public static readonly BigInteger Pi = (16 * ArctangentOfInverse(5)) - (4 * ArctangentOfInverse(239));

    /// <summary>The x87's pi of 66 bits, by which it reduces angles (SDM Vol. 1, 8.3.8).</summary>
    public static readonly BigInteger Pi66 = BigInteger.Parse("0C90FDAA22168C234C", System.Globalization.NumberStyles.HexNumber) << (Bits - 66);

    public static BigInteger Multiply(BigInteger a, BigInteger b) => (a * b) >> Bits;

    public static BigInteger Divide(BigInteger a, BigInteger b) => (a << Bits) / b;

    /// <summary>e^x - 1 for |x| &lt; 1.</summary>
    public static BigInteger Expm1(BigInteger x)
    {
        BigInteger term = x, sum = x;
        for (int n = 2; !term.IsZero && term != BigInteger.MinusOne; n++)
        {
            term = Multiply(term, x) / n;
            sum += term;
        }
        return sum;
    }

    /// <summary>ln(1 + x) for -1/2 &lt; x &lt; 1.</summary>
    public static BigInteger Log1p(BigInteger x) => 2 * Artanh(Divide(x, (2 * One) + x));

    /// <summary>arctan(y / x) for positive y and x.</summary>
    public static BigInteger Arctangent(BigInteger y, BigInteger x)
    {
        if (y > x)
        {
            return (Pi / 2) - Arctangent(x, y);
        }
        // Halved until the series is quick.
        BigInteger t = Divide(y, x);
        const int halvings = 6;
        for (int n = 0; n < halvings; n++)
        {
            t = Divide(t, One + SquareRoot(One + Multiply(t, t)));
        }
        BigInteger square = Multiply(t, t), power = t, sum = t;
        for (int n = 3; !power.IsZero; n += 2)
        {
            power = Multiply(power, square);
            sum += (n & 2) != 0 ? -(power / n) : power / n;
        }
        return sum << halvings;
    }

    /// <summary>Sine and cosine of an angle of any size, reduced as the x87 does it.</summary>
    public static (BigInteger Sine, BigInteger Cosine) Angle(BigInteger x)
    {
        BigInteger half = Pi66 / 2, turns = BigInteger.Divide((x + (x.Sign * Pi66 / 4)), half), r = x - (turns * half);
        BigInteger sine = Series(r, 1), cosine = Series(r, 0);
        return (int)(((turns % 4) + 4) % 4) switch
        {
            0 => (sine, cosine),
            1 => (cosine, -sine),
            2 => (-sine, -cosine),
            _ => (-cosine, sine),
        };
    }

    private static BigInteger Series(BigInteger x, int first)
    {
        BigInteger term = first == 0 ? One : x, sum = term, square = Multiply(x, x);
        for (int n = first; !term.IsZero && term != BigInteger.MinusOne; n += 2)
        {
            term = -Multiply(term, square) / ((n + 1) * (n + 2));
            sum += term;
        }
        return sum;
    }

    private static BigInteger Artanh(BigInteger x)
    {
        BigInteger square = Multiply(x, x), power = x, sum = x;
        for (int n = 3; !power.IsZero && power != BigInteger.MinusOne; n += 2)
        {
            power = Multiply(power, square);
            sum += power / n;
        }
        return sum;
    }

    private static BigInteger ArctangentOfInverse(int n)
    {
        BigInteger power = One / n, sum = power;
        for (int k = 3; !power.IsZero; k += 2)
        {
            power /= n * n;
            sum += (k & 2) != 0 ? -(power / k) : power / k;
        }
        return sum;
    }

    private static BigInteger SquareRoot(BigInteger x)
    {
        BigInteger n = x << Bits, root = BigInteger.One << (int)((n.GetBitLength() + 1) / 2);
        while (true)
        {
            BigInteger next = (root + (n / root)) >> 1;
            if (next >= root)
            {
                return root;
            }
            root = next;
        }
    }
}

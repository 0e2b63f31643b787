namespace Emulator.BT.Fpu;

/// <summary>
/// Series and constants of the transcendental instructions in 128-bit fixed point. A wide number is m * 2^(e - 127) with bit 127 of
/// m set once normalised. Everything here is good to more than 110 bits, far beyond the 64 of a result.
/// </summary>
internal static class Transcendental
{
    private const int TrigTerms = 15, ExpTerms = 27, AtanhTerms = 23, AtanTerms = 13;

    /// <summary>1 less one unit in Q1.127: leading coefficient of the series whose sum stays below 1.</summary>
    private static readonly UInt128 AlmostOne = (UInt128.One << 127) - 1;

    /// <summary>ln 2 in Q0.128.</summary>
    private static readonly UInt128 Ln2 = new(0xB17217F7D1CF79AB, 0xC9E3B39803F2F6AF);

    /// <summary>2 log2 e in Q2.126.</summary>
    private static readonly UInt128 TwoLog2E = new(0xB8AA3B295C17F0BB, 0xBE87FED0691D3E88);

    /// <summary>Pi in Q2.126.</summary>
    public static readonly UInt128 Pi = new(0xC90FDAA22168C234, 0xC4C6628B80DC1CD1);

    /// <summary>arctan(i / 16) in Q2.126, i = 0-16.</summary>
    public static readonly UInt128[] ArctanTable =
    [
        new(0x0000000000000000, 0x0000000000000000),
        new(0x03FEAB76E59FBD38, 0xDB2C9E4B7038B835),
        new(0x07F56EA6AB0BDB71, 0x9644BCC4F9F44477),
        new(0x0BDCBDA5E72D8113, 0x47B0B4F881C9C748),
        new(0x0FADBAFC96406EB1, 0x56DC79EF5F7A217E),
        new(0x1362773707EBCBCD, 0x38B576931A4F5E65),
        new(0x16F61941E4DEF08E, 0x715464245B9FC890),
        new(0x1A64EEC3CC23FCB6, 0xC84F92BD2003CE26),
        new(0x1DAC670561BB4F68, 0xADFC88BD978751A0),
        new(0x20CAFD29B6619F8A, 0x92DA8272D8694570),
        new(0x23C01757BDFD67E6, 0xD720D78599710DD1),
        new(0x268BE0399C6F7688, 0x1089BE388813FCEF),
        new(0x292F1F464D3DC249, 0x066A1FCA915F6B27),
        new(0x2BAB130E2D363020, 0x051C978BCF9481C2),
        new(0x2E014F8AF08C679C, 0xF2CB69548429110F),
        new(0x3033A16E2B149990, 0x227758B11BA4BE89),
        new(0x3243F6A8885A308D, 0x313198A2E0370734),
    ];

    private static readonly UInt128[] SinTerms = Factorials(TrigTerms, 1, 2), CosTerms = Factorials(TrigTerms, 0, 2),
        ExponentialTerms = Factorials(ExpTerms, 1, 1), OddTerms = OddReciprocals(AtanhTerms);

    /// <summary>sin r for r = m * 2^(e - 127) in (0, 1); replaces m and e by the normalised result.</summary>
    public static void Sin(ref UInt128 m, ref int e)
    {
        m = Wide.MulHigh(m, Alternating(SinTerms, TrigTerms, Square(m, e)));
        e += 1 - Wide.Normalize(ref m);
    }

    /// <summary>cos r for r = m * 2^(e - 127) in (0, 1).</summary>
    public static void Cos(ref UInt128 m, ref int e)
    {
        m = Alternating(CosTerms, TrigTerms, Square(m, e));
        e = -Wide.Normalize(ref m);
    }

    /// <summary>arctan r for r = m * 2^(e - 127) in (0, 1/16).</summary>
    public static void Arctan(ref UInt128 m, ref int e)
    {
        m = Wide.MulHigh(m, Alternating(OddTerms, AtanTerms, Square(m, e)));
        e += 1 - Wide.Normalize(ref m);
    }

    /// <summary>2^x - 1 for |x| = m * 2^(e - 127) in (0, 1).</summary>
    public static void Exp2Minus1(bool negative, ref UInt128 m, ref int e)
    {
        // y = x ln 2; e^y - 1 = y (1 + y/2! + y^2/3! + ...)
        m = Wide.MulHigh(m, Ln2);
        e -= Wide.Normalize(ref m);
        UInt128 y = e < -128 ? 0 : m >> (-1 - e);
        UInt128 sum = negative ? Alternating(ExponentialTerms, ExpTerms, y) : Ascending(ExponentialTerms, ExpTerms, y);
        m = Wide.MulHigh(m, sum);
        e += 1 - Wide.Normalize(ref m);
    }

    /// <summary>log2((1 + s) / (1 - s)) for s = m * 2^(e - 127) in (0, 0.172).</summary>
    public static void LogRatio(ref UInt128 m, ref int e)
    {
        // 2 log2(e) * artanh s
        m = Wide.MulHigh(Wide.MulHigh(m, Ascending(OddTerms, AtanhTerms, Square(m, e))), TwoLog2E);
        e += 3 - Wide.Normalize(ref m);
    }

    /// <summary>n / d of two integers as a normalised wide number.</summary>
    public static UInt128 Quotient(UInt128 n, UInt128 d, out int e)
    {
        e = -Wide.Normalize(ref n);
        e += Wide.Normalize(ref d);
        UInt128 q = Wide.DivideFraction(n >> 1, d);
        e -= Wide.Normalize(ref q);
        return q;
    }

    /// <summary>The square of a wide number below 1, in Q0.128.</summary>
    private static UInt128 Square(UInt128 m, int e)
    {
        int shift = -(2 * e + 2);
        return shift >= 128 ? 0 : Wide.MulHigh(m, m) >> shift;
    }

    /// <summary>c0 - z (c1 - z (c2 - ...)) in Q1.127 for z in Q0.128.</summary>
    private static UInt128 Alternating(UInt128[] terms, int count, UInt128 z)
    {
        UInt128 sum = terms[count - 1];
        for (int i = count - 2; i >= 0; i--)
        {
            sum = terms[i] - Wide.MulHigh(sum, z);
        }
        return sum;
    }

    private static UInt128 Ascending(UInt128[] terms, int count, UInt128 z)
    {
        UInt128 sum = terms[count - 1];
        for (int i = count - 2; i >= 0; i--)
        {
            sum = terms[i] + Wide.MulHigh(sum, z);
        }
        return sum;
    }

    /// <summary>1 / (first + i * step)! in Q1.127.</summary>
    private static UInt128[] Factorials(int count, int first, int step)
    {
        var terms = new UInt128[count];
        UInt128 term = AlmostOne;
        int n = first;
        for (int i = 0; i < count; i++)
        {
            terms[i] = term;
            for (int j = 0; j < step; j++)
            {
                term /= (uint)++n;
            }
        }
        return terms;
    }

    /// <summary>1 / (2i + 1) in Q1.127.</summary>
    private static UInt128[] OddReciprocals(int count)
    {
        var terms = new UInt128[count];
        for (int i = 0; i < count; i++)
        {
            terms[i] = AlmostOne / (uint)(2 * i + 1);
        }
        return terms;
    }
}

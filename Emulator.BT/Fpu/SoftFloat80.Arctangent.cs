using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class SoftFloat80
{
    /// <summary>d = arctan(y / x) in the quadrant of the point (x, y) (FPATAN; special cases of SDM Vol. 2A, table 3-30).</summary>
    public static uint Arctangent(Float80* d, Float80* y, Float80* x, uint control)
    {
        if (SpecialOperands(d, y, x, control, out uint flags) || DenormalStops(y, x, control, ref flags))
        {
            return flags;
        }
        uint sign = Sign(y);
        bool left = Sign(x) != 0, infinityX = IsInfinity(x), infinityY = IsInfinity(y);
        if (infinityX && infinityY)
        {
            // pi/4 or 3/4 pi
            return flags | PackAngle(d, sign, left ? Transcendental.Pi - (Transcendental.Pi >> 2) : Transcendental.Pi >> 2, control);
        }
        if (infinityY || (IsZero(x) && !IsZero(y)))
        {
            return flags | PackAngle(d, sign, Transcendental.Pi >> 1, control);
        }
        if (infinityX || IsZero(y))
        {
            if (left)
            {
                return flags | PackAngle(d, sign, Transcendental.Pi, control);
            }
            Set(d, sign, 0);
            return flags;
        }
        Unpack(y, out int ey, out ulong sy);
        Unpack(x, out int ex, out ulong sx);
        return flags | (ey > ex || (ey == ex && sy > sx)
            ? PackArctangent(d, sign, ey - ex, sx, sy, true, left, control)
            : PackArctangent(d, sign, ex - ey, sy, sx, false, left, control));
    }

    /// <summary>Angle of n / (d * 2^distance), at most 1, turned into its octant.</summary>
    private static uint PackArctangent(Float80* d, uint sign, int distance, ulong n, ulong divisor, bool steep, bool left, uint control)
    {
        UInt128 m;
        int e, index = 0;
        bool below = false;
        if (distance > 5)
        {
            m = Transcendental.Quotient(n, divisor, out e);
            e -= distance;
        }
        else
        {
            // arctan t = arctan(i/16) + arctan((16t - i) / (16 + i t))
            UInt128 wide = (UInt128)divisor << distance;
            index = (int)(16 * ((double)n / (double)wide) + 0.5);
            UInt128 dividend = (UInt128)n << 4, subtrahend = wide * (uint)index;
            below = dividend < subtrahend;
            m = below ? subtrahend - dividend : dividend - subtrahend;
            e = -200;
            if (m != 0)
            {
                m = Transcendental.Quotient(m, (wide << 4) + (UInt128)n * (uint)index, out e);
            }
        }
        if (m != 0)
        {
            Transcendental.Arctan(ref m, ref e);
        }
        if (index == 0 && !steep && !left)
        {
            return PackWide(d, sign, e, m, control);
        }
        UInt128 angle = e < -126 ? 0 : m >> (1 - e);
        angle = below ? Transcendental.ArctanTable[index] - angle : Transcendental.ArctanTable[index] + angle;
        if (steep)
        {
            UInt128 quarter = Transcendental.Pi >> 1;
            angle = left ? quarter + angle : quarter - angle;
        }
        else if (left)
        {
            angle = Transcendental.Pi - angle;
        }
        return PackAngle(d, sign, angle, control);
    }

    /// <summary>Rounds an angle given in Q2.126.</summary>
    private static uint PackAngle(Float80* d, uint sign, UInt128 angle, uint control)
    {
        int n = Wide.Normalize(ref angle);
        return PackWide(d, sign, 1 - n, angle, control);
    }
}

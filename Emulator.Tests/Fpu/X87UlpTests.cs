using System.Numerics;
using Emulator.BT.Fpu;
using Emulator.Core.Cpu;
using Xunit;
using Xunit.Abstractions;

namespace Emulator.Tests.Fpu;

/// <summary>
/// Transcendentals of random operands are within one unit in the last of 64 places of what 400 bits say. <c>EMU_X87_ULP=N</c> runs N operands for
/// each instead of 150.
/// </summary>
public sealed unsafe class X87UlpTests(ITestOutputHelper output)
{
    private static readonly int Cases = int.Parse(Environment.GetEnvironmentVariable("EMU_X87_ULP") ?? "150");

    [Theory]
    [InlineData("f2xm1", -60, -1)]
    [InlineData("fyl2x", -60, 60)]
    [InlineData("fyl2xp1", -60, -3)]
    [InlineData("fpatan", -30, 30)]
    [InlineData("fsin", -60, 62)]
    [InlineData("fcos", -60, 62)]
    [InlineData("fptan", -60, 62)]
    public void IsWithinOneUnitInTheLastPlace(string name, int least, int most)
    {
        var random = new Random(name.Length + name[^1]);
        X87Instruction instruction = X87Instruction.All().Single(x => x.Name == name);
        byte* memory = stackalloc byte[16];
        double worst = 0;
        for (int n = 0; n < Cases; n++)
        {
            Float80 x = Operand(random, least, most), y = Operand(random, -20, 20);
            if (name == "fyl2x")
            {
                x.SignExponent &= 0x7FFF;
            }
            CpuState s = default;
            X87.Initialize(&s.Fpu);
            X87.LoadExtended(&s.Fpu, y.Significand, y.SignExponent);
            X87.LoadExtended(&s.Fpu, x.Significand, x.SignExponent);
            instruction.Run(&s, memory);
            if (name == "fptan")
            {
                X87.StoreRegister(&s.Fpu, 0, true);
            }
            Float80 result = s.Fpu.R[s.Fpu.Top];
            BigInteger exact = Exact(name, Fixed(x), Fixed(y));
            // One unit in the last place of the result, as a real number.
            BigInteger unit = BigInteger.One << (ExactReal.Bits + Exponent(result) - 63);
            double error = (double)(BigInteger.Abs(Fixed(result) - exact) * 1000 / unit) / 1000;
            worst = Math.Max(worst, error);
            Assert.True(error <= 1, $"{name} of {x.SignExponent:x4}:{x.Significand:x16}, {y.SignExponent:x4}:{y.Significand:x16}: {result.SignExponent:x4}:{result.Significand:x16} is {error} units off");
        }
        output.WriteLine($"{name}: {Cases} operands, at most {worst:f3} units");
    }

    private static BigInteger Exact(string name, BigInteger x, BigInteger y)
    {
        switch (name)
        {
            case "f2xm1":
                return ExactReal.Expm1(ExactReal.Multiply(x, ExactReal.Ln2));
            case "fyl2x":
                int power = (int)(x.GetBitLength() - 1) - ExactReal.Bits;
                BigInteger fraction = power >= 0 ? x >> power : x << -power;
                return ExactReal.Multiply(y, ExactReal.Divide(ExactReal.Log1p(fraction - ExactReal.One), ExactReal.Ln2) + (power * ExactReal.One));
            case "fyl2xp1":
                return ExactReal.Multiply(y, ExactReal.Divide(ExactReal.Log1p(x), ExactReal.Ln2));
            case "fpatan":
                BigInteger angle = ExactReal.Arctangent(BigInteger.Abs(y), BigInteger.Abs(x));
                return (x.Sign < 0 ? ExactReal.Pi - angle : angle) * y.Sign;
            default:
                (BigInteger sine, BigInteger cosine) = ExactReal.Angle(x);
                return name == "fsin" ? sine : name == "fcos" ? cosine : ExactReal.Divide(sine, cosine);
        }
    }

    private static Float80 Operand(Random random, int least, int most) => new()
    {
        Significand = (ulong)random.NextInt64() | 1ul << 63,
        SignExponent = (ushort)((random.Next(2) << 15) | (16383 + random.Next(least, most))),
    };

    private static int Exponent(Float80 x) => (x.SignExponent & 0x7FFF) - 16383;

    private static BigInteger Fixed(Float80 x)
    {
        int shift = ExactReal.Bits + Exponent(x) - 63;
        BigInteger magnitude = shift >= 0 ? (BigInteger)x.Significand << shift : (BigInteger)x.Significand >> -shift;
        return (x.SignExponent & 0x8000) != 0 ? -magnitude : magnitude;
    }
}

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Emulator.BT.Simd;
using Xunit;

namespace Emulator.Tests.Simd;

/// <summary>The forms for hosts without SSE2 give what SSE2 gives.</summary>
public sealed unsafe class PortableTests
{
    private const int Cases = 20_000;

    [NativeFact]
    public void PortableFormsAgreeWithTheHostsInstructions()
    {
        var random = new SimdRandom(5);
        Vector128<ulong> a = default, b = default;
        for (int n = 0; n < Cases; n++)
        {
            random.Fill((ulong*)&a, 2, (ulong*)&b);
            random.Fill((ulong*)&b, 2, (ulong*)&a);
            Assert.Equal(Sse2.Average(a.AsByte(), b.AsByte()), Portable.Average(a.AsByte(), b.AsByte()));
            Assert.Equal(Sse2.Average(a.AsUInt16(), b.AsUInt16()), Portable.Average(a.AsUInt16(), b.AsUInt16()));
            Assert.Equal(Sse2.MultiplyHigh(a.AsInt16(), b.AsInt16()), Portable.MultiplyHigh(a.AsInt16(), b.AsInt16()));
            Assert.Equal(Sse2.MultiplyHigh(a.AsUInt16(), b.AsUInt16()), Portable.MultiplyHigh(a.AsUInt16(), b.AsUInt16()));
            Assert.Equal(Sse2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()), Portable.MultiplyAdd(a.AsInt16(), b.AsInt16()));
            Assert.Equal(Sse2.Multiply(a.AsUInt32(), b.AsUInt32()), Portable.MultiplyWide(a, b));
            Assert.Equal(Sse2.SumAbsoluteDifferences(a.AsByte(), b.AsByte()).AsUInt64(), Portable.SumDifferences(a.AsByte(), b.AsByte()));
            Assert.Equal(Sse2.PackUnsignedSaturate(a.AsInt16(), b.AsInt16()), Portable.PackUnsigned(a.AsInt16(), b.AsInt16()));
            Assert.Equal(Sse2.UnpackLow(a.AsByte(), b.AsByte()), Portable.Interleave(a.AsByte(), b.AsByte()));
            Assert.Equal(Sse2.UnpackLow(a.AsUInt16(), b.AsUInt16()), Portable.Interleave(a.AsUInt16(), b.AsUInt16()));
            Assert.Equal(Sse2.UnpackLow(a.AsUInt32(), b.AsUInt32()), Portable.Interleave(a.AsUInt32(), b.AsUInt32()));
            Assert.Equal(Sse2.ConvertToVector128Double(a.AsInt32()), Portable.ConvertToDouble(a.AsInt32()));
        }
    }

    // Every leading 21 bits: results depend on no more.
    [NativeFact(intelOnly: true)]
    public void ReciprocalsAreTheHosts()
    {
        for (uint bits = 0; bits < 0xFFFF_F000; bits += 0x800)
        {
            Vector128<float> a = Vector128.CreateScalar(bits + (bits >> 20 & 0x7FF)).AsSingle();
            uint inverse = Sse.ReciprocalScalar(a).AsUInt32()[0], root = Sse.ReciprocalSqrtScalar(a).AsUInt32()[0], operand = a.AsUInt32()[0];
            if (inverse != Reciprocal.Invert(operand) || root != Reciprocal.InvertRoot(operand))
            {
                Assert.Fail($"{operand:x8}: {Reciprocal.Invert(operand):x8} {Reciprocal.InvertRoot(operand):x8}, host {inverse:x8} {root:x8}");
            }
        }
    }
}

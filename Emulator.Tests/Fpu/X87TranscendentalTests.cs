using Emulator.BT.Fpu;
using Emulator.Core.Cpu;
using Xunit;

namespace Emulator.Tests.Fpu;

/// <summary>
/// Transcendentals against values computed with 400 bits and rounded to nearest (angles reduced by the 66-bit pi); runs on any host.
/// </summary>
public sealed unsafe class X87TranscendentalTests
{
    [Theory]
    [InlineData("fsin", 0x3FFF, 0x8000000000000000, 0x3FFF, 0x8000000000000000, 0x3FFE, 0xD76AA47848677021)]
    [InlineData("fsin", 0xC000, 0xC000000000000000, 0x3FFF, 0x8000000000000000, 0xBFFC, 0x9081C36DB6AADA79)]
    [InlineData("fsin", 0x4030, 0xE35FA931A0000000, 0x3FFF, 0x8000000000000000, 0x3FFE, 0xDBB7B8F40DE0426E)]
    [InlineData("fsin", 0x4000, 0xC90FDAA22168C235, 0x3FFF, 0x8000000000000000, 0xBFBF, 0x8000000000000000)]
    [InlineData("fcos", 0x3FFF, 0x8000000000000000, 0x3FFF, 0x8000000000000000, 0x3FFE, 0x8A51407DA8345C92)]
    [InlineData("fcos", 0x403D, 0x8000000000000000, 0x3FFF, 0x8000000000000000, 0xBFFE, 0xB5033C867715345A)]
    [InlineData("fcos", 0x3FFF, 0xC90FDAA22168C235, 0x3FFF, 0x8000000000000000, 0xBFBE, 0x8000000000000000)]
    [InlineData("fptan", 0x3FFF, 0x8000000000000000, 0x3FFF, 0x8000000000000000, 0x3FFF, 0xC75922E5F71D2DC5)]
    [InlineData("fptan", 0xC00F, 0xF120000000000000, 0x3FFF, 0x8000000000000000, 0xBFFF, 0x8CF1CC5388A2E3F1)]
    [InlineData("f2xm1", 0x3FFE, 0x8000000000000000, 0x3FFF, 0x8000000000000000, 0x3FFD, 0xD413CCCFE7799211)]
    [InlineData("f2xm1", 0xBFFE, 0xC000000000000000, 0x3FFF, 0x8000000000000000, 0xBFFD, 0xCF901F5CE48EAD21)]
    [InlineData("f2xm1", 0x3F9B, 0x8000000000000000, 0x3FFF, 0x8000000000000000, 0x3F9A, 0xB17217F7D1CF79AC)]
    [InlineData("fyl2x", 0x4002, 0xA000000000000000, 0x3FFF, 0x8000000000000000, 0x4000, 0xD49A784BCD1B8AFE)]
    [InlineData("fyl2x", 0x3FFE, 0xC000000000000000, 0xC001, 0xA000000000000000, 0x4000, 0x84CFDF378533D678)]
    [InlineData("fyl2x", 0x3FFF, 0x8000000000000001, 0x3FFF, 0x8000000000000000, 0x3FC0, 0xB8AA3B295C17F0BB)]
    [InlineData("fyl2xp1", 0x3FFC, 0x8000000000000000, 0x3FFF, 0x8000000000000000, 0x3FFC, 0xAE00D1CFDEB43CFD)]
    [InlineData("fyl2xp1", 0xBFAF, 0x8000000000000000, 0x4000, 0xC000000000000000, 0xBFB1, 0x8A7FAC5F0511F48D)]
    [InlineData("fpatan", 0x3FFF, 0x8000000000000000, 0x3FFF, 0x8000000000000000, 0x3FFE, 0xC90FDAA22168C235)]
    [InlineData("fpatan", 0xC001, 0xE000000000000000, 0x4000, 0x8000000000000000, 0x4000, 0xB7403142A6DAF3DF)]
    [InlineData("fpatan", 0x4000, 0xC000000000000000, 0xC005, 0xC800000000000000, 0xBFFF, 0xC5391BD99CFF51D9)]
    [InlineData("fpatan", 0x4045, 0x8000000000000000, 0x3FFF, 0x8000000000000000, 0x3FB9, 0x8000000000000000)]
    public void RoundsCorrectly(string name, ushort signExponent0, ulong significand0, ushort signExponent1, ulong significand1,
        ushort signExponent, ulong significand)
    {
        CpuState s = default;
        X87.Initialize(&s.Fpu);
        X87.LoadExtended(&s.Fpu, significand1, signExponent1);
        X87.LoadExtended(&s.Fpu, significand0, signExponent0);
        X87Instruction instruction = X87Instruction.All().Single(x => x.Name == name);
        byte* memory = stackalloc byte[16];
        instruction.Run(&s, memory);
        if (name == "fptan")
        {
            Assert.Equal((0x3FFF, 1ul << 63), Top(&s.Fpu));
            X87.StoreRegister(&s.Fpu, 0, true);
        }
        Assert.Equal((signExponent, significand), Top(&s.Fpu));
        Assert.Equal(FpuStatus.PE, X87.GetStatus(&s.Fpu) & FpuStatus.Exceptions);
        Assert.Equal(name[..2] == "fy" || name == "fpatan" ? 7 : 6, s.Fpu.Top);
    }

    [Theory]
    [InlineData("fsin")]
    [InlineData("fcos")]
    [InlineData("fptan")]
    [InlineData("fsincos")]
    public void AnglesFrom2To63AreLeftAlone(string name)
    {
        CpuState s = default;
        X87.Initialize(&s.Fpu);
        X87.LoadExtended(&s.Fpu, 1ul << 63, 0xC03E);
        byte* memory = stackalloc byte[16];
        X87Instruction.All().Single(x => x.Name == name).Run(&s, memory);
        Assert.Equal((0xC03E, 1ul << 63), Top(&s.Fpu));
        Assert.Equal(FpuStatus.C2 | 7u << 11, X87.GetStatus(&s.Fpu));
    }

    private static (ushort, ulong) Top(FpuState* f) => (f->R[f->Top].SignExponent, f->R[f->Top].Significand);
}

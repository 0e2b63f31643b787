using Emulator.BT.Fpu;
using Emulator.Core.Cpu;
using Xunit;

namespace Emulator.Tests.Fpu;

/// <summary>Rules of SDM Vol. 1, chapter 8, that hold on any host.</summary>
public sealed unsafe class X87RuleTests
{
    private const ulong One = 1ul << 63;

    private static FpuState Fresh()
    {
        FpuState f = default;
        X87.Initialize(&f);
        return f;
    }

    [Theory]
    [InlineData(0x037F, 1, 0x4000, 0xD49A784BCD1B8AFEul)]
    [InlineData(0x0B7F, 1, 0x4000, 0xD49A784BCD1B8AFFul)]
    [InlineData(0x037F, 3, 0x4000, 0xC90FDAA22168C235ul)]
    [InlineData(0x077F, 3, 0x4000, 0xC90FDAA22168C234ul)]
    [InlineData(0x0F7F, 5, 0x3FFE, 0xB17217F7D1CF79ABul)]
    [InlineData(0x037F, 6, 0, 0ul)]
    public void ConstantsFollowTheRoundingControl(uint control, int constant, ushort signExponent, ulong significand)
    {
        FpuState f = Fresh();
        X87.LoadControl(&f, control);
        X87.LoadConstant(&f, constant);
        Assert.Equal((signExponent, significand), (f.R[7].SignExponent, f.R[7].Significand));
    }

    [Fact]
    public void NinthPushOverflowsTheStack()
    {
        FpuState f = Fresh();
        for (int i = 0; i < 8; i++)
        {
            X87.LoadConstant(&f, 0);
        }
        Assert.Equal(0, f.Status);
        X87.LoadConstant(&f, 6);
        Assert.Equal(FpuStatus.IE | FpuStatus.SF | FpuStatus.C1 | 7u << 11, X87.GetStatus(&f));
        Assert.Equal((0xFFFF, 3ul << 62), (f.R[7].SignExponent, f.R[7].Significand));
    }

    [Fact]
    public void UnmaskedExceptionWaitsForTheNextInstruction()
    {
        FpuState f = Fresh();
        X87.LoadControl(&f, 0x037F & ~FpuStatus.ZE);
        X87.LoadConstant(&f, 6);
        X87.LoadConstant(&f, 0);
        Assert.False(X87.HasPendingException(&f));
        X87.Divide(&f, 0, 1, false);
        Assert.True(X87.HasPendingException(&f));
        Assert.Equal(FpuStatus.ZE | FpuStatus.ES | FpuStatus.B, f.Status);
        Assert.Equal((0x3FFF, One), (f.R[6].SignExponent, f.R[6].Significand));
        X87.ClearExceptions(&f);
        Assert.False(X87.HasPendingException(&f));
        Assert.Equal(0, f.Status);
    }

    [Fact]
    public void UnmaskingAnOldFlagMakesItPending()
    {
        FpuState f = Fresh();
        X87.LoadConstant(&f, 3);
        X87.SquareRoot(&f);
        Assert.Equal(FpuStatus.PE, (uint)f.Status & FpuStatus.Exceptions);
        Assert.False(X87.HasPendingException(&f));
        X87.LoadControl(&f, 0x037F & ~FpuStatus.PE);
        Assert.True(X87.HasPendingException(&f));
        X87.LoadControl(&f, 0x037F);
        Assert.False(X87.HasPendingException(&f));
    }

    [Fact]
    public void UnmaskedOverflowWrapsTheExponent()
    {
        FpuState f = Fresh();
        X87.LoadControl(&f, 0x037F & ~FpuStatus.OE);
        X87.LoadExtended(&f, One, 0x7000);
        X87.Multiply(&f, 0, 0, false);
        // 2^(2 * (7000h - 3FFFh)) has the biased exponent A001h, less 24576.
        Assert.Equal((ushort)(0xA001 - 24576), f.R[7].SignExponent);
        Assert.Equal(FpuStatus.OE | FpuStatus.ES | FpuStatus.B, f.Status);
    }

    [Fact]
    public void StoreIsRefusedByAnUnmaskedOverflowAndChangesNothingBefore()
    {
        FpuState f = Fresh();
        X87.LoadControl(&f, 0x037F & ~FpuStatus.OE);
        X87.LoadExtended(&f, One, 0x5000);
        FpuState before = f;
        ulong value;
        uint outcome = X87.PrepareStore(&f, MemoryFormat.Double, &value);
        Assert.Equal(0u, outcome & X87.MayStore);
        Assert.Equal((before.Status, before.Top, before.EmptyMask), (f.Status, f.Top, f.EmptyMask));
        X87.FinishStore(&f, outcome, true);
        Assert.Equal(7, f.Top);
        Assert.Equal(FpuStatus.OE | FpuStatus.ES | FpuStatus.B, f.Status);
    }

    [Fact]
    public void PartialRemainderTakesSeveralSteps()
    {
        FpuState f = Fresh();
        X87.LoadExtended(&f, 0xC000_0000_0000_0000, 0x4000);
        X87.LoadExtended(&f, One, 0x40FF);
        int steps = 0;
        do
        {
            X87.Remainder(&f, false);
            steps++;
        }
        while ((f.Status & FpuStatus.C2) != 0);
        // 2^256 mod 3 = 1; a step takes 32-63 off the exponents' distance of 255.
        Assert.Equal((0x3FFF, One), (f.R[6].SignExponent, f.R[6].Significand));
        Assert.InRange(steps, 4, 8);
        Assert.Equal(0u, f.Status & FpuStatus.Exceptions);
    }

    [Fact]
    public void MmxMarksEverythingValidAndEmmsEmpty()
    {
        FpuState f = Fresh();
        X87.LoadConstant(&f, 0);
        X87.EnterMmx(&f);
        Assert.Equal(0, f.Top);
        Assert.Equal(0, f.EmptyMask);
        X87.EmptyMmx(&f);
        Assert.Equal(0xFFFF, X87.GetTags(&f));
    }
}

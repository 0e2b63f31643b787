using System.Runtime.Intrinsics;
using Emulator.BT.Fpu;
using Emulator.BT.Model;
using Emulator.Core.Cpu;
using Xunit;

namespace Emulator.Tests.Simd;

/// <summary>When SIMD instructions fault, and in which order (SDM Vol. 2A, 2.4 and 2.5; Vol. 3A, 12.1 and 13.1).</summary>
public sealed unsafe class SimdRuleTests : IDisposable
{
    private static readonly byte[] Addps = [0x0F, 0x58, 0xC1], AddpsMemory = [0x0F, 0x58, 0x07], Paddb = [0x0F, 0xFC, 0xC1], PaddbMemory = [0x0F, 0xFC, 0x07],
        Movaps = [0x0F, 0x28, 0x07], MovapsStore = [0x0F, 0x29, 0x07], Movups = [0x0F, 0x10, 0x07], MovupsStore = [0x0F, 0x11, 0x07],
        Fxsave = [0x0F, 0xAE, 0x07], Fxrstor = [0x0F, 0xAE, 0x0F], Ldmxcsr = [0x0F, 0xAE, 0x17], Stmxcsr = [0x0F, 0xAE, 0x1F],
        Movnti = [0x0F, 0xC3, 0x07], Mfence = [0x0F, 0xAE, 0xF0], Prefetch = [0x0F, 0x18, 0x07], Emms = [0x0F, 0x77],
        Cvtpi2ps = [0x0F, 0x2A, 0xC1], Maskmovdqu = [0x66, 0x0F, 0xF7, 0xC1], Addpd = [0x66, 0x0F, 0x58, 0xC1], Paddq = [0x0F, 0xD4, 0xC1],
        Pshufw = [0x0F, 0x70, 0xC1, 0x1B], Divss = [0xF3, 0x0F, 0x5E, 0xC1], Clflush = [0x0F, 0xAE, 0x3F], Movdqu = [0xF3, 0x0F, 0x6F, 0x07],
        Movapsss = [0x0F, 0x28, 0x45, 0x00];

    private readonly SimdRig rig = new();

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData(0ul, Cr4.OSFXSR, -1, -1, -1)]
    [InlineData(Cr0.TS, Cr4.OSFXSR, Vector.NM, Vector.NM, Vector.NM)]
    [InlineData(Cr0.EM, Cr4.OSFXSR, Vector.UD, Vector.UD, Vector.NM)]
    [InlineData(Cr0.EM | Cr0.TS, Cr4.OSFXSR, Vector.UD, Vector.UD, Vector.NM)]
    [InlineData(0ul, 0ul, Vector.UD, -1, -1)]
    [InlineData(Cr0.TS, 0ul, Vector.UD, Vector.NM, Vector.NM)]
    public void Control_registers_decide_before_memory_does(ulong cr0, ulong cr4, int sse, int mmx, int fxsave)
    {
        rig.State->Cr0 |= cr0;
        rig.State->Cr4 = cr4;
        Assert.Equal(sse, rig.Run(Addps));
        Assert.Equal(sse, rig.Run(Stmxcsr));
        Assert.Equal(mmx, rig.Run(Paddb));
        Assert.Equal(mmx, rig.Run(Emms));
        rig.State->Gpr[7] = SimdRig.NextPage;
        Assert.Equal(fxsave, rig.Run(Fxsave));
        rig.SetNextPage(0);
        Assert.Equal(sse >= 0 ? sse : Vector.PF, rig.Run(Movups));
        Assert.Equal(mmx >= 0 ? mmx : Vector.PF, rig.Run(PaddbMemory));
    }

    [Fact]
    public void What_only_orders_or_stores_integers_always_runs()
    {
        rig.State->Cr0 |= Cr0.EM | Cr0.TS;
        rig.State->Cr4 = 0;
        rig.State->Gpr[0] = 0x1234_5678;
        Assert.Equal(-1, rig.Run(Movnti));
        Assert.Equal(0x1234_5678u, *(uint*)(rig.Memory + SimdRig.Data));
        Assert.Equal(-1, rig.Run(Mfence));
        Assert.Equal(-1, rig.Run(Prefetch));
        Assert.Equal(-1, rig.Run(Clflush));
    }

    [Fact]
    public void A_pending_x87_exception_stops_mmx_but_not_sse()
    {
        X87.LoadControl(&rig.State->Fpu, 0x37E);
        rig.State->Fpu.Status |= (ushort)(FpuStatus.IE | FpuStatus.Summary);
        int top = rig.State->Fpu.Top = 3;
        Assert.Equal(Vector.MF, rig.Run(Paddb));
        Assert.Equal(Vector.MF, rig.Run(Emms));
        Assert.Equal(Vector.MF, rig.Run(Cvtpi2ps));
        Assert.Equal(-1, rig.Run(Addps));
        Assert.Equal(-1, rig.Run(Fxsave));
        Assert.Equal(top, rig.State->Fpu.Top);
        rig.State->Cr0 |= Cr0.TS;
        Assert.Equal(Vector.NM, rig.Run(Paddb));
    }

    [Fact]
    public void Aligned_forms_demand_16_bytes_before_paging_looks()
    {
        rig.State->Gpr[7] = SimdRig.NextPage + 8;
        Assert.Equal(-1, rig.Run(Movups));
        rig.SetNextPage(0);
        foreach (byte[] code in (byte[][])[AddpsMemory, Movaps, MovapsStore, Fxsave, Fxrstor])
        {
            Assert.Equal(Vector.GP, rig.Run(code));
            Assert.Equal(0u, rig.State->FaultErrorCode);
        }
        Assert.Equal(Vector.PF, rig.Run(Movups));
        Assert.Equal((ulong)SimdRig.NextPage + 8, rig.State->Cr2);
    }

    [Fact]
    public void The_segment_comes_before_alignment()
    {
        rig.State->Segments[Seg.SS].Limit = 0xFFF;
        rig.State->Segments[Seg.SS].UpdateLimits();
        rig.State->Gpr[5] = 0xFF8;
        Assert.Equal(Vector.SS, rig.Run(Movapsss));
        rig.State->Gpr[5] = 0xFE8;
        Assert.Equal(Vector.GP, rig.Run(Movapsss));
        rig.State->Gpr[5] = 0xFE0;
        Assert.Equal(-1, rig.Run(Movapsss));
    }

    [Theory]
    [InlineData(0u, 2u)]
    [InlineData(1u, 3u)]
    public void A_store_across_pages_writes_all_or_nothing(uint rights, uint error)
    {
        rig.State->Gpr[7] = SimdRig.Data + 4;
        rig.State->Xmm[0] = Vector128.Create((byte)0x55);
        rig.State->Xmm[1] = Vector128<byte>.AllBitsSet;
        new Span<byte>(rig.Memory + SimdRig.Data, 32).Clear();
        rig.SetNextPage(rights);
        foreach (byte[] code in (byte[][])[MovupsStore, Maskmovdqu])
        {
            Assert.Equal(Vector.PF, rig.Run(code));
            Assert.Equal(error, rig.State->FaultErrorCode);
            Assert.Equal((ulong)SimdRig.NextPage, rig.State->Cr2);
            Assert.Equal(-1, new Span<byte>(rig.Memory + SimdRig.Data, 32).IndexOfAnyExcept((byte)0));
        }
        rig.SetNextPage(3);
        Assert.Equal(-1, rig.Run(MovupsStore));
        Assert.Equal(Vector128.Create((byte)0x55), *(Vector128<byte>*)(rig.Memory + SimdRig.Data + 4));
    }

    [Fact]
    public void A_load_across_pages_takes_bytes_of_both_or_changes_nothing()
    {
        for (int n = 0; n < 32; n++)
        {
            rig.Memory[SimdRig.Data + n] = (byte)n;
        }
        rig.State->Gpr[7] = SimdRig.Data + 5;
        rig.SetNextPage(0);
        Assert.Equal(Vector.PF, rig.Run(Movdqu));
        Assert.Equal(Vector128<byte>.Zero, rig.State->Xmm[0]);
        rig.SetNextPage(1);
        Assert.Equal(-1, rig.Run(Movdqu));
        Assert.Equal(Vector128<byte>.Indices + Vector128.Create((byte)5), rig.State->Xmm[0]);
    }

    [Fact]
    public void A_mask_that_leaves_the_next_page_alone_does_not_fault_there()
    {
        rig.State->Gpr[7] = SimdRig.Data + 8;
        rig.State->Xmm[0] = Vector128.Create((byte)0x77);
        rig.State->Xmm[1] = Vector128.Create(0x80ul, 0).AsByte();
        rig.SetNextPage(0);
        Assert.Equal(-1, rig.Run(Maskmovdqu));
        Assert.Equal(0x77, rig.Memory[SimdRig.Data + 8]);
        Assert.Equal(0, rig.Memory[SimdRig.Data + 9]);
        rig.State->Xmm[1] = Vector128<byte>.Zero;
        rig.State->Gpr[7] = SimdRig.NextPage;
        Assert.Equal(-1, rig.Run(Maskmovdqu));
    }

    [Fact]
    public void Without_OSXMMEXCPT_an_unmasked_exception_is_undefined()
    {
        rig.State->Mxcsr = Mxcsr.Initial & ~Mxcsr.ZM;
        rig.State->Xmm[0] = Vector128.Create(1f, 2, 3, 4).AsByte();
        Assert.Equal(Vector.XM, rig.Run(Divss));
        rig.State->Cr4 &= ~Cr4.OSXMMEXCPT;
        Assert.Equal(Vector.UD, rig.Run(Divss));
        Assert.Equal((Mxcsr.Initial & ~Mxcsr.ZM) | Mxcsr.ZE, rig.State->Mxcsr);
        Assert.Equal(Vector128.Create(1f, 2, 3, 4).AsByte(), rig.State->Xmm[0]);
    }

    [Theory]
    [InlineData("qemu32", 0xFFFFu)]
    [InlineData("pentium3", 0xFFBFu)]
    public void Reserved_bits_of_MXCSR_are_refused(string name, uint mask)
    {
        using var other = new SimdRig(CpuModel.Find(name));
        var word = (uint*)(other.Memory + SimdRig.Data);
        *word = mask;
        Assert.Equal(-1, other.Run(Ldmxcsr));
        Assert.Equal(mask, other.State->Mxcsr);
        for (int bit = 0; bit < 32; bit++)
        {
            *word = 1u << bit;
            Assert.Equal((mask >> bit & 1) != 0 ? -1 : Vector.GP, other.Run(Ldmxcsr));
        }
        other.State->Gpr[7] = SimdRig.NextPage;
        Assert.Equal(-1, other.Run(Fxsave));
        Assert.Equal(mask, *(uint*)(other.Memory + SimdRig.NextPage + 28));
        *(uint*)(other.Memory + SimdRig.NextPage + 24) = ~mask & 0x1FFFF;
        Assert.Equal(Vector.GP, other.Run(Fxrstor));
    }

    [Theory]
    [InlineData("max", -1, -1, -1, -1, -1)]
    [InlineData("qemu32", -1, -1, -1, -1, -1)]
    [InlineData("pentium3", -1, -1, -1, -1, Vector.UD)]
    [InlineData("pentium2", -1, -1, Vector.UD, Vector.UD, Vector.UD)]
    [InlineData("pentium", -1, Vector.UD, Vector.UD, Vector.UD, Vector.UD)]
    [InlineData("486", Vector.UD, Vector.UD, Vector.UD, Vector.UD, Vector.UD)]
    public void What_a_model_lacks_is_undefined(string name, int mmx, int fxsave, int mmxOfSse, int sse, int sse2)
    {
        using var other = new SimdRig(CpuModel.Find(name));
        Assert.Equal(mmx, other.Run(Paddb));
        Assert.Equal(fxsave, other.Run(Fxsave));
        Assert.Equal(mmxOfSse, other.Run(Pshufw));
        Assert.Equal(sse, other.Run(Addps));
        Assert.Equal(sse, other.Run(Stmxcsr));
        Assert.Equal(sse2, other.Run(Addpd));
        Assert.Equal(sse2, other.Run(Paddq));
        Assert.Equal(sse2, other.Run(Movnti));
        Assert.Equal(name == "max" ? -1 : Vector.UD, other.Run(Clflush));
        // SSE3 is nobody's.
        Assert.Equal(Vector.UD, other.Run(0x66, 0x0F, 0xD0, 0xC1));
    }

    [Theory]
    [InlineData("max", 0x0789_F9FFu)]
    [InlineData("qemu32", 0x0781_A9FDu)]
    [InlineData("pentium3", 0x0381_F9FFu)]
    [InlineData("pentium2", 0x0181_F9FFu)]
    public void Cpuid_says_what_the_model_has(string name, uint features)
    {
        using var other = new SimdRig(CpuModel.Find(name));
        other.State->Gpr[0] = 1;
        Assert.Equal(-1, other.Run(0x0F, 0xA2));
        Assert.Equal(features, (uint)other.State->Gpr[2]);
        Assert.Equal(0x8000_0000ul, other.State->Gpr[1]);
        Assert.Equal(name == "max" ? 0x800ul : 0, other.State->Gpr[3]);
    }

    [Fact]
    public void Fxsave_and_fxrstor_carry_everything()
    {
        CpuState* s = rig.State;
        var random = new SimdRandom(3);
        for (int n = 0; n < 8; n++)
        {
            s->Xmm[n] = Vector128.Create(random.Next(), random.Next()).AsByte();
            s->Fpu.R[n] = new Float80 { Significand = random.Next(), SignExponent = (ushort)random.Next() };
        }
        s->Mxcsr = 0x9FC1;
        s->Fpu.Top = 5;
        s->Fpu.EmptyMask = 0x3C;
        s->Gpr[7] = SimdRig.Data - 496 + 256;
        new Span<byte>(rig.Memory + s->Gpr[7], 512).Fill(0xA5);
        CpuState before = *s;
        Assert.Equal(-1, rig.Run(Fxsave));
        Assert.Equal(-1, new Span<byte>(rig.Memory + s->Gpr[7] + 288, 224).IndexOfAnyExcept((byte)0xA5));
        s->Xmm = default;
        s->Mxcsr = Mxcsr.Initial;
        X87.Initialize(&s->Fpu);
        s->Fpu.R = default;
        Assert.Equal(-1, rig.Run(Fxrstor));
        Assert.Equal(before.Mxcsr, s->Mxcsr);
        Assert.Equal((before.Fpu.Top, before.Fpu.EmptyMask), (s->Fpu.Top, s->Fpu.EmptyMask));
        for (int n = 0; n < 8; n++)
        {
            Assert.Equal(before.Xmm[n], s->Xmm[n]);
            Assert.Equal(before.Fpu.R[n], s->Fpu.R[n]);
        }
    }

    [Fact]
    public void Fxsave_across_pages_writes_all_or_nothing()
    {
        rig.State->Gpr[7] = SimdRig.Data - 240;
        new Span<byte>(rig.Memory + rig.State->Gpr[7], 512).Fill(0xA5);
        rig.SetNextPage(1);
        Assert.Equal(Vector.PF, rig.Run(Fxsave));
        Assert.Equal(-1, new Span<byte>(rig.Memory + rig.State->Gpr[7], 512).IndexOfAnyExcept((byte)0xA5));
        rig.State->Cr4 &= ~Cr4.OSFXSR;
        rig.SetNextPage(3);
        Assert.Equal(-1, rig.Run(Fxsave));
        Assert.Equal(-1, new Span<byte>(rig.Memory + rig.State->Gpr[7] + 160, 352).IndexOfAnyExcept((byte)0xA5));
    }
}

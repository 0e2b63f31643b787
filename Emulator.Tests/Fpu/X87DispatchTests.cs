using Emulator.BT.Fpu;
using Emulator.Core.Cpu;
using Emulator.Tests.Coverage;
using Emulator.Tests.Cpu;
using Xunit;

namespace Emulator.Tests.Fpu;

/// <summary>
/// The machine code of every x87 instruction, run by a processor, does what <see cref="X87NativeTests"/> compares with the host: the right operation
/// on the right operands, in the interpreter and in each back end's code.
/// </summary>
public sealed unsafe class X87DispatchTests
{
    private const uint Code = 0x1000, Block = 0x4000;
    private const int Cases = 8;

    public static TheoryData<string> AllTiers => Tiers.All;

    [Theory]
    [MemberData(nameof(AllTiers))]
    public void MachineCodeDoesWhatItsSemanticsDo(string tier)
    {
        using var cpu = new TestCpu(1 << 20, translation: Tiers.Options(tier));
        var record = new FormRecord("host x87");
        CpuState* s = cpu.State;
        byte* memory = stackalloc byte[16];
        var random = new Random(1);
        s->Cr0 |= Cr0.PE | Cr0.NE;
        for (int n = 0; n < 6; n++)
        {
            ref SegmentRegister r = ref s->Segments[n];
            (r.Base, r.Limit, r.Access) = (0, 0xFFFF_FFFF, (ushort)(n == Seg.CS ? 0xC09B : 0xC093));
            r.UpdateLimits();
            BT.Helpers.Segmentation.Derive(s, n);
        }
        foreach (X87Instruction x in X87Instruction.All())
        {
            record.Note(32, x.Code);
            cpu.Memory.Write(Code, [.. x.Code, 0xF4]);
            cpu.Vcpu.Cache.Reset();
            for (int n = 0; n < Cases; n++)
            {
                CpuState expected = default;
                MakeState(&expected.Fpu, random);
                var bytes = new Span<byte>(memory, 16);
                random.NextBytes(bytes);
                expected.SetEflags((uint)random.Next() & Eflags.Arithmetic);
                s->SetEflags(expected.GetEflags());
                s->Fpu = expected.Fpu;
                expected.Gpr[0] = s->Gpr[0];
                cpu.Memory.Write(Block + X87Instruction.BlockMemory, bytes);
                s->Gpr[7] = Block;
                s->Rip = Code;
                s->AttentionFlags = 0;
                cpu.Vcpu.Run(1000);
                x.Run(&expected, memory);
                Assert.True((s->AttentionFlags & Attention.Halted) != 0 && s->Rip == Code + (uint)x.Code.Length + 1, $"{x.Name} ends at {s->Rip:x}");
                Assert.True(Same(&expected.Fpu, &s->Fpu), $"{x.Name}: case {n}");
                Assert.True(bytes.SequenceEqual(cpu.Memory.Machine(Block + X87Instruction.BlockMemory, 16)), $"{x.Name}: case {n}, memory");
                Assert.Equal(expected.GetEflags(), s->GetEflags());
                Assert.Equal((ushort)expected.Gpr[0], (ushort)s->Gpr[0]);
            }
        }
        record.Save();
    }

    // Masked exceptions, some registers empty, some values small integers.
    private static void MakeState(FpuState* f, Random random)
    {
        X87.Initialize(f);
        for (int n = random.Next(3, 9); n > 0; n--)
        {
            X87.LoadExtended(f, (ulong)random.NextInt64() | 1ul << 63, (ushort)(0x3FFF + random.Next(-4, 5) | random.Next(2) << 15));
        }
    }

    private static bool Same(FpuState* a, FpuState* b)
    {
        bool same = X87.GetStatus(a) == X87.GetStatus(b) && X87.GetControl(a) == X87.GetControl(b) && a->EmptyMask == b->EmptyMask;
        for (int n = 0; n < 8; n++)
        {
            same &= (a->EmptyMask >> n & 1) != 0 || (a->R[n].Significand == b->R[n].Significand && a->R[n].SignExponent == b->R[n].SignExponent);
        }
        return same;
    }
}

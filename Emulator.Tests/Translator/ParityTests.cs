using System.Diagnostics;
using System.Runtime.InteropServices;
using Emulator.BT.Translator;
using Emulator.BT.Translator.Il;
using Emulator.Core.Cpu;
using Emulator.Tests.Cpu;
using Xunit;
using Xunit.Abstractions;

namespace Emulator.Tests.Translator;

/// <summary>
/// Random programs in both tiers, with faults, read-only and missing pages, odd segments and stores into the running code: the
/// complete state and memory are equal after any number of instructions. EMULATOR_PARITY_REGIONS asks for a longer run, EMULATOR_PARITY_FIRST
/// says from which seed on.
/// </summary>
public sealed unsafe class ParityTests(ITestOutputHelper output)
{
    private const int StatesPerRegion = 8, DefaultRegions = 250;

    private long cases, faults, retired;

    /// <summary>What a region's states have in common: the translator takes segments and modes for granted.</summary>
    private sealed record Setting(bool Is32, bool Paged, bool Flat, int Cpl, int Rip, bool ShortCs, int Seed);

    [Theory]
    [InlineData(TranslatorBackEnd.Il, WindowUse.Off)]
    [InlineData(TranslatorBackEnd.X64, WindowUse.Off)]
    [InlineData(TranslatorBackEnd.X64, WindowUse.On)]
    public void RandomProgramsLeaveTheSameStateInBothTiers(TranslatorBackEnd backEnd, WindowUse window)
    {
        if (backEnd == TranslatorBackEnd.X64 && RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            output.WriteLine("not an x86-64 host");
            return;
        }
        string? asked = Environment.GetEnvironmentVariable("EMULATOR_PARITY_REGIONS");
        int programs = asked is null ? DefaultRegions : int.Parse(asked), first = asked is null ? 0 : int.Parse(Environment.GetEnvironmentVariable("EMULATOR_PARITY_FIRST") ?? $"{DefaultRegions}");
        using var twins = new TwinCpus(backEnd, window);
        var time = Stopwatch.StartNew();
        for (int n = first; n < first + programs; n++)
        {
            Program(twins, n);
        }
        BT.Translator.Translator translator = twins.Translated.Vcpu.Translator!;
        Assert.Equal(window == WindowUse.On && translator.HasWindows, translator.WindowFaults > programs);
        long left = translator.Exits[(int)RegionExit.Bail] + translator.Exits[(int)RegionExit.Trap];
        output.WriteLine($"{programs} programs, {retired} instructions, {cases} cases, {faults} with exceptions, {translator.Compiled} regions, "
            + $"{left} bails and traps, {translator.Invalidated} invalidated, {time.Elapsed.TotalSeconds:f1} s");
        // The generator must keep reaching what it is for.
        Assert.True(faults > cases / 20, $"only {faults} of {cases} cases take exceptions");
        Assert.True(translator.Compiled > programs, $"only {translator.Compiled} regions of {programs} programs");
        Assert.True(left > programs / 10, "hardly a bail");
        Assert.True(translator.Exits[(int)RegionExit.Left] > programs / 10, "hardly an exit");
        Assert.True(retired > programs * 20L, $"only {retired} instructions");
    }

    private void Program(TwinCpus twins, int seed)
    {
        var random = new Random(seed);
        bool is32 = random.Next(4) != 0, paged = is32 || random.Next(2) == 0;
        var generator = new RandomCode(random, is32, twins.Translated.Vcpu.Model);
        byte[] code = random.Next(3) switch
        {
            0 => generator.Block(random.Next(10) == 0 ? random.Next(1, 48) : random.Next(1, 14), random.Next(3) == 0),
            1 => generator.Program(random.Next(1, 4), 5),
            _ => generator.Program(random.Next(2, 12), 3),
        };
        // At the end of the page the block ends without a transfer.
        int codeAddress = TwinCpus.Code + (random.Next(4) == 0 ? 0x1000 - code.Length : random.Next(0, 0x1000 - code.Length));
        var setting = new Setting(is32, paged, is32 && random.Next(3) != 0, paged ? 3 * random.Next(2) : 0, random.Next(0x1000, 0xE000), random.Next(6) == 0, random.Next());
        twins.SetMemory(random, code, codeAddress);
        for (int state = 0; state < StatesPerRegion; state++)
        {
            twins.SetState(random, (r, cpu) => MakeState(r, cpu, setting, code.Length, paged ? twins.CodeLinear(r) : (uint)codeAddress));
            long start = retired;
            Assert.Equal((uint)codeAddress, twins.MachineAddress(paged, (uint)(twins.Interpreter.State->Segments[Seg.CS].Base + twins.Interpreter.State->Rip)));
            for (int step = 0; step < 6; step++)
            {
                int budget = random.Next(3) == 0 ? random.Next(1, 8) : random.Next(1, 400);
                string? difference = twins.Run(budget);
                if (difference != null)
                {
                    int before = (int)Math.Min(400, retired - start + budget);
                    difference += twins.Trace(twins.Initial, before);
                }
                Assert.True(difference == null, $"seed {seed}, state {state}, step {step} of {budget}, {setting}\n{twins.Listing(codeAddress, code.Length, is32)}{difference}");
                retired += budget - twins.Interpreter.State->Budget;
            }
            cases++;
            faults += twins.Interpreter.Vcpu.Delivered.Sum() > 0 ? 1 : 0;
        }
    }

    private static void MakeState(Random random, TestCpu cpu, Setting setting, int codeLength, uint codeLinear)
    {
        CpuState* s = cpu.State;
        for (int n = 0; n < 8; n++)
        {
            s->Gpr[n] = random.Next(16) == 0 ? (uint)(codeLinear + random.Next(-16, codeLength)) : RandomValue(random);
        }
        s->SetEflags((uint)random.Next() & Eflags.Arithmetic);
        s->FlagsOther |= random.Next(2) == 0 ? Eflags.DF : 0;
        s->Rip = setting.Flat ? codeLinear : (ulong)setting.Rip;
        s->Budget = random.Next(1, 400);
        s->AttentionFlags = random.Next(8) == 0 ? Attention.Interrupt : 0;
        s->CodeMode = setting.Is32 ? CodeMode.Bits32 : CodeMode.Bits16;
        s->Cpl = setting.Cpl;
        s->Cr4 = random.Next(4) != 0 ? Cr4.OSFXSR : 0;
        s->Mxcsr = Mxcsr.Initial & ~(random.Next(8) == 0 ? 1u << random.Next(7, 13) : 0) | (uint)random.Next(4) << 13;
        random.NextBytes(new Span<byte>(&s->Xmm, 8 * 16));
        random.NextBytes(new Span<byte>(&s->Fpu.R, 8 * 16));
        for (int n = 0; n < 8; n++)
        {
            // The rest of each register's 16 bytes is padding.
            var register = (Float80*)&s->Fpu.R + n;
            *register = new Float80 { Significand = register->Significand, SignExponent = register->SignExponent };
        }
        s->Fpu.EmptyMask = (byte)random.Next(256);
        s->Fpu.Top = random.Next(8);
        // Everything from here on is the same for every state of the region.
        var fixedRandom = new Random(setting.Seed);
        s->StackMask = setting.Is32 || (setting.Paged && fixedRandom.Next(2) == 0) ? 0xFFFF_FFFF : 0xFFFF;
        if (setting.Paged)
        {
            s->Cr0 = Cr0.PE | Cr0.PG | (fixedRandom.Next(2) == 0 ? Cr0.WP : 0);
            s->Cr3 = TwinCpus.Directory;
        }
        for (int n = 0; n < 6; n++)
        {
            MakeSegment(fixedRandom, ref s->Segments[n], setting);
        }
        ref SegmentRegister cs = ref s->Segments[Seg.CS];
        cs.Access = (ushort)(setting.Paged ? 0x9B | SegmentRegister.DBit : 0x93);
        cs.Base = (uint)(codeLinear - s->Rip);
        cs.Limit = setting.ShortCs ? (uint)(s->Rip + (uint)codeLength + (uint)fixedRandom.Next(0, 64)) : setting.Is32 ? uint.MaxValue : 0xFFFF;
        cs.UpdateLimits();
    }

    private static void MakeSegment(Random random, ref SegmentRegister s, Setting setting)
    {
        s.Limit = setting.Flat ? uint.MaxValue : 0xFFFF;
        s.Access = 0x93 | SegmentRegister.DBit;
        s.Base = setting.Flat ? 0 : (ulong)random.Next(0, 0x10000);
        s.Selector = (ushort)(s.Base >> 4);
        int kind = setting.Paged && !setting.Flat ? random.Next(8) : 8;
        switch (kind)
        {
            case 0: s.Access = 0x91; break;
            case 1: s.Access = 0x97; s.Limit = 0x1FFF; break;
            case 2: s.Access = 0; break;
            case 3: s.Limit = (uint)random.Next(); s.Base = (uint)random.Next(); break;
            case 4 or 5: s.Limit = uint.MaxValue; s.Base = (ulong)random.Next(3) * 0x1234_5678; break;
            case 6: s.Access = 0x9B; s.Limit = uint.MaxValue; break;
            default: break;
        }
        s.UpdateLimits();
    }

    // Addresses near page ends, small numbers and sign changes more often than chance would have them.
    private static uint RandomValue(Random random)
    {
        var value = (uint)random.NextInt64(1L << 32);
        return random.Next(8) switch
        {
            0 => (value & ~0xFFFu) + (uint)random.Next(-8, 8),
            1 => (uint)random.Next(-40, 40),
            2 => 0x8000_0000u + (uint)random.Next(-2, 3),
            3 => (uint)random.Next(0x10000),
            _ => value,
        };
    }
}

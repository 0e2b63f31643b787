using System.Runtime.InteropServices;
using Emulator.BT.Cache;
using Emulator.BT.Model;
using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;
using Emulator.Tests.Cpu;
using Xunit;
using CodeBlock = Emulator.BT.Decode.Block;

namespace Emulator.Tests.Translator;

/// <summary>What a full cache of decoded blocks keeps and what it drops.</summary>
public sealed unsafe class BlockAgeingTests : IDisposable
{
    private const int ArenaBytes = 64 << 10;

    private readonly TestCpu cpu = new(1 << 20);
    private readonly BlockCache cache;

    // Stands for a region.
    private readonly BlockUser* user = (BlockUser*)NativeMemory.AllocZeroed((nuint)sizeof(BlockUser));

    public BlockAgeingTests()
    {
        cpu.Memory.Write(0x10000, Enumerable.Repeat((byte)0xF4, 0x8000).ToArray());
        cache = new BlockCache(cpu.Memory, cpu.Vcpu.Mmu, CpuModel.Max, ArenaBytes);
    }

    [Fact]
    public void TranslatedBlocksAndThoseThatRanStay()
    {
        CodeBlock* translated = Decode(0x10000), hot = Decode(0x10001), cold = Decode(0x10002);
        translated->Users = user;
        hot->Heat = 10;
        hot->Successor0 = cold;
        hot->Successor1 = translated;
        FillUntilAged();
        Assert.Equal((0L, 1L), (cache.Resets, cache.Agings));
        Assert.True(translated == cache.Find(0x10000, 0) && hot == cache.Find(0x10001, 0));
        Assert.True(cache.Find(0x10002, 0) == null, "a block that ran once stayed");
        Assert.True(hot->Successor0 == null && hot->Successor1 == translated, "links to what is gone stayed, or others went");
    }

    [Fact]
    public void HeatOfThePastDoesNotCountTwice()
    {
        CodeBlock* hot = Decode(0x10000);
        hot->Heat = 10;
        FillUntilAged();
        FillUntilAged();
        Assert.True(cache.Find(0x10000, 0) == null, "it had not run since");
    }

    [Fact]
    public void WritesFindWhatStayedAndOnlyThat()
    {
        CodeBlock* kept = Decode(0x10000);
        kept->Users = user;
        Decode(0x10FC0);
        FillUntilAged();
        long killed = cache.Invalidated;
        cpu.Memory.Write(0x10FC0, [0x90]);
        Assert.Equal(killed, cache.Invalidated);
        cpu.Memory.Write(0x10000, [0x90]);
        Assert.Equal(killed + 1, cache.Invalidated);
        Assert.True(cache.Find(0x10000, 0) == null);
    }

    [Fact]
    public void WhenAllIsTranslatedRegionsGoBeforeAllDoes()
    {
        var translated = new List<nint>();
        cache.TooManyRegions = () => translated.Take(translated.Count / 2).ToList().ForEach(b => ((CodeBlock*)b)->Users = null);
        for (ulong at = 0x10000; cache.Agings == 0; at++)
        {
            translated.Add((nint)Decode(at));
            ((CodeBlock*)translated[^1])->Users = user;
        }
        Assert.Equal(0, cache.Resets);
        Assert.True(cache.Find(0x10000, 0) == null, "the region that it was part of went");
        Assert.True(cache.Find(0x10000 + (ulong)translated.Count - 2, 0) != null, "its region stayed");
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(20, 0)]
    public void WhenNearlyAllWasOverwrittenNoPassIsMade(int alive, int resets)
    {
        for (int n = 0; n < alive; n++)
        {
            Decode(0x10000 + (ulong)n)->Users = user;
        }
        for (int n = 0; cache.Agings + cache.Resets == 0; n++)
        {
            Decode(0x11000);
            cpu.Memory.Write(0x11000, [0xF4]);
        }
        Assert.Equal(resets, cache.Resets);
    }

    [Fact]
    public void WhenAllIsTranslatedAllGoes()
    {
        for (ulong at = 0x10000; cache.Resets == 0 && at < 0x18000; at++)
        {
            Decode(at)->Users = user;
        }
        Assert.Equal(1, cache.Resets);
        Assert.True(cache.Find(0x10000, 0) == null);
    }

    [Fact]
    public void BlocksOfEverySizeFitIntoWhatOthersLeft()
    {
        var random = new Random(1);
        for (int n = 0; n < 20_000; n++)
        {
            // NOPs up to HLT: one to eight instructions.
            ulong at = 0x10000 + (ulong)random.Next(0x7000);
            int nops = random.Next(8);
            cpu.Memory.Write(at, [.. Enumerable.Repeat((byte)0x90, nops), 0xF4]);
            CodeBlock* block = cache.Find(at, 0);
            block = block != null ? block : Decode(at);
            block->Heat += random.Next(8);
            Assert.True(block->MachineAddress == at && cache.Find(at, 0) == block && block->First[block->Count].Length == 0, $"step {n}");
            Assert.InRange(cache.UsedBytes, 1, ArenaBytes);
        }
        Assert.True(cache.Agings > 10, $"{cache.Agings} agings");
    }

    public void Dispose()
    {
        NativeMemory.Free(user);
        cache.Dispose();
        cpu.Dispose();
    }

    private CodeBlock* Decode(ulong machineAddress)
    {
        cpu.State->Segments[Seg.CS].Base = machineAddress & ~0xFFFul;
        cpu.State->Rip = machineAddress & 0xFFF;
        return cache.Decode(cpu.State, machineAddress, 0);
    }

    private void FillUntilAged()
    {
        long before = cache.Agings;
        for (ulong at = 0x12000; cache.Agings == before; at++)
        {
            Assert.True(at < 0x18000, "it never aged");
            if (cache.Find(at, 0) == null)
            {
                Decode(at);
            }
        }
    }
}

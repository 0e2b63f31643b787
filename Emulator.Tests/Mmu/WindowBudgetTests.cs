using System.Runtime.InteropServices;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;
using Emulator.Mmu;
using Xunit;

namespace Emulator.Tests.Mmu;

/// <summary>
/// Windows of host page mapping under a guest that touches scattered pages: they keep to a budget of the host's mappings, and a call that the host refuses ends in
/// an empty window, or one that nobody looks through. The windows are read here as host code reads them.
/// </summary>
public sealed unsafe partial class WindowBudgetTests : IDisposable
{
    private const ulong Page = 0x1000, WindowBytes = (1ul << 32) + 0x1_0000;
    private readonly CpuState* cpu = (CpuState*)NativeMemory.AlignedAlloc((nuint)sizeof(CpuState), 64);
    private PhysicalMemory memory = null!;
    private Emulator.Mmu.Mmu mmu = null!;

    public void Dispose()
    {
        mmu.Dispose();
        memory.Dispose();
        NativeMemory.AlignedFree(cpu);
    }

    [LinuxFact]
    public void MappingsAreCountedAsTheHostCountsThem()
    {
        Open(1 << 20, new MappingBudget(1000));
        var random = new Random(1);
        for (int round = 0; round < 30; round++)
        {
            for (int n = 0; n < 40; n++)
            {
                uint linear = (uint)random.Next(128) << 12;
                switch (random.Next(5))
                {
                    case 0:
                        mmu.Invalidate(linear);
                        break;
                    case 1:
                        mmu.ProtectMachinePage(linear >> 12);
                        break;
                    default:
                        mmu.TryMapIntoWindow(linear, write: random.Next(2) == 0);
                        break;
                }
            }
            mmu.SyncWindows();
            Assert.Equal(MappingsOfTheWindow() - 1, mmu.WindowMappings.Used);
        }
        Assert.True(mmu.WindowMappings.Used > 10, $"only {mmu.WindowMappings.Used} mappings");
    }

    [LinuxFact]
    public void ScatteredPagesKeepToTheBudgetAndAreAllFound()
    {
        Open(8 << 20, new MappingBudget(100));
        for (ulong round = 0; round < 2; round++)
        {
            for (ulong pa = 0; pa < memory.RamSize; pa += 2 * Page)
            {
                Assert.True(mmu.TryMapIntoWindow(pa, write: true));
                *(ulong*)(cpu->Window + (nint)pa) += pa + 1;
                Assert.InRange(mmu.WindowMappings.Used, 1, 100);
            }
        }
        Assert.InRange(MappingsOfTheWindow(), 2, 101);
        for (ulong pa = 0; pa < memory.RamSize; pa += 2 * Page)
        {
            Assert.Equal(2 * (pa + 1), memory.ReadValue(pa, 8));
        }
    }

    [LinuxFact]
    public void SixtyThousandScatteredPagesLeaveTheRuntimeItsShareOfTheHostsMappings()
    {
        var budget = MappingBudget.OfHost();
        int most = int.Parse(File.ReadAllText("/proc/sys/vm/max_map_count"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(budget.Limit, 1, most / 2);
        Open(480 << 20, budget);
        int largest = 0;
        for (ulong pa = 0; pa < memory.RamSize; pa += 2 * Page)
        {
            Assert.True(mmu.TryMapIntoWindow(pa, write: false));
            largest = Math.Max(largest, mmu.WindowMappings.Used);
        }
        Assert.InRange(largest, Math.Min(budget.Limit - 2, 60_000), budget.Limit);
        Assert.InRange(MappingsOfTheWindow(), 1, budget.Limit + 1);
    }

    [LinuxFact]
    public void APageThatChangesOftenIsNotedOnce()
    {
        Open(1 << 20, new MappingBudget(100));
        Assert.True(mmu.TryMapIntoWindow(0x5000, write: false));
        for (int n = 0; n < 1000; n++)
        {
            Assert.True(mmu.Translate(0x5000, write: false, user: false, out _));
            mmu.Invalidate(0x5000);
        }
        Assert.Equal(1, mmu.StaleWindowPages);
        mmu.SyncWindows();
        Assert.Equal((0, 0, 0), (mmu.StaleWindowPages, mmu.WindowPages, mmu.WindowMappings.Used));
    }

    [LinuxFact]
    public void AWindowWhosePageTheHostWillNotProtectIsEmptied()
    {
        Open(1 << 20, new MappingBudget(100));
        Assert.True(mmu.TryMapIntoWindow(0x5000, write: true) && mmu.TryMapIntoWindow(0x9000, write: true));
        // What is not mapped cannot be protected.
        Assert.Equal(0, Unmap(cpu->Window + 0x5000, (nuint)Page));
        mmu.ProtectMachinePage(5);
        mmu.SyncWindows();
        Assert.Equal((0, 0), (mmu.WindowPages, mmu.WindowMappings.Used));
        Assert.Equal("---p", Assert.Single(HostMappings.In((ulong)cpu->Window, (ulong)cpu->Window + (1 << 20))).Rights);
    }

    [LinuxFact]
    public void NobodyLooksThroughAWindowThatTheHostWillNotChange()
    {
        Open(1 << 20, new MappingBudget(100));
        Assert.True(mmu.TryMapIntoWindow(0x5000, write: true));
        nint lost = cpu->Window;
        if (Seal(SysMseal, lost + 0x5000, (nuint)Page, 0) != 0)
        {
            // Linux before 6.10 cannot refuse so.
            return;
        }
        mmu.Invalidate(0x5000);
        mmu.SyncWindows();
        Assert.NotEqual(lost, cpu->Window);
        Assert.Equal(cpu->Window, cpu->SystemView.Window);
        Assert.False(mmu.TryMapIntoWindow(0x5000, write: true));
        Assert.False(mmu.TryMapIntoWindow(0x9000, write: true), "mapped where nobody looks");
        Assert.Equal("---p", Assert.Single(HostMappings.In((ulong)cpu->Window, (ulong)cpu->Window + (1 << 20))).Rights);
    }

    [LinuxFact]
    public void AHostThatAllowsNextToNothingGetsNoWindows()
    {
        Make(1 << 20);
        Assert.False(mmu.TryOpenWindows(new MappingBudget(1)));
        Assert.Equal(0, cpu->Window);
        Assert.False(mmu.TryMapIntoWindow(0x5000, write: false));
    }

    private const int SysMseal = 462;

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial int Seal(nint number, nint address, nuint length, nuint flags);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    private int MappingsOfTheWindow()
    {
        // The kernel may have joined the reserved pages at its ends with others'.
        return HostMappings.In((ulong)cpu->Window, (ulong)cpu->Window + WindowBytes).Count;
    }

    private void Open(ulong ram, MappingBudget budget)
    {
        Make(ram);
        Assert.True(mmu.TryOpenWindows(budget));
    }

    private void Make(ulong ram)
    {
        *cpu = default;
        cpu->FaultVector = -1;
        memory = new PhysicalMemory(ram, 1 << 20, mappable: true);
        memory.Map(new MemoryRegion("ram", 0, ram, MemoryKind.Ram, 0, null, 0));
        mmu = new Emulator.Mmu.Mmu(cpu, memory);
    }
}

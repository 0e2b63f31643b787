using System.Diagnostics;
using System.Runtime.InteropServices;
using Emulator.BT.Cache;
using Emulator.BT.Decode;
using Emulator.BT.Model;
using Emulator.BT.Translator.Il;
using Emulator.BT.Translator.Regions;
using Emulator.BT.Translator.X64;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;

namespace Emulator.BT.Translator;

/// <summary>What makes host code of a region.</summary>
public enum TranslatorBackEnd
{
    /// <summary>The host's own if there is one, else IL.</summary>
    Auto,

    /// <summary>IL, compiled by RyuJIT: on every host.</summary>
    Il,

    /// <summary>x86-64 machine code.</summary>
    X64,
}

/// <summary>When translated code reaches guest memory through the host's own MMU (host page mapping; x86-64 back end, Linux).</summary>
public enum WindowUse
{
    /// <summary>Where a region has shown that it is worth the host's page faults.</summary>
    Auto,

    /// <summary>Never: the shadow tables are looked at, as on other hosts.</summary>
    Off,

    /// <summary>Everywhere.</summary>
    On,
}

/// <summary>How the translator works.</summary>
public sealed record TranslatorOptions
{
    /// <summary>
    /// Runs of a block in the interpreter after which it is translated; 0: before it runs at all. Null: what suits the back end.
    /// </summary>
    public int? Threshold { get; init; }

    /// <summary>What makes host code.</summary>
    public TranslatorBackEnd BackEnd { get; init; }

    /// <summary>When it uses the host's MMU.</summary>
    public WindowUse Window { get; init; }

    /// <summary>Compiling threads.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Bound of the translated code, in MiB of IL and host code together (an estimate). Null: a quarter of the guest's memory, 32 to 256.</summary>
    public int? CacheMegabytes { get; init; }
}

/// <summary>
/// The second tier of one processor: decides what is hot, has it compiled, installs it and links it. Called by the dispatcher.
/// </summary>
public sealed unsafe class Translator : IDisposable
{
    // Slices that end in a region before it gets the window; a slice pays for so many faults; one that had no page to map counts for so many.
    private const int SamplesForWindow = 4, SampleCredit = 30, MostCredit = 3_000, MisplacedCost = 30;

    private const int UsualThresholdIl = 30_000, UsualThresholdX64 = 50;

    private readonly X64Compiler? x64;
    private readonly RegionFormer former;
    private readonly RegionTable table;
    private readonly RegionCompiler compiler;
    private readonly CompileQueue? queue;
    private readonly Vcpu vcpu;
    private readonly BlockCache cache;
    private readonly WindowUse window;
    private readonly int cacheBytes;
    private long compileTicks;

    internal Translator(Vcpu vcpu, BlockCache cache, PhysicalMemory memory, CpuModel model, TranslatorOptions options)
    {
        this.vcpu = vcpu;
        this.cache = cache;
        Options = options;
        cacheBytes = (options.CacheMegabytes ?? (int)Math.Clamp(memory.Capacity >> 22, 32, 256)) << 20;
        x64 = options.BackEnd == TranslatorBackEnd.Il ? null : X64Compiler.TryMake(model, memory, cacheBytes, options.Window != WindowUse.Off && vcpu.Mmu.TryOpenWindows());
        window = x64 is { HasWindows: true } ? options.Window : WindowUse.Off;
        former = new RegionFormer(cache, memory, takesCrossing: x64 != null);
        Threshold = options.Threshold ?? (x64 != null ? UsualThresholdX64 : UsualThresholdIl);
        cache.Patches.Threshold = Threshold;
        cache.AskAt = Math.Max(1, Threshold);
        table = new RegionTable(vcpu.State, cache, x64 != null ? x64.Stubs.Unlinked : RegionRuntime.UnlinkedCode, x64?.Stubs.Slide ?? 0, x64?.ToWritable ?? 0);
        compiler = new RegionCompiler(model);
        queue = Threshold == 0 || x64 != null ? null : new CompileQueue(model, options.Threads, vcpu.NoteCompiled);
        vcpu.State->JumpCache = (nint)table.Jumps.Table;
        vcpu.State->HostMxcsr = Mxcsr.Initial;
        // SAFETY: owned here, freed in Dispose; FXSAVE's 512 bytes.
        vcpu.State->FxImage = (nint)NativeMemory.AlignedAlloc(512, 64);
        NativeMemory.Clear((void*)vcpu.State->FxImage, 512);
    }

    /// <summary>True when machine memory should be mappable a second time for a translator with these options (null: none).</summary>
    public static bool WantsWindows(TranslatorOptions? options) =>
        options is { BackEnd: not TranslatorBackEnd.Il, Window: not WindowUse.Off } && HostFaults.IsSupported;

    /// <summary>How it works.</summary>
    public TranslatorOptions Options { get; }

    /// <summary>Runs of a block in the interpreter before it is translated.</summary>
    public int Threshold { get; }

    /// <summary>The back end in use.</summary>
    public TranslatorBackEnd BackEnd => x64 != null ? TranslatorBackEnd.X64 : TranslatorBackEnd.Il;

    /// <summary>When code of the host reaches guest memory through the host's MMU: what the options ask for, or off where that cannot be had.</summary>
    public WindowUse Window => window;

    /// <summary>Regions compiled since the start.</summary>
    public long Compiled { get; private set; }

    /// <summary>Guest instructions compiled since the start: more than there are different ones as far as regions overlap or are made again.</summary>
    public long CompiledInstructions { get; private set; }

    /// <summary>Regions that were compiled but came too late, or were too large.</summary>
    public long Discarded { get; private set; }

    /// <summary>Regions that made room for newer ones.</summary>
    public long Evicted => table.Evicted;

    /// <summary>Called with the RIP of each region of the x86-64 back end and where its host code lies, for <c>-d out_asm</c>.</summary>
    public Action<ulong, nint, int>? RegionCompiled { get; set; }

    /// <summary>Called with the RIP of each region and its IL, for <c>-d il</c>.</summary>
    public Action<ulong, string>? RegionLowered { get; set; }

    /// <summary>Called with the RIP of each region and its intermediate form, for <c>-d ir</c>.</summary>
    public Action<ulong, string>? RegionRecorded { get; set; }

    /// <summary>Live regions.</summary>
    public int Regions => table.Count;

    /// <summary>Guest instructions in live regions.</summary>
    public long GuestInstructions => table.Instructions;

    /// <summary>Bytes of the live regions' code (IL back end: an estimate).</summary>
    public long CodeBytes => table.Bytes;

    /// <summary>Regions lost to writes and flushes.</summary>
    public long Invalidated => table.Invalidated;

    /// <summary>Exits linked to entries.</summary>
    public long Linked => table.Linked;

    /// <summary>Plans that wait for a compiling thread.</summary>
    public int Waiting => queue?.Waiting ?? 0;

    /// <summary>True when regions can use the host's MMU: on this host, with these options.</summary>
    public bool HasWindows => window != WindowUse.Off;

    /// <summary>Faults that the host took in a window.</summary>
    public long WindowFaults { get; private set; }

    /// <summary>Live regions that use the window.</summary>
    public int WindowRegions => table.Windows;

    /// <summary>Time spent compiling.</summary>
    public TimeSpan CompileTime => queue?.CompileTime ?? Stopwatch.GetElapsedTime(0, compileTicks);

    /// <summary>What host code left to the interpreter's handlers, by instruction.</summary>
    public TrapCounters Traps { get; } = new();

    /// <summary>Ways by which regions came back to the dispatcher, by <see cref="RegionExit"/>.</summary>
    public long[] Exits { get; } = new long[Enum.GetValues<RegionExit>().Length];

    /// <inheritdoc/>
    public void Dispose()
    {
        queue?.Dispose();
        while (queue != null && queue.TryTake(out (RegionPlan Plan, CompiledRegion? Code) late))
        {
            Discard(late.Plan, late.Code);
        }
        table.Dispose();
        x64?.Dispose();
        NativeMemory.AlignedFree((void*)vcpu.State->FxImage);
        vcpu.State->FxImage = 0;
    }

    /// <summary>The region that would be made at an offset in CS in the present state, of the blocks that are decoded there; nothing is installed.</summary>
    /// <returns>Null when no block is decoded there, or it is none for the translator.</returns>
    public RegionView? Show(ulong rip)
    {
        CpuState* cpu = vcpu.State;
        using RegionPlan? plan = former.Show(cpu, rip, window);
        if (plan == null)
        {
            return null;
        }
        string ir = compiler.Describe(plan);
        (string folded, string il) = compiler.DescribeIl(plan);
        MakeRoom();
        using CompiledRegion? host = x64?.Compile(plan);
        byte[] code = host == null ? [] : new ReadOnlySpan<byte>((void*)host.Start, host.Bytes).ToArray();
        return new RegionView([.. plan.Blocks.Select(b => (b.Rip, new ReadOnlySpan<byte>(b.Bytes, b.Length).ToArray()))], ir, folded, il, host?.Start ?? 0, code);
    }

    /// <summary>Drops all regions; what is hot is translated again.</summary>
    public void Drop() => table.Clear();

    /// <summary>Frees what died. Only where no region runs.</summary>
    internal void Bury() => table.Bury();

    /// <summary>Plans the region of a block that got hot. The x86-64 back end compiles it at once; RyuJIT's price asks for few large ones, compiled beside the guest.</summary>
    internal void Request(Block* block) => Request(block, overlaps: queue != null || Threshold == 0);

    private void Request(Block* block, bool overlaps)
    {
        CpuState* cpu = vcpu.State;
        RegionPlan? plan = former.Form(cpu, block, cpu->Rip, vcpu.ExactBudget, window, overlaps);
        if (plan == null)
        {
            return;
        }
        if (queue == null)
        {
            MakeRoom();
            InstallOrDrop(plan, TryCompile(plan));
        }
        else if (!queue.TryAdd(plan))
        {
            plan.Dispose();
            block->Heat = 0;
            block->AskAt = cache.AskAt;
        }
    }

    /// <summary>Installs what the compiling threads have done.</summary>
    internal void InstallDone()
    {
        while (queue != null && queue.TryTake(out (RegionPlan Plan, CompiledRegion? Code) result))
        {
            InstallOrDrop(result.Plan, result.Code);
        }
    }

    /// <summary>Links the exit by which a region was left to the entry of the region behind it.</summary>
    internal void Link(Slot* exit, Slot* entry) => table.Link(exit, entry);

    /// <summary>Makes computed transfers find an entry.</summary>
    internal void AddJump(Slot* entry, ulong rip) => table.Jumps.Add(entry, rip);

    /// <summary>Host code that goes on at RIP, wherever that is, if a region is known there.</summary>
    internal nint ContinueAt(int key) => RegionKey.IsFlatCode(key) ? x64!.Stubs.Continue : x64!.Stubs.ContinueBased;

    /// <summary>Runs host code from an address on, with the x86-64 back end's conventions.</summary>
    internal RegionExit Enter(CpuState* cpu, nint address)
    {
        cpu->FlagsImage = FlagsImage.Of(cpu);
        cpu->LiveUnits = 0;
        cpu->UsableUnits = HostUnits.Usable(cpu);
        if (cpu->WindowIsStale != 0)
        {
            vcpu.Mmu.SyncWindows();
        }
        var exit = (RegionExit)x64!.Stubs.Enter(cpu, address);
        while (exit == RegionExit.LoadFpu)
        {
            HostUnits.WriteFpu(cpu);
            cpu->LiveUnits = 0;
            exit = (RegionExit)x64.Stubs.Enter(cpu, x64.Stubs.ResumeFpu);
        }
        if ((cpu->LiveUnits & HostUnits.Fpu) != 0)
        {
            HostUnits.ReadFpu(cpu);
        }
        FlagsImage.Apply(cpu);
        return exit;
    }

    /// <summary>Host code touched a page that its window has not: where to go on in it, with <see cref="HostStubs.ResumeFault"/>.</summary>
    internal nint Faulted(CpuState* cpu)
    {
        ref HostFault fault = ref cpu->HostFault;
        nint trap = x64!.WindowSites[fault.Rip];
        WindowFaults++;
        bool mapped = fault.Vector == Vector.PF && vcpu.Mmu.TryMapIntoWindow((ulong)(fault.Address - cpu->Window), (fault.ErrorCode & PageFaultError.Write) != 0);
        fault.Target = mapped ? fault.Rip : trap;
        fault.Units = cpu->LiveUnits;
        if ((cpu->LiveUnits & HostUnits.Fpu) != 0)
        {
            HostUnits.WriteFpu(cpu);
        }
        if (window == WindowUse.Auto)
        {
            Charge(fault.Rip, mapped ? 1 : MisplacedCost);
        }
        return x64.Stubs.ResumeFault;
    }

    /// <summary>
    /// A slice ended in host code at RIP: a region in which many do is hot enough for the window, and one that uses it has
    /// earned the right to so many faults.
    /// </summary>
    internal void Sample(Block* block, Slot* entry)
    {
        if (table.Find(entry->Region) is not { } region)
        {
            return;
        }
        if (region.UsesWindow)
        {
            region.Credit = Math.Min(region.Credit + SampleCredit, MostCredit);
        }
        else if (++region.Samples >= SamplesForWindow)
        {
            bool wantsWindow = window == WindowUse.Auto && MayHaveWindow(region);
            if (!wantsWindow && region.Overlaps)
            {
                return;
            }
            // What it is made of is as hot as before.
            (nint Block, int Heat)[] heats = [.. Enumerable.Range(0, region.BlockCount).Select(n => ((nint)region.Users[n].Block, region.Users[n].Block->Heat))];
            if (wantsWindow)
            {
                DropFor(region, Block.WindowWanted);
            }
            else
            {
                table.Drop(region);
            }
            foreach ((nint part, int heat) in heats)
            {
                ((Block*)part)->Heat = heat;
            }
            Request(block, overlaps: true);
        }
    }

    // Faults cost more than looking at the tables when there are many.
    private void Charge(nint rip, int cost)
    {
        if (table.FindByCode(rip) is { } region && (region.Credit -= cost) < 0)
        {
            DropFor(region, Block.WindowNever);
        }
    }

    // It is made again with the window, or never has it again.
    private void DropFor(Region region, byte use)
    {
        for (int n = 0; n < region.BlockCount; n++)
        {
            region.Users[n].Block->Window = use;
        }
        table.Drop(region);
    }

    private static bool MayHaveWindow(Region region)
    {
        for (int n = 0; n < region.BlockCount; n++)
        {
            if (region.Users[n].Block->Window == Block.WindowNever)
            {
                return false;
            }
        }
        return true;
    }

    // The oldest code goes.
    private void MakeRoom()
    {
        if (x64 is { HasRoom: false })
        {
            (nint start, nint end) = x64.MakeRoom();
            table.DropWithin(start, end);
        }
    }

    private CompiledRegion? TryCompile(RegionPlan plan)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            return x64 != null ? x64.Compile(plan) : compiler.Compile(plan);
        }
        catch (RegionLimitException)
        {
            return null;
        }
        finally
        {
            compileTicks += Stopwatch.GetTimestamp() - start;
        }
    }

    private void InstallOrDrop(RegionPlan plan, CompiledRegion? code)
    {
        if (code == null)
        {
            Discarded++;
            plan.Dispose();
            return;
        }
        if (x64 == null && table.Bytes > cacheBytes)
        {
            table.DropOldest(cacheBytes / 8 * 7);
        }
        Compiled++;
        CompiledInstructions += plan.Count;
        RegionRecorded?.Invoke(plan.Rip, compiler.Describe(plan));
        RegionLowered?.Invoke(plan.Rip, compiler.DescribeIl(plan).Il);
        if (x64 != null)
        {
            RegionCompiled?.Invoke(plan.Rip, code.Start, code.Bytes);
        }
        if (!table.Install(plan, code))
        {
            Discarded++;
        }
    }

    private static void Discard(RegionPlan plan, CompiledRegion? code)
    {
        plan.Dispose();
        code?.Dispose();
    }
}

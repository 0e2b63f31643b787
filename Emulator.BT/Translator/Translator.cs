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

/// <summary>How the translator works.</summary>
public sealed record TranslatorOptions
{
    /// <summary>
    /// Runs of a block in the interpreter after which it is translated; 0: before it runs at all. Null: what suits the back end.
    /// </summary>
    public int? Threshold { get; init; }

    /// <summary>What makes host code.</summary>
    public TranslatorBackEnd BackEnd { get; init; }

    /// <summary>Compiling threads.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Bound of the translated code, in MiB of IL and host code together (an estimate).</summary>
    public int CacheMegabytes { get; init; } = 128;
}

/// <summary>
/// The second tier of one processor: decides what is hot, has it compiled, installs it and links it. Called by the dispatcher.
/// </summary>
public sealed unsafe class Translator : IDisposable
{
    private const int UsualThresholdIl = 1500, UsualThresholdX64 = 50;

    private readonly X64Compiler? x64;
    private readonly RegionFormer former;
    private readonly RegionTable table;
    private readonly RegionCompiler compiler;
    private readonly CompileQueue? queue;
    private readonly Vcpu vcpu;
    private long compileTicks;

    internal Translator(Vcpu vcpu, BlockCache cache, PhysicalMemory memory, CpuModel model, TranslatorOptions options)
    {
        this.vcpu = vcpu;
        Options = options;
        x64 = options.BackEnd == TranslatorBackEnd.Il ? null : X64Compiler.TryMake(model, options.CacheMegabytes << 20);
        former = new RegionFormer(cache, memory, takesCrossing: x64 != null);
        Threshold = options.Threshold ?? (x64 != null ? UsualThresholdX64 : UsualThresholdIl);
        table = new RegionTable(cache, x64 != null ? x64.Stubs.Unlinked : RegionRuntime.UnlinkedCode);
        compiler = new RegionCompiler(model);
        queue = Threshold == 0 || x64 != null ? null : new CompileQueue(model, options.Threads, vcpu.NoteCompiled);
        vcpu.State->JumpCache = (nint)table.Jumps.Table;
        vcpu.State->HostMxcsr = Mxcsr.Initial;
        // SAFETY: owned here, freed in Dispose; FXSAVE's 512 bytes.
        vcpu.State->FxImage = (nint)NativeMemory.AlignedAlloc(512, 64);
        NativeMemory.Clear((void*)vcpu.State->FxImage, 512);
    }

    /// <summary>How it works.</summary>
    public TranslatorOptions Options { get; }

    /// <summary>Runs of a block in the interpreter before it is translated.</summary>
    public int Threshold { get; }

    /// <summary>The back end in use.</summary>
    public TranslatorBackEnd BackEnd => x64 != null ? TranslatorBackEnd.X64 : TranslatorBackEnd.Il;

    /// <summary>Regions compiled since the start.</summary>
    public long Compiled { get; private set; }

    /// <summary>Regions that were compiled but came too late, or were too large.</summary>
    public long Discarded { get; private set; }

    /// <summary>Times that the code cache was full and everything was dropped.</summary>
    public long Flushes { get; private set; }

    /// <summary>Called with the RIP of each region of the x86-64 back end and where its host code lies, for <c>-d out_asm</c>.</summary>
    public Action<ulong, nint, int>? RegionCompiled { get; set; }

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

    /// <summary>Time spent compiling.</summary>
    public TimeSpan CompileTime => queue?.CompileTime ?? Stopwatch.GetElapsedTime(0, compileTicks);

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

    /// <summary>Drops all regions; what is hot is translated again.</summary>
    public void Drop() => table.Clear();

    /// <summary>Frees what died. Only where no region runs.</summary>
    internal void Bury() => table.Bury();

    /// <summary>Plans the region of a block that got hot; compiles it at once when the threshold is 0.</summary>
    internal void Request(Block* block)
    {
        CpuState* cpu = vcpu.State;
        RegionPlan? plan = former.Form(cpu, block, cpu->Rip, vcpu.ExactBudget);
        if (plan == null)
        {
            return;
        }
        if (queue == null)
        {
            if (x64 is { HasRoom: false })
            {
                Flushes++;
                Drop();
                x64.Reset();
            }
            InstallOrDrop(plan, TryCompile(plan));
        }
        else if (!queue.TryAdd(plan))
        {
            plan.Dispose();
            block->Heat = 0;
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
    internal void AddJump(Slot* entry)
    {
        table.Jumps.Add(entry);
    }

    /// <summary>Host code that goes on at RIP, wherever that is, if a region is known there.</summary>
    internal nint ContinueAt(int key) => RegionKey.IsFlatCode(key) ? x64!.Stubs.Continue : x64!.Stubs.ContinueBased;

    /// <summary>Runs host code from an address on, with the x86-64 back end's conventions.</summary>
    internal RegionExit Enter(CpuState* cpu, nint address)
    {
        cpu->FlagsImage = FlagsImage.Of(cpu);
        cpu->LiveUnits = 0;
        cpu->UsableUnits = HostUnits.Usable(cpu);
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
        if (x64 == null && table.Bytes > (long)Options.CacheMegabytes << 20)
        {
            Flushes++;
            Drop();
        }
        Compiled++;
        RegionRecorded?.Invoke(plan.Rip, compiler.Describe(plan));
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

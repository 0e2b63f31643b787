using System.Runtime.InteropServices;
using Emulator.BT.Decode;
using Emulator.BT.Model;
using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;
using Iced.Intel;

namespace Emulator.BT.Translator.X64;

/// <summary>
/// The back end for x86-64 hosts: microseconds for a region where RyuJIT takes milliseconds, so it works on the processor's thread. Semantics are
/// the host's own, except where the manual leaves flags open.
/// </summary>
internal sealed unsafe class X64Compiler : IDisposable
{
    // A guest instruction takes about 60 bytes, cold parts included; what is more is refused.
    private const int RoomForRegion = 128 << 10;

    // Of the code memory; each holds many regions.
    private const int MostParts = 8;

    /// <summary>Exits of a region for each of its blocks, at most.</summary>
    public const int MostExits = 2;

    private readonly CodeMemory memory;
    private readonly X64Emitter emitter;
    private readonly GuestAnalysis analysis = new();
    private readonly HostCodeReader reader = new();
    private readonly CpuModel model;
    private readonly RecordMemory slotMemory = new(sizeof(Slot)), trapMemory = new(sizeof(TrapRecord));

    private X64Compiler(CpuModel model, CodeMemory memory, PhysicalMemory guest, bool windows)
    {
        this.model = model;
        this.memory = memory;
        Stubs = new HostStubs(memory, guest, HasWindows = windows);
        if (windows)
        {
            HasWindows = HostFaults.TryWatch((nint)memory.Base, (nint)memory.End, Stubs.Fault);
        }
        emitter = new X64Emitter(Stubs);
    }

    /// <summary>From where a byte of code runs to where it is written.</summary>
    public nint ToWritable => memory.ToWritable;

    /// <summary>Ways in and out.</summary>
    public HostStubs Stubs { get; }

    /// <summary>True when regions can use the window that the host's MMU keeps.</summary>
    public bool HasWindows { get; }

    /// <summary>The trap of each access through the window, by host address.</summary>
    public Dictionary<nint, nint> WindowSites { get; } = [];

    /// <summary>True when there is room for another region.</summary>
    public bool HasRoom => memory.Free >= RoomForRegion;

    /// <summary>Makes a compiler of code for a guest's memory, with so many bytes of code memory; <paramref name="windows"/>: regions may use the window, if the host can do it.</summary>
    /// <returns>Null when the host is another one, or does not let a program make code.</returns>
    public static X64Compiler? TryMake(CpuModel model, PhysicalMemory guest, int bytes, bool windows)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return null;
        }
        CodeMemory? memory = CodeMemory.TryMap(bytes, Math.Clamp(bytes / (4 * RoomForRegion), 1, MostParts));
        return memory == null ? null : new X64Compiler(model, memory, guest, windows && HostFaults.IsSupported);
    }

    /// <summary>Makes room where the oldest code is. No region that starts there may be left.</summary>
    /// <returns>Where the room starts and ends.</returns>
    public (nint Start, nint End) MakeRoom()
    {
        (nint start, nint end) = memory.Advance();
        foreach (nint access in WindowSites.Keys.Where(a => a >= start && a < end).ToArray())
        {
            WindowSites.Remove(access);
        }
        return (start, end);
    }

    /// <summary>Compiles a plan, which stays the caller's.</summary>
    /// <returns>Null when the region is too large.</returns>
    public CompiledRegion? Compile(RegionPlan plan)
    {
        GuestInsn[][] blocks = Analyse(plan);
        // SAFETY: both go to the region with the code that names their addresses, and are freed with it.
        var slots = (Slot*)slotMemory.Reserve(MostExits * plan.Blocks.Count);
        var traps = (TrapRecord*)trapMemory.Reserve(2 * plan.Count);
        int bytes = emitter.Emit(plan, blocks, memory, slots, traps);
        if (bytes == 0)
        {
            return null;
        }
        var region = new CompiledRegion
        {
            EntryCodes = emitter.EntryCodes,
            Start = (nint)memory.Next,
            Bytes = bytes,
            ExitSlots = slots,
            Records = [slotMemory.Keep(emitter.Exits.Count), trapMemory.Keep(emitter.TrapCount)],
            Entries = emitter.Entries,
            Exits = emitter.Exits,
            ExitJumps = emitter.ExitJumps,
        };
        memory.Take(bytes);
        foreach ((nint access, nint trap) in emitter.WindowSites)
        {
            WindowSites.Add(access, trap);
        }
        return region;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        HostFaults.Forget((nint)memory.Base);
        memory.Dispose();
        slotMemory.Dispose();
        trapMemory.Dispose();
    }

    private GuestInsn[][] Analyse(RegionPlan plan)
    {
        Decoder decoder = Decoder.Create(RegionKey.CodeMode(plan.Key) == CodeMode.Bits32 ? 32 : 16, reader, InsnDecoder.Options);
        var blocks = new GuestInsn[plan.Blocks.Count][];
        for (int b = 0; b < blocks.Length; b++)
        {
            PlannedBlock block = plan.Blocks[b];
            blocks[b] = new GuestInsn[block.Count];
            for (int n = 0; n < block.Count; n++)
            {
                Insn* insn = block.Insns + n;
                reader.Set(block.Bytes + insn->Offset, insn->Length);
                decoder.Decode(out Instruction x);
                Insn scratch = *insn;
                bool isUndefined = x.IsInvalid || (nint)InsnTable.Find(in x, model, ref scratch).Interpret == (nint)InsnTable.Undefined.Interpret;
                blocks[b][n] = analysis.Analyse(in x, insn, isUndefined);
            }
        }
        return blocks;
    }
}

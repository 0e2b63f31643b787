using Emulator.BT.Translator.Il;
using Emulator.BT.Translator.Regions;
using Iced.Intel;

namespace Emulator.BT.Translator.X64;

/// <summary>
/// Writes the host code of one region. The guest's registers are the host's (<see cref="HostRegister"/>), so most instructions are the
/// guest's own with another memory operand. The shape:
/// <code>
/// entry:  host flags from the state's image where the head wants them
/// block:  budget -= its instructions
///         its instructions: check of the shadow table, then the instruction itself
///         a transfer inside the region is a jump: backwards only while the budget lasts and nothing wants attention
///         a transfer out of it goes through its slot
/// cold:   operands that are not plainly there: a trap to the dispatcher, and the way back
/// </code>
/// </summary>
internal sealed unsafe partial class X64Emitter
{
    private readonly X64Writer code = new();
    private readonly Queue<Action> cold = new();
    private readonly Encoder encoder;
    private readonly HostStubs stubs;
    private RegionPlan plan = null!;
    private GuestInsn[][] blocks = [];
    private RegionHeads heads = null!;
    private int[] blockLabels = [];
    private Slot* exitSlots;
    private TrapRecord* traps;
    private int trapCount;

    /// <summary>Records used.</summary>
    public int TrapCount => trapCount;
    private bool isFlatCode;
    private uint units;
    private FlagPlaces[] loops = [], found = [];
    private int[] loopLabels = [];
    private bool isApart;

    // The guest block and instruction that are being emitted.
    private PlannedBlock block = null!;
    private int blockIndex, index;

    /// <summary>Makes an emitter; one for each thread.</summary>
    public X64Emitter(HostStubs stubs)
    {
        this.stubs = stubs;
        encoder = Encoder.Create(64, new WriterOf(code));
    }

    /// <summary>RIPs of the exits, in the order of their slots.</summary>
    public List<ulong> Exits { get; private set; } = [];

    /// <summary>For each exit where the displacement of its JMP lies, or 0.</summary>
    public List<nint> ExitJumps { get; private set; } = [];

    /// <summary>Blocks that code outside may come in at.</summary>
    public List<int> Entries { get; private set; } = [];

    /// <summary>Host address of each entry.</summary>
    public List<nint> EntryCodes { get; private set; } = [];

    /// <summary>Host addresses of accesses through the window, and of the trap for each.</summary>
    public List<(nint Access, nint Trap)> WindowSites { get; } = [];

    /// <summary>Emits a region at an address.</summary>
    /// <param name="regionPlan">What to emit.</param>
    /// <param name="analysed">Its instructions.</param>
    /// <param name="memory">Where the code goes.</param>
    /// <param name="slots">Where the exits' slots will lie.</param>
    /// <param name="records">Room for a record for each instruction.</param>
    /// <returns>Bytes of code; 0 when there was no room.</returns>
    public int Emit(RegionPlan regionPlan, GuestInsn[][] analysed, CodeMemory memory, Slot* slots, TrapRecord* records)
    {
        plan = regionPlan;
        blocks = analysed;
        exitSlots = slots;
        traps = records;
        blockLabels = new int[blocks.Length];
        loopLabels = new int[blocks.Length];
        Exits = [];
        ExitJumps = [];
        Entries = [];
        EntryCodes = [];
        heads = new RegionHeads(plan, blocks);
        units = 0;
        foreach (GuestInsn[] insns in blocks)
        {
            foreach (ref GuestInsn i in insns.AsSpan())
            {
                units |= i.Unit;
            }
        }
        isFlatCode = RegionKey.IsFlatCode(plan.Key);
        loops = new FlagPlaces[blocks.Length];
        found = new FlagPlaces[blocks.Length];
        EmitAll(memory);
        if (Array.Exists(found, l => l.Again != null))
        {
            (loops, found) = (found, loops);
            EmitAll(memory);
        }
        if (code.Overflowed)
        {
            return 0;
        }
        code.Finish();
        foreach (int label in exitJumps)
        {
            ExitJumps.Add(label < 0 ? 0 : code.AddressOf(label) + 1);
        }
        foreach (int label in entryLabels)
        {
            EntryCodes.Add(code.AddressOf(label));
        }
        foreach ((int trap, int label) in resumeLabels)
        {
            traps[trap].Resume = code.AddressOf(label);
        }
        WindowSites.Clear();
        foreach ((int access, int to) in windowSites)
        {
            WindowSites.Add((code.AddressOf(access), code.AddressOf(to)));
        }
        return code.Length;
    }

    private void EmitAll(CodeMemory memory)
    {
        trapCount = 0;
        trap = resumeAfter = -1;
        isInWindow = false;
        resumeLabels.Clear();
        windowSites.Clear();
        Exits.Clear();
        exitJumps.Clear();
        Entries.Clear();
        code.Begin(memory);
        cold.Clear();
        for (int n = 0; n < blocks.Length; n++)
        {
            blockLabels[n] = code.NewLabel();
            loopLabels[n] = code.NewLabel();
        }
        isApart = false;
        for (int n = 0; n < blocks.Length; n++)
        {
            EmitBlock(n, inLoop: loops[n].Again != null);
        }
        isApart = true;
        for (int n = 0; n < blocks.Length; n++)
        {
            if (loops[n].Again != null)
            {
                EmitBlock(n, inLoop: false);
            }
        }
        while (cold.TryDequeue(out Action? stub))
        {
            stub();
        }
        EmitEntries();
    }

    private readonly List<int> entryLabels = [];
    private readonly List<int> exitJumps = [];
    private readonly List<(int Trap, int Label)> resumeLabels = [];

    private void EmitEntries()
    {
        entryLabels.Clear();
        for (int n = 0; n < plan.Blocks.Count; n++)
        {
            if (!plan.Blocks[n].IsEntry)
            {
                continue;
            }
            Entries.Add(n);
            if (heads.Heads[n] != HeadFlags.Host && units == 0)
            {
                entryLabels.Add(blockLabels[n]);
                continue;
            }
            int label = code.NewLabel();
            code.Bind(label);
            entryLabels.Add(label);
            EmitUnits(plan.Blocks[n].Rip, 0);
            if (heads.Heads[n] == HeadFlags.Host)
            {
                EmitReload();
            }
            code.Jump(blockLabels[n]);
        }
    }

    // Where control comes from the dispatcher or another region: the register files that the region needs are to be in the host's.
    private void EmitUnits(ulong rip, int remaining)
    {
        // The x87 first: loading it goes by way of the dispatcher.
        EmitUnit(HostUnits.Fpu, stubs.LoadFpu, rip, remaining);
        EmitUnit(HostUnits.Simd, stubs.LoadSimd, rip, remaining);
    }

    private void EmitUnit(uint unit, nint load, ulong rip, int remaining)
    {
        if ((units & unit) == 0)
        {
            return;
        }
        int go = code.NewLabel();
        code.RegMem(0xF7, 0, HostRegister.State, HostOffsets.LiveUnits);
        code.Int((int)unit);
        code.JumpIf(NotZero, go);
        EmitRip(HostRegister.Linear, rip);
        code.MoveImmediate(HostRegister.Delta, (uint)remaining);
        code.LeaLabel(HostRegister.Scratch, go);
        code.JumpTo(load);
        code.Bind(go);
    }

    // A RIP of the region as it is now. Flags stay.
    private void EmitRip(int register, ulong rip)
    {
        if (isFlatCode)
        {
            code.Load(register, HostRegister.State, HostOffsets.CodeSlide);
            code.Lea(register, register, (int)(uint)rip);
        }
        else
        {
            code.MoveImmediate(register, (uint)rip);
        }
    }

    // A loop's head comes twice: in its place for the loop itself, which leaves the flags in operands, and apart for who comes in from outside.
    private void EmitBlock(int number, bool inLoop)
    {
        block = plan.Blocks[number];
        blockIndex = number;
        code.Bind(inLoop ? loopLabels[number] : blockLabels[number]);
        flags = new FlagPlaces { Host = heads.Heads[number] == HeadFlags.Host, Image = heads.Heads[number] == HeadFlags.Image };
        if (inLoop)
        {
            flags = loops[number];
        }
        if (block.SecondDelta != 0)
        {
            // Across two pages: the way here has looked at the first one.
            int moved = code.NewLabel();
            EmitPageCheck(((plan.CsBase + block.Rip) | 0xFFF) + 1 - plan.CsBase, block.SecondDelta, moved);
            EmitStop(moved, block.Rip);
        }
        code.Lea(HostRegister.Budget, HostRegister.Budget, -block.Count, wide: true);
        bool open = true;
        for (index = 0; index < block.Count && open; index++)
        {
            open = EmitInsn(ref blocks[number][index]);
        }
        if (open)
        {
            EmitEdge(block.NextRip, isLast: true);
        }
    }

    // Emits after the hot path, with everything as it is now.
    private void Later(Action emit)
    {
        var then = (block, blockIndex, index, flags);
        cold.Enqueue(() =>
        {
            (block, blockIndex, index, flags) = then;
            emit();
        });
    }

    private sealed class WriterOf(X64Writer code) : CodeWriter
    {
        public override void WriteByte(byte value) => code.Byte(value);
    }
}

using Emulator.BT.Helpers;
using Emulator.Core.Bus;
using Emulator.Core.Cpu;
using Emulator.Core.Time;
using Emulator.Firmware.Bios;
using Emulator.Firmware.Bios.Rom;
using Emulator.Firmware.Description;
using Emulator.Machine.Board;

namespace Emulator.Machine.Bios;

/// <summary>
/// Takes UD2 at the physical addresses where the built-in ROMs have it as a call into <see cref="SystemBios"/> (docs/decisions/0011). Elsewhere
/// it is the #UD that it always is.
/// </summary>
internal sealed unsafe class BiosTraps
{
    private const int UndefinedOpcodeBytes = 2;
    private const uint CarryFlag = 1, ZeroFlag = 0x40;
    private const long SelfTestMostInstructions = 50_000_000;

    private readonly PcBoard board;
    private readonly BiosHost host;
    private readonly SystemBios bios;
    private readonly Dictionary<uint, BiosEntry> entries = [];

    private BiosTraps(PcBoard board, MachineParts parts, MachineDescription description, IMachineControl control, IClock clock)
    {
        this.board = board;
        host = new BiosHost(board, control, clock);
        bios = new SystemBios(host, description);
        if (IsBuiltIn(parts.Bios, SystemRom.Instance.Image))
        {
            Add(SystemRom.Instance.Traps);
        }
        if (IsBuiltIn(parts.VideoBios, VideoRom.Instance.Image))
        {
            Add(VideoRom.Instance.Traps);
        }
    }

    // The self-test is run for its own sake, and has come to its end.
    private bool isTesting, isTested;

    /// <summary>Intercepts the calls of whichever built-in ROM the board has.</summary>
    public static BiosTraps Install(PcBoard board, MachineParts parts, MachineDescription description, IMachineControl control, IClock clock)
    {
        var traps = new BiosTraps(board, parts, description, control, clock);
        if (traps.entries.Count > 0)
        {
            board.Cpu.UndefinedOpcode = traps.Handle;
        }
        return traps;
    }

    /// <summary>Runs the built-in BIOS from reset to where it would look for something to boot: chips, vectors, data areas and video are set up.</summary>
    /// <exception cref="InvalidOperationException">It does not get there.</exception>
    public void RunSelfTest()
    {
        (isTesting, isTested) = (true, false);
        foreach (int segment in (ReadOnlySpan<int>)[Seg.SS, Seg.DS, Seg.ES, Seg.FS, Seg.GS])
        {
            // A BIOS of today calls option ROMs in "big real mode", and SeaVGABIOS reads its MMIO BAR that way.
            board.Cpu.State->Segments[segment].Limit = 0xFFFF_FFFF;
            board.Cpu.State->Segments[segment].UpdateLimits();
        }
        long limit = board.Cpu.InstructionsRetired + SelfTestMostInstructions;
        while (!isTested && (board.Cpu.State->AttentionFlags & Attention.Shutdown) == 0 && board.Cpu.InstructionsRetired < limit)
        {
            board.Cpu.Run(100_000);
        }
        isTesting = false;
        if (!isTested)
        {
            throw new InvalidOperationException($"the built-in BIOS did not come to its end: CS:EIP {board.Cpu.State->Segments[Seg.CS].Selector:x4}:{board.Cpu.State->Rip:x8}");
        }
    }

    private static bool IsBuiltIn(byte[]? image, ReadOnlyMemory<byte> builtIn) => image is not null && builtIn.Span.SequenceEqual(image);

    private void Add(IReadOnlyDictionary<uint, BiosEntry> traps)
    {
        foreach ((uint address, BiosEntry entry) in traps)
        {
            entries.Add(address, entry);
        }
    }

    private bool Handle()
    {
        CpuState* cpu = board.Cpu.State;
        ulong linear = cpu->Segments[Seg.CS].Base + cpu->Rip;
        if (!board.Cpu.Mmu.Translate(linear, write: false, cpu->Cpl == 3, out ulong pa) || !entries.TryGetValue((uint)pa, out BiosEntry entry))
        {
            cpu->FaultVector = -1;
            return false;
        }
        if (isTesting && entry == BiosEntry.PostDone)
        {
            isTested = true;
            board.Cpu.RequestStop();
            return true;
        }
        host.CallerMemory.HasFaulted = false;
        BiosCall call = Begin(cpu, entry);
        bios.Handle(entry, call);
        if (!host.HasFaulted)
        {
            Finish(cpu, call);
        }
        return true;
    }

    private BiosCall Begin(CpuState* cpu, BiosEntry entry)
    {
        var call = new BiosCall(host.Memory)
        {
            Es = SegmentOf(cpu, Seg.ES),
            Cs = SegmentOf(cpu, Seg.CS),
            Ss = SegmentOf(cpu, Seg.SS),
            Ds = SegmentOf(cpu, Seg.DS),
            StackMask = (uint)cpu->StackMask,
            FlagsAreLive = SystemBios.HasLiveFlags(entry),
        };
        for (int n = 0; n < 8; n++)
        {
            call.Registers[n] = (uint)cpu->Gpr[n];
        }
        return call;
    }

    private static void Finish(CpuState* cpu, BiosCall call)
    {
        for (int n = 0; n < 8; n++)
        {
            cpu->Gpr[n] = call.Registers[n];
        }
        if (cpu->UsesRealSegments)
        {
            SetSegment(cpu, Seg.ES, call.Es);
            SetSegment(cpu, Seg.DS, call.Ds);
        }
        bool carry = call.Outcome != BiosOutcome.Done || call.LiveCarry, zero = call.Outcome == BiosOutcome.Poll;
        cpu->SetArithmeticFlags((cpu->GetEflags() & ~(CarryFlag | ZeroFlag)) | (carry ? CarryFlag : 0) | (zero ? ZeroFlag : 0));
        cpu->Rip += UndefinedOpcodeBytes;
    }

    private static BiosSegment SegmentOf(CpuState* cpu, int segment) => new(cpu->Segments[segment].Selector, (uint)cpu->Segments[segment].Base);

    private static void SetSegment(CpuState* cpu, int segment, BiosSegment value)
    {
        if (cpu->Segments[segment].Selector != value.Selector)
        {
            Segmentation.SetReal(cpu, segment, value.Selector);
        }
    }
}

using Emulator.BT.Helpers;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;
using Emulator.Firmware.Boot;
using Emulator.Firmware.Description;
using Emulator.Firmware.Pci;
using Emulator.Machine.Bios;

namespace Emulator.Machine.Board;

/// <summary>
/// Starts a kernel without booting from anything: the built-in BIOS runs its self-test, so that chips, interrupt vectors, data areas and tables
/// are as a BIOS leaves them; the video BIOS sets text mode 3 (the kernel expects a screen with a font); then the kernel is loaded and entered.
/// </summary>
public static unsafe class DirectStart
{
    private const uint StubAddress = 0x7C00, StubStack = 0x7000;
    private const long StubMostInstructions = 50_000_000;

    // MOV AX,3, INT 10h, CLI, HLT.
    private static readonly byte[] Stub = [0xB8, 0x03, 0x00, 0xCD, 0x10, 0xFA, 0xF4];

    /// <summary>Prepares the board and the processor; the next instruction is the kernel's first.</summary>
    /// <exception cref="Firmware.FirmwareException">The kernel or its RAM disk cannot be loaded.</exception>
    internal static void Prepare(PcBoard board, KernelFiles files, MachineDescription description, BiosTraps bios)
    {
        DirectBoot.CheckRam(description);
        bios.RunSelfTest();
        if (board.Vga is not null)
        {
            SetTextMode(board);
        }
        board.Cpu.Reset();
        Enter(board, KernelLoader.Load(board.Memory, DirectBoot.EnvironmentOf(description), files));
    }

    /// <summary>Leaves the chips as a BIOS does: PCI devices placed and enabled, shadow RAM open, interrupt controllers and timer set.</summary>
    /// <exception cref="Firmware.FirmwareException">The devices want more addresses than there are.</exception>
    public static void SetUpChips(PcBoard board)
    {
        if (board.Pci is not null)
        {
            var pci = new PciConfigAccess(board.Pci);
            PciSetup.Run(pci, board.Memory.RamSize);
            PciSetup.OpenShadowRam(pci);
        }
        foreach ((ushort port, byte value) in LegacyState.PortWrites)
        {
            board.Ports.Write(port, 1, value);
        }
    }

    private static void SetTextMode(PcBoard board)
    {
        board.Memory.Write(StubAddress, Stub);
        CpuState* cpu = board.Cpu.State;
        Segmentation.SetReal(cpu, Seg.CS, 0);
        Segmentation.SetReal(cpu, Seg.SS, 0);
        cpu->Gpr[4] = StubStack;
        cpu->Rip = StubAddress;
        long limit = board.Cpu.InstructionsRetired + StubMostInstructions;
        while ((cpu->AttentionFlags & (Attention.Halted | Attention.Shutdown)) == 0 && board.Cpu.InstructionsRetired < limit)
        {
            board.Cpu.Run(100_000);
        }
        board.Memory.Write(StubAddress, new byte[Stub.Length]);
    }

    private static void Enter(PcBoard board, KernelEntry entry)
    {
        CpuState* cpu = board.Cpu.State;
        foreach ((uint register, ulong value) in MemoryTypes.RegisterWrites)
        {
            // A processor without MTRRs refuses them.
            board.Cpu.Msrs.TryWrite(register, value);
        }
        SystemRegisters.LoadCr0(cpu, Cr0.PE | Cr0.ET);
        cpu->Gdtr = new TableRegister { Base = entry.GdtBase, Limit = entry.GdtLimit };
        cpu->Idtr = default;
        SetFlat(board, Seg.CS, entry.Cs);
        foreach (int segment in (ReadOnlySpan<int>)[Seg.SS, Seg.DS, Seg.ES, Seg.FS, Seg.GS])
        {
            SetFlat(board, segment, entry.Ds);
        }
        ReadOnlySpan<uint> registers = [entry.Eax, entry.Ecx, entry.Edx, entry.Ebx, entry.Esp, entry.Ebp, entry.Esi, entry.Edi];
        for (int n = 0; n < 8; n++)
        {
            cpu->Gpr[n] = registers[n];
        }
        cpu->Rip = entry.Eip;
        cpu->SetEflags(0);
    }

    private static void SetFlat(PcBoard board, int segment, ushort selector)
    {
        ulong raw = board.Memory.ReadValue(board.Cpu.State->Gdtr.Base + (ulong)(selector & ~7), 8);
        Segmentation.Set(board.Cpu.State, segment, selector, new Descriptor(raw | 1ul << 40));
    }
}

using Emulator.BT.Helpers;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;
using Emulator.Firmware.Boot;
using Emulator.Firmware.Description;
using Emulator.Firmware.Pci;
using Emulator.Machine.Config;

namespace Emulator.Machine.Board;

/// <summary>
/// Starts a kernel without a BIOS: the VMM does to the board what the BIOS would have done, lets the video BIOS set text mode 3 in
/// real mode (the kernel expects a screen with a font), loads the kernel, and enters it.
/// </summary>
public static unsafe class DirectStart
{
    private const uint StubAddress = 0x7C00, StubStack = 0x7000, VideoBiosAddress = 0xC0000;
    private const long VideoBiosMostInstructions = 50_000_000;

    // CALL FAR C000:0003 (option ROM entry), MOV AX,3, INT 10h, CLI, HLT.
    private static readonly byte[] Stub = [0x9A, 0x03, 0x00, 0x00, 0xC0, 0xB8, 0x03, 0x00, 0xCD, 0x10, 0xFA, 0xF4];

    /// <summary>Prepares the board and the processor; the next instruction is the kernel's first.</summary>
    /// <exception cref="Firmware.FirmwareException">The kernel or its RAM disk cannot be loaded.</exception>
    public static void Prepare(PcBoard board, MachineConfig config, MachineDescription description, byte[]? videoBios)
    {
        SetUpChips(board);
        if (board.Vga is not null && videoBios is not null)
        {
            RunVideoBios(board, videoBios);
        }
        BootEnvironment environment = DirectBoot.Prepare(board.Memory, description);
        KernelEntry entry = KernelLoader.Load(board.Memory, environment, new KernelFiles(config.Kernel!, config.Initrd, config.Append));
        Enter(board, entry);
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

    private static void RunVideoBios(PcBoard board, byte[] videoBios)
    {
        board.Memory.Write(VideoBiosAddress, videoBios);
        // Interrupt vectors that nothing has set lead to an IRET.
        const uint iret = StubAddress + 0x20;
        for (uint vector = 0; vector < 256; vector++)
        {
            board.Memory.WriteValue(vector * 4, 4, iret);
        }
        board.Memory.Write(StubAddress, Stub);
        board.Memory.WriteValue(iret, 1, 0xCF);
        CpuState* cpu = board.Cpu.State;
        for (int segment = 0; segment < 6; segment++)
        {
            Segmentation.SetReal(cpu, segment, 0);
            if (segment != Seg.CS)
            {
                // A BIOS of today calls option ROMs in "big real mode", and this one reads its MMIO BAR that way.
                cpu->Segments[segment].Limit = 0xFFFF_FFFF;
                cpu->Segments[segment].UpdateLimits();
            }
        }
        cpu->Gpr[0] = 2 << 3; // the option ROM's own bus, device and function
        cpu->Gpr[4] = StubStack;
        cpu->Rip = StubAddress;
        long limit = board.Cpu.InstructionsRetired + VideoBiosMostInstructions;
        while ((cpu->AttentionFlags & (Attention.Halted | Attention.Shutdown)) == 0 && board.Cpu.InstructionsRetired < limit)
        {
            board.Cpu.Run(100_000);
        }
        board.Cpu.Reset();
        new Span<byte>(board.Memory.Host, (int)BiosDataArea.Address).Clear();
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

using Emulator.Core.Bus;
using Emulator.Core.Time;
using Emulator.Firmware.Bios;
using Emulator.Firmware.Pci;
using Emulator.Machine.Board;
using Emulator.Machine.Config;

namespace Emulator.Machine.Bios;

/// <summary>The board as the built-in BIOS sees it.</summary>
internal sealed class BiosHost : IBiosHost
{
    private const ushort DebugPort = 0x402;

    private readonly PcBoard board;
    private readonly IMachineControl control;
    private readonly IClock clock;

    /// <summary>Connects to <paramref name="board"/>.</summary>
    public BiosHost(PcBoard board, IMachineControl control, IClock clock)
    {
        this.board = board;
        this.control = control;
        this.clock = clock;
        CallerMemory = new CallerMemory(board.Cpu, board.Memory);
        Pci = board.Pci is { } pci ? new PciConfigAccess(pci) : new NoPciConfig();
        Floppies = [FloppyAt(0), FloppyAt(1)];
        List<BoardDrive> ide = [.. board.Drives.Where(d => d.Config.Interface == DriveInterface.Ide).OrderBy(d => d.Config.Index)];
        HardDisks = [.. ide.Where(d => d.Disk is not null).Select(d => new BiosDisk(d.Disk!, d.Config.Id, d.Config.Index))];
        CdRoms = [.. ide.Where(d => d.Cdrom is not null).Select(d => new BiosCdRom(d.Cdrom!, d.Config.Id, d.Config.Index))];
    }

    /// <summary>Memory, with its mark of faults.</summary>
    public CallerMemory CallerMemory { get; }

    /// <inheritdoc/>
    public IBiosMemory Memory => CallerMemory;

    /// <inheritdoc/>
    public bool HasFaulted => CallerMemory.HasFaulted;

    /// <inheritdoc/>
    public IDmaBus Physical => board.Memory;

    /// <inheritdoc/>
    public IPciConfig Pci { get; }

    /// <inheritdoc/>
    public IReadOnlyList<IBiosDrive?> Floppies { get; }

    /// <inheritdoc/>
    public IReadOnlyList<IBiosDrive> HardDisks { get; }

    /// <inheritdoc/>
    public IReadOnlyList<IBiosDrive> CdRoms { get; }

    /// <inheritdoc/>
    public long NowNs => clock.NowNs;

    /// <inheritdoc/>
    public uint In(ushort port, int size = 1) => board.Ports.Read(port, size);

    /// <inheritdoc/>
    public byte ReadRegister(uint address) => (byte)board.Memory.ReadValue(address, 1);

    /// <inheritdoc/>
    public void Out(ushort port, uint value, int size = 1) => board.Ports.Write(port, size, value);

    /// <inheritdoc/>
    public void WriteMsr(uint register, ulong value) => board.Cpu.Msrs.TryWrite(register, value);

    /// <inheritdoc/>
    public void Reset() => control.RequestReset();

    /// <inheritdoc/>
    public void PowerOff() => control.RequestPowerOff();

    /// <inheritdoc/>
    public void DebugOut(string text)
    {
        foreach (char c in text)
        {
            Out(DebugPort, c);
        }
    }

    private BiosFloppy? FloppyAt(int unit) =>
        board.Drives.FirstOrDefault(d => d.Floppy is not null && d.Config.Unit == unit)?.Floppy is { } drive ? new BiosFloppy(drive, unit) : null;
}

using Emulator.Core.Bus;
using Emulator.Firmware.Pci;

namespace Emulator.Firmware.Bios;

/// <summary>What the built-in BIOS needs of the machine that it runs on.</summary>
public interface IBiosHost
{
    /// <summary>Memory as the caller sees it.</summary>
    IBiosMemory Memory { get; }

    /// <summary>True when an access of the present call faulted: the processor then takes the fault and makes the call again.</summary>
    bool HasFaulted { get; }

    /// <summary>Memory without paging, for tables.</summary>
    IDmaBus Physical { get; }

    /// <summary>Reads a byte of a device's registers in memory, without paging.</summary>
    byte ReadRegister(uint address);

    /// <summary>PCI configuration space.</summary>
    IPciConfig Pci { get; }

    /// <summary>Floppy drives A and B; null where there is none.</summary>
    IReadOnlyList<IBiosDrive?> Floppies { get; }

    /// <summary>Hard disks in the order of their drive numbers, from 80h.</summary>
    IReadOnlyList<IBiosDrive> HardDisks { get; }

    /// <summary>CD-ROM drives in the order in which they are tried.</summary>
    IReadOnlyList<IBiosDrive> CdRoms { get; }

    /// <summary>Virtual time, ns.</summary>
    long NowNs { get; }

    /// <summary>Reads 1, 2 or 4 bytes from a port.</summary>
    uint In(ushort port, int size = 1);

    /// <summary>Writes 1, 2 or 4 bytes to a port.</summary>
    void Out(ushort port, uint value, int size = 1);

    /// <summary>Writes a model-specific register; a processor that has it not ignores it.</summary>
    void WriteMsr(uint register, ulong value);

    /// <summary>Asks for a reset of the machine.</summary>
    void Reset();

    /// <summary>Asks for power-off.</summary>
    void PowerOff();

    /// <summary>Everything on the debug console (port 402), as SeaBIOS writes its messages there.</summary>
    void DebugOut(string text);
}

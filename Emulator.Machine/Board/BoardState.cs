using Emulator.Core.Memory;
using Emulator.Core.State;
using Emulator.Devices.Pci;

namespace Emulator.Machine.Board;

/// <summary>
/// The parts of a board that have state, each under the name of its section. The names belong to the file format: a part keeps its name.
/// </summary>
public static class BoardState
{
    // A section each, so that none is too long for one piece of memory.
    private const ulong MemoryPiece = 64 << 20;

    /// <summary>All parts of <paramref name="board"/>. The processor comes first, for the clock that counts its instructions.</summary>
    public static IReadOnlyList<(string Name, IStateful Part)> PartsOf(PcBoard board) =>
    [
        ("cpu", board.Cpu),
        .. MemoryOf(board.Memory),
        ("pic", board.Pic),
        ("a20", board.A20),
        .. Optional("hpet", board.Hpet),
        ("pit", board.Pit),
        ("rtc", board.Rtc),
        ("dma", board.Dma),
        ("port92", board.PortA),
        ("port61", board.PortB),
        ("i8042", board.Keyboard),
        ("vmmouse", board.VmMouse),
        .. board.Serials.Select((uart, n) => ($"serial{n}", (IStateful)uart)),
        .. board.Parallels.Select((port, n) => ($"parallel{n}", (IStateful)port)),
        .. board.IdeChannels.Select((channel, n) => ($"ide{n}", (IStateful)channel)),
        ("floppy", board.Floppy),
        .. Optional("pci-host", board.PciHost),
        .. Optional("pci-bus", board.Pci),
        .. (board.Pci?.Functions ?? []).Select(NamedFunction),
        .. Optional("vga", board.Vga),
        ("fw_cfg", board.FwCfg),
        .. board.Sound.Parts,
    ];

    private static (string Name, IStateful Part) NamedFunction(PciFunction function) => ($"pci-{function.Device:x2}.{function.Function}", function);

    private static IEnumerable<(string Name, IStateful Part)> Optional(string name, IStateful? part)
    {
        if (part is not null)
        {
            yield return (name, part);
        }
    }

    private static IEnumerable<(string Name, IStateful Part)> MemoryOf(PhysicalMemory memory)
    {
        for (ulong at = 0; at < memory.Capacity; at += MemoryPiece)
        {
            yield return ($"memory{at / MemoryPiece}", new MemoryState(memory, at, (int)Math.Min(MemoryPiece, memory.Capacity - at)));
        }
    }
}

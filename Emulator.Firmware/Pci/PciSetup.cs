using Emulator.Firmware.Acpi;
using Emulator.Firmware.Memory;

namespace Emulator.Firmware.Pci;

/// <summary>
/// What a BIOS does to the PCI bus, for kernels that start without one: places the base address registers, routes the
/// interrupts, sets the PIIX functions up and enables decoding. Bus 0 only: functions behind a PCI-to-PCI bridge stay off.
/// Addresses and routing come out as SeaBIOS 1.16 chooses them on a <c>pc</c> board.
/// </summary>
public static class PciSetup
{
    /// <summary>First I/O port given to devices.</summary>
    public const uint IoStart = 0xC000;

    /// <summary>Interrupts that PIRQA-PIRQD are routed to.</summary>
    public static IReadOnlyList<byte> PirqRouting { get; } = [10, 10, 11, 11];

    private const uint HostBridge440Fx = 0x12378086, Piix3Isa = 0x70008086, Piix3Ide = 0x70108086, Piix4Pm = 0x71138086;
    private const int IdeClass = 0x0101, CommandIo = 1, CommandMemory = 2, CommandMaster = 4, CommandSerr = 0x100;
    private const uint MemoryPage = 4096;

    /// <summary>Sets up everything on bus 0.</summary>
    /// <param name="config">The bus.</param>
    /// <param name="ramBelow4G">End of RAM below the PCI hole; device memory must not reach down to it.</param>
    /// <exception cref="FirmwareException">The devices want more addresses than the PCI hole has.</exception>
    public static void Run(IPciConfig config, ulong ramBelow4G)
    {
        List<PciFunction> functions = [.. Scan(config)];
        var bars = new List<PciBar>();
        foreach (PciFunction function in functions.Where(f => !f.IsBridge && f.Id != HostBridge440Fx))
        {
            function.Write16(PciFunction.Command, function.Read16(PciFunction.Command) & ~(uint)(CommandIo | CommandMemory));
            bars.AddRange(PciBar.Probe(function));
        }
        PlaceIo(bars);
        PlaceMemory(bars, ramBelow4G);
        foreach (PciFunction function in functions)
        {
            SetUp(function);
        }
    }

    /// <summary>
    /// Turns C0000-FFFFF into RAM by the 440FX's PAM registers (59-5F), as a BIOS does before it shadows itself. Has to
    /// come before firmware tables are placed there.
    /// </summary>
    public static void OpenShadowRam(IPciConfig config)
    {
        const int pam0 = 0x59;
        const uint upperHalfRam = 0x30, bothHalvesRam = 0x33;
        config.Write(0, 0, 0, pam0, 1, upperHalfRam);
        for (int i = 1; i < 7; i++)
        {
            config.Write(0, 0, 0, pam0 + i, 1, bothHalvesRam);
        }
    }

    /// <summary>The interrupt that a slot's pin (1 = A) leads to: the board turns the pins by one for each slot.</summary>
    public static byte InterruptFor(int device, int pin) => PirqRouting[(device - 1 + pin - 1) & 3];

    private static IEnumerable<PciFunction> Scan(IPciConfig config)
    {
        for (int device = 0; device < 32; device++)
        {
            var first = new PciFunction(config, device, 0);
            if (!first.IsPresent)
            {
                continue;
            }
            yield return first;
            for (int function = 1; first.IsMultifunction && function < 8; function++)
            {
                var other = new PciFunction(config, device, function);
                if (other.IsPresent)
                {
                    yield return other;
                }
            }
        }
    }

    // Largest first, so that natural alignment leaves no gaps; equal ones in bus order (OrderBy is stable).
    private static IEnumerable<PciBar> LargestFirst(IEnumerable<PciBar> bars) => bars.OrderByDescending(bar => bar.Size);

    private static void PlaceIo(List<PciBar> bars)
    {
        uint next = IoStart;
        foreach (PciBar bar in LargestFirst(bars.Where(bar => bar.IsIo)))
        {
            if (next + bar.Size > 0x10000)
            {
                throw new FirmwareException("the PCI devices want more I/O ports than there are from 0xc000: leave some devices out");
            }
            bar.Assign(next);
            next += bar.Size;
        }
    }

    // Two blocks below the hole's end: the ordinary one on top, the prefetchable one under it.
    private static void PlaceMemory(List<PciBar> bars, ulong ramBelow4G)
    {
        List<PciBar> ordinary = [.. LargestFirst(bars.Where(bar => !bar.IsIo && !bar.IsPrefetchable))];
        List<PciBar> prefetchable = [.. LargestFirst(bars.Where(bar => bar.IsPrefetchable))];

        // The block that needs the finer alignment goes on top, as less is lost there.
        List<PciBar>[] blocks = AlignmentOf(prefetchable) < AlignmentOf(ordinary) ? [prefetchable, ordinary] : [ordinary, prefetchable];
        ulong top = MemoryMap.PciHoleEnd;
        foreach (List<PciBar> block in blocks)
        {
            ulong size = (ulong)block.Sum(bar => (long)Room(bar));
            if (size > top - Math.Min(top, ramBelow4G))
            {
                throw new FirmwareException("the PCI devices want more memory addresses than the PCI hole has: leave some devices out or give less RAM (-m)");
            }
            top = (top - size) & ~(AlignmentOf(block) - 1);
            ulong next = top;
            foreach (PciBar bar in block)
            {
                bar.Assign((uint)next);
                next += Room(bar);
            }
        }
        if (top < ramBelow4G)
        {
            throw new FirmwareException("the PCI devices' memory would reach into RAM: leave some devices out or give less RAM (-m)");
        }
    }

    private static uint Room(PciBar bar) => Math.Max(bar.Size, MemoryPage);

    private static ulong AlignmentOf(List<PciBar> largestFirst) => largestFirst.Count == 0 ? 1 : Room(largestFirst[0]);

    private static void SetUp(PciFunction function)
    {
        uint pin = function.Read8(PciFunction.InterruptPin);
        if (pin is >= 1 and <= 4)
        {
            function.Write8(PciFunction.InterruptLine, InterruptFor(function.Device, (int)pin));
        }
        switch (function.Id)
        {
            case Piix3Isa:
                for (int i = 0; i < PirqRouting.Count; i++)
                {
                    function.Write8(0x60 + i, PirqRouting[i]);
                }
                break;
            case Piix3Ide:
                const uint decodeEnable = 0x8000;
                function.Write16(0x40, decodeEnable);
                function.Write16(0x42, decodeEnable);
                break;
            case Piix4Pm:
                SetUpPowerManagement(function);
                break;
        }
        uint command = function.Read16(PciFunction.Command) | CommandIo | CommandMemory | CommandSerr;
        function.Write16(PciFunction.Command, function.ClassCode == IdeClass ? command | CommandMaster : command);
    }

    // PMBASE and SMBus base with their enables; the interrupt is wired to IRQ 9 whatever the register says.
    private static void SetUpPowerManagement(PciFunction function)
    {
        const uint ioSpace = 1;
        function.Write8(PciFunction.InterruptLine, PmRegisters.Sci);
        function.Write32(0x40, PmRegisters.Pm1aEvent | ioSpace);
        function.Write8(0x80, 1);
        function.Write32(0x90, PmRegisters.SmBus | ioSpace);
        function.Write8(0xD2, 9);
    }
}

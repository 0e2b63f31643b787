using Emulator.Core.Bus;
using Emulator.Core.Memory;
using Emulator.Core.State;

namespace Emulator.Devices.Pci;

/// <summary>PCI bus 0: its functions by device and function number, and the four PIRQ wires they share.</summary>
public sealed class PciBus(PortBus ports, PhysicalMemory memory) : IStateful
{
    private readonly PciFunction?[] functions = new PciFunction?[256];
    private readonly int[] pirqSources = new int[4];

    /// <summary>The I/O space that I/O BARs appear in.</summary>
    public PortBus Ports => ports;

    /// <summary>The memory space that memory BARs appear in.</summary>
    public PhysicalMemory Memory => memory;

    /// <summary>The functions in configuration order.</summary>
    public IEnumerable<PciFunction> Functions => functions.OfType<PciFunction>();

    /// <summary>Told when a PIRQ wire (0 = PIRQA# .. 3 = PIRQD#) changes; true means asserted. The south bridge sets it.</summary>
    public Action<int, bool>? PirqChanged { get; set; }

    /// <summary>Puts a function on the bus.</summary>
    /// <exception cref="InvalidOperationException">The place is taken.</exception>
    public void Add(int device, int function, PciFunction target)
    {
        ref PciFunction? place = ref functions[(device << 3) | function];
        if (place is not null)
        {
            throw new InvalidOperationException($"PCI function {device:x2}.{function} is there twice");
        }
        place = target;
        target.Attach(this, device, function);
    }

    /// <summary>The function at a place, or null.</summary>
    public PciFunction? Find(int device, int function) => functions[(device << 3) | function];

    /// <summary>Level of a PIRQ wire, 0 to 3.</summary>
    public bool PirqLevel(int pirq) => pirqSources[pirq] != 0;

    /// <summary>Resets every function.</summary>
    public void Reset()
    {
        foreach (PciFunction function in Functions)
        {
            function.Reset();
        }
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        for (int pirq = 0; pirq < pirqSources.Length; pirq++)
        {
            pirqSources[pirq] = state.Int32(pirqSources[pirq], 0, functions.Length);
        }
    }

    /// <summary>PIRQ wire of a slot's pin: the board turns the four wires by one for each slot, slot 1 straight (PIIX3 boards).</summary>
    /// <param name="device">Device number.</param>
    /// <param name="pin">1 to 4 for INTA# to INTD#.</param>
    public static int PirqOf(int device, int pin) => (device + (pin - 1) - 1) & 3;

    /// <summary>Called by a function whose INTx pin changed.</summary>
    internal void DriveInterrupt(PciFunction source, bool level)
    {
        if (source.Identity.InterruptPin == 0)
        {
            return;
        }
        int pirq = PirqOf(source.Device, source.Identity.InterruptPin);
        bool before = PirqLevel(pirq);
        pirqSources[pirq] += level ? 1 : -1;
        if (PirqLevel(pirq) != before)
        {
            PirqChanged?.Invoke(pirq, !before);
        }
    }
}

using System.Buffers.Binary;
using Emulator.Core.Bus;
using Emulator.Core.Memory;
using Emulator.Core.State;

namespace Emulator.Devices.Pci;

/// <summary>
/// One PCI function: a 256-byte type 0 configuration space with a write mask for each byte, declared BARs that follow the
/// command register, and an INTx pin (PCI 2.1, chapter 6; interrupt disable and status from PCI 2.3).
/// </summary>
public abstract class PciFunction : IStateful
{
    /// <summary>Index of the expansion ROM among the BARs.</summary>
    public const int RomBar = 6;

    private const int Command = 0x04, Status = 0x06, FirstBar = 0x10, RomRegister = 0x30, InterruptLine = 0x3C, InterruptPin = 0x3D;
    private const int IoEnable = 1, MemoryEnable = 2, InterruptDisable = 0x400;

    // Guest memory below 1 MiB is the PAM segments' and the legacy video window's: the host bridge forwards no BAR there.
    private const uint LowestMemoryBar = 0x10_0000;

    private readonly byte[] config = new byte[256];
    private readonly byte[] defaults = new byte[256];
    private readonly byte[] writable = new byte[256];
    private readonly byte[] writeOneToClear = new byte[256];
    private readonly Slot?[] slots = new Slot?[7];
    private bool interruptRequested, interruptDriven;
    private PciBus? bus;

    /// <summary>Makes a function whose header shows <paramref name="identity"/>.</summary>
    protected PciFunction(PciIdentity identity)
    {
        Identity = identity;
        BinaryPrimitives.WriteUInt16LittleEndian(defaults.AsSpan(0x00), identity.Vendor);
        BinaryPrimitives.WriteUInt16LittleEndian(defaults.AsSpan(0x02), identity.Device);
        BinaryPrimitives.WriteUInt32LittleEndian(defaults.AsSpan(0x08), identity.ClassCode << 8 | identity.Revision);
        BinaryPrimitives.WriteUInt16LittleEndian(defaults.AsSpan(0x2C), identity.SubsystemVendor);
        BinaryPrimitives.WriteUInt16LittleEndian(defaults.AsSpan(0x2E), identity.Subsystem);
        defaults[0x0E] = (byte)(identity.Multifunction ? 0x80 : 0);
        defaults[InterruptPin] = (byte)identity.InterruptPin;
        defaults.CopyTo(config, 0);
        SetWritable(Command, IoEnable | MemoryEnable | 4 | 0x40);
        SetWritable(Command + 1, 0x01 | InterruptDisable >> 8);
        writeOneToClear[Status + 1] = 0xF9;
        SetWritable(0x0C, 0xFF);
        SetWritable(0x0D, 0xFF);
        SetWritable(InterruptLine, 0xFF);
    }

    /// <summary>The fixed part of the header.</summary>
    public PciIdentity Identity { get; }

    /// <summary>Device number on bus 0; set when the function is added to a bus.</summary>
    public int Device { get; private set; }

    /// <summary>Function number; set when the function is added to a bus.</summary>
    public int Function { get; private set; }

    /// <summary>True while bus mastering is enabled.</summary>
    public bool IsBusMaster => (config[Command] & 4) != 0;

    /// <summary>The declared BARs as they stand.</summary>
    public IEnumerable<PciBarState> Bars =>
        slots.OfType<Slot>().Select(slot => new PciBarState(slot.Index, slot.Bar, BaseOf(slot), slot.IsMapped));

    /// <summary>The bus that the function is on.</summary>
    protected PciBus Bus => bus ?? throw new InvalidOperationException("the function is on no bus yet");

    /// <summary>Reads 1, 2 or 4 bytes inside one dword of the configuration space.</summary>
    public uint ReadConfig(int offset, int size)
    {
        uint value = 0;
        for (int i = 0; i < size; i++)
        {
            value |= (uint)config[(offset + i) & 0xFF] << (8 * i);
        }
        return value;
    }

    /// <summary>Writes 1, 2 or 4 bytes inside one dword of the configuration space; read-only bits keep their value.</summary>
    public void WriteConfig(int offset, int size, uint value)
    {
        for (int i = 0; i < size; i++)
        {
            int at = (offset + i) & 0xFF;
            byte written = (byte)(value >> (8 * i));
            config[at] = (byte)(((config[at] & ~writable[at]) | (written & writable[at])) & ~(written & writeOneToClear[at]));
        }
        if ((offset & ~3) is Command or (>= FirstBar and < 0x28) or RomRegister)
        {
            UpdateMappings();
            UpdateInterrupt();
        }
        OnConfigWritten(offset, size);
    }

    /// <summary>Back to the state after RST#: BARs unmapped, INTx low.</summary>
    public virtual void Reset()
    {
        defaults.CopyTo(config, 0);
        UpdateMappings();
        SetInterrupt(false);
    }

    /// <inheritdoc/>
    public virtual int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        state.Bytes(config);
        interruptRequested = state.Bool(interruptRequested);
        interruptDriven = state.Bool(interruptDriven);
        TransferOwn(state);
        if (state.IsLoading)
        {
            UpdateMappings();
            OnStateLoaded();
        }
    }

    /// <summary>Called by the bus.</summary>
    internal void Attach(PciBus owner, int device, int function)
    {
        bus = owner;
        Device = device;
        Function = function;
        OnAttached();
    }

    /// <summary>Saves or loads what the function has besides its configuration space.</summary>
    protected virtual void TransferOwn(StateTransfer state)
    {
    }

    /// <summary>Called when a saved configuration space is there and its BARs are mapped.</summary>
    protected virtual void OnStateLoaded()
    {
    }

    /// <summary>Called once the function is on its bus.</summary>
    protected virtual void OnAttached()
    {
    }

    /// <summary>Called after each configuration write, with the bytes that it covered.</summary>
    protected virtual void OnConfigWritten(int offset, int size)
    {
    }

    /// <summary>Sets the value of a byte after reset.</summary>
    protected void SetDefault(int offset, byte value)
    {
        defaults[offset] = value;
        config[offset] = value;
    }

    /// <summary>Sets which bits of a byte the guest can change.</summary>
    protected void SetWritable(int offset, byte mask) => writable[offset] = mask;

    /// <summary>Changes a byte from the device's side, whatever the write mask says.</summary>
    protected void SetConfig(int offset, byte value) => config[offset] = value;

    /// <summary>Declares BAR <paramref name="index"/> (0 to 5, or <see cref="RomBar"/>).</summary>
    protected void AddBar(int index, PciBar bar)
    {
        int register = index == RomBar ? RomRegister : FirstBar + (4 * index);
        uint mask = ~(bar.Size - 1) | (index == RomBar ? 1u : 0u);
        for (int i = 0; i < 4; i++)
        {
            SetDefault(register + i, (byte)((index == RomBar ? 0 : bar.TypeBits) >> (8 * i)));
            SetWritable(register + i, (byte)(mask >> (8 * i)));
        }
        slots[index] = new Slot(index, register, bar);
    }

    /// <summary>
    /// Declares the expansion ROM: <paramref name="image"/> is copied into machine memory, padded with FF to a power of two.
    /// </summary>
    protected void AddRom(string name, PhysicalMemory memory, ReadOnlySpan<byte> image)
    {
        uint size = Math.Max(PhysicalMemory.PageSize, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)image.Length));
        ulong ma = memory.Allocate(size);
        Span<byte> rom = memory.Machine(ma, (int)size);
        rom.Fill(0xFF);
        image.CopyTo(rom);
        AddBar(RomBar, PciBar.Rom(name, size, ma));
    }

    /// <summary>Drives the function's INTx pin.</summary>
    protected void SetInterrupt(bool level)
    {
        interruptRequested = level;
        config[Status] = (byte)((config[Status] & ~8) | (level ? 8 : 0));
        UpdateInterrupt();
    }

    private void UpdateInterrupt()
    {
        bool level = interruptRequested && (ReadConfig(Command, 2) & InterruptDisable) == 0;
        if (level != interruptDriven)
        {
            interruptDriven = level;
            bus?.DriveInterrupt(this, level);
        }
    }

    /// <summary>Place among all ranges that a guest can move, by which one of two that lie over each other is chosen.</summary>
    /// <param name="slot">0 to 6 for the BARs, 7 for another register.</param>
    protected int RankOf(int slot) => (Device << 6) | (Function << 3) | slot;

    private uint BaseOf(Slot slot) => ReadConfig(slot.Register, 4) & ~(slot.Bar.Size - 1);

    private void UpdateMappings()
    {
        if (bus is null)
        {
            return;
        }
        // First everything that goes, then everything that comes: two BARs may trade places.
        foreach (Slot? slot in slots)
        {
            if (slot is not null && slot.IsMapped && slot.Base != DecodedBase(slot))
            {
                slot.Unmap(bus);
            }
        }
        foreach (Slot? slot in slots)
        {
            if (slot is not null && !slot.IsMapped && DecodedBase(slot) is uint address)
            {
                slot.Map(bus, address, RankOf(slot.Index));
            }
        }
    }

    private uint? DecodedBase(Slot slot)
    {
        uint address = BaseOf(slot);
        if (slot.Bar.IsIo)
        {
            return (config[Command] & IoEnable) != 0 && address != 0 && address <= 0x10000 - slot.Bar.Size ? address : null;
        }
        bool enabled = (config[Command] & MemoryEnable) != 0 && (slot.Index != RomBar || (config[RomRegister] & 1) != 0);
        // A BAR that ends at 4 GiB is one being sized: nothing can be there, the BIOS is.
        return enabled && address >= LowestMemoryBar && address != ~(slot.Bar.Size - 1) ? address : null;
    }

    private sealed class Slot(int index, int register, PciBar bar)
    {
        private PortRange? ports;
        private MemoryRegion? region;

        public int Index => index;

        public int Register => register;

        public PciBar Bar => bar;

        public uint? Base { get; private set; }

        public bool IsMapped => Base is not null;

        public void Map(PciBus bus, uint address, int rank)
        {
            Base = address;
            if (bar.PortDevice is { } device)
            {
                ports = bus.Ports.MapGuest(bar.Name, (int)address, (int)bar.Size, device, rank, bar.MaxPortSize);
            }
            else
            {
                // RAM and the BIOS have priority 0 or more: the host bridge claims their addresses before PCI sees them.
                region = bus.Memory.MapGuest(new MemoryRegion(bar.Name, address, bar.Size, bar.Kind, bar.MachineAddress, bar.MmioDevice, -1 - rank));
            }
        }

        public void Unmap(PciBus bus)
        {
            Base = null;
            if (ports is not null)
            {
                bus.Ports.Unmap(ports);
                ports = null;
            }
            if (region is not null)
            {
                bus.Memory.Unmap(region);
                region = null;
            }
        }
    }
}

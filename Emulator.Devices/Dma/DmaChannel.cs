using Emulator.Core.Bus;
using Emulator.Core.State;

namespace Emulator.Devices.Dma;

/// <summary>
/// One DMA channel as its device sees it. A device offers data when it has some; what moves depends on how the guest
/// programmed the channel. Addresses are page register and 16-bit counter, in bytes (0-3) or words (5-7).
/// </summary>
public sealed class DmaChannel
{
    private readonly I8237 controller;
    private readonly IDmaBus bus;
    private readonly int unit;

    internal DmaChannel(I8237 controller, IDmaBus bus, int number)
    {
        this.controller = controller;
        this.bus = bus;
        Number = number;
        unit = number < 4 ? 1 : 2;
    }

    /// <summary>Channel number, 0 to 7.</summary>
    public int Number { get; }

    /// <summary>Whether the device asserts DREQ: shown in the status register, no more.</summary>
    public bool Request { get; set; }

    /// <summary>True when the last transfer stopped at terminal count.</summary>
    public bool TerminalCount { get; private set; }

    /// <summary>True when a transfer would move data now: unmasked, controller and cascade enabled.</summary>
    public bool IsReady => controller.IsOpen(Index) && Mode >> 6 != ModeCascade;

    /// <summary>Called when the guest makes the channel ready, so that a waiting device can go on.</summary>
    public Action? BecameReady { get; set; }

    internal const int ModeCascade = 3;

    internal int Index => Number & 3;

    internal byte Mode { get; set; }

    internal byte Page { get; set; }

    internal ushort BaseAddress { get; set; }

    internal ushort BaseCount { get; set; }

    internal ushort CurrentAddress { get; set; }

    internal ushort CurrentCount { get; set; }

    private bool Decrements => (Mode & 0x20) != 0;

    private bool AutoInitializes => (Mode & 0x10) != 0;

    /// <summary>0 verify, 1 write to memory, 2 read from memory (mode register bits 3-2).</summary>
    private int Direction => Mode >> 2 & 3;

    // The 16-bit channels drive A16-A1: bit 0 of the page is not used.
    private ulong PhysicalAddress =>
        unit == 1 ? (ulong)Page << 16 | CurrentAddress : (ulong)(Page & 0xFE) << 16 | (ulong)CurrentAddress << 1;

    /// <summary>
    /// Device to memory, until terminal count. A channel in verify mode counts and writes nothing.
    /// </summary>
    /// <returns>Bytes moved: 0 when the channel is not ready or goes the other way; whole words on channels 5-7.</returns>
    public int TransferToMemory(ReadOnlySpan<byte> data)
    {
        TerminalCount = false;
        int done = 0;
        if (!IsReady || Direction is not (0 or 1))
        {
            return 0;
        }
        while (done + unit <= data.Length && !TerminalCount)
        {
            int bytes = RunLength(data.Length - done);
            if (Direction == 1)
            {
                bus.Write(PhysicalAddress, data.Slice(done, bytes));
            }
            Step(bytes / unit);
            done += bytes;
        }
        return done;
    }

    /// <summary>
    /// Memory to device, until terminal count. A channel in verify mode counts and leaves <paramref name="data"/> alone.
    /// </summary>
    /// <returns>Bytes moved: 0 when the channel is not ready or goes the other way; whole words on channels 5-7.</returns>
    public int TransferFromMemory(Span<byte> data)
    {
        TerminalCount = false;
        int done = 0;
        if (!IsReady || Direction is not (0 or 2))
        {
            return 0;
        }
        while (done + unit <= data.Length && !TerminalCount)
        {
            int bytes = RunLength(data.Length - done);
            if (Direction == 2)
            {
                bus.Read(PhysicalAddress, data.Slice(done, bytes));
            }
            Step(bytes / unit);
            done += bytes;
        }
        return done;
    }

    /// <summary>Saves or loads.</summary>
    internal void Transfer(StateTransfer state)
    {
        Request = state.Bool(Request);
        TerminalCount = state.Bool(TerminalCount);
        Mode = state.Byte(Mode);
        Page = state.Byte(Page);
        BaseAddress = state.UInt16(BaseAddress);
        BaseCount = state.UInt16(BaseCount);
        CurrentAddress = state.UInt16(CurrentAddress);
        CurrentCount = state.UInt16(CurrentCount);
    }

    internal void Reset()
    {
        Mode = 0;
        Page = 0;
        BaseAddress = BaseCount = CurrentAddress = CurrentCount = 0;
        Request = false;
        TerminalCount = false;
    }

    /// <summary>
    /// Memory-to-memory (data sheet, "Memory-to-Memory"): reads here, writes through <paramref name="target"/> until its
    /// count ends.
    /// </summary>
    internal void CopyTo(DmaChannel target, bool holdAddress)
    {
        target.TerminalCount = false;
        Span<byte> temporary = stackalloc byte[2];
        Span<byte> data = temporary[..unit];
        while (!target.TerminalCount)
        {
            bus.Read(PhysicalAddress, data);
            bus.Write(target.PhysicalAddress, data);
            controller.Temporary = data[0];
            if (!holdAddress)
            {
                CurrentAddress += (ushort)(Decrements ? -1 : 1);
            }
            CurrentCount--;
            target.Step(1);
        }
    }

    /// <summary>Bytes that can move as one run: no more than the count, the address counter's wrap, and what is there.</summary>
    private int RunLength(int available)
    {
        if (Decrements)
        {
            return unit;
        }
        int units = Math.Min(available / unit, CurrentCount + 1);
        return Math.Min(units, 0x10000 - CurrentAddress) * unit;
    }

    private void Step(int units)
    {
        CurrentAddress = (ushort)(Decrements ? CurrentAddress - units : CurrentAddress + units);
        bool ends = units > CurrentCount;
        CurrentCount = (ushort)(CurrentCount - units);
        if (!ends)
        {
            return;
        }
        TerminalCount = true;
        if (AutoInitializes)
        {
            CurrentAddress = BaseAddress;
            CurrentCount = BaseCount;
        }
        controller.Ended(Index, AutoInitializes);
    }
}

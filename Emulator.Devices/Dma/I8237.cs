using Emulator.Core.Bus;
using Emulator.Core.State;

namespace Emulator.Devices.Dma;

/// <summary>
/// One 8237A DMA controller (Intel data sheet 231466): four channels, registers 0-15. Timing and signal polarity bits of
/// the command register are stored and have no effect.
/// </summary>
public sealed class I8237
{
    private const byte MemoryToMemory = 0x01, HoldChannel0 = 0x02, ControllerDisable = 0x04;
    private const byte AllMasked = 0x0F;

    private readonly Func<bool> upstreamOpen;
    private readonly DmaChannel[] channels = new DmaChannel[4];
    private byte command, mask = AllMasked, softwareRequests, reached;
    private bool flipFlop;

    /// <summary>Makes a controller.</summary>
    /// <param name="bus">Guest memory.</param>
    /// <param name="firstChannel">0 or 4.</param>
    /// <param name="upstreamOpen">Whether a controller that this one is cascaded to lets it through.</param>
    internal I8237(IDmaBus bus, int firstChannel, Func<bool> upstreamOpen)
    {
        this.upstreamOpen = upstreamOpen;
        for (int i = 0; i < channels.Length; i++)
        {
            channels[i] = new DmaChannel(this, bus, firstChannel + i);
        }
    }

    /// <summary>Last byte of a memory-to-memory transfer.</summary>
    internal byte Temporary { get; set; }

    internal DmaChannel this[int index] => channels[index];

    /// <summary>Mask register, one bit for each channel.</summary>
    internal byte Mask => mask;

    internal void Reset()
    {
        MasterClear();
        foreach (DmaChannel channel in channels)
        {
            channel.Reset();
        }
    }

    /// <summary>Saves or loads.</summary>
    internal void Transfer(StateTransfer state)
    {
        command = state.Byte(command);
        mask = state.Byte(mask);
        softwareRequests = state.Byte(softwareRequests);
        reached = state.Byte(reached);
        flipFlop = state.Bool(flipFlop);
        Temporary = state.Byte(Temporary);
        foreach (DmaChannel channel in channels)
        {
            channel.Transfer(state);
        }
    }

    internal bool IsOpen(int index) =>
        (mask >> index & 1) == 0 && (command & ControllerDisable) == 0 && upstreamOpen();

    /// <summary>Channel 0 of the upper controller carries the lower one.</summary>
    internal bool CascadeOpen => IsOpen(0) && channels[0].Mode >> 6 == DmaChannel.ModeCascade;

    internal void Ended(int index, bool autoInitialized)
    {
        byte bit = (byte)(1 << index);
        reached |= bit;
        softwareRequests &= (byte)~bit;
        if (!autoInitialized)
        {
            mask |= bit;
        }
    }

    /// <summary>Tells the devices whose channel became ready since <paramref name="before"/> (see <see cref="ReadyBits"/>).</summary>
    internal void NotifyReady(int before)
    {
        int fresh = ReadyBits() & ~before;
        foreach (DmaChannel channel in channels)
        {
            if ((fresh >> channel.Index & 1) != 0)
            {
                channel.BecameReady?.Invoke();
            }
        }
    }

    internal int ReadyBits()
    {
        int bits = 0;
        foreach (DmaChannel channel in channels)
        {
            bits |= channel.IsReady ? 1 << channel.Index : 0;
        }
        return bits;
    }

    internal byte Read(int register)
    {
        switch (register)
        {
            case < 8:
                DmaChannel channel = channels[register >> 1];
                return NextByte((register & 1) == 0 ? channel.CurrentAddress : channel.CurrentCount);
            case 8:
                byte status = reached;
                reached = 0;
                foreach (DmaChannel each in channels)
                {
                    bool requests = each.Request || (softwareRequests >> each.Index & 1) != 0;
                    status |= (byte)(requests ? 0x10 << each.Index : 0);
                }
                return status;
            case 13:
                return Temporary;
            case 15:
                // Not on the 8237A; the PIIX and its like read the mask here (upper bits 1).
                return (byte)(0xF0 | mask);
            default:
                return 0xFF;
        }
    }

    internal void Write(int register, byte data)
    {
        int index = data & 3;
        switch (register)
        {
            case < 8:
                WriteCounter(channels[register >> 1], (register & 1) == 0, data);
                break;
            case 8:
                command = data;
                break;
            case 9:
                SoftwareRequest(index, (data & 4) != 0);
                break;
            case 10:
                mask = (byte)((data & 4) != 0 ? mask | 1 << index : mask & ~(1 << index));
                break;
            case 11:
                channels[index].Mode = (byte)(data & 0xFC);
                reached &= (byte)~(1 << index);
                break;
            case 12:
                flipFlop = false;
                break;
            case 13:
                MasterClear();
                break;
            case 14:
                mask = 0;
                break;
            default:
                mask = (byte)(data & AllMasked);
                break;
        }
    }

    private void MasterClear()
    {
        command = 0;
        reached = 0;
        softwareRequests = 0;
        Temporary = 0;
        flipFlop = false;
        mask = AllMasked;
    }

    private byte NextByte(ushort value)
    {
        flipFlop = !flipFlop;
        return (byte)(flipFlop ? value : value >> 8);
    }

    private void WriteCounter(DmaChannel channel, bool address, byte data)
    {
        ushort old = address ? channel.BaseAddress : channel.BaseCount;
        ushort value = flipFlop ? (ushort)((old & 0x00FF) | data << 8) : (ushort)((old & 0xFF00) | data);
        flipFlop = !flipFlop;
        if (address)
        {
            channel.BaseAddress = channel.CurrentAddress = value;
        }
        else
        {
            channel.BaseCount = channel.CurrentCount = value;
        }
    }

    private void SoftwareRequest(int index, bool set)
    {
        byte bit = (byte)(1 << index);
        softwareRequests = (byte)(set ? softwareRequests | bit : softwareRequests & ~bit);
        bool copies = set && index == 0 && (command & (MemoryToMemory | ControllerDisable)) == MemoryToMemory;
        if (copies && upstreamOpen())
        {
            channels[0].CopyTo(channels[1], (command & HoldChannel0) != 0);
            softwareRequests &= 0xFC;
        }
    }
}

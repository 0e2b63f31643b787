using System.Buffers.Binary;
using Emulator.Core.Bus;
using Emulator.Core.State;

namespace Emulator.Devices.Ide;

/// <summary>
/// The bus-master registers of one channel: command, status and descriptor table pointer (82371SB data sheet section 2.7;
/// Programming Interface for Bus Master IDE Controller 1.0). A physical region descriptor is a 32-bit address, a 16-bit byte count (0 is
/// 64 KiB) and an end-of-table flag.
/// </summary>
public sealed class IdeBusMaster(IDmaBus memory)
{
    private const int Command = 0, Status = 2, Table = 4;
    private const byte Start = 0x01, Active = 0x01, DmaError = 0x02, Interrupt = 0x04, DriveCapable = 0x60;
    private const byte ToMemory = 0x08;

    private byte command, status;
    private uint table, nextDescriptor, regionAddress;
    private int regionLeft;
    private bool lastRegion;

    /// <summary>True from the start bit until the transfer has ended or the guest stops it.</summary>
    internal bool IsActive => (status & Active) != 0;

    /// <summary>Called when the guest sets the start bit.</summary>
    internal Action? Started { get; set; }

    /// <summary>Back to the state after power-on.</summary>
    public void Reset()
    {
        command = status = 0;
        table = 0;
    }

    /// <summary>Reads a register byte, offset 0 to 7.</summary>
    public byte Read(int offset) => offset switch
    {
        Command => command,
        Status => status,
        >= Table => (byte)(table >> (8 * (offset - Table))),
        _ => 0,
    };

    /// <summary>Writes a register byte, offset 0 to 7.</summary>
    public void Write(int offset, byte value)
    {
        switch (offset)
        {
            case Command:
                WriteCommand(value);
                break;
            case Status:
                byte kept = (byte)(status & (Active | DmaError | Interrupt) & ~(value & (DmaError | Interrupt)));
                status = (byte)(kept | (value & DriveCapable));
                break;
            case >= Table:
                int shift = 8 * (offset - Table);
                table = ((table & ~(0xFFu << shift)) | (uint)value << shift) & ~3u;
                break;
        }
    }

    /// <summary>Writes <paramref name="data"/> to the regions of the table, in order.</summary>
    /// <returns>False when the table ended before the data did: the transfer is over on the host's side.</returns>
    internal bool WriteToMemory(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            int n = NextRun(data.Length);
            if (n == 0)
            {
                return false;
            }
            memory.Write(regionAddress, data[..n]);
            Advance(n);
            data = data[n..];
        }
        return true;
    }

    /// <summary>Fills <paramref name="data"/> from the regions of the table, in order.</summary>
    /// <returns>False when the table ended before the data did: the transfer is over on the host's side.</returns>
    internal bool ReadFromMemory(Span<byte> data)
    {
        while (!data.IsEmpty)
        {
            int n = NextRun(data.Length);
            if (n == 0)
            {
                return false;
            }
            memory.Read(regionAddress, data[..n]);
            Advance(n);
            data = data[n..];
        }
        return true;
    }

    /// <summary>The drive has moved all its data: the active bit stays when the table described more.</summary>
    internal void FinishTransfer()
    {
        if (lastRegion && regionLeft == 0)
        {
            status &= unchecked((byte)~Active);
        }
    }

    /// <summary>The channel's interrupt line rose.</summary>
    internal void NoteInterrupt() => status |= Interrupt;

    /// <summary>Saves or loads.</summary>
    internal void Transfer(StateTransfer state)
    {
        command = state.Byte(command);
        status = state.Byte(status);
        table = state.UInt32(table);
        nextDescriptor = state.UInt32(nextDescriptor);
        regionAddress = state.UInt32(regionAddress);
        regionLeft = state.Int32(regionLeft, 0, 65536);
        lastRegion = state.Bool(lastRegion);
    }

    private void WriteCommand(byte value)
    {
        bool wasStarted = (command & Start) != 0;
        command = (byte)(value & (Start | ToMemory));
        if ((value & Start) == 0)
        {
            status &= unchecked((byte)~Active);
        }
        else if (!wasStarted)
        {
            status |= Active;
            nextDescriptor = table;
            regionLeft = 0;
            lastRegion = false;
            Started?.Invoke();
        }
    }

    private int NextRun(int wanted)
    {
        if (regionLeft == 0)
        {
            if (lastRegion)
            {
                status &= unchecked((byte)~Active);
                return 0;
            }
            Span<byte> descriptor = stackalloc byte[8];
            memory.Read(nextDescriptor, descriptor);
            nextDescriptor += 8;
            regionAddress = BinaryPrimitives.ReadUInt32LittleEndian(descriptor) & ~1u;
            uint count = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[4..]);
            regionLeft = (count & 0xFFFE) == 0 ? 65536 : (int)(count & 0xFFFE);
            lastRegion = (count & 0x8000_0000) != 0;
        }
        return Math.Min(regionLeft, wanted);
    }

    private void Advance(int n)
    {
        regionAddress += (uint)n;
        regionLeft -= n;
    }
}

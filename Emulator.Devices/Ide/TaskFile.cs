using Emulator.Core.State;

namespace Emulator.Devices.Ide;

/// <summary>
/// The command block registers of one drive. Each holds what was written last and, for 48-bit commands, what was written
/// before (ATA/ATAPI-6, section 6.20).
/// </summary>
internal sealed class TaskFile
{
    /// <summary>Bit of the Device register: the address is an LBA.</summary>
    public const byte LbaBit = 0x40;

    private readonly byte[] current = new byte[7];
    private readonly byte[] previous = new byte[7];

    public byte Features => current[1];

    public byte SectorCount
    {
        get => current[2];
        set => current[2] = value;
    }

    public byte LbaLow
    {
        get => current[3];
        set => current[3] = value;
    }

    public byte LbaMid
    {
        get => current[4];
        set => current[4] = value;
    }

    public byte LbaHigh
    {
        get => current[5];
        set => current[5] = value;
    }

    public byte Device
    {
        get => current[6];
        set => current[6] = value;
    }

    public bool IsLba => (Device & LbaBit) != 0;

    public int Heads => Device & 0x0F;

    /// <summary>Sectors that a 28-bit command asks for.</summary>
    public int Count28 => SectorCount == 0 ? 256 : SectorCount;

    /// <summary>Sectors that a 48-bit command asks for.</summary>
    public int Count48 => (SectorCount | previous[2] << 8) is var count && count == 0 ? 65536 : count;

    public long Lba28 => LbaLow | LbaMid << 8 | LbaHigh << 16 | Heads << 24;

    public long Lba48 => Lba28 & 0xFF_FFFF | (long)previous[3] << 24 | (long)previous[4] << 32 | (long)previous[5] << 40;

    public int Cylinder => LbaMid | LbaHigh << 8;

    /// <summary>The byte-count registers of a packet device.</summary>
    public int ByteCount
    {
        get => LbaMid | LbaHigh << 8;
        set
        {
            LbaMid = (byte)value;
            LbaHigh = (byte)(value >> 8);
        }
    }

    public byte Read(int register, bool highOrder) => register < 6 && highOrder ? previous[register] : current[register];

    public void Write(int register, byte value)
    {
        previous[register] = current[register];
        current[register] = value;
    }

    public void SetLba28(long lba)
    {
        SetLow24(lba);
        Device = (byte)((Device & 0xF0) | (int)(lba >> 24 & 0x0F));
    }

    public void SetLba48(long lba)
    {
        SetLow24(lba);
        previous[3] = (byte)(lba >> 24);
        previous[4] = (byte)(lba >> 32);
        previous[5] = (byte)(lba >> 40);
    }

    public void Transfer(StateTransfer state)
    {
        state.Bytes(current);
        state.Bytes(previous);
    }

    public void Clear()
    {
        Array.Clear(current);
        Array.Clear(previous);
    }

    private void SetLow24(long lba)
    {
        LbaLow = (byte)lba;
        LbaMid = (byte)(lba >> 8);
        LbaHigh = (byte)(lba >> 16);
    }
}

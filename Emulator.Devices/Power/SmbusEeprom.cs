using Emulator.Core.State;

namespace Emulator.Devices.Power;

/// <summary>
/// A serial memory of 256 bytes on the SMBus, as the SPD of a memory module is (JEDEC 21-C, 4.1.2): an address counter, which the command byte sets
/// and each byte read or written moves on. Like those of QEMU's <c>pc</c> it is blank and writable.
/// </summary>
internal sealed class SmbusEeprom
{
    private readonly byte[] data = new byte[256];
    private byte counter;

    /// <summary>Sets the address counter.</summary>
    public void Select(byte address) => counter = address;

    /// <summary>The next byte.</summary>
    public byte Read() => data[counter++];

    /// <summary>Stores the next byte.</summary>
    public void Write(byte value) => data[counter++] = value;

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        state.Bytes(data);
        counter = state.Byte(counter);
    }
}

using Emulator.Core.Bus;
using Emulator.Core.State;

namespace Emulator.Devices.Dma;

/// <summary>
/// The two 8237A of an AT and their page registers: ports 00-0F (channels 0-3, bytes), C0-DF (channels 4-7, words; 4
/// carries the first controller), 80-8F (pages; the spare ones store what is written, 80 is the POST code).
/// </summary>
public sealed class I8237Pair : IPortDevice, IStateful
{
    private const int PageOffset = 0x80, UpperOffset = 0xC0;
    private const int PostCodeRegister = 0;

    /// <summary>Channel by page register number (port 80 + n); -1 where the register is a spare one.</summary>
    private static readonly sbyte[] ChannelOfPage = [-1, 2, 3, 1, -1, -1, -1, 0, -1, 6, 7, 5, -1, -1, -1, 4];

    private readonly I8237 lower, upper;
    private readonly byte[] pages = new byte[16];

    /// <summary>Makes both controllers, all channels masked.</summary>
    public I8237Pair(IDmaBus bus)
    {
        upper = new I8237(bus, firstChannel: 4, upstreamOpen: () => true);
        lower = new I8237(bus, firstChannel: 0, upstreamOpen: () => upper.CascadeOpen);
    }

    /// <summary>The last byte written to port 80.</summary>
    public byte PostCode => pages[PostCodeRegister];

    /// <summary>The channel that a device is wired to: 0-3 or 5-7.</summary>
    public DmaChannel Channel(int number) => number < 4 ? lower[number] : upper[number - 4];

    /// <summary>Maps all ports.</summary>
    public void Wire(PortBus bus)
    {
        bus.Map("dma-lower", 0x00, 16, this);
        bus.Map("dma-page", 0x80, 16, this, offset: PageOffset);
        bus.Map("dma-upper", 0xC0, 32, this, offset: UpperOffset);
    }

    /// <summary>State after power-on: everything masked, page registers 0.</summary>
    public void Reset()
    {
        upper.Reset();
        lower.Reset();
        Array.Clear(pages);
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        upper.Transfer(state);
        lower.Transfer(state);
        state.Bytes(pages);
    }

    /// <summary>Opens the cascade (channel 4) as a BIOS does at power-on; for guests that are started without one.</summary>
    public void OpenCascade()
    {
        const int ModeRegister = 11, MaskRegister = 10;
        upper.Write(ModeRegister, DmaChannel.ModeCascade << 6);
        upper.Write(MaskRegister, 0);
    }

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size) => offset switch
    {
        >= UpperOffset => upper.Read(offset - UpperOffset >> 1),
        >= PageOffset => pages[offset - PageOffset],
        _ => lower.Read(offset),
    };

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        byte data = (byte)value;
        if (offset is >= PageOffset and < UpperOffset)
        {
            int register = offset - PageOffset;
            pages[register] = data;
            int channel = ChannelOfPage[register];
            if (channel >= 0)
            {
                Channel(channel).Page = data;
            }
            return;
        }
        int lowerBefore = lower.ReadyBits(), upperBefore = upper.ReadyBits();
        if (offset >= UpperOffset)
        {
            upper.Write(offset - UpperOffset >> 1, data);
        }
        else
        {
            lower.Write(offset, data);
        }
        upper.NotifyReady(upperBefore);
        lower.NotifyReady(lowerBefore);
    }
}

using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Core.State;
using Emulator.Core.Time;
using Emulator.Devices.Dma;

namespace Emulator.Devices.Audio;

/// <summary>
/// Sound Blaster 16 (Creative, "Sound Blaster Series Hardware Programming Guide"): DSP 4.05, CT1745 mixer, OPL3. Ports from its base: 0-3 and 8-9 OPL3,
/// 4-5 mixer, 6 reset, A read data, C write, E and F status and acknowledge of the 8-bit and 16-bit half. Its OPL3 is at 388 as well.
/// </summary>
public sealed class SoundBlaster16 : IPortDevice, IStateful
{
    private const int MixerIndex = 4, MixerData = 5, Reset6 = 6, ReadData = 0xA, WriteData = 0xC, Status8 = 0xE, Status16 = 0xF;
    private const byte Pending8 = 1, Pending16 = 2, Full = 0x80;

    private readonly Dictionary<int, IrqLine> lines;
    private readonly Func<int, DmaChannel> channelOf;
    private readonly (int Irq, int Dma8, int Dma16) routing;
    private readonly Sb16Mixer mixer;
    private readonly Sb16Dsp dsp;
    private readonly Sb16Transfer transfer;
    private readonly Sb16DirectOutput direct;

    /// <summary>Makes the card.</summary>
    /// <param name="scheduler">Virtual time.</param>
    /// <param name="audio">Where it sounds.</param>
    /// <param name="newSource">Gives a wire of its own to an interrupt (5, 7, 9, 10).</param>
    /// <param name="channelOf">Gives DMA channels 0-7.</param>
    /// <param name="routing">Interrupt and channels until the guest writes the mixer's registers 80 and 81.</param>
    /// <param name="log">For commands that are not there.</param>
    public SoundBlaster16(
        IScheduler scheduler, AudioMixer audio, Func<int, IrqLine> newSource, Func<int, DmaChannel> channelOf, (int Irq, int Dma8, int Dma16) routing,
        EventLog log)
    {
        lines = new[] { 5, 7, 9, 10 }.ToDictionary(irq => irq, newSource);
        this.channelOf = channelOf;
        this.routing = routing;
        Synth = new OplPorts(scheduler, audio);
        transfer = new Sb16Transfer(scheduler, audio) { BlockEnded = Interrupt };
        direct = new Sb16DirectOutput(audio);
        mixer = new Sb16Mixer { VolumeChanging = audio.BeforeChange, RoutingChanged = UpdateLines };
        dsp = new Sb16Dsp(scheduler, log) { Transfer = transfer, ChannelOf = Channel, Interrupt = Interrupt, DirectSample = direct.Write };
        Reset();
    }

    /// <summary>The card's OPL3.</summary>
    public OplPorts Synth { get; }

    /// <summary>Maps the ports from <paramref name="ioBase"/>, and 388.</summary>
    public void Wire(PortBus bus, int ioBase)
    {
        bus.Map("sb16", ioBase, 16, this);
        Synth.Wire(bus);
    }

    /// <summary>State after power-on.</summary>
    public void Reset()
    {
        Synth.Reset();
        dsp.Reset();
        mixer.Reset();
        mixer.SetRouting(routing.Irq, routing.Dma8, routing.Dma16);
        mixer.Pending = 0;
        UpdateLines();
        SetGains();
    }

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size)
    {
        switch (offset)
        {
            case < MixerIndex:
                return Synth.ReadPort(offset, size);
            case 8:
                return Synth.ReadPort(0, size);
            case MixerIndex:
                return (uint)mixer.Index;
            case MixerData:
                return mixer.Read();
            case ReadData:
                return dsp.Read();
            case WriteData:
                // Bit 7: busy. It never is.
                return 0x7F;
            case Status8:
                Acknowledge(Pending8);
                return dsp.HasOutput ? 0x7Fu | Full : 0x7F;
            case Status16:
                Acknowledge(Pending16);
                return 0xFF;
            default:
                return 0xFF;
        }
    }

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        byte data = (byte)value;
        switch (offset)
        {
            case < MixerIndex:
                Synth.WritePort(offset, size, value);
                break;
            case 8 or 9:
                Synth.WritePort(offset - 8, size, value);
                break;
            case MixerIndex:
                mixer.Index = data;
                break;
            case MixerData:
                mixer.Write(data);
                SetGains();
                break;
            case Reset6:
                dsp.WriteReset(data);
                break;
            case WriteData:
                dsp.Write(data);
                break;
        }
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        mixer.Transfer(state);
        dsp.TransferState(state);
        transfer.Transfer(state, channelOf);
        direct.Transfer(state);
        Synth.Transfer(state);
        foreach (int irq in lines.Keys.Order())
        {
            state.Line(lines[irq]);
        }
        if (state.IsLoading)
        {
            SetGains();
        }
    }

    private DmaChannel? Channel(bool is16Bit) => (is16Bit ? mixer.Dma16 : mixer.Dma8) is { } number ? channelOf(number) : null;

    private void Interrupt(bool is16Bit)
    {
        mixer.Pending |= is16Bit ? Pending16 : Pending8;
        UpdateLines();
    }

    private void Acknowledge(byte half)
    {
        mixer.Pending &= (byte)~half;
        UpdateLines();
    }

    private void UpdateLines()
    {
        foreach ((int irq, IrqLine line) in lines)
        {
            line.Set(mixer.Pending != 0 && mixer.Irq == irq);
        }
    }

    private void SetGains()
    {
        transfer.Gain = direct.Gain = mixer.VoiceGain;
        Synth.Gain = mixer.SynthGain;
    }
}

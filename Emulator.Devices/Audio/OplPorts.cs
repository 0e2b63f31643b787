using Emulator.Core.Bus;
using Emulator.Core.State;
using Emulator.Core.Time;

namespace Emulator.Devices.Audio;

/// <summary>
/// An OPL3 with its ports as AdLib's successors have them: 388 and 38A select a register of the two banks, 389 and 38B write it, 388 reads the status.
/// It sounds through a mixer, resampled from its own 49716 Hz.
/// </summary>
public sealed class OplPorts : IPortDevice, IAudioSource, IStateful
{
    // One voice of 4084 is a quarter of the converter's range.
    private const float Scale = 2f, FullScale = 32767;

    private readonly IScheduler scheduler;
    private readonly AudioMixer mixer;
    private readonly Opl3 chip = new();
    private readonly OplTimers timers = new();
    private int register;
    private double position;
    private (int Left, int Right) before, after;

    /// <summary>Makes the chip and adds it to <paramref name="mixer"/>.</summary>
    public OplPorts(IScheduler scheduler, AudioMixer mixer)
    {
        this.scheduler = scheduler;
        this.mixer = mixer;
        mixer.Add(this);
    }

    /// <summary>Volume of the left and right output, 0 to 1; a sound card's mixer sets it.</summary>
    public (float Left, float Right) Gain { get; set; } = (1, 1);

    /// <inheritdoc/>
    public bool IsAudible => chip.IsAudible;

    /// <summary>Maps ports 388-38B.</summary>
    public void Wire(PortBus bus) => bus.Map("adlib", 0x388, 4, this);

    /// <summary>State after power-on.</summary>
    public void Reset()
    {
        mixer.BeforeChange();
        chip.Reset();
        timers.Reset();
        register = 0;
    }

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size) => (offset & 3) == 0 ? timers.Status(scheduler.NowNs) : 0xFFu;

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        byte data = (byte)value;
        switch (offset & 3)
        {
            case 0:
                register = data;
                break;
            case 2:
                register = 0x100 | data;
                break;
            default:
                WriteRegister(data);
                break;
        }
    }

    /// <inheritdoc/>
    public void Advance(long nowNs)
    {
        // FM takes no data from the machine.
    }

    /// <inheritdoc/>
    public void Render(Span<float> frames, double startNs, double nsPerFrame)
    {
        double step = Opl3.SampleRate * nsPerFrame / 1e9;
        for (int n = 0; n < frames.Length; n += 2)
        {
            for (position += step; position >= 1; position--)
            {
                before = after;
                after = chip.Next();
            }
            float part = (float)position;
            frames[n] += Level(before.Left, after.Left, part) * Gain.Left;
            frames[n + 1] += Level(before.Right, after.Right, part) * Gain.Right;
        }
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        register = state.Int32(register, 0, 0x1FF);
        position = state.Double(position);
        before = (state.Int32(before.Left), state.Int32(before.Right));
        after = (state.Int32(after.Left), state.Int32(after.Right));
        timers.Transfer(state);
        chip.Transfer(state);
    }

    private static float Level(int before, int after, float part) =>
        Math.Clamp((before + ((after - before) * part)) * Scale, -FullScale, FullScale);

    private void WriteRegister(byte data)
    {
        switch (register)
        {
            case 0x02 or 0x03:
                timers.WritePreset(register - 2, data, scheduler.NowNs);
                break;
            case 0x04:
                timers.WriteControl(data, scheduler.NowNs);
                break;
            default:
                mixer.BeforeChange();
                chip.Write(register, data);
                break;
        }
    }
}

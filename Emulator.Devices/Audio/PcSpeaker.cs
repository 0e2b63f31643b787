using Emulator.Core.State;
using Emulator.Devices.Misc;
using Emulator.Devices.Timers;

namespace Emulator.Devices.Audio;

/// <summary>
/// The PC speaker: the AND of counter 2's OUT and bit 1 of port 61 (IBM PC AT Technical Reference, "Speaker interface"). Each frame gets the mean of the
/// level over its time, so that pulse widths become amplitudes as they do on a cone.
/// </summary>
public sealed class PcSpeaker : IAudioSource, IStateful
{
    private const float Amplitude = 8192;

    // A level that has not changed for so long is no sound.
    private const long LingerNs = 50_000_000;

    private readonly I8254Counter counter;
    private readonly SystemControlPortB port;
    private long lastChangeNs = long.MinValue / 2;
    private long advancedNs;

    /// <summary>Makes the speaker and adds it to <paramref name="mixer"/>.</summary>
    public PcSpeaker(I8254 pit, SystemControlPortB port, AudioMixer mixer)
    {
        counter = pit.Counters[2];
        this.port = port;
        pit.SpeakerChanging = () => BeforeChange(mixer);
        port.SpeakerChanging = () => BeforeChange(mixer);
        mixer.Add(this);
    }

    /// <inheritdoc/>
    public bool IsAudible =>
        (port.SpeakerEnabled && counter is { IsPeriodic: true, Gate: true, InitialCount: > 1 }) || advancedNs - lastChangeNs < LingerNs;

    /// <inheritdoc/>
    public void Advance(long nowNs) => advancedNs = nowNs;

    /// <inheritdoc/>
    public void Render(Span<float> frames, double startNs, double nsPerFrame)
    {
        if (!port.SpeakerEnabled)
        {
            return;
        }
        long pulse = PitClock.PulseAt((long)startNs);
        for (int n = 0; n < frames.Length; n += 2)
        {
            long end = Math.Max(PitClock.PulseAt((long)(startNs + ((n / 2) + 1) * nsPerFrame)), pulse + 1);
            int high = 0;
            for (long at = pulse; at < end; at++)
            {
                high += counter.Out(at) ? 1 : 0;
            }
            float level = ((2f * high / (end - pulse)) - 1) * Amplitude;
            frames[n] += level;
            frames[n + 1] += level;
            pulse = end;
        }
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        lastChangeNs = state.Int64(lastChangeNs);
        advancedNs = state.Int64(advancedNs);
    }

    private void BeforeChange(AudioMixer mixer)
    {
        mixer.BeforeChange();
        if (port.SpeakerEnabled)
        {
            lastChangeNs = advancedNs;
        }
    }
}

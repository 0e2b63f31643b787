using Emulator.Core.State;

namespace Emulator.Devices.Audio;

/// <summary>The direct mode of a Sound Blaster (DSP command 10): each sample that the guest writes stays on the converter until the next.</summary>
internal sealed class Sb16DirectOutput : IAudioSource
{
    // A level that has not changed for so long is no sound.
    private const long LingerNs = 50_000_000;

    private readonly AudioMixer mixer;
    private long lastWriteNs = long.MinValue / 2;
    private long advancedNs;
    private short level;

    /// <summary>Makes the converter and adds it to <paramref name="mixer"/>.</summary>
    public Sb16DirectOutput(AudioMixer mixer)
    {
        this.mixer = mixer;
        mixer.Add(this);
    }

    /// <summary>Volume of the left and right output, 0 to 1.</summary>
    public (float Left, float Right) Gain { get; set; }

    /// <inheritdoc/>
    public bool IsAudible => advancedNs - lastWriteNs < LingerNs;

    /// <summary>The guest writes a sample.</summary>
    public void Write(short sample)
    {
        mixer.BeforeChange();
        lastWriteNs = advancedNs;
        level = sample;
    }

    /// <inheritdoc/>
    public void Advance(long nowNs) => advancedNs = nowNs;

    /// <inheritdoc/>
    public void Render(Span<float> frames, double startNs, double nsPerFrame)
    {
        for (int n = 0; n < frames.Length; n += 2)
        {
            frames[n] += level * Gain.Left;
            frames[n + 1] += level * Gain.Right;
        }
    }

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        lastWriteNs = state.Int64(lastWriteNs);
        advancedNs = state.Int64(advancedNs);
        level = (short)state.UInt16((ushort)level);
    }
}

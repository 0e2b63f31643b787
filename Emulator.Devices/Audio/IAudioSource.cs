namespace Emulator.Devices.Audio;

/// <summary>Something that sounds. It tells its <see cref="AudioMixer"/> before anything about its sound changes.</summary>
public interface IAudioSource
{
    /// <summary>True while it may give anything but silence.</summary>
    bool IsAudible { get; }

    /// <summary>Does what has become due (a sampled sound takes its data) up to <paramref name="nowNs"/>.</summary>
    void Advance(long nowNs);

    /// <summary>Adds the sound of a stretch of time that has passed, in which nothing was changed.</summary>
    /// <param name="frames">Left and right by turns; full scale is 32768.</param>
    /// <param name="startNs">Virtual time of the first frame.</param>
    /// <param name="nsPerFrame">Distance of the frames, ns.</param>
    void Render(Span<float> frames, double startNs, double nsPerFrame);
}

namespace Emulator.Core.Backends;

/// <summary>The host's end of the sound: 16-bit stereo frames, left and right by turns. All calls are on the machine thread.</summary>
public interface IAudioSink : IDisposable
{
    /// <summary>Frames a second.</summary>
    int Rate { get; }

    /// <summary>The next frames.</summary>
    /// <param name="samples">An even number of samples.</param>
    void Write(ReadOnlySpan<short> samples);

    /// <summary><paramref name="frames"/> frames in which nothing sounds.</summary>
    void WriteSilence(long frames);
}

using Emulator.Core.Backends;

namespace Emulator.Devices.Audio;

/// <summary>An output that nobody hears.</summary>
public sealed class SilentSink : IAudioSink
{
    /// <inheritdoc/>
    public int Rate => 44100;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<short> samples)
    {
    }

    /// <inheritdoc/>
    public void WriteSilence(long frames)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

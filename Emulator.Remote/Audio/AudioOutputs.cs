using Emulator.Core.Backends;
using Emulator.Devices.Audio;
using Emulator.Machine.Config;

namespace Emulator.Remote.Audio;

/// <summary>The outputs of <c>-audiodev</c>, open.</summary>
public sealed class AudioOutputs : IDisposable
{
    private readonly Dictionary<string, IAudioSink> sinks = [];

    /// <summary>Opens all.</summary>
    /// <exception cref="UserErrorException">A file cannot be written.</exception>
    public static AudioOutputs Open(SoundConfig config, TextWriter errors)
    {
        var outputs = new AudioOutputs();
        try
        {
            foreach (AudioDevConfig each in config.Outputs)
            {
                outputs.sinks.Add(each.Id, each.Path is null ? new SilentSink() : WavFile.Create(each, errors));
            }
            return outputs;
        }
        catch (UserErrorException)
        {
            outputs.Dispose();
            throw;
        }
    }

    /// <summary>Looks whether all could be opened.</summary>
    /// <exception cref="UserErrorException">A file cannot be written.</exception>
    public static void Check(SoundConfig config)
    {
        foreach (AudioDevConfig each in config.Outputs.Where(o => o.Path is not null))
        {
            WavFile.Check(each);
        }
    }

    /// <summary>Each output by its id.</summary>
    public IReadOnlyDictionary<string, IAudioSink> All => sinks;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IAudioSink sink in sinks.Values)
        {
            sink.Dispose();
        }
    }
}

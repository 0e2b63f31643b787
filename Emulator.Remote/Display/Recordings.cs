using Emulator.Machine;
using Emulator.Machine.Config;

namespace Emulator.Remote.Display;

/// <summary>The animation of a machine's screen that is being recorded, if any. Machine thread.</summary>
/// <param name="machine">The machine.</param>
/// <param name="errors">Gets a sentence when a file cannot be written any more.</param>
public sealed class Recordings(VirtualMachine machine, TextWriter errors) : IDisposable
{
    private ScreenRecorder? recorder;

    /// <summary>True while one is being recorded.</summary>
    public bool IsRecording => recorder is not null;

    /// <summary>Starts what the command line asks for.</summary>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static Recordings Open(RecordingConfig? config, VirtualMachine machine, TextWriter errors)
    {
        var recordings = new Recordings(machine, errors);
        if (config is not null)
        {
            Open(config, () => recordings.Start(config.Path, config.Rate));
        }
        return recordings;
    }

    /// <summary>Looks whether what the command line asks for could be written.</summary>
    /// <exception cref="UserErrorException">It cannot.</exception>
    public static void Check(RecordingConfig? config)
    {
        if (config is not null)
        {
            Open(config, () => OutputFile.Probe(config.Path));
        }
    }

    /// <summary>Starts a recording.</summary>
    /// <exception cref="InvalidOperationException">There is one, or the machine has no display adapter.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Start(string path, int rate)
    {
        if (recorder is not null || machine.Board.Vga is not { } screen)
        {
            throw new InvalidOperationException("nothing can be recorded");
        }
        recorder = new ScreenRecorder(path, rate, machine.Scheduler, screen, errors);
    }

    /// <summary>Ends the recording.</summary>
    public void Stop()
    {
        recorder?.Dispose();
        recorder = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    private static void Open(RecordingConfig config, Action open)
    {
        try
        {
            open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"-record {config.Path}: it cannot be written: {HostErrors.Describe(e)}; give another file");
        }
    }
}

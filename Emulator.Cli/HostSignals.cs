using System.Runtime.InteropServices;

namespace Emulator.Cli;

/// <summary>Ends the machine in order when the host asks the program to end: images are flushed, the terminal is set back.</summary>
public sealed class HostSignals : IDisposable
{
    private readonly PosixSignalRegistration[] registrations;

    /// <summary>Takes SIGINT, SIGTERM and SIGHUP until disposed.</summary>
    /// <param name="terminate">Gets the signal's name, on a thread of its own; should make the machine thread return.</param>
    public HostSignals(Action<string> terminate)
    {
        registrations = [Take(PosixSignal.SIGINT), Take(PosixSignal.SIGTERM), Take(PosixSignal.SIGHUP)];

        PosixSignalRegistration Take(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            terminate(signal.ToString());
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }
    }
}

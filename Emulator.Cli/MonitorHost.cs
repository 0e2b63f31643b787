using Emulator.Core.Backends;
using Emulator.Core.Diagnostics;
using Emulator.Machine.Config;
using Emulator.Remote.Monitor;

namespace Emulator.Cli;

/// <summary>What the monitor's commands need from the program.</summary>
/// <param name="images">Owns the media.</param>
/// <param name="log">What is redirected.</param>
public sealed class MonitorHost(MachineImages images, EventLog log) : IMonitorHost, IDisposable
{
    private TextWriter? redirected;

    /// <inheritdoc/>
    public IBlockBackend OpenMedium(DriveConfig drive) => images.Insert(drive);

    /// <inheritdoc/>
    public void CloseMedium(IBlockBackend medium) => images.Remove(medium);

    /// <inheritdoc/>
    public void RedirectLog(string path)
    {
        TextWriter next = LogFile.Create(path, $"logfile {path}");
        log.Writer.Flush();
        log.Writer = next;
        redirected?.Dispose();
        redirected = next;
    }

    /// <summary>Writes what the log still holds. It is silent from here on.</summary>
    public void Dispose()
    {
        if (redirected is not null)
        {
            log.Writer = TextWriter.Null;
            redirected.Dispose();
        }
    }
}

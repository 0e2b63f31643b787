using Emulator.Core.Backends;
using Emulator.Machine.Config;

namespace Emulator.Remote.Monitor;

/// <summary>What the monitor's commands need from the program around the machine. Machine thread.</summary>
public interface IMonitorHost
{
    /// <summary>Opens an image for a drive; it stays the host's to close.</summary>
    /// <exception cref="UserErrorException">It cannot be used.</exception>
    IBlockBackend OpenMedium(DriveConfig drive);

    /// <summary>Flushes and closes an image that no drive holds any more.</summary>
    /// <exception cref="IOException">The last writes are lost; the image is closed all the same.</exception>
    void CloseMedium(IBlockBackend medium);

    /// <summary>Directs the log to a file, which is emptied.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    void RedirectLog(string path);
}

using Emulator.Core.Backends;
using Emulator.Core.Bus;
using Emulator.Machine.Config;

namespace Emulator.Machine.Board;

/// <summary>What a drive does when its host fails, by <c>rerror=</c> and <c>werror=</c>; stops the machine where they say so.</summary>
internal sealed class DriveErrors(DriveConfig drive, IMachineControl control)
{
    /// <summary>Decides about one failure.</summary>
    /// <param name="error">What the image threw.</param>
    /// <param name="isRead">False for a write or a flush.</param>
    public BlockErrorAction Decide(IOException error, bool isRead)
    {
        BlockErrorAction action = isRead ? drive.ReadError
            : drive.WriteError ?? (HostErrors.IsDiskFull(error) ? BlockErrorAction.Stop : BlockErrorAction.Report);
        if (action == BlockErrorAction.Stop)
        {
            string remedy = HostErrors.IsDiskFull(error) ? "make room on the host's disk" : "mend that";
            control.StopForIoError(
                $"{drive.Id}: {drive.File ?? "its medium"} cannot be {(isRead ? "read" : "written")}: {HostErrors.Describe(error)}; {remedy}");
        }
        return action;
    }
}

using Emulator.Core.Backends;
using Emulator.Machine;
using Emulator.Machine.Board;
using Emulator.Machine.Config;
using Emulator.Remote.Block;
using static Emulator.Remote.Monitor.MonitorParameterKind;

namespace Emulator.Remote.Monitor;

/// <summary>Commands that change media and keep what snapshot drives hold.</summary>
internal sealed class MediaCommands(VirtualMachine machine, IMonitorHost host)
{
    public IEnumerable<MonitorCommand> Make() =>
    [
        new("change", "device [-f] filename [format [read-only-mode]]",
            "change a removable medium, optional format, use -f to force the operation",
            [new("device", Device), new("f", Flag), new("filename", MonitorParameterKind.FileName), new("format", Text, IsOptional: true),
            new("mode", Text, IsOptional: true)], Change),
        new("commit", "device|all", "commit changes to the disk images (if -snapshot is used)", [new("device", Device)], Commit),
        new("eject", "[-f] device", "eject a removable medium (use -f to force it)", [new("f", Flag), new("device", Device)], Eject),
    ];

    private void Change(MonitorArguments arguments, TextWriter output)
    {
        BoardDrive drive = Removable(arguments);
        string path = arguments.Text("filename");
        bool readOnly = arguments.TextOrNull("mode") switch
        {
            null or "retain" => drive.Config.ReadOnly,
            "read-only" => true,
            "read-write" => false,
            var other => throw new MonitorException($"Error: invalid parameter value: {other}"),
        };
        IBlockBackend medium;
        try
        {
            medium = host.OpenMedium(drive.Config with
            {
                File = path,
                Format = arguments.TextOrNull("format"),
                ReadOnly = readOnly,
                Origin = $"change {drive.Config.Id}",
            });
        }
        catch (UserErrorException e)
        {
            throw new MonitorException(
                File.Exists(path) ? $"Error: {e.Message}" : $"Error: Could not open '{path}': No such file or directory");
        }
        Insert(drive, medium);
    }

    private void Eject(MonitorArguments arguments, TextWriter output) => Insert(Removable(arguments), null);

    private void Commit(MonitorArguments arguments, TextWriter output)
    {
        string name = arguments.Text("device");
        if (name == "all")
        {
            foreach (BoardDrive each in machine.Board.Drives)
            {
                Commit(each);
            }
            return;
        }
        BoardDrive drive = machine.Board.Drives.FirstOrDefault(d => d.Config.Id == name)
            ?? throw new MonitorException($"Device '{name}' not found");
        if (drive.CurrentMedium() is null)
        {
            throw new MonitorException($"Device '{name}' has no medium");
        }
        Commit(drive);
    }

    private static void Commit(BoardDrive drive)
    {
        try
        {
            switch (drive.CurrentMedium())
            {
                case SnapshotOverlay overlay:
                    overlay.Commit();
                    break;
                case DiskImage { IsReadOnly: false, Backing: not null } image:
                    ImageCommit.Run(image, makeEmpty: true);
                    break;
            }
        }
        catch (Exception e) when (e is IOException or UserErrorException)
        {
            string reason = e is IOException ? HostErrors.Describe(e) : e.Message;
            throw new MonitorException($"'commit' error for '{drive.Config.Id}': {reason}");
        }
    }

    private BoardDrive Removable(MonitorArguments arguments)
    {
        string name = arguments.Text("device");
        BoardDrive drive = machine.Board.Drives.FirstOrDefault(d => d.Config.Id == name)
            ?? throw new MonitorException($"Error: Device '{name}' not found");
        if (drive.Disk is not null)
        {
            throw new MonitorException($"Error: Device '{name}' is not removable");
        }
        if (drive.Cdrom is { IsLocked: true } && !arguments.Has("f"))
        {
            drive.Cdrom.RequestEject();
            throw new MonitorException(
                $"Error: Device '{name}' is locked and force was not specified, wait for tray to open and try again");
        }
        return drive;
    }

    private void Insert(BoardDrive drive, IBlockBackend? medium)
    {
        IBlockBackend? old = drive.CurrentMedium();
        if (drive.Cdrom is not null)
        {
            drive.Cdrom.Medium = medium;
        }
        else if (drive.Floppy is not null)
        {
            drive.Floppy.Medium = medium;
        }
        if (old is null)
        {
            return;
        }
        try
        {
            host.CloseMedium(old);
        }
        catch (IOException e)
        {
            throw new MonitorException($"Error: {old.Name}: the last writes are lost: {HostErrors.Describe(e)}");
        }
    }
}

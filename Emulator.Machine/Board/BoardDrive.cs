using Emulator.Core.Backends;
using Emulator.Devices.Floppy;
using Emulator.Devices.Ide;
using Emulator.Machine.Config;

namespace Emulator.Machine.Board;

/// <summary>A drive on the board: one of the three kinds.</summary>
/// <param name="Config">Where it sits and what it was given.</param>
/// <param name="CurrentMedium">The medium in it now, or null.</param>
public sealed record BoardDrive(DriveConfig Config, Func<IBlockBackend?> CurrentMedium)
{
    /// <summary>The floppy drive, if it is one.</summary>
    public FloppyDrive? Floppy { get; init; }

    /// <summary>The CD-ROM drive, if it is one.</summary>
    public AtapiCdrom? Cdrom { get; init; }

    /// <summary>The hard disk, if it is one.</summary>
    public AtaDisk? Disk { get; init; }
}

using Emulator.Core.Backends;

namespace Emulator.Machine.Config;

/// <summary>What a drive is connected to.</summary>
public enum DriveInterface
{
    /// <summary>The floppy controller: unit 0 is A, unit 1 is B.</summary>
    Floppy,

    /// <summary>The IDE channels: bus 0 is the primary one, unit 0 the master.</summary>
    Ide,
}

/// <summary>A floppy, hard disk or CD drive.</summary>
public sealed record DriveConfig
{
    /// <summary>What the drive is connected to.</summary>
    public required DriveInterface Interface { get; init; }

    /// <summary>Position on the interface: floppy 0-1, IDE 0-3 (2 * bus + unit).</summary>
    public required int Index { get; init; }

    /// <summary>IDE channel, or 0 for floppies.</summary>
    public int Bus => Interface == DriveInterface.Ide ? Index / 2 : 0;

    /// <summary>IDE device of the channel (0 master, 1 slave) or floppy drive.</summary>
    public int Unit => Interface == DriveInterface.Ide ? Index % 2 : Index;

    /// <summary>True for a CD drive.</summary>
    public bool IsCdrom { get; init; }

    /// <summary>Image file or block device; null is a drive without a medium.</summary>
    public string? File { get; init; }

    /// <summary>Image format as given; null when it was not (the image is looked at).</summary>
    public string? Format { get; init; }

    /// <summary>True when writes go to memory and are forgotten at the end.</summary>
    public bool Snapshot { get; init; }

    /// <summary>True when the guest may not write.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>What happens when the image cannot be read: <c>rerror=</c>.</summary>
    public BlockErrorAction ReadError { get; init; } = BlockErrorAction.Report;

    /// <summary>What happens when the image cannot be written: <c>werror=</c>; null stops where the host's disk is full, and reports anything else.</summary>
    public BlockErrorAction? WriteError { get; init; }

    /// <summary>The option that made the drive, as a person typed it, for error messages.</summary>
    public string Origin { get; init; } = "";

    /// <summary>QEMU's name of the drive in the monitor: <c>floppy0</c>, <c>ide0-hd0</c>, <c>ide1-cd0</c>.</summary>
    public string Id => Interface == DriveInterface.Floppy ? $"floppy{Unit}" : $"ide{Bus}-{(IsCdrom ? "cd" : "hd")}{Unit}";
}

namespace Emulator.Machine;

/// <summary>Where a machine is in its life, in QEMU's words for <c>info status</c>.</summary>
public enum RunState
{
    /// <summary>Started with -S and not yet continued.</summary>
    Prelaunch,

    /// <summary>The guest runs.</summary>
    Running,

    /// <summary>Stopped by the user.</summary>
    Paused,

    /// <summary>Stopped because a disk image cannot be read or written.</summary>
    IoError,

    /// <summary>The guest switched itself off and -no-shutdown keeps the process.</summary>
    Shutdown,
}

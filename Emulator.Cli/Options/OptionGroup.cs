namespace Emulator.Cli.Options;

/// <summary>Headings of <c>-help</c>, in its order.</summary>
public enum OptionGroup
{
    /// <summary>Board, processor, memory, clock.</summary>
    Machine,

    /// <summary>Drives and their images.</summary>
    Drives,

    /// <summary>What is started.</summary>
    Boot,

    /// <summary>Screen and byte streams.</summary>
    Streams,

    /// <summary>Other devices.</summary>
    Devices,

    /// <summary>How the program runs.</summary>
    Running,

    /// <summary>Logs and information.</summary>
    Information,

    /// <summary>QEMU's, with something near it here: named only.</summary>
    Qemu,
}

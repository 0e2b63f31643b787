namespace Emulator.Machine.Config;

/// <summary>A device of <c>-device</c> as given.</summary>
/// <param name="Name">Device name in QEMU's spelling.</param>
/// <param name="Properties">Properties in the order given.</param>
public sealed record DeviceConfig(string Name, IReadOnlyList<KeyValuePair<string, string>> Properties);

/// <summary><c>isa-debug-exit</c>: a write ends the process with exit code (value &lt;&lt; 1) | 1.</summary>
/// <param name="IoBase">First port.</param>
/// <param name="IoSize">Number of ports: 1, 2 or 4.</param>
public sealed record DebugExitConfig(ushort IoBase, int IoSize)
{
    /// <summary>QEMU's default first port.</summary>
    public const ushort DefaultIoBase = 0x501;

    /// <summary>QEMU's default number of ports.</summary>
    public const int DefaultIoSize = 2;
}

/// <summary><c>isa-debugcon</c>: bytes written to a port go to the host.</summary>
/// <param name="IoBase">The port.</param>
/// <param name="ReadBack">What a read returns, so that a guest can tell the port is there.</param>
/// <param name="Output">Where the bytes go.</param>
public sealed record DebugConConfig(ushort IoBase, byte ReadBack, CharSpec Output)
{
    /// <summary>Bochs's port, QEMU's default.</summary>
    public const ushort DefaultIoBase = 0xE9;
}

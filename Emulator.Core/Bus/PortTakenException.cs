namespace Emulator.Core.Bus;

/// <summary>Two devices are wired to the same port.</summary>
/// <param name="port">The port.</param>
/// <param name="one">The device that had it.</param>
/// <param name="other">The device that was to have it too.</param>
public sealed class PortTakenException(int port, string one, string other) : Exception($"port 0x{port:x} is wired to both {one} and {other}");

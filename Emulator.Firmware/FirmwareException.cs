namespace Emulator.Firmware;

/// <summary>A kernel, module or machine description that can't be booted. The message is one sentence for the user.</summary>
public sealed class FirmwareException(string message) : Exception(message);

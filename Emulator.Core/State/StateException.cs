namespace Emulator.Core.State;

/// <summary>A saved state cannot be loaded. The message is one sentence that names the section and the remedy.</summary>
public sealed class StateException(string message) : Exception(message);

namespace Emulator.Remote.Monitor;

/// <summary>A command cannot do what it was asked; the message is printed.</summary>
/// <param name="message">Without a full stop or a line end.</param>
/// <param name="isArgument">True when the words behind the command are wrong: the monitor then points at the help.</param>
public sealed class MonitorException(string message, bool isArgument = false) : Exception(message)
{
    /// <summary>True when the words behind the command are wrong.</summary>
    public bool IsArgument => isArgument;
}

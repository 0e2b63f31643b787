namespace Emulator.Remote.Chardev;

/// <summary>What the commands of a shared stream do to the machine.</summary>
/// <param name="Quit">Ctrl-a x: end the program with exit code 0.</param>
/// <param name="Commit">Ctrl-a s: write the changes of snapshot drives to their images.</param>
public sealed record MuxCommands(Action Quit, Action Commit);

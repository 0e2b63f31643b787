namespace Emulator.Core.Backends;

/// <summary>What becomes of a drive's command when the host fails to read or write its image.</summary>
public enum BlockErrorAction
{
    /// <summary>The guest gets the error.</summary>
    Report,

    /// <summary>The guest is told that all is well.</summary>
    Ignore,

    /// <summary>The machine stops; when it goes on, the command is tried again.</summary>
    Stop,
}

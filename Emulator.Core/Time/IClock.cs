namespace Emulator.Core.Time;

/// <summary>The one virtual clock of a machine.</summary>
public interface IClock
{
    /// <summary>Virtual time since power-on, in nanoseconds. Never goes back.</summary>
    long NowNs { get; }
}

using Emulator.Core.Time;

namespace Emulator.Tests;

/// <summary>A clock that a test turns by hand.</summary>
internal sealed class ManualClock : IClock
{
    /// <inheritdoc/>
    public long NowNs { get; set; }
}

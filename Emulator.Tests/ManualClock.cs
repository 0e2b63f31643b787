using Emulator.Core.Time;

namespace Emulator.Tests;

/// <summary>A clock that a test sets.</summary>
public sealed class ManualClock : IClock
{
    /// <inheritdoc/>
    public long NowNs { get; set; }
}

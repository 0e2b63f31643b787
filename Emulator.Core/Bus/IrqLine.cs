using Emulator.Core.State;

namespace Emulator.Core.Bus;

/// <summary>One interrupt wire. A device drives its level; the sink (an interrupt controller's input) sees changes only.</summary>
public sealed class IrqLine(Action<bool> sink)
{
    /// <summary>A wire that leads nowhere.</summary>
    public static IrqLine Unconnected => new(_ => { });

    /// <summary>True while the line is asserted.</summary>
    public bool Level { get; private set; }

    /// <summary>Drives the line to <paramref name="level"/>.</summary>
    public void Set(bool level)
    {
        if (level != Level)
        {
            Level = level;
            sink(level);
        }
    }

    /// <summary>Asserts the line.</summary>
    public void Raise() => Set(true);

    /// <summary>Deasserts the line.</summary>
    public void Lower() => Set(false);

    /// <summary>A low-high-low edge, as an edge-triggered source makes it.</summary>
    public void Pulse()
    {
        Set(true);
        Set(false);
    }

    /// <summary>Takes or gives the level without telling the sink, whose own state holds what it saw.</summary>
    internal void Transfer(StateTransfer state) => Level = state.Bool(Level);
}

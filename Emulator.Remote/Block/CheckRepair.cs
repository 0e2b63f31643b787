namespace Emulator.Remote.Block;

/// <summary>What a check may put right.</summary>
public enum CheckRepair
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Space that nothing uses.</summary>
    Leaks,

    /// <summary>Everything that can be.</summary>
    All,
}

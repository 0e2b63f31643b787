namespace Emulator.Remote.Block;

/// <summary>What an image holds for a stretch of its disk.</summary>
public enum Extent
{
    /// <summary>Nothing: the backing file shows, or zeros.</summary>
    None,

    /// <summary>Zeros, said so without any data.</summary>
    Zero,

    /// <summary>Data.</summary>
    Data,
}

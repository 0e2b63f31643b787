namespace Emulator.Remote.Block;

/// <summary>What a check of an image found.</summary>
public sealed class CheckResult
{
    /// <summary>A line for each fault, as <c>qemu-img check</c> words it.</summary>
    public List<string> Messages { get; } = [];

    /// <summary>Faults that endanger data and are still there.</summary>
    public int Corruptions { get; set; }

    /// <summary>Clusters that nothing uses and that still count as used.</summary>
    public int Leaks { get; set; }

    /// <summary>Faults that were put right.</summary>
    public int CorruptionsFixed { get; set; }

    /// <summary>Clusters that were given back.</summary>
    public int LeaksFixed { get; set; }

    /// <summary>Clusters that the disk has.</summary>
    public long TotalClusters { get; set; }

    /// <summary>Clusters of the disk that have data of their own.</summary>
    public long AllocatedClusters { get; set; }

    /// <summary>Those that do not follow the one before them in the file.</summary>
    public long FragmentedClusters { get; set; }

    /// <summary>Those that are compressed.</summary>
    public long CompressedClusters { get; set; }

    /// <summary>Where the file could end, in bytes; null when the format does not tell.</summary>
    public long? ImageEnd { get; set; }
}

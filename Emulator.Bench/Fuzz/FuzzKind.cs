namespace Emulator.Bench.Fuzz;

/// <summary>Where a random guest comes from.</summary>
public enum FuzzKind
{
    /// <summary>A BIOS image of random bytes.</summary>
    BiosRandom,

    /// <summary>A BIOS image of random valid instructions, entered at the reset vector.</summary>
    BiosCode,

    /// <summary>SeaBIOS with some of its bytes changed.</summary>
    BiosMutated,

    /// <summary>A boot sector of random bytes, in memory that SeaBIOS has set up.</summary>
    SectorRandom,

    /// <summary>A boot sector of random valid instructions, whose exceptions return behind the byte that raised them.</summary>
    SectorCode,

    /// <summary>A real boot sector with some of its bytes changed.</summary>
    SectorMutated,

    /// <summary>Random instructions in protected mode with paging, CPL 0 or 3, with descriptor tables that hold every kind of gate.</summary>
    Protected,
}

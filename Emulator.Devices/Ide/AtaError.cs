namespace Emulator.Devices.Ide;

/// <summary>Bits of the Error register (ATA/ATAPI-6, section 7.9).</summary>
[Flags]
internal enum AtaError : byte
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>Command aborted.</summary>
    Abrt = 0x04,

    /// <summary>The address is not there.</summary>
    Idnf = 0x10,

    /// <summary>Uncorrectable data.</summary>
    Unc = 0x40,
}

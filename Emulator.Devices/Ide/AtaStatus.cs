namespace Emulator.Devices.Ide;

/// <summary>Bits of the Status register (ATA/ATAPI-6, section 7.15).</summary>
[Flags]
internal enum AtaStatus : byte
{
    /// <summary>Error; CHK of a packet device.</summary>
    Err = 0x01,

    /// <summary>Data request.</summary>
    Drq = 0x08,

    /// <summary>Seek complete (ATA-3), still expected by old drivers.</summary>
    Dsc = 0x10,

    /// <summary>Device fault.</summary>
    Df = 0x20,

    /// <summary>Device ready.</summary>
    Drdy = 0x40,

    /// <summary>Busy.</summary>
    Bsy = 0x80,
}

using System.Buffers.Binary;

namespace Emulator.Firmware.Bios.Disks;

/// <summary>The initial entry of a CD's boot catalogue ("El Torito" Bootable CD-ROM Format Specification 1.0, sections 2 and 5).</summary>
/// <param name="Media">0 no emulation, 1 1.2M, 2 1.44M, 3 2.88M floppy, 4 hard disk.</param>
/// <param name="LoadSegment">Real-mode segment to load to; 7C0 when the catalogue has 0.</param>
/// <param name="SectorCount">Sectors of 512 bytes to load.</param>
/// <param name="Start">The image's first sector, of 2048 bytes.</param>
internal sealed record ElToritoEntry(byte Media, ushort LoadSegment, ushort SectorCount, uint Start)
{
    private const int BootRecordSector = 17, CatalogueAddress = 0x47, EntrySize = 32;

    /// <summary>Finds the entry. Null, with the reason, when the CD does not boot.</summary>
    public static ElToritoEntry? Find(IBiosDrive cd, out string reason)
    {
        var sector = new byte[cd.SectorSize];
        if (!cd.HasMedium || !cd.Read(BootRecordSector, sector))
        {
            reason = "no disc";
            return null;
        }
        if (sector[0] != 0 || !sector.AsSpan(1, 5).SequenceEqual("CD001"u8) || !sector.AsSpan(7, 23).SequenceEqual("EL TORITO SPECIFICATION"u8))
        {
            reason = "the disc has no boot record";
            return null;
        }
        if (!cd.Read(BinaryPrimitives.ReadUInt32LittleEndian(sector.AsSpan(CatalogueAddress)), sector)
            || sector[0] != 1 || sector[0x1E] != 0x55 || sector[0x1F] != 0xAA)
        {
            reason = "the disc's boot catalogue is not valid";
            return null;
        }
        ReadOnlySpan<byte> entry = sector.AsSpan(EntrySize, EntrySize);
        if (entry[0] != 0x88 || (entry[1] & 0x0F) > 4)
        {
            reason = "the disc's boot catalogue has no bootable entry";
            return null;
        }
        reason = "";
        ushort segment = BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]);
        return new ElToritoEntry(
            (byte)(entry[1] & 0x0F), segment == 0 ? (ushort)0x7C0 : segment,
            BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]));
    }

    /// <summary>Geometry of the emulated drive; a hard disk's comes from its first partition's last sector.</summary>
    public (int Cylinders, int Heads, int Sectors) GeometryFrom(ReadOnlySpan<byte> firstSector) => Media switch
    {
        1 => (80, 2, 15),
        2 => (80, 2, 18),
        3 => (80, 2, 36),
        // The partition entry at 1BE: last head at +5, last sector with the cylinder's upper bits at +6, cylinder at +7.
        4 => ((firstSector[0x1C5] | (firstSector[0x1C4] & 0xC0) << 2) + 1, firstSector[0x1C3] + 1, firstSector[0x1C4] & 0x3F),
        _ => (0, 0, 0),
    };
}

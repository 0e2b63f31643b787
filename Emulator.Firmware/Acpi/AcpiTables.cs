using System.Buffers.Binary;
using Emulator.Firmware.Description;

namespace Emulator.Firmware.Acpi;

/// <summary>
/// FACS, DSDT, FADT, HPET and RSDT of the board in one relocatable blob, and the RSDP. Addresses in the blob are offsets from its
/// start and checksums are 0 until the tables are placed: by SeaBIOS with <see cref="TableLoader"/>'s commands, or by
/// <see cref="PlaceAt"/>. Source: ACPI 1.0b for the FADT's form (revision 1), ACPI 6.5 chapter 5.
/// </summary>
public sealed class AcpiTables
{
    /// <summary>Alignment that the blob needs (the FACS's).</summary>
    public const int Alignment = 64;

    /// <summary>Offset of the RSDT's address in the RSDP.</summary>
    public const int RsdpRsdtOffset = 16;

    /// <summary>Offset of the RSDP's checksum.</summary>
    public const int RsdpChecksumOffset = 8;

    private const int HeaderSize = 36, FadtFacs = 36, FadtDsdt = 40;

    private readonly List<AcpiTable> tables = [];
    private readonly List<TablePointer> pointers = [];
    private readonly ByteWriter blob = new();

    private AcpiTables(MachineDescription machine)
    {
        int facs = AddFacs();
        int dsdt = AddTable("DSDT", 1, Dsdt.Build(machine));
        int fadt = AddTable("FACP", 1, Fadt(facs, dsdt));
        pointers.Add(new(fadt + FadtFacs, facs));
        pointers.Add(new(fadt + FadtDsdt, dsdt));
        int[] described = machine.HasHpet ? [fadt, AddTable("HPET", 1, HpetTable.Build())] : [fadt];
        var rows = new ByteWriter();
        foreach (int table in described)
        {
            rows.U32((uint)table);
        }
        RsdtOffset = AddTable("RSDT", 1, rows.ToArray());
        for (int n = 0; n < described.Length; n++)
        {
            pointers.Add(new(RsdtOffset + HeaderSize + (4 * n), described[n]));
        }
        Blob = blob.ToArray();
        Rsdp = new ByteWriter().Text("RSD PTR ", 8).U8(0).Text(Identity.Oem, 6, ' ').U8(0).U32((uint)RsdtOffset).ToArray();
    }

    /// <summary>Tables in blob order.</summary>
    public IReadOnlyList<AcpiTable> Tables => tables;

    /// <summary>Addresses that move with the blob.</summary>
    public IReadOnlyList<TablePointer> Pointers => pointers;

    /// <summary>The unplaced tables.</summary>
    public byte[] Blob { get; }

    /// <summary>The unplaced root pointer: 20 bytes, revision 0.</summary>
    public byte[] Rsdp { get; }

    /// <summary>Where the RSDT lies in the blob.</summary>
    public int RsdtOffset { get; }

    /// <summary>Builds the tables.</summary>
    public static AcpiTables Build(MachineDescription machine) => new(machine);

    /// <summary>The blob and the RSDP as they have to stand in memory when the blob is at <paramref name="address"/>.</summary>
    public (byte[] Blob, byte[] Rsdp) PlaceAt(uint address)
    {
        byte[] placed = [.. Blob];
        foreach (TablePointer pointer in pointers)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(placed.AsSpan(pointer.Offset), address + (uint)pointer.Target);
        }
        foreach (AcpiTable table in tables.Where(table => table.HasChecksum))
        {
            Span<byte> bytes = placed.AsSpan(table.Offset, table.Length);
            bytes[AcpiTable.ChecksumOffset] = Checksum.For(bytes);
        }
        byte[] rsdp = [.. Rsdp];
        BinaryPrimitives.WriteUInt32LittleEndian(rsdp.AsSpan(RsdpRsdtOffset), address + (uint)RsdtOffset);
        rsdp[RsdpChecksumOffset] = Checksum.For(rsdp);
        return (placed, rsdp);
    }

    private int AddFacs()
    {
        const int length = 64;
        blob.Text("FACS", 4).U32(length).Zeros(length - 8);
        tables.Add(new("FACS", 0, length, HasChecksum: false));
        return 0;
    }

    private int AddTable(string signature, int revision, byte[] body)
    {
        int offset = blob.Length;
        int length = HeaderSize + body.Length;
        blob.Text(signature, 4).U32((uint)length).U8(revision).U8(0).Text(Identity.Oem, 6, ' ').Text(Identity.OemTable, 8, ' ')
            .U32(1).Text(Identity.Creator, 4, ' ').U32(1).Bytes(body);
        tables.Add(new(signature, offset, length, HasChecksum: true));
        return offset;
    }

    // Fixed ACPI description table of ACPI 1.0: 116 bytes with its header.
    private static byte[] Fadt(int facs, int dsdt)
    {
        // WBINVD works; C1 works; no sleep button in the fixed registers; RTC wakes from S4 (bit 7); the PM timer is exact.
        const uint flags = 1 << 0 | 1 << 2 | 1 << 5 | 1 << 7 | 1 << 15;
        const int noC2 = 0xFFF, noC3 = 0xFFF;
        return new ByteWriter()
            .U32((uint)facs).U32((uint)dsdt)
            .U8(0) // interrupt model: dual PIC
            .U8(0).U16(PmRegisters.Sci)
            .U32(PmRegisters.SmiCommand).U8(PmRegisters.AcpiEnable).U8(PmRegisters.AcpiDisable).U8(0).U8(0)
            .U32(PmRegisters.Pm1aEvent).U32(0).U32(PmRegisters.Pm1aControl).U32(0).U32(0)
            .U32(PmRegisters.PmTimer).U32(PmRegisters.Gpe0).U32(0)
            .U8(4).U8(2).U8(0).U8(4).U8(4).U8(0).U8(0).U8(0) // block lengths, GPE1 base, _CST
            .U16(noC2).U16(noC3).U16(0).U16(0).U8(0).U8(0)
            .U8(0).U8(0).U8(Cmos.CmosContents.CenturyIndex).U16(0).U8(0)
            .U32(flags)
            .ToArray();
    }
}

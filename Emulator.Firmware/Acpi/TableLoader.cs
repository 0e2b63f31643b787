namespace Emulator.Firmware.Acpi;

/// <summary>
/// The <c>etc/table-loader</c> file: commands by which SeaBIOS allocates, links and checksums tables that come over fw_cfg.
/// Each is 128 bytes. Source: QEMU <c>hw/acpi/bios-linker-loader</c> (format), SeaBIOS <c>romfile_loader</c>.
/// </summary>
public static class TableLoader
{
    /// <summary>File with the commands.</summary>
    public const string CommandsFile = "etc/table-loader";

    /// <summary>File with the tables.</summary>
    public const string TablesFile = "etc/acpi/tables";

    /// <summary>File with the root pointer.</summary>
    public const string RsdpFile = "etc/acpi/rsdp";

    /// <summary>Bytes of a command.</summary>
    public const int CommandSize = 128;

    private const int NameSize = 56, RsdpAlignment = 16;
    private const byte HighMemory = 1, FSegment = 2;
    private const uint AllocateCommand = 1, AddPointerCommand = 2, AddChecksumCommand = 3;

    /// <summary>The commands that place <paramref name="acpi"/>: the RSDP below 1 MiB, the tables in high memory.</summary>
    public static byte[] Build(AcpiTables acpi)
    {
        var commands = new ByteWriter();
        Allocate(commands, RsdpFile, RsdpAlignment, FSegment);
        Allocate(commands, TablesFile, AcpiTables.Alignment, HighMemory);
        foreach (TablePointer pointer in acpi.Pointers)
        {
            AddPointer(commands, TablesFile, pointer.Offset);
        }
        foreach (AcpiTable table in acpi.Tables.Where(table => table.HasChecksum))
        {
            AddChecksum(commands, TablesFile, table.Offset + AcpiTable.ChecksumOffset, table.Offset, table.Length);
        }
        AddPointer(commands, RsdpFile, AcpiTables.RsdpRsdtOffset);
        AddChecksum(commands, RsdpFile, AcpiTables.RsdpChecksumOffset, 0, acpi.Rsdp.Length);
        return commands.ToArray();
    }

    private static void Allocate(ByteWriter commands, string file, int alignment, byte zone) =>
        commands.U32(AllocateCommand).Text(file, NameSize).U32((uint)alignment).U8(zone).AlignTo(CommandSize);

    private static void AddPointer(ByteWriter commands, string file, int offset) =>
        commands.U32(AddPointerCommand).Text(file, NameSize).Text(TablesFile, NameSize).U32((uint)offset).U8(4).AlignTo(CommandSize);

    private static void AddChecksum(ByteWriter commands, string file, int offset, int start, int length) =>
        commands.U32(AddChecksumCommand).Text(file, NameSize).U32((uint)offset).U32((uint)start).U32((uint)length).AlignTo(CommandSize);
}

using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Emulator.Firmware.Acpi;
using Emulator.Firmware.Description;
using Xunit;

namespace Emulator.Tests.Firmware;

/// <summary>The tables decoded again, after being placed in both ways, and disassembled by iasl where it is installed.</summary>
public sealed class AcpiTablesTests
{
    private const uint Base = 0x1FFF0000;
    private static readonly MachineDescription Machine = new() { RamSize = 512 << 20, FloppyA = FloppyType.Disk1440, SerialPorts = 2 };

    [Fact]
    public void FlatTablesLeadFromTheRootPointerToEverything()
    {
        (byte[] blob, byte[] rsdp) = AcpiTables.Build(Machine).PlaceAt(Base);
        CheckTree(blob, rsdp);
    }

    [Fact]
    public void LoaderCommandsGiveTheSameTables()
    {
        AcpiTables tables = AcpiTables.Build(Machine);
        var files = new Dictionary<string, byte[]> { [TableLoader.TablesFile] = [.. tables.Blob], [TableLoader.RsdpFile] = [.. tables.Rsdp] };
        var addresses = new Dictionary<string, uint> { [TableLoader.TablesFile] = Base, [TableLoader.RsdpFile] = 0xF0000 };
        Execute(TableLoader.Build(tables), files, addresses);
        (byte[] blob, byte[] rsdp) = tables.PlaceAt(Base);
        Assert.Equal(blob, files[TableLoader.TablesFile]);
        Assert.Equal(rsdp, files[TableLoader.RsdpFile]);
    }

    [Fact]
    public void FadtTellsWhereThePowerManagementIs()
    {
        AcpiTables tables = AcpiTables.Build(Machine);
        AcpiTable fadt = tables.Tables.Single(table => table.Signature == "FACP");
        ReadOnlySpan<byte> bytes = tables.Blob.AsSpan(fadt.Offset, fadt.Length);
        Assert.Equal(116, fadt.Length);
        Assert.Equal(9, bytes[46]);
        Assert.Equal(0xB2u, U32(bytes, 48));
        Assert.Equal((0xF1, 0xF0), (bytes[52], bytes[53]));
        Assert.Equal((0x600u, 0x604u, 0x608u, 0xAFE0u), (U32(bytes, 56), U32(bytes, 64), U32(bytes, 76), U32(bytes, 80)));
        Assert.Equal([4, 2, 0, 4, 4, 0], bytes[88..94].ToArray());
        Assert.Equal(0x32, bytes[108]);
        Assert.Equal(0x80A5u, U32(bytes, 112));
    }

    [Fact]
    public void DsdtHoldsOnlyWhatTheMachineHas()
    {
        string text = Encoding.Latin1.GetString(Dsdt(Machine with { HasFloppyController = false, SerialPorts = 0 }));
        Assert.DoesNotContain("FDC0", text);
        Assert.DoesNotContain("COM1", text);
        Assert.Contains("KBD_", text);
        text = Encoding.Latin1.GetString(Dsdt(Machine));
        Assert.Contains("FDC0", text);
        Assert.Contains("COM2", text);

        // Name(\_S5, Package(4) {0, 0, 0, 0})
        Assert.Contains("\x08\\_S5_\x12\x06\x04\0\0\0\0", text);
    }

    [Fact]
    public void IaslDisassemblesTheTablesWithoutComplaint()
    {
        if (!File.Exists("/usr/bin/iasl"))
        {
            // The bytes are checked by the other tests; the disassembler only adds a second opinion.
            Assert.NotEmpty(Dsdt(Machine));
            return;
        }
        string text = Disassemble(Dsdt(Machine));
        string[] expected =
        [
            "EisaId (\"PNP0A03\")", "EisaId (\"PNP0303\")", "EisaId (\"PNP0F13\")", "EisaId (\"PNP0B00\")", "EisaId (\"PNP0700\")",
            "EisaId (\"PNP0501\")", "Device (LNKD)", "Device (LNKS)", "Name (\\_S5, Package (0x04)", "OperationRegion (PIRQ, PCI_Config, 0x60, 0x04)",
            "0x000A0000,         // Range Minimum", "0xFEBFFFFF,         // Range Maximum", "0x20000000,         // Range Minimum",
        ];
        Assert.All(expected, part => Assert.Contains(part, text));
        Assert.DoesNotContain("Invalid", text);
        Assert.DoesNotContain("Unresolved", text);
        Assert.DoesNotContain("External (", text); // every name that is used is defined in the table
    }

    [Fact]
    public void TimersAreDescribedWhereTheyAre()
    {
        (byte[] blob, byte[] rsdp) = AcpiTables.Build(Machine with { HasHpet = true }).PlaceAt(Base);
        ReadOnlySpan<byte> rsdt = Table(blob, U32(rsdp, 16), "RSDT");
        Assert.Equal(44, rsdt.Length);
        ReadOnlySpan<byte> hpet = Table(blob, U32(rsdt, 40), "HPET");
        Assert.Equal(56, hpet.Length);
        Assert.Equal((0x8086A201u, 0xFED00000u, 0u), (U32(hpet, 36), U32(hpet, 44), U32(hpet, 48)));
        Assert.Equal(64, hpet[41]);
    }

    private static void CheckTree(byte[] blob, byte[] rsdp)
    {
        Assert.Equal("RSD PTR "u8, rsdp.AsSpan(0, 8));
        Assert.Equal(20, rsdp.Length);
        Assert.Equal(0, Sum(rsdp));
        ReadOnlySpan<byte> rsdt = Table(blob, U32(rsdp, 16), "RSDT");
        Assert.Equal(40, rsdt.Length);
        ReadOnlySpan<byte> fadt = Table(blob, U32(rsdt, 36), "FACP");
        uint facs = U32(fadt, 36);
        Assert.Equal(0u, facs % 64);
        Assert.Equal("FACS"u8, blob.AsSpan((int)(facs - Base), 4));
        Assert.Equal(64u, U32(blob.AsSpan((int)(facs - Base)), 4));
        Table(blob, U32(fadt, 40), "DSDT");
    }

    private static ReadOnlySpan<byte> Table(byte[] blob, uint address, string signature)
    {
        int offset = (int)(address - Base);
        Assert.Equal(signature, Encoding.ASCII.GetString(blob, offset, 4));
        ReadOnlySpan<byte> table = blob.AsSpan(offset, (int)U32(blob.AsSpan(offset), 4));
        Assert.Equal(0, Sum(table));
        return table;
    }

    // What SeaBIOS does with the commands.
    private static void Execute(byte[] commands, Dictionary<string, byte[]> files, Dictionary<string, uint> addresses)
    {
        Assert.Equal(0, commands.Length % TableLoader.CommandSize);
        var allocated = new HashSet<string>();
        for (int at = 0; at < commands.Length; at += TableLoader.CommandSize)
        {
            ReadOnlySpan<byte> command = commands.AsSpan(at, TableLoader.CommandSize);
            string file = Name(command[4..60]);
            switch (U32(command, 0))
            {
                case 1:
                    Assert.Equal(file == TableLoader.RsdpFile ? (16u, 2) : (64u, 1), (U32(command, 60), command[64]));
                    Assert.True(allocated.Add(file));
                    break;
                case 2:
                    Assert.Contains(file, allocated);
                    Assert.Equal(4, command[120]);
                    Span<byte> pointer = files[file].AsSpan((int)U32(command, 116));
                    BinaryPrimitives.WriteUInt32LittleEndian(pointer, U32(pointer, 0) + addresses[Name(command[60..116])]);
                    break;
                case 3:
                    byte sum = Sum(files[file].AsSpan((int)U32(command, 64), (int)U32(command, 68)));
                    files[file][(int)U32(command, 60)] -= sum;
                    break;
                default:
                    Assert.Fail($"unknown command {U32(command, 0)}");
                    break;
            }
        }
    }

    private static byte[] Dsdt(MachineDescription machine)
    {
        AcpiTables tables = AcpiTables.Build(machine);
        (byte[] blob, _) = tables.PlaceAt(Base);
        AcpiTable dsdt = tables.Tables.Single(table => table.Signature == "DSDT");
        return blob[dsdt.Offset..(dsdt.Offset + dsdt.Length)];
    }

    private static string Disassemble(byte[] table)
    {
        string folder = Directory.CreateTempSubdirectory("emu-acpi").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "dsdt.aml"), table);
            using Process iasl = Process.Start(new ProcessStartInfo("/usr/bin/iasl", "-d dsdt.aml")
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> errors = iasl.StandardError.ReadToEndAsync();
            string output = iasl.StandardOutput.ReadToEnd() + errors.Result;
            iasl.WaitForExit();
            Assert.True(iasl.ExitCode == 0, output);
            Assert.DoesNotContain("Error", output);
            Assert.DoesNotContain("Warning", output);
            return File.ReadAllText(Path.Combine(folder, "dsdt.dsl"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Name(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes).TrimEnd('\0');

    private static uint U32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static byte Sum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte b in bytes)
        {
            sum += b;
        }
        return sum;
    }
}

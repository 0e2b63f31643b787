using System.Buffers.Binary;
using Emulator.Firmware.Acpi;
using Emulator.Firmware.Description;
using Emulator.Firmware.Memory;
using Emulator.Firmware.Smbios;

namespace Emulator.Firmware.FwCfg;

/// <summary>
/// What a SeaBIOS built for QEMU reads over fw_cfg on a <c>pc</c> board, as plain items and files: the board hands them to
/// its fw_cfg device.
/// </summary>
public sealed record FwCfgContents(IReadOnlyDictionary<ushort, byte[]> Entries, IReadOnlyDictionary<string, byte[]> Files)
{
    /// <summary>Builds everything for <paramref name="machine"/>.</summary>
    /// <exception cref="FirmwareException">The description is impossible.</exception>
    public static FwCfgContents Build(MachineDescription machine)
    {
        machine.Validate();
        return new FwCfgContents(BuildEntries(machine), BuildFiles(machine));
    }

    private static Dictionary<ushort, byte[]> BuildEntries(MachineDescription machine) => new()
    {
        [FwCfgKeys.Uuid] = machine.Uuid.ToByteArray(bigEndian: true),
        [FwCfgKeys.RamSize] = U64(machine.RamSize),
        [FwCfgKeys.NoGraphic] = U16(machine.NoGraphic ? 1 : 0),
        [FwCfgKeys.CpuCount] = U16(machine.CpuCount),
        [FwCfgKeys.Numa] = new byte[8 * (1 + machine.CpuCount)], // no nodes
        [FwCfgKeys.BootMenu] = U16(machine.BootMenu ? 1 : 0),
        [FwCfgKeys.MaxCpus] = U16(machine.CpuCount),
        [FwCfgKeys.Irq0Override] = U32(1),
    };

    private static Dictionary<string, byte[]> BuildFiles(MachineDescription machine)
    {
        SmbiosTables smbios = SmbiosTables.Build(machine);
        var files = new Dictionary<string, byte[]>
        {
            ["bootorder"] = BootOrderFile.Build(machine),
            ["etc/boot-fail-wait"] = U32((uint)(machine.BootFailWaitMs ?? -1)),
            ["etc/e820"] = MemoryMap.ToBytes(MemoryMap.ForSeaBios(machine.RamSize)),
            ["etc/smbios/smbios-anchor"] = smbios.Anchor(tableAddress: 0), // SeaBIOS fills in the address
            ["etc/smbios/smbios-tables"] = smbios.Structures,
            ["etc/system-states"] = SystemStates(),
        };
        if (machine.BootMenuWaitMs is { } wait)
        {
            files["etc/boot-menu-wait"] = U16(wait);
        }
        if (machine.HasAcpi)
        {
            AcpiTables acpi = AcpiTables.Build(machine);
            files[TableLoader.TablesFile] = acpi.Blob;
            files[TableLoader.RsdpFile] = acpi.Rsdp;
            files[TableLoader.CommandsFile] = TableLoader.Build(acpi);
        }
        return files;
    }

    // One byte for each state S0-S5: bit 7 it is supported, low bits its SLP_TYP. Neither S3 nor S4 is.
    private static byte[] SystemStates() => [0x80, 0, 0, 1, 2, 0x80];

    private static byte[] U16(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        return bytes;
    }

    private static byte[] U32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] U64(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }
}

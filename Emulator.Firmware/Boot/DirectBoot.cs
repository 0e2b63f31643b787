using Emulator.Core.Bus;
using Emulator.Firmware.Acpi;
using Emulator.Firmware.Description;
using Emulator.Firmware.Memory;
using Emulator.Firmware.Smbios;

namespace Emulator.Firmware.Boot;

/// <summary>
/// Does in memory what a BIOS would have done before a directly loaded kernel starts: BIOS data area, ACPI and SMBIOS tables
/// at the end of RAM, their anchors in the F segment, memory map. The board runs <see cref="Pci.PciSetup"/> and
/// <see cref="LegacyState"/> besides.
/// </summary>
public static class DirectBoot
{
    /// <summary>Where the ACPI root pointer is put.</summary>
    public const uint RsdpAddress = 0xF0000;

    /// <summary>Where the SMBIOS entry point is put.</summary>
    public const uint SmbiosAnchorAddress = 0xF0040;

    /// <summary>Bytes of RAM below which there is no room for tables.</summary>
    public const uint SmallestRam = 2 << 20;

    private const uint PageSize = 4096, TableRoom = 0x10000;

    /// <summary>Where the tables at the end of RAM start; the RAM's own end when there are none.</summary>
    public static uint TablesStart(MachineDescription machine)
    {
        uint ramEnd = (uint)MemoryMap.Below4G(machine.RamSize);
        return machine.RamSize < SmallestRam ? ramEnd : (ramEnd - TableRoom) & ~(PageSize - 1);
    }

    /// <summary>Fills memory for <paramref name="machine"/>.</summary>
    /// <param name="memory">Guest-physical memory; E0000-FFFFF must take writes (<see cref="Pci.PciSetup.OpenShadowRam"/>).</param>
    /// <param name="machine">The machine.</param>
    /// <exception cref="FirmwareException">The description is impossible or the RAM too small.</exception>
    /// <exception cref="InvalidOperationException">The F segment swallowed the tables: shadow RAM is closed.</exception>
    public static BootEnvironment Prepare(IDmaBus memory, MachineDescription machine)
    {
        CheckRam(machine);
        uint ramEnd = (uint)MemoryMap.Below4G(machine.RamSize);
        uint tablesStart = TablesStart(machine);
        uint next = tablesStart;
        BiosDataArea.Write(memory, machine);
        if (machine.HasAcpi)
        {
            AcpiTables acpi = AcpiTables.Build(machine);
            (byte[] blob, byte[] root) = acpi.PlaceAt(next);
            memory.Write(next, blob);
            WriteToBiosSegment(memory, RsdpAddress, root);
            next += ((uint)blob.Length + 15) & ~15u;
        }
        SmbiosTables smbios = SmbiosTables.Build(machine);
        if (next + smbios.Structures.Length > ramEnd)
        {
            throw new InvalidOperationException($"firmware tables need more than the {TableRoom} bytes reserved for them");
        }
        memory.Write(next, smbios.Structures);
        WriteToBiosSegment(memory, SmbiosAnchorAddress, smbios.Anchor(next));
        return EnvironmentOf(machine);
    }

    /// <summary>What a kernel is told of a machine whose memory has been prepared.</summary>
    public static BootEnvironment EnvironmentOf(MachineDescription machine) =>
        new(MemoryMap.ForKernel(machine.RamSize, TablesStart(machine)), machine.HasAcpi ? RsdpAddress : 0);

    /// <summary>Checks that there is RAM for a kernel and the tables.</summary>
    /// <exception cref="FirmwareException">The description is impossible or the RAM too small.</exception>
    public static void CheckRam(MachineDescription machine)
    {
        machine.Validate();
        if (machine.RamSize < SmallestRam)
        {
            throw new FirmwareException($"{machine.RamSize >> 10} KiB of RAM are too few to start a kernel directly: give at least 2 MiB (-m 2)");
        }
    }

    private static void WriteToBiosSegment(IDmaBus memory, uint address, byte[] bytes)
    {
        memory.Write(address, bytes);
        var back = new byte[bytes.Length];
        memory.Read(address, back);
        if (!back.AsSpan().SequenceEqual(bytes))
        {
            throw new InvalidOperationException($"no RAM at 0x{address:x}: shadow RAM has to be opened before firmware tables are placed");
        }
    }
}

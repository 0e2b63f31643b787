using System.Text;
using Emulator.Firmware.Description;

namespace Emulator.Firmware.FwCfg;

/// <summary>
/// The <c>bootorder</c> file: Open Firmware device paths, best first, one a line, ended by a NUL, as SeaBIOS makes them for
/// the devices of a <c>pc</c> board. Source: SeaBIOS <c>docs/Runtime_config.md</c>.
/// </summary>
public static class BootOrderFile
{
    private const string Pci = "/pci@i0cf8";

    /// <summary>Builds the file from the order letters; a letter without a device adds nothing.</summary>
    /// <param name="machine">The machine.</param>
    public static byte[] Build(MachineDescription machine)
    {
        var lines = new StringBuilder();
        foreach (char device in machine.BootOrder)
        {
            foreach (string path in Paths(device, machine))
            {
                lines.Append(path).Append('\n');
            }
        }
        return lines.Length == 0 ? [] : Encoding.ASCII.GetBytes(lines.Append('\0').ToString());
    }

    /// <summary>Path of an IDE drive on the PIIX3's function 1.</summary>
    public static string IdePath(IdeDrive drive) => $"{Pci}/ide@1,1/drive@{drive.Channel:x}/disk@{drive.Unit:x}";

    /// <summary>Path of a floppy drive.</summary>
    public static string FloppyPath(int unit) => $"{Pci}/isa@1/fdc@03f0/floppy@{unit:x}";

    private static IEnumerable<string> Paths(char device, MachineDescription machine) => device switch
    {
        'a' => machine.FloppyA != FloppyType.None ? [FloppyPath(0)] : [],
        'b' => machine.FloppyB != FloppyType.None ? [FloppyPath(1)] : [],
        'c' => DrivePaths(machine, isCdRom: false),
        'd' => DrivePaths(machine, isCdRom: true),
        _ => [],
    };

    private static IEnumerable<string> DrivePaths(MachineDescription machine, bool isCdRom) =>
        machine.IdeDrives.Where(drive => drive.IsCdRom == isCdRom).OrderBy(drive => (drive.Channel, drive.Unit)).Select(IdePath);
}

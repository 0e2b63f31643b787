using Emulator.Machine.Board;
using Emulator.Machine.Config;

namespace Emulator.Bench.Fuzz;

/// <summary>The firmware and boot sectors that random guests are made from, where <c>tools/setup test</c> and <c>testroms/build</c> put them.</summary>
public static class FuzzGuests
{
    private const string Grub = "/usr/lib/grub-rescue/";

    /// <summary>A runner with all of them.</summary>
    /// <exception cref="FileNotFoundException">One is missing.</exception>
    public static FuzzRunner Runner()
    {
        var config = new MachineConfig();
        byte[] bios = FirmwareFiles.ReadBios(config)!;
        byte[] videoBios = FirmwareFiles.ReadVideoBios(config) ?? throw new FileNotFoundException("the video BIOS is missing; run tools/setup test");
        byte[][] sectors = [Rom("hello"), FirstSector(Grub + "grub-rescue-floppy.img"), FirstSector(Grub + "grub-rescue-cdrom.iso")];
        return new FuzzRunner(bios, videoBios, sectors, Rom("fuzz16"));
    }

    private static byte[] Rom(string name)
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            string path = Path.Combine(d.FullName, ".build", "testroms", name + ".bin");
            if (File.Exists(path))
            {
                return File.ReadAllBytes(path);
            }
        }
        throw new FileNotFoundException($"{name}.bin is missing; run testroms/build");
    }

    private static byte[] FirstSector(string path)
    {
        using FileStream file = File.OpenRead(path);
        var sector = new byte[512];
        file.ReadExactly(sector);
        return sector;
    }
}

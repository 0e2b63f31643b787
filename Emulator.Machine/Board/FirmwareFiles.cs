using Emulator.Firmware.Bios.Rom;
using Emulator.Machine.Config;

namespace Emulator.Machine.Board;

/// <summary>Finds and reads the BIOS and the video BIOS.</summary>
public static class FirmwareFiles
{
    /// <summary>Name of the default BIOS, as Debian's package seabios has it.</summary>
    public const string DefaultBios = "bios-256k.bin";

    /// <summary>Name of the default BIOS of <c>isapc</c>: of 128 KiB, because there is no shadow RAM that a longer one could copy itself to.</summary>
    public const string IsaBios = "bios.bin";

    /// <summary>Name of the video BIOS of <c>-vga std</c>.</summary>
    public const string VideoBios = "vgabios-stdvga.bin";

    /// <summary>What <c>-bios</c> calls the BIOS that is part of this program.</summary>
    public const string BuiltIn = "builtin";

    /// <summary>The built-in BIOS.</summary>
    public static byte[] BuiltInBios => SystemRom.Instance.Image.ToArray();

    /// <summary>The built-in video BIOS.</summary>
    public static byte[] BuiltInVideo => VideoRom.Instance.Image.ToArray();

    private const int LargestBios = 16 << 20, BiosUnit = 64 << 10;

    // UEFI Platform Initialization Specification, vol. 3: the signature of a firmware volume's header.
    private const int VolumeMark = 40;

    /// <summary>True when the machine starts with the built-in BIOS: <c>-bios builtin</c>, or no <c>-bios</c> and no SeaBIOS on this host.</summary>
    public static bool UsesBuiltIn(MachineConfig config) =>
        config.BiosFile == BuiltIn || (config.BiosFile is null && DataFiles.Find(NameOf(config), config.BiosSearchPath) is null);

    /// <summary>Reads the BIOS; without any installed it is the built-in one.</summary>
    /// <exception cref="UserErrorException">It is missing, unreadable, or of an impossible size.</exception>
    public static byte[] ReadBios(MachineConfig config)
    {
        if (UsesBuiltIn(config))
        {
            return BuiltInBios;
        }
        string name = NameOf(config);
        string path = DataFiles.Find(name, config.BiosSearchPath)
            ?? throw new UserErrorException($"no BIOS: {name} was not found; name a file with -bios, or take the built-in BIOS with -bios {BuiltIn}");
        byte[] image = Read("-bios", path);
        if (image.Length is 0 or > LargestBios)
        {
            throw new UserErrorException($"-bios {path}: {image.Length} bytes are no BIOS image; give one of at most {LargestBios >> 20} MiB");
        }
        if (image.AsSpan(Math.Min(VolumeMark, image.Length)).StartsWith("_FVH"u8))
        {
            throw new UserErrorException(
                $"-bios {path}: this is UEFI firmware, which needs flash memory and a 64-bit processor that are not built yet; give a BIOS, or leave -bios out");
        }
        return image.Length % BiosUnit == 0
            ? image
            : throw new UserErrorException(
                $"-bios {path}: {image.Length} bytes are not whole blocks of 64 KiB, so this is a truncated BIOS image or none; get the whole image");
    }

    /// <summary>Reads the video BIOS; the built-in one with the built-in BIOS, and when none is installed.</summary>
    /// <exception cref="UserErrorException">It is unreadable.</exception>
    public static byte[] ReadVideoBios(MachineConfig config) =>
        !UsesBuiltIn(config) && DataFiles.Find(VideoBios, config.BiosSearchPath) is { } path ? Read("video BIOS", path) : BuiltInVideo;

    private static string NameOf(MachineConfig config) => config.BiosFile ?? (config.MachineType == MachineTypes.IsaPc ? IsaBios : DefaultBios);

    private static byte[] Read(string option, string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{option} {path}: it cannot be read: {HostErrors.Describe(e)}; check the name and its permissions");
        }
    }
}

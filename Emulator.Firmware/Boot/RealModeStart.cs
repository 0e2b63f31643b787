namespace Emulator.Firmware.Boot;

/// <summary>What a BIOS needs to start a kernel by its 16-bit setup.</summary>
/// <param name="Parts">Setup, command line, kernel and initial RAM disk, for fw_cfg.</param>
/// <param name="Rom">The option ROM whose INT 19h fetches them and enters the setup.</param>
public sealed record RealModeStart(IReadOnlyList<RealModePart> Parts, byte[] Rom)
{
    /// <summary>The ROM's file in fw_cfg: a BIOS runs every ROM in this folder.</summary>
    public const string RomFile = "genroms/linuxboot.bin";
}

namespace Emulator.Tests.Video;

/// <summary>
/// The register values of the standard modes (IBM PS/2 and PC BIOS Interface Technical Reference, video parameter table): miscellaneous
/// output, SR1-SR4, CR0-CR18, AR0-AR14, GR0-GR8.
/// </summary>
internal sealed record VgaMode(byte Misc, byte[] Sequencer, byte[] Crtc, byte[] Attributes, byte[] Graphics)
{
    private const string CgaPalette = "00131517020406071011121314151617", EgaPalette = "00010203040506071011121314151617",
        VgaPalette = "000102030405140738393A3B3C3D3E3F";

    public static readonly VgaMode Text80x25 = Make(
        0x67, "00030002", "5F4F50825581BF1F004F0D0E000000009C8E8F281F96B9A3FF", VgaPalette + "0C000F0800", "0000000000100E00FF");

    public static readonly VgaMode Text40x25 = Make(
        0x67, "08030002", "2D2728902BA0BF1F004F0D0E000000009C8E8F141F96B9A3FF", VgaPalette + "0C000F0800", "0000000000100E00FF");

    public static readonly VgaMode Mode4 = Make(
        0x63, "09030002", "2D2728902B80BF1F00C10000000000009C8E8F140096B9A2FF", CgaPalette + "0100030000", "0000000000300F0FFF");

    public static readonly VgaMode Mode6 = Make(
        0x63, "01010006", "5F4F50825480BF1F00C10000000000009C8E8F280096B9C2FF",
        "00171717171717171717171717171717" + "0100010000", "0000000000000D0FFF");

    public static readonly VgaMode ModeD = Make(
        0x63, "090F0006", "2D2728902B80BF1F00C00000000000009C8E8F140096B9E3FF", EgaPalette + "01000F0000", "000000000000050FFF");

    public static readonly VgaMode ModeE = Make(
        0x63, "010F0006", "5F4F50825480BF1F00C00000000000009C8E8F280096B9E3FF", EgaPalette + "01000F0000", "000000000000050FFF");

    public static readonly VgaMode Mode10 = Make(
        0xA3, "010F0006", "5F4F50825480BF1F004000000000000083855D280F63BAE3FF", VgaPalette + "01000F0000", "000000000000050FFF");

    public static readonly VgaMode Mode12 = Make(
        0xE3, "010F0006", "5F4F508254800B3E0040000000000000EA8CDF2800E704E3FF", VgaPalette + "01000F0000", "000000000000050FFF");

    public static readonly VgaMode Mode13 = Make(
        0x63, "010F000E", "5F4F50825480BF1F00410000000000009C8E8F284096B9A3FF", "000102030405060708090A0B0C0D0E0F" + "41000F0000",
        "000000000040050FFF");

    private static VgaMode Make(byte misc, string sequencer, string crtc, string attributes, string graphics) => new(
        misc, Convert.FromHexString(sequencer), Convert.FromHexString(crtc), Convert.FromHexString(attributes),
        Convert.FromHexString(graphics));
}

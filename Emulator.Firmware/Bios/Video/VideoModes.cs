namespace Emulator.Firmware.Bios.Video;

/// <summary>The standard modes. Values: IBM PS/2 Hardware Interface Technical Reference, Video Subsystem, and the BIOS reference's parameter table.</summary>
internal static class VideoModes
{
    private const string TextColors = "000102030405140738393A3B3C3D3E3F0C000F08", TextGraphics = "0000000000100E00FF";
    private const string PlanarGraphics = "000000000000050FFF";

    /// <summary>All of them; text modes by lines as well.</summary>
    public static IReadOnlyList<VideoMode> All { get; } =
    [
        Text(0, 40, 200), Text(0, 40, 350), Text(0, 40, 400), Text(2, 80, 200), Text(2, 80, 350), Text(2, 80, 400),
        new(4, 200, 0xB800, VideoMemory.Cga4, DacContents.Cga, Parse("2818080040", "09030002", "63",
            "2D2728902B80BF1F00C1" + "0000000000009C8E8F140096B9A2FF", "0013151702040607101112131415161701000300", "0000000000300F0FFF")),
        new(6, 200, 0xB800, VideoMemory.Cga2, DacContents.Cga, Parse("5018080040", "01010006", "63",
            "5F4F50825480BF1F00C1" + "0000000000009C8E8F280096B9C2FF", "0017171717171717171717171717171701000100", "0000000000000D0FFF")),
        new(7, 400, 0xB000, VideoMemory.Text, DacContents.Monochrome, Parse("5018100010", "00030002", "66",
            "5F4F50825581BF1F004F" + "0D0E000000009C8E8F280F96B9A3FF", "000808080808080810181818181818180E000F08", "0000000000100A00FF")),
        new(7, 350, 0xB000, VideoMemory.Text, DacContents.Monochrome, Parse("50180E0010", "00030002", "A6",
            "5F4F50825581BF1F004D" + "0B0C0000000083855D280D63BAA3FF", "000808080808080810181818181818180E000F08", "0000000000100A00FF")),
        new(0x0D, 200, 0xA000, VideoMemory.Planar, DacContents.Cga, Parse("2818080020", "090F0006", "63",
            "2D2728902B80BF1F00C0" + "0000000000009C8E8F140096B9E3FF", "0001020304050607101112131415161701000F00", PlanarGraphics)),
        new(0x0E, 200, 0xA000, VideoMemory.Planar, DacContents.Cga, Parse("5018080040", "010F0006", "63",
            "5F4F50825480BF1F00C0" + "0000000000009C8E8F280096B9E3FF", "0001020304050607101112131415161701000F00", PlanarGraphics)),
        new(0x0F, 350, 0xA000, VideoMemory.Planar, DacContents.Monochrome, Parse("50180E0080", "010F0006", "A3",
            "5F4F50825480BF1F0040" + "00000000000083855D280F63BAE3FF", "000800001818000000080000001800000B000500", "0000000000000505FF")),
        new(0x10, 350, 0xA000, VideoMemory.Planar, DacContents.Ega, Parse("50180E0080", "010F0006", "A3",
            "5F4F50825480BF1F0040" + "00000000000083855D280F63BAE3FF", "000102030405140738393A3B3C3D3E3F01000F00", PlanarGraphics)),
        new(0x11, 480, 0xA000, VideoMemory.Planar, DacContents.Ega, Parse("501D1000A0", "010F0006", "E3",
            "5F4F508254800B3E0040" + "000000000000EA8CDF2800E704C3FF", "003F3F3F3F3F3F3F3F3F3F3F3F3F3F3F01000F00", "0000000000000501FF")),
        new(0x12, 480, 0xA000, VideoMemory.Planar, DacContents.Ega, Parse("501D1000A0", "010F0006", "E3",
            "5F4F508254800B3E0040" + "000000000000EA8CDF2800E704E3FF", "000102030405140738393A3B3C3D3E3F01000F00", PlanarGraphics)),
        new(0x13, 200, 0xA000, VideoMemory.Linear8, DacContents.Vga256, Parse("2818080020", "010F000E", "63",
            "5F4F50825480BF1F0041" + "0000000000009C8E8F284096B9A3FF", "000102030405060708090A0B0C0D0E0F41000F00", "000000000040050FFF")),
    ];

    /// <summary>The mode with a number, in text modes with <paramref name="lines"/> if there is that form; null when there is none.</summary>
    public static VideoMode? Find(int number, int lines)
    {
        int canonical = number switch { 1 => 0, 3 => 2, 5 => 4, _ => number };
        VideoMode[] found = [.. All.Where(mode => mode.Number == canonical)];
        return found.FirstOrDefault(mode => mode.Lines == lines) ?? found.LastOrDefault(mode => mode.Lines == 400) ?? found.FirstOrDefault();
    }

    /// <summary>IBM's table of 29 entries that 40:A8 leads to; its order is part of the interface.</summary>
    public static byte[] ParameterTable()
    {
        (int Mode, int Lines)[] order =
        [
            (0, 200), (0, 200), (2, 200), (2, 200), (4, 200), (4, 200), (6, 200), (7, 350), (-1, 0), (-1, 0), (-1, 0), (-1, 0), (-1, 0),
            (0x0D, 200), (0x0E, 200), (-1, 0), (-1, 0), (0x0F, 350), (0x10, 350), (0, 350), (0, 350), (2, 350), (2, 350),
            (0, 400), (2, 400), (7, 400), (0x11, 480), (0x12, 480), (0x13, 200),
        ];
        return [.. order.SelectMany(entry => entry.Mode < 0 ? new byte[64] : Find(entry.Mode, entry.Lines)!.Parameters)];
    }

    private static VideoMode Text(int number, int columns, int lines)
    {
        bool wide = columns == 80;
        (int height, string misc, string vertical, string cursor, string end) = lines switch
        {
            200 => (8, "63", "C7", "0607", "9C8E8F"),
            350 => (14, "A3", "4D", "0B0C", "83855D"),
            _ => (16, "67", "4F", "0D0E", "9C8E8F"),
        };
        string horizontal = wide ? "5F4F50825581" : "2D2728902BA0";
        // Eight-pixel characters with 200 and 350 lines, nine with 400.
        string sequencer = (wide, lines) switch { (true, 400) => "00030002", (true, _) => "01030002", (false, 400) => "08030002", _ => "09030002" };
        string rest = lines == 350 ? "63BAA3FF" : "96B9A3FF";
        string attributes = lines == 200 ? "0001020304050607101112131415161708000F00" : lines == 350 ? "000102030405140738393A3B3C3D3E3F08000F00" : TextColors;
        return new VideoMode(number, lines, 0xB800, VideoMemory.Text, lines == 200 ? DacContents.Cga : DacContents.Ega, Parse(
            $"{columns:X2}18{height:X2}00{(wide ? "10" : "08")}", sequencer, misc,
            $"{horizontal}BF1F00{vertical}{cursor}00000000{end}{(wide ? "28" : "14")}1F{rest}", attributes, TextGraphics));
    }

    private static byte[] Parse(params ReadOnlySpan<string> parts)
    {
        byte[] bytes = Convert.FromHexString(string.Concat(parts));
        return bytes.Length == 64 ? bytes : throw new InvalidOperationException($"a mode has {bytes.Length} parameters, not 64");
    }
}

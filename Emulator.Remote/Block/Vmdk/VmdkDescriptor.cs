using System.Globalization;
using System.Text.RegularExpressions;
using Emulator.Machine.Config;

namespace Emulator.Remote.Block.Vmdk;

/// <summary>The text part of a VMDK (VMware, "Virtual Disk Format 5.0", The Descriptor File).</summary>
internal sealed partial record VmdkDescriptor
{
    private const string NoParent = "ffffffff";
    private const int MaxExtents = 1024;
    private const long MaxSectors = 1L << 40;

    /// <summary>A line of the extent section: sectors, kind, file, and for flat files the first sector in it.</summary>
    public readonly record struct ExtentLine(long Sectors, string Kind, string File, long Offset);

    public string CreateType { get; private init; } = "";

    /// <summary>The file below this one; null when there is none.</summary>
    public string? Parent { get; private init; }

    public IReadOnlyList<ExtentLine> Extents { get; private init; } = [];

    /// <summary>Reads the text.</summary>
    /// <exception cref="UserErrorException">It is damaged.</exception>
    public static VmdkDescriptor Parse(string name, string text)
    {
        string? Value(string key) =>
            Regex.Match(text, $"^\\s*{key}\\s*=\\s*\"?([^\"\\r\\n]*)\"?\\s*$", RegexOptions.Multiline, TimeSpan.FromSeconds(1)) is { Success: true } m ? m.Groups[1].Value : null;
        List<ExtentLine> extents = [];
        foreach (Match line in Line().Matches(text))
        {
            if (!long.TryParse(line.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out long sectors)
                || sectors is <= 0 or > MaxSectors || extents.Count == MaxExtents)
            {
                throw new UserErrorException($"{name} is a damaged VMDK image: an extent has {line.Groups[1].Value} sectors; restore it from a copy");
            }
            long.TryParse(line.Groups[4].ValueSpan, CultureInfo.InvariantCulture, out long offset);
            extents.Add(new(sectors, line.Groups[2].Value, line.Groups[3].Value, Math.Min(offset, MaxSectors)));
        }
        string parent = Value("parentCID") ?? NoParent;
        return new()
        {
            CreateType = Value("createType") ?? "",
            Parent = parent.Equals(NoParent, StringComparison.OrdinalIgnoreCase) ? null : Value("parentFileNameHint"),
            Extents = extents,
        };
    }

    [GeneratedRegex("^(?:RW|RDONLY|NOACCESS)[ \\t]+([0-9]+)[ \\t]+([A-Z0-9]+)(?:[ \\t]+\"([^\"\\r\\n]*)\"(?:[ \\t]+([0-9]+))?)?", RegexOptions.Multiline)]
    private static partial Regex Line();
}

using System.Globalization;

namespace Emulator.Tests;

/// <summary>What Linux says that this process has mapped (/proc/self/maps).</summary>
internal static class HostMappings
{
    /// <summary>One mapping: addresses, rights ("r-xs"), device and inode of the file behind it, and its name, if there is one.</summary>
    public readonly record struct Entry(ulong Start, ulong End, string Rights, string File, string Name);

    /// <summary>All mappings that touch [start, end).</summary>
    public static List<Entry> In(ulong start, ulong end) => [.. All().Where(m => m.Start < end && start < m.End)];

    /// <summary>All mappings.</summary>
    public static List<Entry> All() => [.. File.ReadAllLines("/proc/self/maps").Select(Parse)];

    private static Entry Parse(string line)
    {
        string[] fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        string[] range = fields[0].Split('-');
        return new Entry(Address(range[0]), Address(range[1]), fields[1], $"{fields[3]} {fields[4]}", fields.Length > 5 ? fields[5].Trim() : "");
    }

    private static ulong Address(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

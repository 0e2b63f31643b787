namespace Emulator.Machine.Config;

/// <summary>Finds firmware files by name: as a path, in the directories of <c>-L</c>, then where packages put them.</summary>
public static class DataFiles
{
    /// <summary>Where packages of SeaBIOS and its VGA BIOS put their files.</summary>
    public static IReadOnlyList<string> UsualDirectories { get; } =
    [
        "/usr/share/seabios",
        "/usr/share/qemu",
        "/usr/local/share/qemu",
        "/opt/homebrew/share/qemu",
        @"C:\Program Files\qemu\share",
    ];

    /// <summary>The path of the file, or null when it is nowhere.</summary>
    /// <param name="name">File name, or a path.</param>
    /// <param name="searchPath">Directories that are searched before the usual ones.</param>
    public static string? Find(string name, IReadOnlyList<string> searchPath)
    {
        if (File.Exists(name))
        {
            return name;
        }
        return searchPath.Concat(UsualDirectories).Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists);
    }
}

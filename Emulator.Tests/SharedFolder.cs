namespace Emulator.Tests;

/// <summary>Finds the folder of shared test material that lies beside the checkout.</summary>
internal static class SharedFolder
{
    /// <summary>Path of a file or folder in it, or null when this machine has none.</summary>
    public static string? Find(string relative)
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            string path = Path.Combine(d.FullName, "shared", relative);
            if (Path.Exists(path))
            {
                return path;
            }
        }
        return null;
    }
}

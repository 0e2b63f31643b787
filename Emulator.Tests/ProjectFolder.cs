namespace Emulator.Tests;

/// <summary>The folder of the whole project, found from the tests' program.</summary>
internal static class ProjectFolder
{
    /// <summary>Where Emulator.sln is.</summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        DirectoryInfo? d = new(AppContext.BaseDirectory);
        while (d is not null && !File.Exists(System.IO.Path.Combine(d.FullName, "Emulator.sln")))
        {
            d = d.Parent;
        }
        return d?.FullName ?? throw new DirectoryNotFoundException("Emulator.sln is not above the tests");
    }
}

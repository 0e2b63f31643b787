namespace Emulator.Tests.Guests;

/// <summary>The project's own test ROMs, assembled by testroms/build.</summary>
internal static class TestRoms
{
    /// <summary>Path of an assembled ROM.</summary>
    public static string Path(string name)
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            string path = System.IO.Path.Combine(d.FullName, ".build", "testroms", name + ".bin");
            if (File.Exists(path))
            {
                return path;
            }
        }
        throw new FileNotFoundException($"testroms/build has not made {name}.bin");
    }
}

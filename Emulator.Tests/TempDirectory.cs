namespace Emulator.Tests;

/// <summary>A directory of a test's own, gone afterwards.</summary>
public sealed class TempDirectory : IDisposable
{
    private readonly string path = Directory.CreateTempSubdirectory("emu-test-").FullName;

    /// <summary>The path of a file in it.</summary>
    public string this[string name] => Path.Combine(path, name);

    /// <summary>Makes a file and returns its path.</summary>
    public string Make(string name, byte[] contents)
    {
        File.WriteAllBytes(this[name], contents);
        return this[name];
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(path, recursive: true);
}

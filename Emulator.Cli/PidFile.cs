using Emulator.Machine.Config;
using Emulator.Remote;

namespace Emulator.Cli;

/// <summary>A file that holds the process's id while the program runs.</summary>
public sealed class PidFile : IDisposable
{
    private readonly string path;

    /// <summary>Writes the file.</summary>
    /// <exception cref="UserErrorException">It cannot be written.</exception>
    public PidFile(string path)
    {
        this.path = path;
        Open(path, () => File.WriteAllText(path, $"{Environment.ProcessId}\n"));
    }

    /// <summary>Looks whether the file could be written; null: there is none.</summary>
    /// <exception cref="UserErrorException">It cannot.</exception>
    public static void Check(string? path)
    {
        if (path is not null)
        {
            Open(path, () => OutputFile.Probe(path));
        }
    }

    /// <summary>Removes the file.</summary>
    public void Dispose() => File.Delete(path);

    private static void Open(string path, Action open)
    {
        if (Directory.Exists(path))
        {
            throw new UserErrorException($"-pidfile {path}: this is a directory; give a file");
        }
        try
        {
            open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"-pidfile {path}: it cannot be written: {HostErrors.Describe(e)}; give another file");
        }
    }
}

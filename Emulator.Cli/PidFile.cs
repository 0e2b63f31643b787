using Emulator.Machine.Config;

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
        if (Directory.Exists(path))
        {
            throw new UserErrorException($"-pidfile {path}: this is a directory; give a file");
        }
        try
        {
            File.WriteAllText(path, $"{Environment.ProcessId}\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"-pidfile {path}: it cannot be written: {HostErrors.Describe(e)}; give another file");
        }
    }

    /// <summary>Removes the file.</summary>
    public void Dispose() => File.Delete(path);
}

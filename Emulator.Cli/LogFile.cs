using System.Text;
using Emulator.Machine.Config;

namespace Emulator.Cli;

/// <summary>Opens what <c>-D</c> names.</summary>
public static class LogFile
{
    /// <summary>The file, emptied; standard error when there is none. The caller disposes it.</summary>
    /// <exception cref="UserErrorException">It cannot be written.</exception>
    public static TextWriter Open(string? path)
    {
        if (path is null)
        {
            return new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true };
        }
        try
        {
            return Create(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"-D {path}: it cannot be written: {HostErrors.Describe(e)}; give another file");
        }
    }

    /// <summary>The file, emptied.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static TextWriter Create(string path) => new StreamWriter(path, append: false, new UTF8Encoding(false), bufferSize: 1 << 16);
}

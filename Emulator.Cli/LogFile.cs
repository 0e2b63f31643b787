using System.Text;
using Emulator.Machine.Config;
using Emulator.Remote;

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
            return new StreamWriter(new LogStream(Console.OpenStandardError(), "-d", TextWriter.Null), new UTF8Encoding(false)) { AutoFlush = true };
        }
        return Open(path, () => Create(path, $"-D {path}"));
    }

    /// <summary>Looks whether the file could be written; null: there is none.</summary>
    /// <exception cref="UserErrorException">It cannot.</exception>
    public static void Check(string? path)
    {
        if (path is not null)
        {
            Open(path, () =>
            {
                OutputFile.Probe(path);
                return TextWriter.Null;
            });
        }
    }

    /// <summary>The file, emptied.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">What the user calls it, for the sentence when it can't be written later.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static TextWriter Create(string path, string name)
    {
        var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        return new StreamWriter(new LogStream(file, name, Console.Error), new UTF8Encoding(false), bufferSize: 1 << 16);
    }

    private static TextWriter Open(string path, Func<TextWriter> open)
    {
        if (Directory.Exists(path))
        {
            throw new UserErrorException($"-D {path}: this is a directory; give a file");
        }
        try
        {
            return open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"-D {path}: it cannot be written: {HostErrors.Describe(e)}; give another file");
        }
    }
}

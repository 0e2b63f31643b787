namespace Emulator.Remote.Monitor;

/// <summary>Files that commands write, with the host's refusals in the monitor's words.</summary>
internal static class HostFiles
{
    /// <summary>Makes or empties the file and fills it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="failure">How the message begins, e.g. <c>Could not open</c>.</param>
    /// <param name="fill">Writes the contents.</param>
    /// <exception cref="MonitorException">The host refuses.</exception>
    public static void Write(string path, string failure, Action<Stream> fill)
    {
        try
        {
            using FileStream file = File.Create(path);
            fill(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MonitorException($"Error: {failure} '{path}': {Reason(e, path)}");
        }
    }

    /// <summary>Why the host refuses, in the C library's words where it has some.</summary>
    public static string Reason(Exception e, string path) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "No such file or directory",
        UnauthorizedAccessException when Directory.Exists(path) => "Is a directory",
        UnauthorizedAccessException => "Permission denied",
        _ => Machine.Config.HostErrors.Describe(e),
    };
}

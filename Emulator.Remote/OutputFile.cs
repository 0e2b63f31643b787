namespace Emulator.Remote;

/// <summary>Files that a machine will write.</summary>
public static class OutputFile
{
    /// <summary>Fails as opening the file for writing would. Nothing is emptied, and nothing new stays.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Probe(string path)
    {
        if (HostPipe.IsAt(path))
        {
            return;
        }
        bool isNew = !File.Exists(path);
        new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0).Dispose();
        if (isNew)
        {
            File.Delete(path);
        }
    }
}

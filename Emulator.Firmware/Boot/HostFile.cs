namespace Emulator.Firmware.Boot;

/// <summary>Reads the files that the user named, with one clear sentence for each thing that can be wrong.</summary>
internal static class HostFile
{
    /// <summary>The whole file.</summary>
    /// <param name="path">As the user gave it.</param>
    /// <param name="role">"kernel", "initrd" or "module", for the message.</param>
    public static byte[] Read(string path, string role)
    {
        if (Directory.Exists(path))
        {
            throw new FirmwareException($"{role} {path} is a directory: give a file");
        }
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FirmwareException($"{role} {path} does not exist: check the path");
        }
        catch (UnauthorizedAccessException)
        {
            throw new FirmwareException($"{role} {path} can't be read: no permission");
        }
        catch (IOException e)
        {
            throw new FirmwareException($"{role} {path} can't be read: {e.Message}");
        }
        return bytes.Length > 0 ? bytes : throw new FirmwareException($"{role} {path} is empty");
    }
}

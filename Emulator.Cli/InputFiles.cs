using Emulator.Machine.Board;
using Emulator.Machine.Config;
using Emulator.Remote;

namespace Emulator.Cli;

/// <summary>Looks at the files that the machine will load, so that a wrong name is said before anything is opened.</summary>
public static class InputFiles
{
    /// <summary>Checks firmware, kernel, RAM disk and files for the firmware.</summary>
    /// <exception cref="UserErrorException">One is missing, empty or cannot be read.</exception>
    public static void Check(MachineConfig config)
    {
        if (config.BiosFile is string bios && !FirmwareFiles.UsesBuiltIn(config))
        {
            string path = DataFiles.Find(bios, config.BiosSearchPath) ?? bios;
            CheckFile("-bios", path);
        }
        CheckItems(config);
        if (config.Kernel is string kernel)
        {
            CheckFile("-kernel", kernel);
        }
        if (config.Initrd is string initrd)
        {
            foreach (string path in Modules(initrd))
            {
                CheckFile("-initrd", path);
            }
        }
    }

    private static void CheckItems(MachineConfig config)
    {
        foreach (FwCfgItem item in config.FwCfgItems)
        {
            if (item.Path is string path)
            {
                CheckFile(item.Origin.Split(' ')[0], path);
            }
        }
    }

    /// <summary>The files of <c>-initrd</c>: itself, or each first word between commas when there is no such file.</summary>
    private static IEnumerable<string> Modules(string initrd) =>
        File.Exists(initrd) ? [initrd] : initrd.Split(',').Select(m => m.Split(' ')[0]);

    private static void CheckFile(string option, string path)
    {
        if (path.Length == 0)
        {
            throw new UserErrorException($"{option}: the file's name is missing; give a file");
        }
        string what = $"{option} {path}";
        if (Directory.Exists(path))
        {
            throw new UserErrorException($"{what}: this is a directory; give a file");
        }
        if (HostPipe.IsAt(path))
        {
            throw new UserErrorException($"{what}: this is neither a file nor a block device; give a file");
        }
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if (RandomAccess.GetLength(file) == 0)
            {
                throw new UserErrorException($"{what}: the file is empty; give one that holds something");
            }
        }
        catch (FileNotFoundException)
        {
            throw new UserErrorException($"{what}: {HostErrors.Missing(path)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new UserErrorException($"{what}: it cannot be read: {HostErrors.Describe(e)}; check the name and its permissions");
        }
    }
}

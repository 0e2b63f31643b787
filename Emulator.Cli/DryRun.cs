using Emulator.Firmware;
using Emulator.Firmware.Boot;
using Emulator.Machine.Board;
using Emulator.Machine.Config;

namespace Emulator.Cli;

/// <summary><c>-dry-run</c>: everything that can be said of a machine before it is started. Streams and ports are not opened.</summary>
public static class DryRun
{
    /// <summary>Looks at processor, firmware, kernel and images.</summary>
    /// <exception cref="UserErrorException">One of them cannot be used.</exception>
    public static void Check(MachineConfig config)
    {
        CpuSelection.Resolve(config.Cpu);
        InputFiles.Check(config);
        FirmwareFiles.ReadBios(config);
        FirmwareFiles.ReadVideoBios(config);
        if (config.Kernel is string kernel)
        {
            try
            {
                KernelLoader.Check(kernel);
            }
            catch (FirmwareException e)
            {
                throw new UserErrorException(e.Message);
            }
        }
        new MachineImages(config.Drives, TextWriter.Null).Dispose();
    }
}

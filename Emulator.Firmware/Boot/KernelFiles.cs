namespace Emulator.Firmware.Boot;

/// <summary>What <c>-kernel</c>, <c>-initrd</c> and <c>-append</c> gave.</summary>
/// <param name="KernelPath">The kernel's file.</param>
/// <param name="Initrd">
/// The initial RAM disk's file; for multiboot kernels modules as "file1 arguments,file2", with ",," for a comma. Null or
/// empty for none.
/// </param>
/// <param name="CommandLine">The kernel's command line.</param>
public sealed record KernelFiles(string KernelPath, string? Initrd = null, string CommandLine = "");

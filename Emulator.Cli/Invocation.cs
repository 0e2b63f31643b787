using System.Runtime.InteropServices;
using System.Text;

namespace Emulator.Cli;

/// <summary>
/// The name that the program was called by. Under a name of QEMU's (a link <c>qemu-system-i386</c>) it answers as QEMU does, for the sake
/// of scripts that ask before they start.
/// </summary>
/// <param name="Name">The file's name without directories and <c>.exe</c>.</param>
public sealed partial record Invocation(string Name)
{
    /// <summary>The version of QEMU whose answers and options are the measure.</summary>
    public const string QemuVersion = "7.2.0";

    /// <summary>The program under its own name.</summary>
    public static Invocation Own { get; } = new("emu");

    /// <summary>True under a name of QEMU's.</summary>
    public bool IsQemu => Name.StartsWith("qemu", StringComparison.Ordinal);

    /// <summary>True under the name of QEMU's program for 64-bit PCs.</summary>
    public bool Is64Bit => Name == "qemu-system-x86_64";

    /// <summary>The name that this process was started by: its first argument, which a link does not change.</summary>
    public static Invocation Current()
    {
        string name = Path.GetFileNameWithoutExtension(Environment.GetEnvironmentVariable(Daemon.Mark) ?? FirstArgument() ?? "") is { Length: > 0 } found ? found : Own.Name;
        return name.StartsWith("qemu-system-", StringComparison.Ordinal) ? new(name) : Own;
    }

    private static string? FirstArgument()
    {
        const string commandLine = "/proc/self/cmdline";
        if (OperatingSystem.IsMacOS())
        {
            return MacArgument();
        }
        if (!File.Exists(commandLine))
        {
            return Environment.ProcessPath;
        }
        byte[] words = File.ReadAllBytes(commandLine);
        int end = Array.IndexOf(words, (byte)0);
        return Encoding.UTF8.GetString(words, 0, end < 0 ? words.Length : end);
    }

    // SAFETY: crt_externs.h: the C library's own argv, there for the process's life.
    private static unsafe string? MacArgument() => Marshal.PtrToStringUTF8(**(nint**)MacArguments());

    [LibraryImport("libSystem", EntryPoint = "_NSGetArgv")]
    private static partial nint MacArguments();
}

using System.Runtime.InteropServices;

namespace Emulator.Remote.Chardev;

/// <summary>
/// The console of a Windows program as a raw terminal (Console API, "High-level console modes"): keys come one by one and unechoed, arrows and
/// function keys as VT sequences, text is UTF-8 and output takes VT sequences. It is set back at the end of the program however that comes.
/// </summary>
public sealed partial class WindowsConsole : IDisposable
{
    private const int StandardInput = -10, StandardOutput = -11;
    private const uint Utf8 = 65001;

    // Of the input's mode, then of the output's.
    private const uint ProcessedInput = 1, LineInput = 2, EchoInput = 4, QuickEdit = 0x40, ExtendedFlags = 0x80, VirtualTerminalInput = 0x200;
    private const uint ProcessedOutput = 1, VirtualTerminalProcessing = 4;

    private readonly (nint Handle, uint Mode) input, output;
    private readonly uint inputCodePage = GetInputCodePage(), outputCodePage = GetOutputCodePage();
    private readonly bool hasOutput;
    private int restored;

    private WindowsConsole((nint Handle, uint Mode) input, bool signals)
    {
        this.input = input;
        nint handle = GetStandardHandle(StandardOutput);
        hasOutput = GetMode(handle, out uint mode);
        output = (handle, mode);
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        AppDomain.CurrentDomain.UnhandledException += OnExit;
        SetInputCodePage(Utf8);
        SetOutputCodePage(Utf8);
        SetMode(input.Handle, RawInput(input.Mode, signals));
        if (hasOutput)
        {
            SetMode(handle, mode | ProcessedOutput | VirtualTerminalProcessing);
        }
    }

    /// <summary>Puts the console into raw mode.</summary>
    /// <param name="signals">True when Ctrl-C keeps its meaning; false when it is a byte like others.</param>
    /// <returns>Sets the console back when disposed; null when standard input is no console.</returns>
    public static WindowsConsole? Enter(bool signals)
    {
        nint handle = GetStandardHandle(StandardInput);
        return GetMode(handle, out uint mode) ? new WindowsConsole((handle, mode), signals) : null;
    }

    /// <summary>The raw form of an input mode. Selecting with the mouse would stop the program's output.</summary>
    internal static uint RawInput(uint mode, bool signals) =>
        (mode & ~(LineInput | EchoInput | QuickEdit | ProcessedInput)) | ExtendedFlags | VirtualTerminalInput | (signals ? ProcessedInput : 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref restored, 1) != 0)
        {
            return;
        }
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        AppDomain.CurrentDomain.UnhandledException -= OnExit;
        if (hasOutput)
        {
            SetMode(output.Handle, output.Mode);
        }
        SetMode(input.Handle, input.Mode | ExtendedFlags);
        SetInputCodePage(inputCodePage);
        SetOutputCodePage(outputCodePage);
    }

    private void OnExit(object? sender, EventArgs e) => Dispose();

    [LibraryImport("kernel32", EntryPoint = "GetStdHandle")]
    private static partial nint GetStandardHandle(int which);

    [LibraryImport("kernel32", EntryPoint = "GetConsoleMode")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetMode(nint handle, out uint mode);

    [LibraryImport("kernel32", EntryPoint = "SetConsoleMode")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetMode(nint handle, uint mode);

    [LibraryImport("kernel32", EntryPoint = "GetConsoleCP")]
    private static partial uint GetInputCodePage();

    [LibraryImport("kernel32", EntryPoint = "GetConsoleOutputCP")]
    private static partial uint GetOutputCodePage();

    [LibraryImport("kernel32", EntryPoint = "SetConsoleCP")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetInputCodePage(uint codePage);

    [LibraryImport("kernel32", EntryPoint = "SetConsoleOutputCP")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetOutputCodePage(uint codePage);
}

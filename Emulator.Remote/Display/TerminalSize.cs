using System.Runtime.InteropServices;
using Emulator.Remote.Chardev;

namespace Emulator.Remote.Display;

/// <summary>The size of the terminal on standard output.</summary>
public static unsafe class TerminalSize
{
    private const int Columns = 80, Rows = 25;

    /// <summary>Columns and rows now; 80 x 25 when the terminal does not know.</summary>
    public static (int Columns, int Rows) Now
    {
        get
        {
            (int columns, int rows) = OperatingSystem.IsLinux() ? Ask() : (Console.WindowWidth, Console.WindowHeight);
            return columns > 0 && rows > 0 ? (columns, rows) : (Columns, Rows);
        }
    }

    // Console's own properties would take the terminal over to learn of changes.
    private static (int Columns, int Rows) Ask()
    {
        WinSize size = default;
        return Posix.IoControl(1, Posix.GetWindowSize, &size) == 0 ? (size.Columns, size.Rows) : (0, 0);
    }

    /// <summary>struct winsize.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct WinSize
    {
        public ushort Rows, Columns, Width, Height;
    }
}

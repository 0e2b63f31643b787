using System.Runtime.InteropServices;
using Emulator.Remote.Chardev;

namespace Emulator.Remote.Display;

/// <summary>The size of the terminal on standard output.</summary>
public static unsafe class TerminalSize
{
    private const int Columns = 80, Rows = 25, CellWidth = 10, CellHeight = 20;

    /// <summary>Columns and rows now; 80 x 25 when the terminal does not know.</summary>
    public static (int Columns, int Rows) Now
    {
        get
        {
            (int columns, int rows) = OperatingSystem.IsLinux() ? Ask() : (Console.WindowWidth, Console.WindowHeight);
            return columns > 0 && rows > 0 ? (columns, rows) : (Columns, Rows);
        }
    }

    /// <summary>Pixels of a cell as the terminal's driver has them; a VT340's, 10 x 20, when it does not know.</summary>
    public static (int Width, int Height) Cell
    {
        get
        {
            WinSize size = default;
            bool known = OperatingSystem.IsLinux() && Posix.IoControl(1, Posix.GetWindowSize, &size) == 0
                && size.Columns > 0 && size.Rows > 0 && size.Width >= size.Columns && size.Height >= size.Rows;
            return known ? (size.Width / size.Columns, size.Height / size.Rows) : (CellWidth, CellHeight);
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

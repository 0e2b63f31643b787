using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Emulator.Remote.Chardev;

/// <summary>
/// The terminal on standard input in raw mode: keys come one by one and unechoed. It is set back at the end of the
/// program however that comes (but for SIGKILL), and made raw again when a stopped program goes on.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed unsafe class RawTerminal : IDisposable
{
    // Larger than struct termios of any host: 60 bytes with glibc and musl, 72 on macOS.
    private const int TermiosBytes = 256;
    private const int Now = 0;

    private readonly byte[] saved;
    private readonly byte[] raw;
    private readonly List<PosixSignalRegistration> registrations = [];
    private readonly Lock gate = new();
    private bool disposed;

    private RawTerminal(byte[] saved, byte[] raw)
    {
        this.saved = saved;
        this.raw = raw;
    }

    /// <summary>Puts the terminal into raw mode.</summary>
    /// <param name="signals">True when Ctrl-C and Ctrl-\ keep their meaning; false when they are bytes like others. Ctrl-Z always is.</param>
    /// <returns>Sets the terminal back when disposed; null when standard input is no terminal.</returns>
    public static RawTerminal? Enter(bool signals)
    {
        if (Posix.IsTerminal(0) == 0)
        {
            return null;
        }
        byte[] saved = new byte[TermiosBytes];
        fixed (byte* p = saved)
        {
            if (Posix.GetAttributes(0, p) != 0)
            {
                return null;
            }
        }
        var terminal = new RawTerminal(saved, MakeRaw(saved, signals));

        // The runtime remembers the terminal's state when the first signal handler is installed, and sets that again
        // when a signal ends the program: it must be the state before ours.
        terminal.Register();
        terminal.Apply();
        return terminal;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }
            Restore();
            disposed = true;
        }
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        AppDomain.CurrentDomain.UnhandledException -= OnExit;
        registrations.ForEach(r => r.Dispose());
    }

    /// <summary>The raw form of a struct termios. Output stays processed, so that LF also returns the carriage.</summary>
    private static byte[] MakeRaw(byte[] saved, bool signals)
    {
        byte[] raw = (byte[])saved.Clone();
        fixed (byte* p = raw)
        {
            // A program that the keyboard stops would leave the terminal raw to the shell.
            // SAFETY: the buffer is ours and larger than the struct. Its first four members are c_iflag, c_oflag,
            // c_cflag and c_lflag, of 4 bytes on Linux and 8 on macOS, little-endian on every host of .NET.
            Posix.MakeRaw(p);
            int word = OperatingSystem.IsLinux() ? 4 : 8;
            const byte OutputPostProcess = 1;
            byte isig = OperatingSystem.IsLinux() ? (byte)0x01 : (byte)0x80;
            p[word] |= OutputPostProcess;
            if (signals)
            {
                // Behind the flags come c_line on Linux, then c_cc, where VSUSP is the eleventh on both.
                p[3 * word] |= isig;
                p[OperatingSystem.IsLinux() ? 17 + 10 : 32 + 10] = OperatingSystem.IsLinux() ? (byte)0 : (byte)0xFF;
            }
        }
        return raw;
    }

    private void Register()
    {
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        AppDomain.CurrentDomain.UnhandledException += OnExit;
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTERM, PosixSignal.SIGHUP })
        {
            registrations.Add(PosixSignalRegistration.Create(signal, _ => OnExit(null, EventArgs.Empty)));
        }
        registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGCONT, OnContinue));
    }

    private void OnExit(object? sender, EventArgs e)
    {
        lock (gate)
        {
            if (!disposed)
            {
                Restore();
            }
        }
    }

    private void OnContinue(PosixSignalContext context)
    {
        // The runtime would set its own remembered state after us.
        context.Cancel = true;
        lock (gate)
        {
            if (!disposed)
            {
                Apply();
            }
        }
    }

    // A background job that touches its terminal would be stopped.
    private void Apply()
    {
        if (Posix.ForegroundGroup(0) == Posix.OwnGroup())
        {
            Set(raw);
        }
    }

    private void Restore()
    {
        if (Posix.ForegroundGroup(0) == Posix.OwnGroup())
        {
            Set(saved);
        }
    }

    private static void Set(byte[] termios)
    {
        fixed (byte* p = termios)
        {
            Posix.SetAttributes(0, Now, p);
        }
    }
}

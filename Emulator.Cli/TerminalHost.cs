using System.Diagnostics;
using System.Runtime.InteropServices;
using Emulator.Machine;
using Emulator.Machine.Config;
using Emulator.Remote.Chardev;
using Emulator.Remote.Display;

namespace Emulator.Cli;

/// <summary>
/// <c>-display term</c>: the terminal that the program was started from, raw, with the guest's screen on it, and given back however
/// the program ends.
/// </summary>
public sealed class TerminalHost : IDisposable
{
    private const int RefreshMs = 40, StoppedRefreshMs = 500;

    // More than a terminal at the other end of the world takes to answer.
    private const int AnswersMs = 400;

    // The guest stands still while a frame is made: it gets three times as long before the next.
    private const int RestShare = 3;

    private readonly VirtualMachine machine;
    private readonly MachineInbox inbox;
    private readonly StdioBackend input;
    private readonly TerminalOutput output = new();
    private readonly TerminalSession session;
    private readonly List<PosixSignalRegistration> signals = [];
    private readonly Stopwatch time = Stopwatch.StartNew();
    private readonly Timer timer;
    private long lastRefreshMs, restUntilMs;
    private int posted, disposed;

    /// <summary>Takes the terminal over.</summary>
    /// <param name="config">Says which byte starts a command.</param>
    /// <param name="machine">A machine with a display adapter.</param>
    /// <param name="inbox">The machine's.</param>
    /// <param name="keys">Where keys go.</param>
    public TerminalHost(MachineConfig config, VirtualMachine machine, MachineInbox inbox, KeyQueue keys)
    {
        this.machine = machine;
        this.inbox = inbox;
        var vga = machine.Board.Vga ?? throw new ArgumentException("the machine has no display adapter", nameof(machine));
        input = new StdioBackend(new CharSpec { Kind = CharKind.Stdio, Label = "display", Signals = false }, inbox.Post);
        TerminalColours colours = TerminalPalette.Detect(
            Environment.GetEnvironmentVariable("COLORTERM"), Environment.GetEnvironmentVariable("TERM"));
        session = new TerminalSession(output, TerminalSize.Now, colours, vga, keys, config.EscapeByte, machine.Quit);
        input.Receiver = session;
        // The Linux console has no graphics and prints the question.
        bool canAnswer = Environment.GetEnvironmentVariable("TERM") is not ("linux" or "dumb");
        session.ShowPixels(config.TerminalGraphics == TerminalGraphics.Auto && !canAnswer ? TerminalGraphics.Blocks : config.TerminalGraphics, TerminalSize.Cell);
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        AppDomain.CurrentDomain.UnhandledException += OnExit;
        if (!OperatingSystem.IsWindows())
        {
            signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => inbox.Post(Redraw)));
            signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => inbox.Post(Redraw)));
            signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context =>
            {
                context.Cancel = true;
                inbox.Post(machine.Quit);
            }));
        }
        timer = new Timer(_ => OnTimer(), null, RefreshMs, RefreshMs);
    }

    /// <summary>Refuses what is no terminal.</summary>
    /// <exception cref="UserErrorException">Input or output leads elsewhere.</exception>
    public static void Check()
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
        {
            throw new UserErrorException(
                $"-display term: standard {(Console.IsInputRedirected ? "input" : "output")} is not a terminal; "
                + "start emu in one, or use -display none");
        }
    }

    /// <summary>Gives the terminal back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }
        timer.Dispose();
        signals.ForEach(s => s.Dispose());
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        AppDomain.CurrentDomain.UnhandledException -= OnExit;
        session.Dispose();
        output.Dispose();
        if (session.AwaitsAnswers)
        {
            // The input's thread takes them while the terminal is still raw.
            Thread.Sleep(AnswersMs);
        }
        input.Dispose();
    }

    private void OnExit(object? sender, EventArgs e) => Dispose();

    // Host thread. A stopped machine's screen changes only by the monitor's hand. A frame is left out while the terminal still
    // takes the last one or the machine thread has not come to it.
    private void OnTimer()
    {
        long now = time.ElapsedMilliseconds;
        bool due = machine.State == RunState.Running || session.IsKeyPending || now - lastRefreshMs >= StoppedRefreshMs;
        if (due && now >= Volatile.Read(ref restUntilMs) && output.IsIdle && Interlocked.Exchange(ref posted, 1) == 0)
        {
            lastRefreshMs = now;
            inbox.Post(Refresh);
        }
    }

    private void Refresh()
    {
        Volatile.Write(ref posted, 0);
        if (disposed == 0)
        {
            long start = time.ElapsedMilliseconds;
            session.Tick(start);
            long end = time.ElapsedMilliseconds;
            Volatile.Write(ref restUntilMs, end + ((end - start) * RestShare));
        }
    }

    private void Redraw()
    {
        (int columns, int rows) = TerminalSize.Now;
        session.Resize(columns, rows);
    }
}

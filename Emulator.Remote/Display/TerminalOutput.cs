using System.Text;
using Emulator.Remote.Chardev;

namespace Emulator.Remote.Display;

/// <summary>
/// Writes frames to the terminal on a thread of its own, so that a slow terminal does not slow the machine: whoever draws asks
/// <see cref="IsIdle"/> first and leaves a frame out otherwise.
/// </summary>
public sealed class TerminalOutput : TextWriter
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);

    private readonly Stream? console = OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : null;
    private readonly StringBuilder frame = new();
    private readonly Queue<byte[]> frames = new();
    private readonly Lock gate = new();
    private readonly AutoResetEvent work = new(false);
    private readonly ManualResetEventSlim idle = new(true);
    private readonly Thread thread;
    private volatile bool closing;

    /// <summary>Starts the thread.</summary>
    public TerminalOutput()
    {
        thread = new Thread(Run) { IsBackground = true, Name = "terminal" };
        thread.Start();
    }

    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>True when the terminal has taken everything.</summary>
    public bool IsIdle => idle.IsSet;

    /// <inheritdoc/>
    public override void Write(char value) => frame.Append(value);

    /// <inheritdoc/>
    public override void Write(string? value) => frame.Append(value);

    /// <summary>Hands what was written so far to the thread.</summary>
    public override void Flush()
    {
        if (frame.Length == 0)
        {
            return;
        }
        lock (gate)
        {
            frames.Enqueue(Encoding.UTF8.GetBytes(frame.ToString()));
            idle.Reset();
        }
        frame.Clear();
        work.Set();
    }

    /// <summary>Writes what is waiting, for two seconds at most.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !closing)
        {
            Flush();
            idle.Wait(DrainTime);
            closing = true;
            work.Set();
            thread.Join(DrainTime);
        }
        base.Dispose(disposing);
    }

    private void Run()
    {
        while (!closing)
        {
            work.WaitOne();
            while (Next() is { } bytes)
            {
                if (console is not null)
                {
                    console.Write(bytes);
                }
                else if (!Posix.WriteAll(1, bytes))
                {
                    closing = true;
                }
            }
        }
        idle.Set();
    }

    private byte[]? Next()
    {
        lock (gate)
        {
            if (frames.TryDequeue(out byte[]? bytes))
            {
                return bytes;
            }
            idle.Set();
            return null;
        }
    }
}

using System.Runtime.InteropServices;
using Emulator.Core.Backends;
using Emulator.Machine.Config;

namespace Emulator.Remote.Chardev;

/// <summary>
/// A pair of named pipes as QEMU's <c>pipe</c>: input from PATH.in, output to PATH.out; when they are not there, both by PATH. Both are kept open for
/// reading and writing, so that programs at the other end may come and go; output waits in the pipe until somebody reads it.
/// </summary>
public sealed unsafe class PipeBackend : ICharBackend
{
    private const int LookMs = 50;

    private readonly int source, target;
    private readonly InputBuffer input;
    private readonly OutputBuffer output;
    private readonly Thread reader;
    private volatile bool closing;

    /// <summary>Opens the pipes.</summary>
    /// <param name="spec">Path, label and origin are used.</param>
    /// <param name="post">Runs an action on the machine thread.</param>
    /// <exception cref="UserErrorException">They are not there, or cannot be opened.</exception>
    public PipeBackend(CharSpec spec, Action<Action> post)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new UserErrorException($"{spec.Origin}: named pipes of Windows are not built; use tcp:127.0.0.1:PORT,server=on,wait=off");
        }
        (source, target) = (Posix.Open(spec.Path + ".in", Posix.ReadWriteNoControllingTerminal), Posix.Open(spec.Path + ".out", Posix.ReadWriteNoControllingTerminal));
        if (source < 0 || target < 0)
        {
            CloseBoth();
            source = target = Posix.Open(spec.Path, Posix.ReadWriteNoControllingTerminal);
        }
        if (source < 0)
        {
            throw new UserErrorException(
                $"{spec.Origin}: {spec.Path} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}; make the pipes first: mkfifo {spec.Path}.in {spec.Path}.out");
        }
        input = new InputBuffer(post);
        output = new OutputBuffer(spec.Label, Write, () => input.Announce(CharEvent.Drained));
        input.Announce(CharEvent.Opened);
        reader = new Thread(ReadInput) { IsBackground = true, Name = $"input {spec.Label}" };
        reader.Start();
    }

    /// <inheritdoc/>
    public ICharReceiver? Receiver
    {
        get => input.Receiver;
        set => input.Receiver = value;
    }

    /// <inheritdoc/>
    public bool CanSend => !output.IsFull;

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> data) => output.Send(data);

    /// <inheritdoc/>
    public void AcceptInput() => input.AcceptInput();

    /// <inheritdoc/>
    public void Dispose()
    {
        output.Dispose();
        closing = true;
        input.Dispose();
        reader.Join();
        CloseBoth();
    }

    private void CloseBoth()
    {
        if (source >= 0)
        {
            Posix.Close(source);
        }
        if (target >= 0 && target != source)
        {
            Posix.Close(target);
        }
    }

    private void ReadInput()
    {
        byte[] buffer = new byte[4096];
        while (!closing)
        {
            if ((Posix.Poll(source, Posix.PollIn, LookMs) & Posix.PollIn) != 0)
            {
                int n = Posix.Read(source, buffer);
                if (n > 0)
                {
                    input.Offer(buffer.AsSpan(0, n));
                }
            }
        }
    }

    private void Write(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if ((Posix.Poll(target, Posix.PollOut, LookMs) & Posix.PollOut) == 0)
            {
                if (closing)
                {
                    return;
                }
                continue;
            }

            // A pipe that is ready takes at least a page without blocking.
            // SAFETY: the bytes are pinned for the call, which reads no more than their number.
            fixed (byte* p = data)
            {
                nint n = Posix.Write(target, p, Math.Min(data.Length, 4096));
                if (n <= 0)
                {
                    throw new IOException("the pipe takes no more");
                }
                data = data[(int)n..];
            }
        }
    }
}

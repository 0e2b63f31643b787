using Emulator.Core.Backends;

namespace Emulator.Remote.Chardev;

/// <summary>
/// Input on its way from a host thread to the machine thread, held back while the guest's end has no room. When 64 KiB
/// wait, the host thread waits too, so that the sender is slowed down.
/// </summary>
/// <param name="post">Runs an action on the machine thread.</param>
internal sealed class InputBuffer(Action<Action> post) : IDisposable
{
    private const int CapacityBytes = 64 << 10;
    private const int PieceBytes = 256;

    // Monitor.Wait and Pulse need an object.
    private readonly object gate = new();
    private readonly byte[] ring = new byte[CapacityBytes];
    private int head;
    private volatile int count;
    private bool posted;
    private volatile bool closed;
    private bool delivering;
    private ICharReceiver? receiver;

    /// <summary>The guest's end. Machine thread.</summary>
    public ICharReceiver? Receiver
    {
        get => receiver;
        set
        {
            receiver = value;
            if (count > 0)
            {
                post(Deliver);
            }
        }
    }

    /// <summary>Takes bytes from a host thread; returns when all are taken or the buffer is closed.</summary>
    public void Offer(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            bool mustPost;
            lock (gate)
            {
                while (count == CapacityBytes && !closed)
                {
                    System.Threading.Monitor.Wait(gate);
                }
                if (closed)
                {
                    return;
                }
                int taken = Math.Min(data.Length, CapacityBytes - count);
                for (int i = 0; i < taken; i++)
                {
                    ring[(head + count + i) % CapacityBytes] = data[i];
                }
                count += taken;
                data = data[taken..];
                mustPost = !posted;
                posted = true;
            }
            if (mustPost)
            {
                post(Deliver);
            }
        }
    }

    /// <summary>Tells the guest's end of an event. Any thread.</summary>
    public void Announce(CharEvent e) => post(() => (receiver as ICharEventReceiver)?.OnCharEvent(e));

    /// <summary>The guest's end has room again. Machine thread.</summary>
    public void AcceptInput()
    {
        if (count != 0)
        {
            Deliver();
        }
    }

    /// <summary>Drops what waits.</summary>
    public void Drop()
    {
        lock (gate)
        {
            count = 0;
            System.Threading.Monitor.PulseAll(gate);
        }
    }

    /// <summary>Drops what waits and lets the host thread go.</summary>
    public void Dispose()
    {
        closed = true;
        Drop();
    }

    private void Deliver()
    {
        lock (gate)
        {
            posted = false;
        }

        // A device that calls AcceptInput from Receive must not be entered again.
        if (delivering || receiver is null)
        {
            return;
        }
        delivering = true;
        Span<byte> piece = stackalloc byte[PieceBytes];
        while (receiver is not null && Take(piece, receiver.Room) is int taken and > 0)
        {
            receiver.Receive(piece[..taken]);
        }
        delivering = false;
    }

    private int Take(Span<byte> piece, int room)
    {
        lock (gate)
        {
            int taken = Math.Min(Math.Min(room, count), piece.Length);
            if (taken <= 0)
            {
                return 0;
            }
            for (int i = 0; i < taken; i++)
            {
                piece[i] = ring[(head + i) % CapacityBytes];
            }
            if (count == CapacityBytes)
            {
                System.Threading.Monitor.PulseAll(gate);
            }
            head = (head + taken) % CapacityBytes;
            count -= taken;
            return taken;
        }
    }
}

using System.Net.Sockets;
using Emulator.Core.Backends;
using Emulator.Machine.Config;

namespace Emulator.Remote.Chardev;

/// <summary>
/// A TCP or Unix-domain connection, as client or as server. One client is served at a time; when it goes, the next one
/// may come. Output is dropped while nobody is there; a client that leaves 4 MiB unread is cut.
/// </summary>
public sealed class SocketBackend : ICharBackend
{
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(2);

    private readonly CharSpec spec;
    private readonly InputBuffer input;
    private readonly OutputBuffer output;
    private readonly Socket? listener;
    private readonly Thread service;
    private volatile Socket? peer;
    private TelnetFilter? telnet;
    private volatile bool closing;

    /// <summary>Connects, or listens (and waits for the first client when <see cref="CharSpec.Wait"/> says so).</summary>
    /// <param name="spec">A spec of kind Tcp or Unix.</param>
    /// <param name="post">Runs an action on the machine thread.</param>
    /// <param name="info">Gets a line while a client is waited for, and the port when the host chose it.</param>
    /// <exception cref="UserErrorException">The address is busy, wrong, or nobody listens there.</exception>
    public SocketBackend(CharSpec spec, Action<Action> post, TextWriter info)
    {
        this.spec = spec;
        input = new InputBuffer(post);
        output = new OutputBuffer(spec.Label, Write, () => input.Announce(CharEvent.Drained), CutPeer);
        if (spec.Server)
        {
            listener = HostSocket.Listen(spec);
            Address = HostSocket.Describe(spec, listener);
            if (spec.Kind == CharKind.Tcp && spec.Port == 0)
            {
                info.WriteLine($"{spec.Origin}: listening on {Address}");
            }
            if (spec.Wait)
            {
                info.WriteLine($"{spec.Origin}: waiting for a connection on {Address}");
                Begin(listener.Accept());
            }
        }
        else
        {
            var socket = HostSocket.Connect(spec);
            Address = HostSocket.Describe(spec, socket);
            Begin(socket);
        }
        service = new Thread(Serve) { IsBackground = true, Name = $"input {spec.Label}" };
        service.Start();
    }

    /// <summary>Where it listens or is connected to, e.g. <c>tcp:127.0.0.1:4444</c>.</summary>
    public string Address { get; }

    /// <inheritdoc/>
    public ICharReceiver? Receiver
    {
        get => input.Receiver;
        set => input.Receiver = value;
    }

    /// <inheritdoc/>
    public bool CanSend => peer is null || !output.IsFull;

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> data)
    {
        if (peer is not null)
        {
            output.Send(data);
        }
    }

    /// <inheritdoc/>
    public void AcceptInput() => input.AcceptInput();

    /// <inheritdoc/>
    public void Dispose()
    {
        closing = true;
        input.Dispose();
        output.Dispose();
        listener?.Dispose();

        // Only a shutdown lets a thread go that is blocked in a read; a plain close may leave it there.
        CutPeer();
        service.Join(EndTime);
        if (spec is { Kind: CharKind.Unix, Server: true })
        {
            File.Delete(spec.Path);
        }
    }

    // The reading side sees the end of the connection and takes the next one. What the client still asked for is not done.
    private void CutPeer()
    {
        if (peer is Socket socket && Interlocked.CompareExchange(ref peer, null, socket) == socket)
        {
            input.Drop();
            Shutdown(socket);
        }
    }

    private void Begin(Socket socket)
    {
        if (spec.Kind == CharKind.Tcp)
        {
            // Keys and their echo are single bytes.
            socket.NoDelay = true;
        }
        if (spec.Telnet)
        {
            telnet = new TelnetFilter();
            SendAll(socket, TelnetFilter.Greeting);
        }
        peer = socket;
        input.Announce(CharEvent.Opened);
    }

    private void Serve()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
            {
                if (peer is not Socket client)
                {
                    if (listener is null || closing)
                    {
                        return;
                    }
                    Begin(listener.Accept());
                    continue;
                }
                int n;
                while (!closing && peer == client && (n = Receive(client, buffer)) > 0)
                {
                    Offer(buffer.AsSpan(0, n));
                }
                peer = null;
                client.Dispose();
                input.Announce(CharEvent.Closed);
            }
        }
        catch (Exception e) when (closing && e is SocketException or ObjectDisposedException)
        {
            // The listener was closed under the waiting thread: this is how it ends.
        }
    }

    private void Offer(Span<byte> data)
    {
        bool sawBreak = false;
        int n = telnet?.Receive(data, out sawBreak) ?? data.Length;
        input.Offer(data[..n]);
        if (sawBreak)
        {
            input.Announce(CharEvent.Break);
        }
    }

    // A reset connection is an ended one.
    private static int Receive(Socket socket, byte[] buffer)
    {
        try
        {
            return socket.Receive(buffer);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private void Write(ReadOnlySpan<byte> data)
    {
        if (peer is Socket socket)
        {
            SendAll(socket, spec.Telnet ? TelnetFilter.Send(data) : data);
        }
    }

    private static void SendAll(Socket socket, ReadOnlySpan<byte> data)
    {
        try
        {
            while (!data.IsEmpty)
            {
                data = data[socket.Send(data)..];
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The reading side sees the end of the connection and takes the next one.
            Shutdown(socket);
        }
    }

    private static void Shutdown(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }
}

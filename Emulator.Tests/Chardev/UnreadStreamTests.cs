using System.Net;
using System.Net.Sockets;
using Emulator.Core.Backends;
using Emulator.Core.Bus;
using Emulator.Devices.Serial;
using Emulator.Machine.Config;
using Emulator.Remote.Chardev;
using Emulator.Remote.Monitor;
using Emulator.Tests.Monitor;
using Emulator.Tests.Timers;
using Xunit;

namespace Emulator.Tests.Chardev;

/// <summary>The host's end does not read: the machine goes on.</summary>
public sealed class UnreadStreamTests : IDisposable
{
    private const int Data = 0, Ier = 1, Lsr = 5, TransmitterEmpty = 0x60;

    private readonly TempDirectory temp = new();
    private readonly MachineThread machine = new();

    public void Dispose() => temp.Dispose();

    [Theory]
    [InlineData(CharKind.Tcp)]
    [InlineData(CharKind.Unix)]
    public void A_serial_lines_transmitter_stays_full_until_the_peer_reads_and_nothing_is_lost(CharKind kind)
    {
        using ICharBackend backend = Open(kind);
        bool interrupting = false;
        var uart = new Uart16550A(new VirtualTime().Queue, new IrqLine(level => interrupting = level), backend);
        using Socket peer = Connect(backend);
        peer.Send([1]);
        Assert.True(machine.RunUntil(() => (uart.ReadPort(Lsr, 1) & 1) != 0));

        // A guest that looks at LSR: what the host's socket and 1 MiB of ours hold is taken, then it waits.
        int sent = 0;
        while ((uart.ReadPort(Lsr, 1) & TransmitterEmpty) != 0)
        {
            uart.WritePort(Data, 1, (byte)(sent++ % 251));
            if (sent > 64 << 20)
            {
                Assert.Fail("it never fills");
            }
        }
        uart.WritePort(Ier, 1, 0x02);
        machine.RunPosted();
        Assert.False(interrupting);

        byte[] buffer = new byte[1 << 16];
        int read = 0;
        peer.ReceiveTimeout = 5000;
        while (read < sent && peer.Receive(buffer) is int n and > 0)
        {
            for (int i = 0; i < n; i++)
            {
                if (buffer[i] != (byte)((read + i) % 251))
                {
                    Assert.Fail($"byte {read + i} is {buffer[i]:x2}");
                }
            }
            read += n;
        }
        Assert.Equal(sent, read);
        Assert.True(machine.RunUntil(() => interrupting));
        Assert.Equal(TransmitterEmpty, (int)uart.ReadPort(Lsr, 1) & TransmitterEmpty);
    }

    [Theory]
    [InlineData(CharKind.Tcp)]
    [InlineData(CharKind.Unix)]
    public void A_monitors_client_is_cut_and_the_next_one_served(CharKind kind)
    {
        using var rig = new MonitorRig();
        using ICharBackend backend = Open(kind);
        MonitorSession.Attach(backend, rig.Monitor, waitsForFocus: false);
        using (Socket silent = Connect(backend))
        {
            // It asks and asks, and reads no answer.
            byte[] questions = [.. Enumerable.Repeat("xp/4000xb 0\n"u8.ToArray(), 100).SelectMany(q => q)];
            silent.SendTimeout = 5000;
            SocketError end = SocketError.Success;
            var asking = new Thread(() =>
            {
                // The runtime calls a connection that ends in the middle of a piece TimedOut; the next piece has the host's own error.
                SendUntilError(silent, questions);
                end = SendUntilError(silent, questions);
            });
            asking.Start();
            Assert.True(machine.RunUntil(() => !asking.IsAlive));
            Assert.Contains(end, new[] { SocketError.ConnectionReset, SocketError.Shutdown, SocketError.ConnectionAborted });
        }
        using Socket next = Connect(backend);
        next.ReceiveTimeout = 5000;
        var serving = new Thread(() => machine.RunUntil(() => !next.Connected));
        serving.Start();
        byte[] greeting = new byte[4096];
        int length = next.Receive(greeting);
        Assert.StartsWith(HumanMonitor.Banner, System.Text.Encoding.UTF8.GetString(greeting, 0, length), StringComparison.Ordinal);
        next.Close();
        serving.Join();
    }

    private static SocketError SendUntilError(Socket socket, byte[] piece)
    {
        try
        {
            while (true)
            {
                socket.Send(piece);
            }
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    private ICharBackend Open(CharKind kind) => CharBackends.OpenHost(
        new CharSpec { Kind = kind, Path = temp["s"], Server = true, Label = "serial0", Origin = "-serial X" }, machine.Post, TextWriter.Null, TextWriter.Null);

    private Socket Connect(ICharBackend backend)
    {
        EndPoint address = ((SocketBackend)backend).Address is var text && text.StartsWith("unix:", StringComparison.Ordinal)
            ? new UnixDomainSocketEndPoint(temp["s"])
            : new IPEndPoint(IPAddress.Loopback, int.Parse(text.Split(':')[^1], null));
        // What the host's socket takes is as little as it lets us say.
        var client = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified) { ReceiveBufferSize = 4096 };
        client.Connect(address);
        return client;
    }
}

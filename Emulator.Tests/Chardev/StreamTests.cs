using System.Net;
using System.Net.Sockets;
using System.Text;
using Emulator.Core.Backends;
using Emulator.Machine.Config;
using Emulator.Remote.Chardev;
using Xunit;

namespace Emulator.Tests.Chardev;

public sealed class StreamTests : IDisposable
{
    private readonly TempDirectory temp = new();
    private readonly MachineThread machine = new();
    private readonly StringWriter info = new();

    public void Dispose() => temp.Dispose();

    private ICharBackend Open(CharSpec spec)
    {
        var backend = CharBackends.OpenHost(spec with { Label = "serial0", Origin = "-serial X" }, machine.Post, info, info);
        backend.Receiver = machine;
        return backend;
    }

    private string Error(CharSpec spec) => Assert.Throws<UserErrorException>(() => Open(spec)).Message;

    private static string Read(Socket socket, int count)
    {
        socket.ReceiveTimeout = 5000;
        byte[] buffer = new byte[count];
        int done = 0;
        while (done < count && socket.Receive(buffer, done, count - done, SocketFlags.None) is int n and > 0)
        {
            done += n;
        }
        return Encoding.UTF8.GetString(buffer, 0, done);
    }

    private void RoundTrips(ICharBackend backend, Socket client)
    {
        client.Send("typed"u8);
        Assert.True(machine.RunUntil(() => machine.Text.EndsWith("typed", StringComparison.Ordinal)), machine.Text);
        foreach (byte b in "no line yet"u8)
        {
            backend.Send([b]);
        }
        Assert.Equal("no line yet", Read(client, 11));
    }

    private static Socket Client(EndPoint address)
    {
        var client = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(address);
        return client;
    }

    private static int PortOf(ICharBackend backend) => int.Parse(((SocketBackend)backend).Address.Split(':')[^1], null);

    private static CharSpec TcpServer => new() { Kind = CharKind.Tcp, Port = 0, Server = true };

    [Fact]
    public void Tcp_server_serves_one_client_after_another()
    {
        using var backend = Open(TcpServer);
        Assert.Contains("listening on tcp:127.0.0.1:", info.ToString());
        backend.Send("nobody hears this"u8);
        for (int i = 0; i < 2; i++)
        {
            using var client = Client(new IPEndPoint(IPAddress.Loopback, PortOf(backend)));
            Assert.True(machine.RunUntil(() => machine.Events.LastOrDefault(CharEvent.Closed) == CharEvent.Opened));
            RoundTrips(backend, client);
            client.Close();
            Assert.True(machine.RunUntil(() => machine.Events[^1] == CharEvent.Closed));
        }
    }

    [Fact]
    public void Tcp_client_connects_and_sees_the_end()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var backend = Open(new() { Kind = CharKind.Tcp, Host = "localhost", Port = ((IPEndPoint)listener.LocalEndpoint).Port });
        using var server = listener.AcceptSocket();
        RoundTrips(backend, server);
        server.Close();
        Assert.True(machine.RunUntil(() => machine.Events[^1] == CharEvent.Closed));
        backend.Send("nobody hears this"u8);
    }

    [Fact]
    public async Task A_server_that_waits_opens_when_its_client_comes()
    {
        string path = temp["s"];
        var opening = Task.Run(() => Open(new() { Kind = CharKind.Unix, Path = path, Server = true, Wait = true }));
        while (!File.Exists(path))
        {
            await Task.Delay(5);
        }
        await Task.Delay(50);
        Assert.False(opening.IsCompleted);
        using var client = Client(new UnixDomainSocketEndPoint(path));
        using var backend = await opening;
        Assert.Contains($"waiting for a connection on unix:{path}", info.ToString());
        RoundTrips(backend, client);
    }

    [Fact]
    public void Unix_server_takes_over_a_stale_name_and_removes_its_own()
    {
        string path = temp["s"];
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // The runtime removes the name that it knows; a killed program's stays.
            dead.Bind(new UnixDomainSocketEndPoint(temp["was"]));
            File.Move(temp["was"], path);
        }
        using (var backend = Open(new() { Kind = CharKind.Unix, Path = path, Server = true }))
        {
            using var client = Client(new UnixDomainSocketEndPoint(path));
            RoundTrips(backend, client);
            using var other = Open(new() { Kind = CharKind.Unix, Path = temp["t"], Server = true });
            Assert.Contains("in use by another program", Error(new() { Kind = CharKind.Unix, Path = path, Server = true }));
        }
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void Unix_client_connects()
    {
        string path = temp["s"];
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        using var backend = Open(new() { Kind = CharKind.Unix, Path = path });
        using var server = listener.Accept();
        RoundTrips(backend, server);
    }

    [Fact]
    public void Addresses_that_cannot_be_used_are_explained()
    {
        using var busy = Open(TcpServer);
        int port = PortOf(busy);
        Assert.Equal(
            $"-serial X: port {port} of 127.0.0.1 is in use; end the program that has it, or take another port",
            Error(TcpServer with { Port = port }));
        Assert.Contains("cannot connect to 127.0.0.1:1: nobody listens there", Error(new() { Kind = CharKind.Tcp, Port = 1 }));
        Assert.Contains("no such host", Error(new() { Kind = CharKind.Tcp, Host = "nowhere.invalid", Port = 1 }));
        Assert.Contains("no such socket", Error(new() { Kind = CharKind.Unix, Path = temp["none"] }));
        Assert.Contains("there is no directory for", Error(new() { Kind = CharKind.Unix, Path = temp["none/s"], Server = true }));
        Assert.Contains("is not a socket", Error(new() { Kind = CharKind.Unix, Path = temp.Make("file", [1]), Server = true }));
        Assert.Contains("longer than", Error(new() { Kind = CharKind.Unix, Path = temp[new string('x', 200)], Server = true }));
        Directory.CreateDirectory(temp["dir"]);
        Assert.Contains("is a directory", Error(new() { Kind = CharKind.File, Path = temp["dir"] }));
        Assert.Contains("no such directory", Error(new() { Kind = CharKind.File, Path = temp["none/f"] }));
    }

    [Fact]
    public void A_file_is_emptied_or_continued_and_complete_at_the_end()
    {
        string path = temp.Make("log", "old"u8.ToArray());
        using (var backend = Open(new() { Kind = CharKind.File, Path = path }))
        {
            backend.Send("new\n"u8);
            Assert.True(machine.RunUntil(() => new FileInfo(path).Length == 4));
            for (int i = 0; i < 100_000; i++)
            {
                backend.Send([(byte)('a' + i % 26)]);
            }
        }
        Assert.Equal(100_004, new FileInfo(path).Length);
        Assert.StartsWith("new\nabcdef", File.ReadAllText(path));
        using (var backend = Open(new() { Kind = CharKind.File, Path = path, Append = true }))
        {
            backend.Send("more"u8);
        }
        Assert.EndsWith("more", File.ReadAllText(path));
        Assert.Equal(100_008, new FileInfo(path).Length);
    }

    [Fact]
    public void Input_waits_for_room_and_none_is_lost()
    {
        using var backend = Open(TcpServer);
        using var client = Client(new IPEndPoint(IPAddress.Loopback, PortOf(backend)));
        string text = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"{i} "));
        machine.Room = 0;
        // A thread of its own: the pool's may all be waiting in other tests.
        var sending = new Thread(() => client.Send(Encoding.ASCII.GetBytes(text)));
        sending.Start();
        Thread.Sleep(50);
        machine.RunPosted();
        Assert.Equal("", machine.Text);
        var end = DateTime.UtcNow.AddSeconds(60);
        while (machine.ReceivedCount < text.Length && DateTime.UtcNow < end)
        {
            machine.RunPosted();
            machine.Room = 997;
            backend.AcceptInput();
            Thread.Sleep(0);
        }
        Assert.Equal(text, machine.Text);
        Assert.True(sending.Join(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void Pty_carries_bytes_both_ways_unchanged()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Contains("Windows has no pseudo-terminals", Error(new() { Kind = CharKind.Pty }));
            return;
        }
        using var backend = Open(new() { Kind = CharKind.Pty });
        string path = ((PtyBackend)backend).Path;
        Assert.Equal($"char device redirected to {path} (label serial0)\n", info.ToString());
        backend.Send("nobody hears this\n"u8);
        Thread.Sleep(20);
        using (var terminal = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0))
        {
            Assert.True(machine.RunUntil(() => machine.Events.Count == 1));
            terminal.Write("a\r\u0003\n"u8);
            Assert.True(machine.RunUntil(() => machine.Text == "a\r\u0003\n"), machine.Text);
            backend.Send("x\ny"u8);
            byte[] back = new byte[3];
            terminal.ReadExactly(back);
            Assert.Equal("x\ny"u8.ToArray(), back);
        }
        Assert.True(machine.RunUntil(() => machine.Events.Count == 2));
        Assert.Equal([CharEvent.Opened, CharEvent.Closed], machine.Events);
    }

    [LinuxFact]
    public void Pipes_carry_bytes_both_ways_while_readers_and_writers_come_and_go()
    {
        Assert.Contains("make the pipes first: mkfifo", Error(new() { Kind = CharKind.Pipe, Path = temp["p"] }), StringComparison.Ordinal);
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [temp["p.in"], temp["p.out"]]))
        {
            mkfifo.WaitForExit();
        }
        using var backend = Open(new() { Kind = CharKind.Pipe, Path = temp["p"] });
        backend.Send("early\n"u8);
        for (int round = 0; round < 2; round++)
        {
            using (var writer = new FileStream(temp["p.in"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
            {
                writer.Write("ab\0"u8);
            }
            Assert.True(machine.RunUntil(() => machine.Text.Length == 3 * (round + 1)), machine.Text);
        }
        using var reader = new FileStream(temp["p.out"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        byte[] early = new byte[6];
        reader.ReadExactly(early);
        Assert.Equal("early\n"u8.ToArray(), early);
    }

    [Fact]
    public void A_machine_opens_its_streams_once_and_shares_muxed_ones()
    {
        var shared = new CharSpec { Kind = CharKind.File, Path = temp["log"], Label = "x", Mux = true };
        var config = new MachineConfig
        {
            Serials = [shared, new() { Kind = CharKind.None, Label = "serial1" }, new() { Kind = CharKind.Null, Label = "serial2" }],
            Monitors = [shared],
            DebugCons = [new(0xE9, 0xE9, shared)],
        };
        using (var streams = CharBackends.Open(config, machine.Post, new MuxCommands(() => { }, () => { }), info, info))
        {
            Assert.Equal(3, streams.Serials.Count);
            Assert.Null(streams.Serials[1]);
            Assert.IsType<NullBackend>(streams.Serials[2]);
            streams.Serials[0]!.Send("s"u8);
            streams.Monitors[0].Send("m"u8);
            streams.DebugCons[0].Send("d"u8);
        }
        Assert.Equal("smd", File.ReadAllText(temp["log"]));
        var twice = config with { Serials = [shared with { Mux = false }, shared with { Mux = false, Origin = "-serial chardev:x" }] };
        Assert.Equal(
            "-serial chardev:x: it has two users; add mux=on to share it",
            Assert.Throws<UserErrorException>(() => CharBackends.Open(twice, machine.Post, new MuxCommands(() => { }, () => { }), info, info)).Message);
    }
}

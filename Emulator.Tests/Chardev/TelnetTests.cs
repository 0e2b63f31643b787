using System.Net.Sockets;
using Emulator.Core.Backends;
using Emulator.Machine.Config;
using Emulator.Remote.Chardev;
using Xunit;

namespace Emulator.Tests.Chardev;

/// <summary>The telnet protocol on a stream, and copies of what a stream sends.</summary>
public sealed class TelnetTests : IDisposable
{
    private readonly TempDirectory temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void Commands_are_taken_out_wherever_they_are_cut()
    {
        byte[] sent = [.. "a\r\0b\r\n"u8, 255, 253, 1, 255, 251, 31, 255, 252, 32, 255, 254, 3, (byte)'c', 255, 255, 255, 250, 24, 1, 255, 240, (byte)'d', 255, 243];
        for (int cut = 0; cut <= sent.Length; cut++)
        {
            var filter = new TelnetFilter();
            byte[] first = sent[..cut], second = sent[cut..];
            int n = filter.Receive(first, out bool breakFirst), m = filter.Receive(second, out bool breakSecond);
            Assert.Equal([.. "a\rb\r\nc"u8, 255, (byte)'d'], (byte[])[.. first[..n], .. second[..m]]);
            Assert.True(breakFirst || breakSecond);
        }
        Assert.Equal([1, 255, 255, 2], TelnetFilter.Send([1, 255, 2]));
    }

    [Fact]
    public void A_client_is_greeted_and_output_is_copied_to_a_file()
    {
        var spec = new CharSpec { Kind = CharKind.Tcp, Port = 0, Server = true, Telnet = true, Label = "t", LogFile = temp["log"], Origin = "-serial" };
        var info = new StringWriter();
        using (var stream = CharBackends.OpenHost(spec, action => action(), TextWriter.Null, info))
        {
            var opened = new OpenedReceiver();
            stream.Receiver = opened;
            int port = int.Parse(info.ToString().Trim().Split(':')[^1]);
            using var client = new TcpClient("127.0.0.1", port) { ReceiveTimeout = 20_000 };
            byte[] greeting = new byte[12];
            client.GetStream().ReadExactly(greeting);
            Assert.Equal([255, 251, 1, 255, 251, 3, 255, 251, 0, 255, 253, 0], greeting);
            Assert.True(opened.IsOpen.Wait(TimeSpan.FromSeconds(20)));
            stream.Send([65, 255]);
            byte[] answer = new byte[3];
            client.GetStream().ReadExactly(answer);
            Assert.Equal([65, 255, 255], answer);
        }
        Assert.Equal([65, 255], File.ReadAllBytes(temp["log"]));
    }

    private sealed class OpenedReceiver : ICharReceiver, ICharEventReceiver
    {
        public ManualResetEventSlim IsOpen { get; } = new();

        public int Room => 0;

        public void Receive(ReadOnlySpan<byte> data)
        {
        }

        public void OnCharEvent(CharEvent e)
        {
            if (e == CharEvent.Opened)
            {
                IsOpen.Set();
            }
        }
    }
}

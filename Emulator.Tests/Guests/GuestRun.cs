using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Emulator.Core.Backends;
using Emulator.Core.Diagnostics;
using Emulator.Machine;
using Emulator.Machine.Board;
using Emulator.Machine.Config;
using Emulator.Remote.Block;
using Emulator.Remote.Display;
using Emulator.Tests.Coverage;
using Xunit;

namespace Emulator.Tests.Guests;

/// <summary>
/// A whole machine on a thread of its own, with the firmware and guests that <c>tools/setup test</c> installs: text can be waited for
/// on its screen and its serial line, and typed on its keyboard.
/// </summary>
internal sealed class GuestRun : IDisposable
{
    private readonly MachineInbox inbox = new();
    private readonly VirtualMachine machine;
    private readonly List<IDisposable> images = [];
    private readonly Thread thread;
    private readonly CapturedStream serial = new(), debug = new();
    private int? exitCode;

    /// <summary>Starts a machine, with another video BIOS than the usual one if given.</summary>
    public GuestRun(MachineConfig config, FormRecord? record = null, byte[]? videoBios = null)
    {
        config = config with { DebugCons = [new DebugConConfig(0x402, 0xE9, new CharSpec { Kind = CharKind.Null })] };
        var drives = new List<(DriveConfig, IBlockBackend?)>();
        foreach (DriveConfig drive in config.Drives)
        {
            IBlockBackend? image = ImageFactory.Open(drive);
            drives.Add((drive, image));
            if (image is not null)
            {
                images.Add(image);
            }
        }
        var parts = new MachineParts
        {
            Bios = FirmwareFiles.ReadBios(config),
            VideoBios = videoBios ?? FirmwareFiles.ReadVideoBios(config),
            Drives = drives,
            Serials = [serial],
            DebugCons = [debug],
        };
        machine = new VirtualMachine(config, parts, inbox, EventLog.Silent) { Notice = text => Notices.Enqueue(text) };
        record?.Watch(machine.Board.Cpu);
        thread = new Thread(() => exitCode = machine.Run()) { IsBackground = true };
        thread.Start();
    }

    /// <summary>The machine; touch it on its own thread only (<see cref="Do"/>).</summary>
    public VirtualMachine Machine => machine;

    public ConcurrentQueue<string> Notices { get; } = new();

    public string SerialText => serial.Text;

    public string DebugText => debug.Text;

    /// <summary>The text screen, or what graphics mode it is in.</summary>
    public string Screen
    {
        get
        {
            string text = "";
            Do(() => text = machine.Board.Vga is { } vga
                ? ScreenText.Lines(vga) is { } lines ? string.Join('\n', lines) : $"graphics {vga.Size.Width}x{vga.Size.Height}"
                : "");
            return text;
        }
    }

    /// <summary>Runs an action on the machine thread and waits for it.</summary>
    public void Do(Action action)
    {
        using var done = new ManualResetEventSlim();
        inbox.Post(() =>
        {
            action();
            done.Set();
        });
        Assert.True(done.Wait(TimeSpan.FromSeconds(30)) || !thread.IsAlive, "the machine thread does not answer");
    }

    public void WaitForScreen(string text, int seconds) => WaitFor(() => Screen, text, seconds, "screen");

    public void WaitForSerial(string text, int seconds) => WaitFor(() => SerialText, text, seconds, "serial line");

    public void WaitForDebug(string text, int seconds) => WaitFor(() => DebugText, text, seconds, "debug port");

    /// <summary>Types on the keyboard, as fast as the keyboard's buffer allows.</summary>
    public void Type(string text)
    {
        foreach (KeyChord chord in KeyText.Type(text))
        {
            Press(chord.Keys.ToArray());
        }
    }

    /// <summary>Presses keys together and releases them.</summary>
    public void Press(params string[] keys)
    {
        Do(() =>
        {
            foreach (string key in keys)
            {
                machine.Board.Keyboard.Key(key, down: true);
            }
        });
        Thread.Sleep(30);
        Do(() =>
        {
            foreach (string key in keys.Reverse())
            {
                machine.Board.Keyboard.Key(key, down: false);
            }
        });
        Thread.Sleep(30);
    }

    /// <summary>Sends bytes to the guest's COM1.</summary>
    public void SendSerial(string text) => Do(() => serial.Offer(Encoding.ASCII.GetBytes(text)));

    /// <summary>Waits for the machine to end; its exit code.</summary>
    public int WaitForExit(int seconds)
    {
        if (!thread.Join(TimeSpan.FromSeconds(seconds)))
        {
            Assert.Fail($"the machine still runs; its screen:\n{Screen}\nserial:\n{Tail(SerialText)}");
        }
        return exitCode!.Value;
    }

    public void Dispose()
    {
        inbox.Post(machine.Quit);
        thread.Join();
        machine.Dispose();
        images.ForEach(i => i.Dispose());
        inbox.Dispose();
    }

    private void WaitFor(Func<string> source, string text, int seconds, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!source().Contains(text, StringComparison.Ordinal))
        {
            Assert.True(watch.Elapsed.TotalSeconds < seconds, $"no \"{text}\" on the {what} in {seconds} s; it shows:\n{Tail(source())}\nnotices: {string.Join("; ", Notices)}");
            Assert.True(thread.IsAlive, $"the machine ended before \"{text}\" was on the {what}:\n{Tail(source())}\nnotices: {string.Join("; ", Notices)}");
            Thread.Sleep(50);
        }
    }

    private static string Tail(string text) => text.Length > 4000 ? text[^4000..] : text;

    private sealed class CapturedStream : ICharBackend
    {
        private readonly StringBuilder text = new();
        private readonly Queue<byte> held = new();

        public ICharReceiver? Receiver { get; set; }

        public string Text
        {
            get
            {
                lock (text)
                {
                    return text.ToString();
                }
            }
        }

        public void Send(ReadOnlySpan<byte> data)
        {
            lock (text)
            {
                text.Append(Encoding.Latin1.GetString(data));
            }
        }

        public void Offer(ReadOnlySpan<byte> data)
        {
            foreach (byte b in data)
            {
                held.Enqueue(b);
            }
            AcceptInput();
        }

        public void AcceptInput()
        {
            while (held.Count > 0 && Receiver is { Room: > 0 } receiver)
            {
                receiver.Receive([held.Dequeue()]);
            }
        }

        public void Dispose()
        {
        }
    }
}

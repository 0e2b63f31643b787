using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Emulator.Tests.Guests;

/// <summary>The command <c>emu</c> as a process of its own: what goes in, what comes out, how it ends.</summary>
public sealed class CommandTests : IDisposable
{
    private const int LimitMs = 60_000;

    private const string DebugExit = "-display none -device isa-debug-exit";

    private readonly TempDirectory temp = new();
    private readonly List<Process> started = [];
    private readonly Timer limit;

    public CommandTests() => limit = new Timer(_ => KillAll(), null, LimitMs, Timeout.Infinite);

    public void Dispose()
    {
        limit.Dispose();
        KillAll();
        started.ForEach(p => p.Dispose());
        temp.Dispose();
    }

    [Fact]
    public void SerialLineAndExitCodeComeOut()
    {
        (int code, string output, string error) = Run($"-fda {TestRoms.Path("hello")} -snapshot {DebugExit} -serial stdio");
        Assert.Equal((15, "hello from a boot sector\r\n", ""), (code, output, error));
    }

    [Fact]
    public void SerialLineGoesToAFile()
    {
        Assert.Equal(15, Run($"-fda {TestRoms.Path("hello")} -snapshot {DebugExit} -serial file:{temp["serial"]}").Code);
        Assert.Equal("hello from a boot sector\r\n", File.ReadAllText(temp["serial"]));
    }

    [Fact]
    public void AnImageAloneIsTakenForWhatItIsAndRun()
    {
        string image = TestRoms.Path("hello");
        (int code, string output, string error) = Run($"{image} -snapshot {DebugExit} -serial stdio");
        Assert.Equal((15, "hello from a boot sector\r\n"), (code, output));
        Assert.StartsWith($"emu: note: {image} is taken for a", error);
        Assert.Equal(1, error.Count(c => c == '\n'));
    }

    [LinuxFact]
    public void ADaemonGoesOnByItself()
    {
        (int code, string output, string error) = Run($"-daemonize -fda {TestRoms.Path("hello")} -snapshot {DebugExit} -serial file:{temp["serial"]} -pidfile {temp["pid"]}");
        Assert.Equal((0, "", ""), (code, output, error));
        var time = Stopwatch.StartNew();
        while (time.ElapsedMilliseconds < LimitMs / 2 && new FileInfo(temp["serial"]) is not { Exists: true, Length: 26 })
        {
            Thread.Sleep(20);
        }
        Assert.Equal("hello from a boot sector\r\n", File.ReadAllText(temp["serial"]));
        Assert.True(SpinWait.SpinUntil(() => !File.Exists(temp["pid"]), LimitMs / 4), "the file of -pidfile outlives the process");
        (code, _, error) = Run($"-daemonize -hda {temp["none"]} -display none");
        Assert.Equal((1, $"emu: -hda {temp["none"]}: no such file; check the name\n"), (code, error));
    }

    [Fact]
    public void ATripleFaultUnderNoRebootSaysSo()
    {
        (int code, _, string error) = Run($"-fda {TestRoms.Path("triple")} -snapshot -no-reboot -display none");
        Assert.Equal(0, code);
        Assert.Equal("emu: triple fault at 0000:00007c06 (linear 00007c06): the processor shut down, and -no-reboot ends the machine there\n", error);
    }

    [Fact]
    public void ATripleFaultThatResetsTheMachineIsSaidOnce()
    {
        Process emu = Start($"-fda {TestRoms.Path("triple")} -snapshot -nographic");
        Assert.StartsWith(
            "emu: triple fault at 0000:00007c06 (linear 00007c06): the processor shut down, and the machine was reset", emu.StandardError.ReadLine(), StringComparison.Ordinal);
        for (int reset = 0; reset < 3; reset++)
        {
            WaitFor(emu, new StringBuilder(), "Booting from Floppy");
        }
        emu.StandardInput.Write("\u0001x");
        emu.StandardInput.Flush();
        Assert.Equal("", emu.StandardError.ReadToEnd());
        emu.WaitForExit();
        Assert.Equal(0, emu.ExitCode);
    }

    [Theory]
    [InlineData("", "written by the guest", 33)]
    [InlineData("-snapshot", "", 33)]
    public void AGuestWritesToItsDiskUnlessItIsASnapshot(string option, string expected, int code)
    {
        string disk = Disk("disk.img");
        Assert.Equal(code, Run($"-hda {disk} {option} {DebugExit}").Code);
        Assert.Equal(expected, Encoding.ASCII.GetString(File.ReadAllBytes(disk).AsSpan(512, 20)).TrimEnd('\0'));
    }

    [Theory]
    [InlineData("-boot a", 1)]
    [InlineData("-boot c", 33)]
    [InlineData("-boot order=ca,once=a", 1)]
    [InlineData("", 33)]
    public void TheBootOrderDecides(string option, int code) =>
        Assert.Equal(code, Run($"-drive file={Disk("floppy.img")},if=floppy,format=raw -drive file={Disk("disk.img")},format=raw {option} {DebugExit}").Code);

    [Fact]
    public void AStoppedMachineWaitsForItsMonitor()
    {
        (int code, string output, _) = Run(
            $"-S -fda {TestRoms.Path("hello")} -snapshot {DebugExit} -monitor stdio", "info status\nx/1i $pc\ncont\n");
        Assert.Equal(15, code);
        Assert.Contains("VM status: paused (prelaunch)", output, StringComparison.Ordinal);
        Assert.Contains("0xfffffff0:  ea 5b e0 00 f0           ljmpw    $0xf000, $0xe05b", output, StringComparison.Ordinal);
    }

    [Fact]
    public void TheTranslatorsWorkCanBeReadInTheLog()
    {
        Assert.Equal(15, Run($"-fda {TestRoms.Path("hello")} -snapshot {DebugExit} -d ir,out_asm -D {temp["log"]}").Code);
        string log = File.ReadAllText(temp["log"]);
        Assert.Contains("IR: [region at 0x", log, StringComparison.Ordinal);
        Assert.Contains("= ReadRegister.32 ", log, StringComparison.Ordinal);
        if (System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64)
        {
            // Each block takes its instructions from the budget.
            Assert.Contains("OUT: [region at 0x", log, StringComparison.Ordinal);
            Assert.Contains("(%r11), %r11", log, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TheLogHoldsWhatWasAskedFor()
    {
        Run($"-fda {TestRoms.Path("triple")} -snapshot -no-reboot -display none -d int,cpu_reset -D {temp["log"]}");
        string log = File.ReadAllText(temp["log"]);
        Assert.Contains("v=13 cpl=0 ip=f000:", log, StringComparison.Ordinal); // the BIOS' own INT 13h
        Assert.Contains("triple fault at 0000:00007c06", log, StringComparison.Ordinal);
    }

    [Fact]
    public void NographicSharesTheTerminalByControlA()
    {
        Process emu = Start($"-fda {TestRoms.Path("hello")} -snapshot -nographic");
        var output = new StringBuilder();
        // SeaBIOS mirrors the screen to the line under -nographic.
        WaitFor(emu, output, "Booting from Floppy");
        emu.StandardInput.Write("\u0001h\u0001cinfo status\n");
        WaitFor(emu, output, "VM status: running");
        Assert.Contains("C-a c", output.ToString(), StringComparison.Ordinal);
        emu.StandardInput.Write("\u0001c\u0001x");
        emu.StandardInput.Flush();
        emu.WaitForExit();
        Assert.Equal(0, emu.ExitCode);
    }

    [Fact]
    public void AMonitorOnASocketSeesTheScreenAndQuits()
    {
        if (!Socket.OSSupportsUnixDomainSockets)
        {
            return;
        }
        Process emu = Start($"-fda {TestRoms.Path("hello")} -snapshot -display none -debugcon stdio -monitor unix:{temp["monitor"]},server=on,wait=off");
        var output = new StringBuilder();
        WaitFor(emu, output, "hello from a boot sector");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(temp["monitor"]));
        using var stream = new NetworkStream(socket);
        stream.Write(Encoding.ASCII.GetBytes($"screentext\nscreendump {temp["screen.png"]}\ninfo block\nquit\n"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        string said = reader.ReadToEnd();
        emu.WaitForExit();
        Assert.Contains("hello from a boot sector", said, StringComparison.Ordinal);
        Assert.Contains("floppy0: ", said, StringComparison.Ordinal);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(temp["screen.png"])[..4]);
        Assert.Equal(0, emu.ExitCode);
    }

    // Without the budget of decision 0020 the process comes to the host's limit, and dies there of what its runtime cannot get any more.
    [LinuxFact]
    public void AGuestThatTouchesScatteredPagesLeavesTheRuntimeItsShareOfTheHostsMappings()
    {
        int allowed = int.Parse(File.ReadAllText("/proc/sys/vm/max_map_count"), CultureInfo.InvariantCulture), most = 0;
        Process emu = Start($"-fda {TestRoms.Path("scatter")} -snapshot {DebugExit} -debugcon stdio");
        Task<string> output = emu.StandardOutput.ReadToEndAsync();
        while (!emu.WaitForExit(50))
        {
            most = Math.Max(most, MappingsOf(emu));
        }
        Assert.Equal((15, "................scattered\n"), (emu.ExitCode, output.Result));
        Assert.InRange(most, 1, allowed * 3 / 4);
    }

    [Fact]
    public void WhatTheTranslatorCannotDoIsNotDropped()
    {
        (int code, _, string error) = Run("-display none -accel translate,backend=il,window=on");
        Assert.Equal(1, code);
        Assert.Equal("emu: -accel translate,window=on: the IL back end does not go through the host's MMU; use window=auto or off, or backend=x64 on an x86-64 host\n", error);
    }

    [Theory]
    [InlineData("translate,backend=il", "back end            il")]
    [InlineData("interp", "Translator: none, the interpreter runs everything")]
    public void InfoJitNamesTheBackEnd(string accelerator, string line) =>
        Assert.Contains(line, Run($"-S -display none -monitor stdio -accel {accelerator}", "info jit\nquit\n").Output, StringComparison.Ordinal);

    [LinuxTheory]
    [InlineData("-version", "emu version ")]
    [InlineData("-foo", "emu: -foo: ")]
    public void ATerminalGetsTheTextAndNothingElse(string argument, string beginning)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        using Process script = Process.Start(new ProcessStartInfo("script", ["-qec", $"{dotnet} '{Path.Combine(AppContext.BaseDirectory, "emu.dll")}' {argument}", "/dev/null"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, Environment = { ["TERM"] = "xterm-256color" },
        })!;
        string said = script.StandardOutput.ReadToEnd();
        Assert.StartsWith(beginning, said, StringComparison.Ordinal);
        Assert.DoesNotContain('\x1b', said);
    }

    [LinuxFact]
    public void TheLibraryOfPicturesIsLoadedWhenOneIsAskedFor()
    {
        Process emu = Start("-S -display none -monitor stdio");
        var output = new StringBuilder();
        WaitFor(emu, output, "(qemu) ");
        Assert.DoesNotContain("ImageSharp", File.ReadAllText($"/proc/{emu.Id}/maps"), StringComparison.Ordinal);
        emu.StandardInput.Write($"screendump {temp["a.webp"]}\nprint 7+1\n");
        WaitFor(emu, output, "0x8");
        Assert.Contains("ImageSharp", File.ReadAllText($"/proc/{emu.Id}/maps"), StringComparison.Ordinal);
        Assert.Equal("RIFF"u8, File.ReadAllBytes(temp["a.webp"])[..4]);
        emu.StandardInput.Write("quit\n");
        emu.WaitForExit();
    }

    // 1 MiB with the boot sector that writes to its sector 1.
    private string Disk(string name)
    {
        var image = new byte[name == "floppy.img" ? 1440 << 10 : 1 << 20];
        File.ReadAllBytes(TestRoms.Path("disk")).CopyTo(image, 0);
        return temp.Make(name, image);
    }

    private static int MappingsOf(Process emu)
    {
        try
        {
            return File.ReadLines($"/proc/{emu.Id}/maps").Count();
        }
        catch (IOException)
        {
            // It has just ended.
            return 0;
        }
    }

    private static void WaitFor(Process emu, StringBuilder output, string text)
    {
        var buffer = new char[4096];
        while (!output.ToString().Contains(text, StringComparison.Ordinal))
        {
            int n = emu.StandardOutput.Read(buffer);
            Assert.True(n > 0, $"emu ended before it said \"{text}\":\n{output}");
            output.Append(buffer, 0, n);
        }
    }

    private (int Code, string Output, string Error) Run(string arguments, string input = "")
    {
        Process emu = Start(arguments);
        Task<string> error = emu.StandardError.ReadToEndAsync(), output = emu.StandardOutput.ReadToEndAsync();
        emu.StandardInput.Write(input);
        emu.StandardInput.Flush();
        emu.WaitForExit();
        return (emu.ExitCode, output.Result, error.Result);
    }

    // The program as the tests were built with it, on the .NET that runs the tests. It lives LimitMs at most.
    private Process Start(string arguments)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        Process emu = Process.Start(new ProcessStartInfo(dotnet, $"\"{Path.Combine(AppContext.BaseDirectory, "emu.dll")}\" {arguments}")
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        lock (started)
        {
            started.Add(emu);
        }
        return emu;
    }

    private void KillAll()
    {
        lock (started)
        {
            started.Where(p => !p.HasExited).ToList().ForEach(p => p.Kill());
        }
    }
}

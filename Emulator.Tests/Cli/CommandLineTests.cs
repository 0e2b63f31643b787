using Emulator.Core.Backends;
using Emulator.Cli;
using Emulator.Cli.Options;
using Emulator.Core.Diagnostics;
using Emulator.Machine.Config;
using Xunit;

namespace Emulator.Tests.Cli;

public sealed class CommandLineTests
{
    private static MachineConfig Parse(params string[] args) => CommandLine.Parse(args, onTerminal: false).Config!;

    private static CharSpec Serial(string value) => Assert.Single(Parse("-serial", value).Serials);

    [Fact]
    public void Nothing_said_is_a_pc_with_one_serial_port()
    {
        var config = Parse();
        Assert.Equal("pc", config.MachineType);
        Assert.Equal("qemu32", config.Cpu.Model);
        Assert.Equal("translate", config.Accel);
        Assert.Equal(128 << 20, config.RamBytes);
        Assert.Equal(VgaKind.Std, config.Vga);
        Assert.Equal(CharKind.Null, Assert.Single(config.Serials).Kind);
        Assert.Empty(config.Monitors);
        Assert.Empty(config.Drives);
        Assert.Null(config.IcountShift);
        Assert.Equal(1, config.EscapeByte);
    }

    [Theory]
    [InlineData("512", 512L << 20)]
    [InlineData("512M", 512L << 20)]
    [InlineData("1G", 1L << 30)]
    [InlineData("1.5g", 1536L << 20)]
    [InlineData("size=64M", 64L << 20)]
    [InlineData("2048K", 2L << 20)]
    [InlineData("1", 1L << 20)]
    [InlineData("3583", 3583L << 20)]
    [InlineData("2097153b", 2L << 20)]
    public void Memory(string value, long bytes) => Assert.Equal(bytes, Parse("-m", value).RamBytes);

    [Fact]
    public void Parallel_ports_are_streams()
    {
        var ports = Parse("-parallel", "file:out.prn", "-parallel", "none").Parallels;
        Assert.Equal([(CharKind.File, "out.prn"), (CharKind.None, "")], ports.Select(p => (p.Kind, p.Path)));
        Assert.Empty(Parse("-m", "16").Parallels);
    }

    [Fact]
    public void Board_devices_that_can_be_left_out()
    {
        Assert.Equal((true, true), (Parse("-m", "16").Hpet, Parse("-m", "16").VmPort));
        Assert.False(Parse("-no-hpet").Hpet || Parse("-M", "pc,hpet=off").Hpet);
        Assert.Equal((false, true), (Parse("-M", "pc,vmport=off").VmPort, Parse("-M", "vmport=auto").VmPort));
    }

    [Fact]
    public void Isapc_is_a_486_without_event_timers()
    {
        var config = Parse("-M", "isapc");
        Assert.Equal(("isapc", "486", false), (config.MachineType, config.Cpu.Model, config.Hpet));
        Assert.Equal(("pentium", true), (Parse("-M", "isapc,hpet=on", "-cpu", "pentium").Cpu.Model, Parse("-M", "isapc,hpet=on").Hpet));
    }

    [Fact]
    public void Sound()
    {
        var sound = Parse(
            "-audiodev", "wav,id=a,path=f.wav,out.frequency=48000", "-audiodev", "none,id=b", "-device", "sb16,audiodev=a,irq=7", "-device", "adlib,audiodev=a",
            "-machine", "pc,pcspk-audiodev=b").Sound;
        Assert.Equal([new AudioDevConfig("a", "f.wav", 48000), new AudioDevConfig("b", null, 44100)], sound.Outputs);
        Assert.Equal((new Sb16Config(0x220, 7, 1, 5, "a"), "b", false), (sound.Sb16, sound.Speaker, sound.HasAdLib));
        Assert.True(Parse("-device", "adlib").Sound is { HasAdLib: true, AdLib: null, Sb16: null });
        Assert.Equal("qemu.wav", Parse("-audiodev", "wav,id=a").Sound.Outputs[0].Path);
    }

    [Fact]
    public void Plain_settings()
    {
        var config = Parse(
            "-M", "pc,accel=interp,usb=off", "-cpu", "qemu32,+sse2,-pae,tsc=off", "-smp", "1", "-bios", "b.bin", "-L", "d1", "-L", "d2",
            "-kernel", "k", "-initrd", "i", "-append", "a, b=c", "-icount", "shift=7,sleep=off", "-S", "-no-reboot", "-no-shutdown",
            "-no-fd-bootchk", "-d", "int,cpu_reset", "-d", "unimp", "-D", "log", "-name", "guest=box,debug-threads=on", "-vga", "none",
            "-uuid", "00112233-4455-6677-8899-aabbccddeeff", "-pidfile", "pid", "-nodefaults", "-echr", "0x02", "-nic", "none", "-net", "none",
            "-parallel", "none", "-no-hpet", "-accel", "accel=interp");
        Assert.Equal("qemu32", config.Cpu.Model);
        Assert.Equal([new CpuFeature("sse2", true), new CpuFeature("pae", false), new CpuFeature("tsc", false)], config.Cpu.Features);
        Assert.Equal("b.bin", config.BiosFile);
        Assert.Equal(["d1", "d2"], config.BiosSearchPath);
        Assert.Equal(("k", "i", "a, b=c"), (config.Kernel, config.Initrd, config.Append));
        Assert.Equal((7, false), (config.IcountShift, config.IcountSleep));
        Assert.True(config.StartPaused && config.NoReboot && config.NoShutdown && config.NoFloppyBootCheck && config.NoDefaults);
        Assert.Equal(LogItems.Int | LogItems.CpuReset | LogItems.Unimplemented, config.LogItems);
        Assert.Equal(("log", "box", "pid"), (config.LogFile, config.Name, config.PidFile));
        Assert.Equal(VgaKind.None, config.Vga);
        Assert.Equal(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), config.Uuid);
        Assert.Equal(2, config.EscapeByte);
        Assert.Empty(config.Serials);
    }

    [Fact]
    public void Two_dashes_are_as_good_as_one() => Assert.True(Parse("--no-reboot", "--m", "64").NoReboot);

    [Theory]
    [InlineData("-fda", DriveInterface.Floppy, 0, 0, 0, false, "floppy0")]
    [InlineData("-fdb", DriveInterface.Floppy, 1, 0, 1, false, "floppy1")]
    [InlineData("-hda", DriveInterface.Ide, 0, 0, 0, false, "ide0-hd0")]
    [InlineData("-hdb", DriveInterface.Ide, 1, 0, 1, false, "ide0-hd1")]
    [InlineData("-hdc", DriveInterface.Ide, 2, 1, 0, false, "ide1-hd0")]
    [InlineData("-hdd", DriveInterface.Ide, 3, 1, 1, false, "ide1-hd1")]
    [InlineData("-cdrom", DriveInterface.Ide, 2, 1, 0, true, "ide1-cd0")]
    public void Drives_by_letter(string option, DriveInterface on, int index, int bus, int unit, bool cd, string id)
    {
        var drive = Assert.Single(Parse(option, "x.img").Drives);
        Assert.Equal((on, index, bus, unit, cd), (drive.Interface, drive.Index, drive.Bus, drive.Unit, drive.IsCdrom));
        Assert.Equal(("x.img", id, $"{option} x.img"), (drive.File, drive.Id, drive.Origin));
        Assert.False(drive.Snapshot);
    }

    [Theory]
    [InlineData("-hdc a -cdrom b", "ide1-hd0 ide1-cd1")]
    [InlineData("-cdrom b -hdc a -hdd a", "ide0-cd0 ide1-hd0 ide1-hd1")]
    [InlineData("-cdrom b -hda a -drive file=c", "ide0-hd0 ide0-hd1 ide1-cd0")]
    public void A_cd_takes_the_next_free_place_where_its_own_is_taken(string line, string ids) =>
        Assert.Equal(ids, string.Join(' ', Parse(line.Split(' ')).Drives.Select(d => d.Id)));

    [Fact]
    public void A_word_alone_is_the_first_hard_disk()
    {
        var drive = Assert.Single(Parse("-m", "64", "disk.img", "-S").Drives);
        Assert.Equal((0, "disk.img"), (drive.Index, drive.File));
    }

    [Fact]
    public void Drives_in_full()
    {
        var config = Parse(
            "-drive", "file=a,,b.img,format=raw,cache=none",
            "-drive", "file=c.iso,media=cdrom",
            "-drive", "file=d,if=ide,index=0,readonly=on",
            "-drive", "file=e,bus=1,unit=1,snapshot=off",
            "-drive", "if=floppy,file=f",
            "-drive", "if=floppy,index=1",
            "-snapshot");
        Assert.Equal(
            ["floppy0", "floppy1", "ide0-hd0", "ide0-hd1", "ide1-cd0", "ide1-hd1"],
            config.Drives.Select(d => d.Id));
        Assert.Equal(["f", null, "d", "a,b.img", "c.iso", "e"], config.Drives.Select(d => d.File));
        Assert.Equal([true, false, false, true, false, false], config.Drives.Select(d => d.Snapshot));
        Assert.Equal([false, false, true, false, true, false], config.Drives.Select(d => d.ReadOnly));
        Assert.Equal("raw", config.Drives[3].Format);
        Assert.Null(config.Drives[2].Format);
    }

    [Fact]
    public void What_drives_do_when_the_host_fails()
    {
        var drives = Parse(
            "-hda", "a",
            "-drive", "file=b,rerror=stop,werror=report",
            "-drive", "file=c,rerror=ignore,werror=ignore",
            "-drive", "file=d,rerror=report,werror=stop").Drives;
        Assert.Equal([BlockErrorAction.Report, BlockErrorAction.Stop, BlockErrorAction.Ignore, BlockErrorAction.Report], drives.Select(d => d.ReadError));
        Assert.Equal([null, BlockErrorAction.Report, BlockErrorAction.Ignore, BlockErrorAction.Stop], drives.Select(d => d.WriteError));
        Assert.Null(Assert.Single(Parse("-drive", "file=a,werror=enospc").Drives).WriteError);
    }

    [Fact]
    public void Boot_order_and_menu()
    {
        Assert.Equal(new BootConfig { Order = "d" }, Parse("-boot", "d").Boot);
        Assert.Equal(
            new BootConfig { Order = "dc", Once = "n", Menu = true, SplashTimeMs = 5000, RebootTimeoutMs = -1, Strict = true },
            Parse("-boot", "order=dc,menu=on", "-boot", "once=n,splash-time=5000,reboot-timeout=-1,strict=on").Boot);
    }

    [Fact]
    public void Real_time_clock()
    {
        var host = new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        Assert.Equal(host, Parse("-rtc", "base=utc").Rtc.AtPowerOn(host));
        Assert.Equal(host.ToLocalTime(), Parse("-rtc", "base=localtime,clock=host").Rtc.AtPowerOn(host));
        Assert.Equal(new DateTime(2024, 2, 29, 12, 0, 1), Parse("-rtc", "base=2024-02-29T12:00:01").Rtc.AtPowerOn(host));
        Assert.Equal(new DateTime(1999, 12, 31), Parse("-rtc", "base=1999-12-31").Rtc.AtPowerOn(host));
    }

    [Fact]
    public void Streams_in_the_short_form()
    {
        Assert.Equal(CharKind.None, Serial("none").Kind);
        Assert.Equal(CharKind.Null, Serial("null").Kind);
        Assert.Equal(CharKind.Null, Serial("vc:80Cx24C").Kind);
        Assert.Equal(CharKind.Pty, Serial("pty").Kind);
        Assert.Equal((CharKind.Stdio, true, false), (Serial("stdio").Kind, Serial("stdio").Signals, Serial("stdio").Mux));
        Assert.Equal((CharKind.File, "a,b:c"), (Serial("file:a,b:c").Kind, Serial("file:a,b:c").Path));
        var unix = Serial("unix:/tmp/s,server=on,wait=off");
        Assert.Equal((CharKind.Unix, "/tmp/s", true, false), (unix.Kind, unix.Path, unix.Server, unix.Wait));
        var tcp = Serial("tcp::4444,server,nowait");
        Assert.Equal((CharKind.Tcp, "127.0.0.1", 4444, true, false), (tcp.Kind, tcp.Host, tcp.Port, tcp.Server, tcp.Wait));
        Assert.True(Serial("tcp:h:1,server=on").Wait);
        Assert.Equal(("::1", 5, false), (Serial("tcp:[::1]:5").Host, Serial("tcp:[::1]:5").Port, Serial("tcp:[::1]:5").Server));
        Assert.Equal(("serial0", "-serial pty"), (Serial("pty").Label, Serial("pty").Origin));
    }

    [Fact]
    public void Monitor_and_serial_share_a_stream_by_mon()
    {
        var config = Parse("-serial", "mon:stdio", "-serial", "pty");
        Assert.Equal(["serial0", "serial1"], config.Serials.Select(s => s.Label));
        Assert.Equal(config.Serials[0], Assert.Single(config.Monitors));
        Assert.True(config.Serials[0].Mux);
        Assert.False(config.Serials[0].Signals);
    }

    [Fact]
    public void Monitors()
    {
        var config = Parse("-monitor", "unix:m,server=on,wait=off", "-monitor", "stdio");
        Assert.Equal([CharKind.Unix, CharKind.Stdio], config.Monitors.Select(m => m.Kind));
        Assert.Equal(["compat_monitor0", "compat_monitor1"], config.Monitors.Select(m => m.Label));
        Assert.Empty(Parse("-monitor", "none").Monitors);
        Assert.Empty(Parse("-monitor", "null").Monitors);
    }

    [Fact]
    public void Nographic_puts_serial_and_monitor_on_the_terminal()
    {
        var config = Parse("-nographic");
        Assert.True(config.NoGraphic && config.Serials[0].Mux && !config.Serials[0].Signals);
        Assert.Equal(CharKind.Stdio, config.Serials[0].Kind);
        Assert.Equal(config.Serials[0], Assert.Single(config.Monitors));

        config = Parse("-nographic", "-serial", "null");
        Assert.Equal((CharKind.Stdio, false), (Assert.Single(config.Monitors).Kind, config.Monitors[0].Signals));
        config = Parse("-nographic", "-monitor", "none");
        Assert.Equal((CharKind.Stdio, false, false), (config.Serials[0].Kind, config.Serials[0].Mux, config.Serials[0].Signals));
        config = Parse("-nographic", "-serial", "stdio");
        Assert.Equal((CharKind.Stdio, 0), (config.Serials[0].Kind, config.Monitors.Count));
        config = Parse("-nographic", "-monitor", "stdio");
        Assert.Equal((CharKind.Null, CharKind.Stdio), (config.Serials[0].Kind, config.Monitors[0].Kind));
        config = Parse("-nographic", "-nodefaults");
        Assert.Empty(config.Serials);
        Assert.Empty(config.Monitors);
    }

    [Fact]
    public void Display_goes_to_a_terminal_that_is_free()
    {
        Assert.Equal(DisplayKind.Term, CommandLine.Parse([], onTerminal: true).Config!.Display);
        Assert.Equal(DisplayKind.None, CommandLine.Parse([], onTerminal: false).Config!.Display);
        Assert.Equal(DisplayKind.None, CommandLine.Parse(["-serial", "stdio"], onTerminal: true).Config!.Display);
        Assert.Equal(DisplayKind.None, CommandLine.Parse(["-nographic"], onTerminal: true).Config!.Display);
        Assert.Equal(DisplayKind.None, CommandLine.Parse(["-display", "none"], onTerminal: true).Config!.Display);
        Assert.Equal(DisplayKind.None, CommandLine.Parse(["-vga", "none"], onTerminal: true).Config!.Display);
        Assert.Equal(DisplayKind.Term, Parse("-display", "term").Display);
        Assert.Equal(TerminalGraphics.Auto, Parse("-display", "term").TerminalGraphics);
        Assert.Equal(TerminalGraphics.Sixel, Parse("-display", "term,graphics=sixel").TerminalGraphics);
        Assert.Equal(new RecordingConfig("a.png", 25), Parse("-record", "a.png").Recording);
        Assert.Equal(new RecordingConfig("a.png", 5), Parse("-record", "a.png,fps=5").Recording);
    }

    [Fact]
    public void Debug_consoles()
    {
        var plain = Assert.Single(Parse("-debugcon", "stdio").DebugCons);
        Assert.Equal((0xE9, 0xE9, CharKind.Stdio), (plain.IoBase, plain.ReadBack, plain.Output.Kind));
        var moved = Assert.Single(Parse("-debugcon", "file:x", "-global", "isa-debugcon.iobase=0x402").DebugCons);
        Assert.Equal((0x402, CharKind.File), (moved.IoBase, moved.Output.Kind));
        var config = Parse("-chardev", "stdio,id=seabios", "-device", "isa-debugcon,iobase=0x402,chardev=seabios,readback=1");
        Assert.Equal((0x402, 1, CharKind.Stdio), (config.DebugCons[0].IoBase, config.DebugCons[0].ReadBack, config.DebugCons[0].Output.Kind));
        Assert.Equal("isa-debugcon", Assert.Single(config.Devices).Name);
        Assert.Empty(Parse("-debugcon", "none").DebugCons);
    }

    [Fact]
    public void Debug_exit()
    {
        Assert.Equal(new DebugExitConfig(0xF4, 4), Assert.Single(Parse("-device", "isa-debug-exit,iobase=0xf4,iosize=0x04").DebugExits));
        Assert.Equal(new DebugExitConfig(0x501, 2), Assert.Single(Parse("-device", "isa-debug-exit").DebugExits));
    }

    [Fact]
    public void Named_streams()
    {
        var config = Parse(
            "-serial", "chardev:a", "-chardev", "stdio,mux=on,id=a", "-mon", "chardev=a,mode=readline",
            "-chardev", "socket,id=b,path=/s,server=on,wait=off", "-serial", "chardev:b",
            "-chardev", "file,id=c,path=f,append=on", "-serial", "chardev:c",
            "-chardev", "socket,id=d,port=7", "-serial", "chardev:d");
        Assert.Equal(["a", "b", "c", "d"], config.Serials.Select(s => s.Label));
        Assert.Equal(["a"], config.Monitors.Select(s => s.Label));
        Assert.True(config.Serials[0].Mux && !config.Serials[0].Signals);
        Assert.Equal((CharKind.Unix, "/s", true, false), (config.Serials[1].Kind, config.Serials[1].Path, config.Serials[1].Server, config.Serials[1].Wait));
        Assert.True(config.Serials[2].Append);
        Assert.Equal((CharKind.Tcp, 7), (config.Serials[3].Kind, config.Serials[3].Port));
        Assert.Equal(CharKind.Pty, Parse("-chardev", "pty,id=p", "-serial", "chardev:p").Serials[0].Kind);
        Assert.Equal(CharKind.Null, Parse("-chardev", "null,id=p", "-serial", "chardev:p").Serials[0].Kind);
    }

    [Theory]
    [InlineData("-help", "usage: emu [options] [disk image]")]
    [InlineData("-h", "usage: emu [options] [disk image]")]
    [InlineData("--help", "usage: emu [options] [disk image]")]
    [InlineData("-version", "emu version ")]
    [InlineData("--version", "emu version ")]
    [InlineData("-M help", "pc  ")]
    [InlineData("-machine help", "pc  ")]
    [InlineData("-cpu help", "pentium3  ")]
    [InlineData("-accel help", "interp  ")]
    [InlineData("-device help", "name \"isa-debug-exit\", bus ISA")]
    [InlineData("-device isa-debug-exit,help", "isa-debug-exit options:\n  iobase\n")]
    [InlineData("-audiodev help", "Available audio drivers:\nnone\nwav\n")]
    [InlineData("-chardev help", "  socket\n")]
    [InlineData("-vga help", "std  ")]
    [InlineData("-netdev help", "Supported NIC models:")]
    [InlineData("-nic model=help", "Supported NIC models:")]
    [InlineData("-machine pc,help", "pc  ")]
    [InlineData("-d help", "guest_errors  ")]
    [InlineData("-display help", "term  ")]
    [InlineData("-L help", "/usr/share/seabios\n")]
    public void Texts_are_printed_and_nothing_is_run(string line, string expected)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        Assert.Equal(0, EntryPoint.Run(line.Split(' '), output, error, onTerminal: false));
        Assert.Contains(expected, output.ToString());
        Assert.Equal("", error.ToString());
    }

    [Fact]
    public void Help_shows_every_option_once_in_at_most_130_columns()
    {
        string help = HelpText.Options(Invocation.Own);
        foreach (var option in OptionTable.All.Where(o => o.Help.Length > 0))
        {
            Assert.Single(help.Split('\n'), l => l.TrimEnd() == $"  -{option.Name}" || l.StartsWith($"  -{option.Name} ", StringComparison.Ordinal));
        }
        Assert.All(help.Split('\n'), l => Assert.True(l.Length <= 130 && l.TrimEnd() == l, l));
    }

    [Fact]
    public void The_table_has_each_name_once_and_none_that_is_refused()
    {
        Assert.Equal(OptionTable.All.Count, OptionTable.All.DistinctBy(o => o.Name).Count());
        Assert.DoesNotContain(OptionTable.All, o => UnsupportedOptions.All.ContainsKey(o.Name));
    }
}

using Emulator.Cli;
using Emulator.Cli.Options;
using Emulator.Core.Diagnostics;
using Emulator.Machine.Config;
using Xunit;

namespace Emulator.Tests.Cli;

/// <summary>QEMU's options that something near stands for: what the machine becomes, and what is said of the difference.</summary>
public sealed class QemuOptionTests
{
    private static readonly Invocation Qemu = new("qemu-system-i386");

    private static CommandLineResult Parse(string line, bool onTerminal = false, Invocation? invocation = null) =>
        CommandLine.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), onTerminal, invocation ?? Invocation.Own);

    [Theory]
    [InlineData("-enable-kvm", "kvm: the host's virtualization hardware is not used; the guest is translated")]
    [InlineData("-enable-kvm -accel kvm -machine pc,accel=kvm:tcg", "kvm: the host's virtualization hardware is not used; the guest is translated")]
    [InlineData("-accel hvf", "hvf: the host's virtualization hardware is not used; the guest is translated")]
    [InlineData("-machine pc,accel=whpx:tcg", "whpx: the host's virtualization hardware is not used; the guest is translated")]
    [InlineData("-M pc-i440fx-7.2", "pc-i440fx-7.2 is the board pc, as it is in every version of it here")]
    [InlineData("-cpu host", "-cpu host: the processor is max, the best of this build: a 32-bit i686 with SSE2")]
    [InlineData("-cpu host,migratable=no,-x2apic", "-cpu host: the processor is max, the best of this build: a 32-bit i686 with SSE2")]
    [InlineData("-vga cirrus", "-vga cirrus: the display adapter is std (VGA with Bochs VBE)")]
    [InlineData("-device virtio-vga", "virtio-vga: the display adapter is std (VGA with Bochs VBE)")]
    [InlineData("-audiodev pa,id=a -device sb16,audiodev=a", "pa: no sound is heard on this host; -audiodev wav,id=ID,path=FILE keeps it in a file")]
    [InlineData("-audio sdl,model=sb16", "sdl: no sound is heard on this host; -audiodev wav,id=ID,path=FILE keeps it in a file")]
    [InlineData("-soundhw pcspk", "pcspk: no sound is heard on this host; -audiodev wav,id=ID,path=FILE keeps it in a file")]
    [InlineData("-usb -machine usb=on", "there is no USB controller; keyboard and mouse are PS/2 devices")]
    [InlineData("-device usb-tablet", "usb-tablet: the PS/2 keyboard and mouse, and VMware's absolute pointer, stand for it")]
    [InlineData("-usbdevice tablet", "usb-tablet: the PS/2 keyboard and mouse, and VMware's absolute pointer, stand for it")]
    [InlineData("-rtc clock=rt", "-rtc clock=rt: the clock runs with the machine, and stands while it is stopped")]
    [InlineData("-k de", "-k de: keys are sent as those of a US keyboard; choose the layout in the guest")]
    [InlineData("-boot menu=on,splash=a.bmp", "-boot splash=: no picture is shown while the firmware starts")]
    [InlineData("-global PIIX4_PM.disable_s3=0", "PIIX4_PM.disable_s3: the machine has no suspend to RAM (S3)")]
    [InlineData("-full-screen", "-full-screen: it belongs to a window, and there is none")]
    [InlineData("-d int,page", "-d page logs nothing: it belongs to QEMU's emulation of single programs")]
    [InlineData("-d trace:ps2_keyboard", "-d trace:ps2_keyboard logs nothing: there are no trace events; 'guest_errors' and 'unimp' log what devices see")]
    [InlineData("-hda /dev/null", "-hda /dev/null: a hard disk without a byte is left out")]
    [InlineData("-drive if=none,id=x,file=a", "-drive if=none,id=x,file=a: no device takes this drive; add -device ide-hd,drive=x, or leave if=none out")]
    [InlineData("-fw_cfg etc/x,string=a", "-fw_cfg etc/x: names outside opt/ belong to firmware")]
    public void What_differs_is_said_once(string line, string note) => Assert.Equal([note], Parse(line).Notes);

    [Theory]
    [InlineData("-accel tcg,thread=single,tb-size=64")]
    [InlineData("-machine pc,accel=tcg,usb=off,kernel-irqchip=split,dump-guest-core=off,max-ram-below-4g=4G -m 1G")]
    [InlineData("-cpu max,-avx,check")]
    [InlineData("-cpu 486-v1")]
    [InlineData("-rtc base=utc,clock=host,driftfix=slew")]
    [InlineData("-k en-us -no-user-config -nodefaults -no-kvm")]
    [InlineData("-global PIIX4_PM.disable_s3=1 -global kvm-pit.lost_tick_policy=delay")]
    [InlineData("-d op,op_opt,nochain,mmu,pcall,fpu,cpu")]
    [InlineData("-cdrom /dev/null -fda /dev/null -serial /dev/null -monitor /dev/null")]
    [InlineData("-net none -nic none -smp cores=1,threads=1,sockets=1")]
    public void What_does_not_differ_is_not_spoken_of(string line) => Assert.Empty(Parse(line).Notes);

    [Fact]
    public void Windows_become_the_nearest_screen()
    {
        foreach (string window in (string[])["-display gtk,zoom-to-fit=on", "-display sdl", "-curses", "-sdl", "-display cocoa"])
        {
            var result = Parse(window, onTerminal: true);
            Assert.Equal(DisplayKind.Term, result.Config!.Display);
            Assert.Contains("the screen is in this terminal", Assert.Single(result.Notes));
            result = Parse(window + " -serial stdio", onTerminal: true);
            Assert.Equal(DisplayKind.None, result.Config!.Display);
            Assert.Contains("the terminal belongs to -serial stdio", Assert.Single(result.Notes));
        }
        Assert.Contains("there is no window", Assert.Single(Parse("-m 16", invocation: Qemu).Notes));
        Assert.Empty(Parse("-m 16 -display none", invocation: Qemu).Notes);
        Assert.Empty(Parse("-m 16").Notes);
    }

    [Fact]
    public void Settings_reach_the_machine()
    {
        Assert.Equal(64, Parse("-accel tcg,tb-size=64").Config!.Translator.CacheMegabytes);
        Assert.True(Parse("-m 16").Config!.Acpi);
        Assert.False(Parse("-no-acpi").Config!.Acpi || Parse("-M pc,acpi=off").Config!.Acpi);
        Assert.False(Parse("-no-hpet -M isapc").Config!.Hpet || Parse("-M hpet=off").Config!.Hpet);
        Assert.True(Parse("-action reboot=shutdown,shutdown=pause").Config is { NoReboot: true, NoShutdown: true });
        Assert.Equal(RtcBase.LocalTime, Parse("-localtime").Config!.Rtc.Base);
        Assert.Equal(RtcBase.LocalTime, Parse("-rtc base=localtime").Config!.Rtc.Base);
        Assert.Equal(LogItems.Ir | LogItems.Fpu | LogItems.Mmu | LogItems.FarCalls, Parse("-d op,fpu,mmu,pcall").Config!.LogItems);
        Assert.True(Parse("-daemonize -msg timestamp=on -dry-run").Running is { Daemonize: true, Timestamps: true, IsDry: true });
        Assert.Equal("max", Parse("-cpu host").Config!.Cpu.Model);
        Assert.Equal([new("sse", false)], Parse("-cpu max,-avx,-sse,check").Config!.Cpu.Features);
        Assert.Equal(["opt/a", "genroms/r.bin"], Parse("-fw_cfg opt/a,string=b -option-rom d/r.bin -bios x").Config!.FwCfgItems.Select(i => i.Name));
        Assert.True(Parse("-serial telnet::4444,server,nowait").Config!.Serials[0] is { Kind: CharKind.Tcp, Telnet: true, Server: true, Wait: false, Port: 4444 });
        var log = Parse("-chardev stdio,id=a,mux=on,logfile=f,logappend=on -serial chardev:a").Config!.Serials[0];
        Assert.Equal(("f", true), (log.LogFile, log.LogAppend));
    }

    [Fact]
    public void Drives_are_taken_by_devices()
    {
        var config = Parse(
            "-drive if=none,id=d,file=a,format=raw -drive if=none,id=c,file=b -device ide-cd,drive=c,bus=ide.0,unit=1,bootindex=0 -device ide-hd,drive=d,bus=ide.1,bootindex=1")
            .Config!;
        Assert.Equal([("ide0-hd1", "b"), ("ide1-hd0", "a")], config.Drives.Select(d => (d.Id.Replace("cd", "hd"), d.File!)));
        Assert.Equal([true, false], config.Drives.Select(d => d.IsCdrom));
        Assert.Equal("dc", config.Boot.Order);
        Assert.Equal(CharKind.File, Parse("-chardev file,id=s,path=f -device isa-serial,chardev=s").Config!.Serials[0].Kind);
    }

    [Fact]
    public void Asked_by_a_name_of_qemu_it_answers_in_its_form()
    {
        Assert.StartsWith("QEMU emulator version 7.2.0 (emu ", Parse("--version", invocation: Qemu).Text);
        Assert.Contains("usage: qemu-system-i386 [options] [disk image]\n", Parse("-help", invocation: Qemu).Text);
        Assert.Contains("  -enable-kvm\n", Parse("-help", invocation: Qemu).Text);
        Assert.StartsWith("Supported machines are:\npc  ", Parse("-machine help", invocation: Qemu).Text);
        Assert.Contains("\nx86 qemu32  ", Parse("-cpu help", invocation: Qemu).Text);
        Assert.Contains("\nRecognized CPUID flags:\n  fpu ", Parse("-cpu help", invocation: Qemu).Text);
        Assert.DoesNotContain("kvm", Parse("-accel help", invocation: Qemu).Text);
        Assert.Contains("\ntcg  ", Parse("-accel help", invocation: Qemu).Text);
        var error = new StringWriter();
        Assert.Equal(1, EntryPoint.Run(["-netdev", "user,id=a"], TextWriter.Null, error, false, Qemu));
        Assert.StartsWith("qemu-system-i386: -netdev user,id=a: network adapters are not built yet", error.ToString());
        Assert.Contains("a guest that needs 64-bit mode does not run yet", Parse("-display none", invocation: new("qemu-system-x86_64")).Notes[0]);
    }

    [Fact]
    public void Messages_get_the_time_with_each_line()
    {
        var target = new StringWriter();
        var stamped = new StampedWriter(target) { NewLine = "\n" };
        stamped.WriteLine("one");
        stamped.Write("two\nthree\n");
        Assert.Matches(@"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z (one|two|three)\n){3}$", target.ToString());
    }
}

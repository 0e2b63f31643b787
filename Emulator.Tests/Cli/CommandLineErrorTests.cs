using Emulator.Cli;
using Emulator.Cli.Options;
using Emulator.Tests.Firmware;
using Xunit;

namespace Emulator.Tests.Cli;

/// <summary>Whatever is wrong: one sentence that names it and says what to do, and exit code 1.</summary>
public sealed class CommandLineErrorTests : IDisposable
{
    private readonly TempDirectory temp = new();

    public void Dispose() => temp.Dispose();

    // What a start refuses, a dry run refuses by the same sentence.
    private static string Error(params string[] args)
    {
        if (args.Contains("-dry-run"))
        {
            return ErrorOf(args);
        }
        // First: a machine that is not refused would run for ever.
        string sentence = ErrorOf(["-dry-run", .. args]);
        Assert.Equal(sentence, ErrorOf(args));
        return sentence;
    }

    private static string ErrorOf(IReadOnlyList<string> args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        Assert.Equal(1, EntryPoint.Run(args, output, error, onTerminal: false));
        Assert.Equal("", output.ToString());
        string text = error.ToString();
        Assert.StartsWith("emu: ", text);
        Assert.Equal(text.Length - 1, text.IndexOf('\n'));
        return text["emu: ".Length..^1];
    }

    [Theory]
    [InlineData("-m 99T", "-m 99T: at most 3583M of RAM fit below 4 GiB; give a smaller size, for example -m 512")]
    [InlineData("-m 3584", "-m 3584: at most 3583M of RAM fit below 4 GiB; give a smaller size, for example -m 512")]
    [InlineData("-m 99999999999999999999E", "-m 99999999999999999999E: at most 3583M of RAM fit below 4 GiB; give a smaller size, for example -m 512")]
    [InlineData("-m 0", "-m 0: at least 1M of RAM is needed; give a larger size, for example -m 512")]
    [InlineData("-m 1023K", "-m 1023K: at least 1M of RAM is needed; give a larger size, for example -m 512")]
    [InlineData("-m -5", "-m -5: this is no size; give a number with K, M or G, for example -m 512M")]
    [InlineData("-m lots", "-m lots: this is no size; give a number with K, M or G, for example -m 512M")]
    [InlineData("-m 1G,slots=2", "-m 1G,slots=2: memory cannot be plugged in later; leave slots= and maxmem= out")]
    [InlineData("-m", "-m: its value is missing; write -m SIZE")]
    [InlineData("-hdz x", "-hdz: there is no such option; did you mean -hda?")]
    [InlineData("-displya none", "-displya: there is no such option; did you mean -display?")]
    [InlineData("-snap", "-snap: there is no such option; did you mean -snapshot?")]
    [InlineData("--no-rebot", "-no-rebot: there is no such option; did you mean -no-reboot?")]
    [InlineData("-xyzzyplugh", "-xyzzyplugh: there is no such option; 'emu -help' lists the options")]
    [InlineData("-", "-: there is no such option; 'emu -help' lists the options")]
    [InlineData("-M q35", "-M q35: there is no machine 'q35' in this build; known are pc, isapc")]
    [InlineData("-audiodev wav,path=a.wav", "-audiodev wav,path=a.wav: it needs a name; write wav,id=ID")]
    [InlineData("-audiodev wav,id=a,out.channels=1", "-audiodev wav,id=a,out.channels=1: the file has two channels of 16 bits (out.channels=2, out.format=s16); leave others out")]
    [InlineData("-audiodev none,id=a -audiodev none,id=a", "-audiodev: the id 'a' is there twice; give each its own")]
    [InlineData("-device sb16,audiodev=b", "-device sb16,audiodev=b: there is no audio output 'b'; add -audiodev wav,id=b,path=FILE or -audiodev none,id=b")]
    [InlineData("-M pcspk-audiodev=b", "-machine pcspk-audiodev: there is no audio output 'b'; add -audiodev wav,id=b,path=FILE or -audiodev none,id=b")]
    [InlineData("-device sb16,irq=6", "-device sb16,irq=6: irq is 5, 7, 9 or 10")]
    [InlineData("-device sb16 -device sb16", "-device sb16: one is there already; leave one of them out")]
    [InlineData("-machine pc,foo=1", "-machine pc,foo=1: 'foo' is not known here; known are type, accel, hpet, acpi, vmport, ")]
    [InlineData("-cpu core9", "-cpu core9: there is no processor 'core9' in this build; known are qemu32, max, pentium3, pentium2, pentium, 486")]
    [InlineData("-cpu 486,,", "-cpu 486,,: a feature between commas has no name; write +NAME or -NAME")]
    [InlineData("-accel interp,threads=2", "-accel interp,threads=2: backend, window, threshold, threads and cache belong to -accel translate; leave them out with interp")]
    [InlineData("-smp 2", "-smp 2: this build has one processor; use -smp 1, or leave it out")]
    [InlineData("-smp cpus=1,cores=4", "-smp cpus=1,cores=4: this build has one processor; use -smp 1, or leave it out")]
    [InlineData("-icount shift=11", "-icount shift=11: 'shift' is a number from 0 to 10, not '11'")]
    [InlineData("-icount auto", "-icount auto: a clock that follows the host's speed is not built; use shift=0 to shift=10")]
    [InlineData("-icount sleep=off", "-icount sleep=off: the shift is missing; use shift=0 to shift=10")]
    [InlineData("-rtc base=soon", "-rtc base=soon: 'soon' is no date; use base=utc, base=localtime or base=2024-02-29T12:00:00")]
    [InlineData("-uuid 12", "-uuid 12: this is no UUID; write 8-4-4-4-12 hexadecimal digits")]
    [InlineData("-boot z", "-boot z: 'z' is no boot device; use a, b (floppy), c (hard disk), d (CD), n (network)")]
    [InlineData("-boot cc", "-boot cc: boot device 'c' is given twice; give each once")]
    [InlineData("-boot menu=maybe", "-boot menu=maybe: 'menu' is on or off, not 'maybe'")]
    [InlineData("-boot c,,d", "-boot c,,d: ',' is no boot device; ")]
    [InlineData("-hda a -drive file=b,index=0", "-drive file=b,index=0: position 0 already holds -hda a; give it another one with -drive file=...,index=N")]
    [InlineData("-hdc a -hdc b", "-hdc b: position 2 already holds -hdc a; give it another one with -drive file=...,index=N")]
    [InlineData("-hda a -hdb a -hdc a -hdd a -cdrom b", "-cdrom b: all 4 positions of the interface are taken; leave one drive out")]
    [InlineData("a b", "-hda b: position 0 already holds -hda a; give it another one with -drive file=...,index=N")]
    [InlineData("-hda a -hdb a -hdc a -hdd a -drive file=b", "-drive file=b: all 4 positions of the interface are taken; leave one drive out")]
    [InlineData("-drive if=virtio,file=a", "-drive if=virtio,file=a: if=virtio is not built; use if=ide or if=floppy")]
    [InlineData("-drive file=a,format=vhd", "-drive file=a,format=vhd: the format vhd is called vpc; use format=vpc")]
    [InlineData("-drive file=a,format=foo", "-drive file=a,format=foo: format=foo is not built; use one of raw, qcow2, vpc, vdi, vmdk")]
    [InlineData("-drive file=a,media=tape", "-drive file=a,media=tape: media=tape is not known; use media=disk or media=cdrom")]
    [InlineData("-drive if=floppy,media=cdrom", "-drive if=floppy,media=cdrom: a CD drive is connected by if=ide; leave if=floppy out")]
    [InlineData("-drive if=ide", "-drive if=ide: a hard disk needs an image; give file=PATH")]
    [InlineData("-drive file=a,index=4", "-drive file=a,index=4: 'index' is a number from 0 to 3, not '4'")]
    [InlineData("-drive file=a,index=1,unit=1", "-drive file=a,index=1,unit=1: index= and bus=,unit= say the same; give one of them")]
    [InlineData("-drive file=a,werror=foo", "-drive file=a,werror=foo: werror=foo is not known; use werror=report, werror=ignore or werror=stop, or werror=enospc")]
    [InlineData("-drive file=a,rerror=enospc", "-drive file=a,rerror=enospc: rerror=enospc is not known; use rerror=report, rerror=ignore or rerror=stop")]
    [InlineData("-drive if=floppy,file=a,werror=stop", "-drive if=floppy,file=a,werror=stop: a floppy controller always reports errors; leave werror= out, or use if=ide")]
    [InlineData("-drive file=a,colour=red", "-drive file=a,colour=red: 'colour' is not known here; known are file, ")]
    [InlineData("-drive file=a,=b", "-drive file=a,=b: an item between commas has no name; ")]
    [InlineData("-initrd x", "-initrd: it goes with a kernel only; add -kernel FILE")]
    [InlineData("-append x", "-append: it goes with a kernel only; add -kernel FILE")]
    [InlineData("-display term,graphics=vga", "-display term,graphics=vga: graphics is auto, blocks, sixel or kitty, not 'vga'")]
    [InlineData("-display none,graphics=sixel", "-display none,graphics=sixel: 'graphics' is not known here; known are name")]
    [InlineData("-record a.png,fps=1000", "-record a.png,fps=1000: 'fps' is a number from 1 to 100, not '1000'")]
    [InlineData("-record fps=3", "-record fps=3: the file's name is missing; write -record FILE")]
    [InlineData("-record a.png -vga none", "-record: -vga none leaves nothing to show; leave one of them out")]
    [InlineData("-record /no/such/directory/a.png -display none", "-record /no/such/directory/a.png: it cannot be written: ")]
    [InlineData("-display term -serial stdio", "-display term: the terminal is already taken by -serial stdio; ")]
    [InlineData("-display term -vga none", "-display term: -vga none leaves nothing to show; leave one of them out")]
    [InlineData("-parallel null -parallel null -parallel null", "-parallel null: there are 2 parallel ports at most; leave one out")]
    [InlineData("-nic user", "-nic user: network adapters are not built yet; use -nic none, or leave it out")]
    [InlineData("-net nic", "-net nic: network adapters are not built yet; use -nic none, or leave it out")]
    [InlineData("-serial bogus", "-serial bogus: 'bogus' is no stream; use one of stdio, ")]
    [InlineData("-serial /dev/ttyS0", "-serial /dev/ttyS0: serial devices of the host are not built; use one of stdio, ")]
    [InlineData("-serial file:", "-serial file:: the name is missing; write file:PATH")]
    [InlineData("-serial tcp:4444", "-serial tcp:4444: the port is missing; write tcp:HOST:PORT, for example tcp:127.0.0.1:4444")]
    [InlineData("-serial tcp:h:99999", "-serial tcp:h:99999: 'port' is a number from 1 to 65535, not '99999'")]
    [InlineData("-serial tcp:h:1,wait=off", "-serial tcp:h:1,wait=off: only a server waits; add server=on, or leave wait= out")]
    [InlineData("-serial unix:s,foo=on", "-serial unix:s,foo=on: 'foo' is not known here; known are path, server, wait, nowait")]
    [InlineData("-serial chardev:x", "-serial chardev:x: there is no stream 'x'; add -chardev stdio,id=x or another")]
    [InlineData("-serial stdio -monitor stdio", "-monitor stdio: stdio is already taken by -serial stdio; use -serial mon:stdio to share it, ")]
    [InlineData("-serial null -serial null -serial null -serial null -serial pty", "-serial pty: a PC has 4 serial ports at most; leave one out")]
    [InlineData("-chardev udp,id=x", "-chardev udp,id=x: 'udp' streams are not built; use one of stdio, file, socket, pipe, pty, null, vc")]
    [InlineData("-chardev null", "-chardev null: the name is missing; write null,id=ID")]
    [InlineData("-chardev socket,id=x", "-chardev socket,id=x: a socket needs port=PORT, or path=PATH")]
    [InlineData("-chardev null,id=x -chardev pty,id=x", "-chardev pty,id=x: the id 'x' is given twice; give another one")]
    [InlineData("-mon chardev=x,mode=control", "-mon chardev=x,mode=control: mode=control is not built; use mode=readline")]
    [InlineData("-echr 0", "-echr 0: 'echr' is a number from 1 to 255, not '0'")]
    [InlineData("-device e1000", "-device e1000: network adapters are not built yet; leave it out")]
    [InlineData("-device virtio-blk-pci,drive=x", "-device virtio-blk-pci,drive=x: virtio devices are not built yet; use IDE drives (-hda, -cdrom) and the std display")]
    [InlineData("-device nec-usb-xhci", "-device nec-usb-xhci: USB is not built; leave it out")]
    [InlineData("-device AC97", "-device AC97: this sound card is not built; use -device sb16 or -device adlib")]
    [InlineData("-daemonize -serial stdio", "-daemonize: the terminal is used by -serial stdio; put that on a file or socket, or leave -daemonize out")]
    [InlineData("-daemonize -nographic", "-daemonize: the terminal is used by -nographic; put that on a file or socket, or leave -daemonize out")]
    [InlineData("-device toaster", "-device toaster: there is no device 'toaster' in this build; known are ide-hd, ")]
    [InlineData("-device ide-hd", "-device ide-hd: a hard disk needs an image; add drive=ID, and -drive if=none,id=ID,file=PATH")]
    [InlineData("-device ide-hd,drive=x", "-device ide-hd,drive=x: there is no drive 'x' to take; add -drive if=none,id=x,file=PATH")]
    [InlineData("-drive if=none,id=x,file=a -device ide-hd,drive=x,bus=sata.0", "-device ide-hd,drive=x,bus=sata.0: there is no bus 'sata.0'; use bus=ide.0 or bus=ide.1, or leave it out")]
    [InlineData("-drive file=fat:rw:dir", "-drive file=fat:rw:dir: fat: drives are not built; give an image file")]
    [InlineData("-cpu SapphireRapids", "-cpu SapphireRapids: SapphireRapids is a 64-bit processor, which is not built yet; use -cpu max, or leave it out")]
    [InlineData("-cpu EPYC-v2", "-cpu EPYC-v2: EPYC-v2 is a 64-bit processor, which is not built yet; use -cpu max, or leave it out")]
    [InlineData("-machine pc,smm=on", "-machine pc,smm=on: smm=on is not built; leave it out")]
    [InlineData("-machine max-ram-below-4g=64M -m 128", "-machine max-ram-below-4g: RAM above 4 GiB is not built yet; give less with -m, or leave it out")]
    [InlineData("-accel tcg,one-insn-per-tb=on", "-accel tcg,one-insn-per-tb=on: one-insn-per-tb is not built; use -accel interp for the most exact log")]
    [InlineData("-rtc clock=sun", "-rtc clock=sun: clock=sun is none of host, rt and vm; leave it out")]
    [InlineData("-vga voodoo", "-vga voodoo: there is no display adapter 'voodoo' in this build; use -vga std or -vga none")]
    [InlineData("-k xx", "-k xx: there is no keyboard layout 'xx'; known are ar, ")]
    [InlineData("-usbdevice disk:a", "-usbdevice disk:a: USB is not built; leave it out")]
    [InlineData("-soundhw hda", "-soundhw hda: there is no sound device 'hda' in this build; use sb16, adlib or pcspk")]
    [InlineData("-action reboot=never", "-action reboot=never: reboot=never is none of reset and shutdown")]
    [InlineData("-fw_cfg opt/a", "-fw_cfg opt/a: it holds one thing; give file=FILE or string=TEXT")]
    [InlineData("-fw_cfg name=opt/a,gen_id=b", "-fw_cfg name=opt/a,gen_id=b: objects of -object are not built; use file=FILE or string=TEXT")]
    [InlineData("-fw_cfg opt/a,string=1 -fw_cfg opt/a,string=2", "-fw_cfg opt/a,string=2: opt/a is given twice; give each once")]
    [InlineData("-option-rom rom -bios builtin", "-option-rom rom: the built-in BIOS does not look for it; install SeaBIOS, or name a BIOS with -bios")]
    [InlineData("-device isa-debug-exit,foo=1", "-device isa-debug-exit,foo=1: 'foo' is not known here; known are driver, id, iobase, iosize")]
    [InlineData("-device isa-debug-exit,iosize=3", "-device isa-debug-exit,iosize=3: iosize is 1, 2 or 4")]
    [InlineData("-device isa-debug-exit,iobase=0x10000", "-device isa-debug-exit,iobase=0x10000: 'iobase' is a number from 0 to 65534, not '0x10000'")]
    [InlineData("-device isa-debugcon,iobase=0x402", "-device isa-debugcon,iobase=0x402: its stream is missing; add chardev=ID, and -chardev stdio,id=ID or another")]
    [InlineData("-global x", "-global x: this is no default; write DEVICE.property=value")]
    [InlineData("-global isa-debugcon.foo=1", "-global isa-debugcon.foo=1: isa-debugcon has no property 'foo'; it has iobase, readback, chardev")]
    [InlineData("-d everything", "-d everything: 'everything' cannot be logged; known are in_asm, ")]
    public void Wrong_values(string line, string expected)
    {
        string sentence = Error(line.Split(' '));
        if (expected.EndsWith(' '))
        {
            Assert.StartsWith(expected, sentence);
        }
        else
        {
            Assert.Equal(expected, sentence);
        }
    }

    [Theory]
    [InlineData("s", "GDB")]
    [InlineData("gdb", "GDB")]
    [InlineData("vnc", "-display term")]
    [InlineData("qmp", "-monitor")]
    [InlineData("loadvm", "saved machines")]
    public void Options_of_qemu_that_are_not_here_say_so(string name, string word)
    {
        string sentence = Error($"-{name}", "value");
        Assert.StartsWith($"-{name}: ", sentence);
        Assert.Contains(word, sentence);
        Assert.Equal(sentence, Error($"--{name}"));
        Assert.NotEmpty(UnsupportedOptions.All[name]);
    }

    [Fact]
    public void An_empty_word_and_an_empty_name_are_refused()
    {
        Assert.Equal("an empty word is no option and no image; leave it out", Error(""));
        Assert.Equal("-hda: the image's name is missing; give a file", Error("-hda", ""));
    }

    [Theory]
    [InlineData("-kernel")]
    [InlineData("-bios")]
    public void Files_to_load_are_looked_at(string option)
    {
        string missing = temp["nope"];
        Assert.Equal($"{option} {missing}: no such file; check the name", Error(option, missing));
        string empty = temp.Make("empty", []);
        Assert.Equal($"{option} {empty}: the file is empty; give one that holds something", Error(option, empty));
        Directory.CreateDirectory(temp["dir"]);
        Assert.Equal($"{option} {temp["dir"]}: this is a directory; give a file", Error(option, temp["dir"]));
        Assert.StartsWith($"{option} {temp["x/y"]}: it cannot be read: no such directory; ", Error(option, temp["x/y"]));
        Assert.Equal($"{option}: the file's name is missing; give a file", Error(option, ""));
    }

    [Theory]
    [InlineData("-kernel")]
    [InlineData("-bios")]
    [InlineData("-hda")]
    [InlineData("-fda")]
    [InlineData("-cdrom")]
    public void A_link_to_nowhere_says_where_it_leads(string option)
    {
        string link = temp["link"];
        File.CreateSymbolicLink(link, "gone.img");
        Assert.Equal(
            $"{option} {link}: it is a link to gone.img, where there is no file; restore that file, or give another", Error(option, link));
    }

    [LinuxFact]
    public void Unreadable_files_of_the_host_are_refused()
    {
        const string File = "/proc/self/mem";
        foreach (string option in (string[])["-hda", "-fda", "-cdrom"])
        {
            Assert.Equal($"{option} {File} is neither a file nor a block device; give an image file", Error(option, File));
        }
        foreach (string option in (string[])["-kernel", "-bios"])
        {
            Assert.Equal($"{option} {File}: the file is empty; give one that holds something", Error(option, File));
        }
    }

    [Fact]
    public void A_file_that_is_no_kernel_is_refused_by_what_it_is()
    {
        string text = temp.Make("text", [.. Enumerable.Repeat((byte)'x', 5000)]);
        Assert.Equal(
            $"kernel {text} has neither a Linux boot header nor a multiboot header: give a Linux bzImage or a Multiboot 1 kernel",
            Error("-kernel", text, "-display", "none"));
        byte[] linux = new LinuxImage(1000).U32(0x1F4, 1000).Bytes;
        string cut = temp.Make("bzImage", linux);
        Assert.Equal(
            $"kernel {cut} is cut off: it has {linux.Length} bytes where its header promises {LinuxImage.ProtectedOffset + 16000}; copy it again",
            Error("-kernel", cut, "-display", "none"));
    }

    [Fact]
    public void Uefi_firmware_is_refused()
    {
        byte[] image = new byte[64 << 10];
        "_FVH"u8.CopyTo(image.AsSpan(40));
        string file = temp.Make("OVMF.fd", image);
        Assert.StartsWith($"-bios {file}: this is UEFI firmware, which needs flash memory and a 64-bit processor", Error("-bios", file, "-display", "none"));
    }

    [Fact]
    public void A_firmware_file_that_the_machine_makes_is_refused_behind_the_note()
    {
        var error = new StringWriter { NewLine = "\n" };
        Assert.Equal(1, EntryPoint.Run(["-fw_cfg", "etc/e820,string=1", "-bios", "builtin", "-display", "none"], TextWriter.Null, error, onTerminal: false));
        Assert.Equal(
            "emu: note: -fw_cfg etc/e820: names outside opt/ belong to firmware\n" +
            "emu: -fw_cfg etc/e820,string=1: the machine itself makes etc/e820; give another name\n",
            error.ToString());
    }

    [Fact]
    public void A_screen_in_what_is_no_terminal_is_refused() =>
        Assert.EndsWith("put is not a terminal; start emu in one, or use -display none", Error("-display", "term"), StringComparison.Ordinal);

    [LinuxTheory]
    [InlineData("-kernel {0}", "-kernel {0}")]
    [InlineData("-bios {0}", "-bios {0}")]
    [InlineData("-fw_cfg opt/a,file={0}", "-fw_cfg {0}")]
    public void A_pipe_is_refused_and_not_waited_for(string line, string named)
    {
        string fifo = temp["fifo"];
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [fifo]))
        {
            mkfifo.WaitForExit();
        }
        var sentence = Task.Run(() => Error([.. string.Format(null, line, fifo).Split(' '), "-display", "none"]));
        Assert.True(sentence.Wait(TimeSpan.FromSeconds(30)), "it waits for the pipe's other end");
        Assert.Equal($"{string.Format(null, named, fifo)}: this is neither a file nor a block device; give a file", sentence.Result);
    }

    [Theory]
    [InlineData("-device isa-debug-exit -device isa-debug-exit", "port 0x501 is wired to both isa-debug-exit and isa-debug-exit")]
    [InlineData("-device isa-debug-exit,iobase=0x3f8", "port 0x3f8 is wired to both serial0 and isa-debug-exit")]
    [InlineData("-device adlib -device isa-debug-exit,iobase=0x388", "port 0x388 is wired to both adlib and isa-debug-exit")]
    public void Two_devices_at_one_port_are_refused(string line, string reason) =>
        Assert.Equal($"{reason}; give one of them another iobase=, or leave it out", Error([.. line.Split(' '), "-display", "none"]));

    [Theory]
    [InlineData("-D {0}")]
    [InlineData("-serial file:{0}")]
    [InlineData("-chardev null,id=a,logfile={0} -serial chardev:a")]
    [InlineData("-audiodev wav,id=a,path={0} -device sb16,audiodev=a")]
    [InlineData("-pidfile {0}")]
    [InlineData("-record {0}")]
    public void What_cannot_be_written_is_refused_and_a_dry_run_writes_nothing(string line)
    {
        string[] Words(string path) => [.. string.Format(null, line, path).Split(' '), "-display", "none"];
        Assert.Contains("cannot be written: no such directory; give another file", Error(Words(temp["x/y"])), StringComparison.Ordinal);
        Assert.Equal(0, EntryPoint.Run(["-dry-run", .. Words(temp["new"])], TextWriter.Null, TextWriter.Null, onTerminal: false));
        Assert.False(File.Exists(temp["new"]));
        string old = temp.Make("old", "kept"u8.ToArray());
        Assert.Equal(0, EntryPoint.Run(["-dry-run", .. Words(old)], TextWriter.Null, TextWriter.Null, onTerminal: false));
        Assert.Equal("kept", File.ReadAllText(old));
    }

    [Fact]
    public void Two_servers_at_one_address_are_refused()
    {
        string socket = $"unix:{temp["two"]},server=on,wait=off";
        Assert.Equal($"-monitor {socket}: {temp["two"]} is in use by another program; end it, or give another name", Error("-serial", socket, "-monitor", socket, "-display", "none"));
        Assert.False(File.Exists(temp["two"]));
    }

    [Fact]
    public void A_dry_run_says_what_a_run_would()
    {
        string missing = temp["none.img"];
        Assert.Equal($"-hda {missing}: no such file; check the name", Error("-dry-run", "-hda", missing));
        string text = temp.Make("text", [.. Enumerable.Repeat((byte)'x', 5000)]);
        Assert.StartsWith($"kernel {text} has neither a Linux boot header", Error("-dry-run", "-kernel", text));
        Assert.StartsWith("-cpu pentium: feature avx is not built", Error("-dry-run", "-cpu", "pentium,+avx"));
        Assert.StartsWith($"-fw_cfg {missing}: no such file", Error("-dry-run", "-fw_cfg", $"opt/a,file={missing}"));
    }

    [Fact]
    public void A_bios_is_whole_blocks()
    {
        string cut = temp.Make("bios", new byte[100_000]);
        Assert.Equal(
            $"-bios {cut}: 100000 bytes are not whole blocks of 64 KiB, so this is a truncated BIOS image or none; get the whole image",
            Error("-bios", cut, "-display", "none"));
    }

    [Fact]
    public void A_busy_port_and_a_busy_path_are_named()
    {
        var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        int port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        foreach (string option in (string[])["-serial", "-monitor"])
        {
            Assert.Equal(
                $"{option} tcp:127.0.0.1:{port},server,nowait: port {port} of 127.0.0.1 is in use; end the program that has it, or take another port",
                Error(option, $"tcp:127.0.0.1:{port},server,nowait", "-display", "none"));
        }
        listener.Stop();
        // A dry run calls nobody.
        Assert.Equal(
            $"-serial tcp:127.0.0.1:{port}: cannot connect to 127.0.0.1:{port}: nobody listens there; start the other side first, or add server=on to listen here",
            ErrorOf(["-serial", $"tcp:127.0.0.1:{port}", "-display", "none"]));

        string path = temp["socket"];
        using var server = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
        server.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
        server.Listen();
        Assert.Equal(
            $"-monitor unix:{path},server,nowait: {path} is in use by another program; end it, or give another name",
            Error("-monitor", $"unix:{path},server,nowait", "-display", "none"));

        // A file that is not a socket is never removed.
        string file = temp.Make("file", []);
        Assert.Equal(
            $"-serial unix:{file},server,nowait: {file} exists and is not a socket; give another name, or remove it",
            Error("-serial", $"unix:{file},server,nowait", "-display", "none"));
        Assert.True(File.Exists(file));
        Assert.Equal(
            $"-serial unix:{file}: cannot connect to unix:{file}: no such socket; start the other side first, or add server=on to listen here",
            Error("-serial", $"unix:{file}", "-display", "none"));
    }

    [LinuxFact]
    public void A_log_on_a_full_disk_ends_without_the_machine()
    {
        var error = new StringWriter();
        using (var stream = new LogStream(new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0), "-D /dev/full", error))
        {
            stream.Write([1]);
            stream.Write([2]);
        }
        Assert.Equal($"emu: -D /dev/full: it cannot be written any more: No space left on device; the log ends here{Environment.NewLine}", error.ToString());
    }

    [Fact]
    public void Every_initrd_module_is_looked_at()
    {
        string kernel = temp.Make("kernel", [1]);
        string module = temp.Make("module", [1]);
        string missing = temp["nope"];
        Assert.Equal(
            $"-initrd {missing}: no such file; check the name",
            Error("-kernel", kernel, "-initrd", $"{module} with args,{missing} more"));
    }

    [Fact]
    public void Output_files_that_cannot_be_written_are_named()
    {
        string path = temp["none/file"];
        Assert.Equal($"-D {path}: it cannot be written: no such directory; give another file", Error("-D", path));
        Assert.Equal(
            $"-serial file:{path}: {path} cannot be written: no such directory; give another file", Error("-serial", $"file:{path}"));
        Assert.Equal($"-pidfile {path}: it cannot be written: no such directory; give another file", Error("-pidfile", path));
        Directory.CreateDirectory(temp["dir"]);
        foreach (string option in (string[])["-D", "-pidfile"])
        {
            Assert.Equal($"{option} {temp["dir"]}: this is a directory; give a file", Error(option, temp["dir"]));
        }
    }

    [Fact]
    public void Images_are_checked_before_the_machine_runs()
    {
        string path = temp["none.img"];
        Assert.Equal($"-hda {path}: no such file; check the name", Error("-hda", path));
        Assert.Equal($"-drive file={path},format=raw: {path}: no such file; check the name", Error("-drive", $"file={path},format=raw"));
        foreach (string option in (string[])["-hda", "-fda", "-cdrom"])
        {
            string empty = temp.Make("empty", []);
            Assert.Equal($"{option} {empty} is empty; give an image that holds something", Error(option, empty));
            string cut = temp.Make("cut", new byte[100]);
            Assert.StartsWith($"{option} {cut} is truncated: 100 bytes ", Error(option, cut));
        }
        string disk = temp.Make("disk", new byte[512]);
        Assert.StartsWith($"-hdb {disk} is in use by another drive or program; ", Error("-hda", disk, "-hdb", disk));
    }
}

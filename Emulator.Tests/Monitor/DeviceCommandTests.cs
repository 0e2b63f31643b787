using System.Text;
using Emulator.Core.Diagnostics;
using Emulator.Machine.Config;
using Emulator.Remote.Block;
using Xunit;

namespace Emulator.Tests.Monitor;

/// <summary>Keys, mouse, screen, media and log.</summary>
public sealed class DeviceCommandTests
{
    [Fact]
    public void Sendkey_presses_holds_and_releases_in_reverse()
    {
        using var rig = new MonitorRig();
        Assert.Equal("", rig.Do("sendkey ctrl-alt-delete 50"));
        rig.Advance(1000);
        Assert.Equal(["0+ctrl", "50+alt", "100+delete", "150-delete", "200-alt", "250-ctrl"], rig.Keys);
    }

    [Fact]
    public void Keys_of_two_commands_do_not_mix_and_hold_100_ms()
    {
        using var rig = new MonitorRig();
        rig.Do("sendkey a", "sendkey shift-b");
        rig.Advance(1000);
        Assert.Equal(["0+a", "100-a", "200+shift", "300+b", "400-b", "500-shift"], rig.Keys);
    }

    [Fact]
    public void The_screen_is_recorded_until_told()
    {
        using var directory = new TempDirectory();
        using var rig = new MonitorRig();
        string path = directory["screen.png"];
        Assert.Equal("Error: nothing is being recorded\n", rig.Do("stoprecord"));
        Assert.Equal("Error: fps is a number from 1 to 100, not 0\n", rig.Do($"screenrecord \"{path}\" 0"));
        Assert.Equal($"Error: failed to open file '{directory["no/x.png"]}': No such file or directory\n", rig.Do($"screenrecord \"{directory["no/x.png"]}\""));
        Assert.Equal("", rig.Do($"screenrecord \"{path}\" 10"));
        Assert.Equal("Error: the screen is being recorded already; end that with stoprecord\n", rig.Do("screenrecord x.png"));
        Assert.Equal("", rig.Do("stoprecord"));
        var animation = new Video.Animation(File.ReadAllBytes(path));
        Assert.Equal((640, 480, 1), (animation.Width, animation.Height, animation.Frames.Count));
        Assert.Equal("Error: nothing is being recorded\n", rig.Do("stoprecord"));
    }

    [Theory]
    [InlineData("screendump \"\"")]
    [InlineData("screenrecord \"\"")]
    [InlineData("memsave 0 1 \"\"")]
    [InlineData("pmemsave 0 1 \"\"")]
    [InlineData("logfile \"\"")]
    [InlineData("change ide1-cd0 \"\"")]
    public void An_empty_file_name_is_refused(string line)
    {
        using var rig = new MonitorRig();
        string command = line.Split(' ')[0];
        Assert.Equal($"{command}: the file name is empty; give another\nTry \"help {command}\" for more information\n", rig.Do(line));
    }

    [LinuxFact]
    public void A_full_disk_ends_the_recording_and_the_screendump_and_not_the_machine()
    {
        using var rig = new MonitorRig();
        Assert.Equal("Error: failed to open file '/dev/full': No space left on device\n", rig.Do("screendump /dev/full"));
        Assert.Equal("", rig.Do("screenrecord /dev/full", "stoprecord"));
        Assert.Equal("emu: /dev/full cannot be written any more: No space left on device; the animation ends here\n", rig.Log);
    }

    [Theory]
    [InlineData("0x1e", "a")]
    [InlineData("0x1c", "ret")]
    [InlineData("0xe048", "up")]
    [InlineData("0xc8", "up")]
    [InlineData("<", "less")]
    public void Keys_have_scan_codes_too(string typed, string key)
    {
        using var rig = new MonitorRig();
        Assert.Equal("", rig.Do($"sendkey {typed} 1"));
        rig.Advance(10);
        Assert.Equal([$"0+{key}", $"1-{key}"], rig.Keys);
    }

    [Theory]
    [InlineData("0x1x")]
    [InlineData("0xffff")]
    [InlineData("0")]
    [InlineData("a-foo")]
    public void Unknown_keys_are_refused_and_nothing_is_pressed(string typed)
    {
        using var rig = new MonitorRig();
        string key = typed.Split('-')[^1];
        Assert.Equal(key == "0" ? "" : $"invalid parameter: {key}\n", rig.Do($"sendkey {typed} 1"));
        Assert.Equal(key == "0" ? 1 : 0, rig.Keys.Count);
    }

    [Fact]
    public void Screentext_and_screendump_say_what_the_mode_is()
    {
        using var rig = new MonitorRig();
        using var directory = new TempDirectory();
        rig.Do("o/h 0x1ce 1", "o/h 0x1cf 320", "o/h 0x1ce 2", "o/h 0x1cf 200");
        rig.Do("o/h 0x1ce 3", "o/h 0x1cf 32", "o/h 0x1ce 4", "o/h 0x1cf 1");
        Assert.Equal("the screen is in a graphics mode of 320x200 pixels; use screendump\n", rig.Do("screentext"));
        Assert.Equal("", rig.Do($"screendump {directory["a.ppm"]}"));
        byte[] ppm = File.ReadAllBytes(directory["a.ppm"]);
        Assert.Equal("P6\n320 200\n255\n", Encoding.ASCII.GetString(ppm, 0, 15));
        Assert.Equal(15 + (320 * 200 * 3), ppm.Length);
        Assert.Equal("", rig.Do($"screendump {directory["b.png"]}"));
        Assert.Equal("", rig.Do($"screendump {directory["c"]} -f png"));
        Assert.Equal("\u0089PNG", Encoding.Latin1.GetString(File.ReadAllBytes(directory["b.png"]), 0, 4));
        Assert.Equal(File.ReadAllBytes(directory["b.png"]), File.ReadAllBytes(directory["c"]));
        Assert.Equal("", rig.Do($"screendump {directory["d"]} -f jpg"));
        Assert.Equal([0xFF, 0xD8, 0xFF], File.ReadAllBytes(directory["d"])[..3]);
        Assert.Equal(
            "Error: invalid parameter value: tga; the formats are png, ppm, jpeg, webp, gif or bmp\n", rig.Do($"screendump {directory["e"]} -f tga"));
        string missing = directory["no/such.png"];
        Assert.Equal($"Error: failed to open file '{missing}': No such file or directory\n", rig.Do($"screendump {missing}"));
    }

    [Fact]
    public void Media_are_changed_and_ejected()
    {
        using var directory = new TempDirectory();
        using var rig = new MonitorRig();
        string image = directory.Make("f.img", new byte[1440 << 10]);
        Assert.Contains("floppy0: [not inserted]\n    Removable device: not locked, tray closed\n", rig.Do("info block"));
        Assert.Equal("", rig.Do($"change floppy0 {image}"));
        Assert.Equal(
            $"floppy0: {image} (raw)\n    Removable device: not locked, tray closed\n    Cache mode:       writeback\n",
            rig.Do("info block floppy0"));
        Assert.Equal("", rig.Do($"change floppy0 {directory.Make("g.img", new byte[720 << 10])} raw read-only"));
        Assert.Single(rig.Closed);
        Assert.Contains("g.img (raw, read-only)", rig.Do("info block"));
        Assert.Equal("", rig.Do("eject -f floppy0"));
        Assert.Equal(2, rig.Closed.Count);
        Assert.Contains("floppy0: [not inserted]\n", rig.Do("info block"));
        Assert.Equal("Error: Could not open '/nonexistent': No such file or directory\n", rig.Do("change ide1-cd0 /nonexistent"));
        Assert.Equal("Error: Device 'foo' not found\n", rig.Do("change foo bar"));
        Assert.Equal("Error: Device 'foo' not found\n", rig.Do("eject foo"));
    }

    [Fact]
    public void Hard_disks_stay_and_snapshots_are_committed()
    {
        var disk = new MemoryBlockBackend(1 << 20);
        var overlay = new SnapshotOverlay(disk);
        using var rig = new MonitorRig(null, (new DriveConfig { Interface = DriveInterface.Ide, Index = 0, Snapshot = true }, overlay));
        overlay.Write(512, [1, 2, 3]);
        Assert.Equal(
            "ide0-hd0: memory (raw)\n    Cache mode:       writeback\n    Snapshot:         4096 bytes changed in memory\n",
            rig.Do("info block ide0-hd0"));
        Assert.Equal("Error: Device 'ide0-hd0' is not removable\n", rig.Do("eject ide0-hd0"));
        Assert.Equal("Error: Device 'ide0-hd0' is not removable\n", rig.Do("change ide0-hd0 x"));
        Assert.Equal("Device 'foo' not found\n", rig.Do("commit foo"));
        Assert.Equal("Device 'ide1-cd0' has no medium\n", rig.Do("commit ide1-cd0"));
        Assert.Equal(0, disk.Data[512]);
        Assert.Equal("", rig.Do("commit all"));
        Assert.Equal([1, 2, 3], disk.Data[512..515]);
        overlay.Write(0, [9]);
        disk.BadSectors.Add(0);
        Assert.StartsWith("'commit' error for 'ide0-hd0': ", rig.Do("commit ide0-hd0"));
    }

    [Fact]
    public void An_absolute_pointer_goes_where_it_is_told()
    {
        using var rig = new MonitorRig();
        var pointer = rig.Machine.Board.VmMouse;
        Assert.Equal("* Mouse #2: QEMU PS/2 Mouse\n", rig.Do("info mice"));
        pointer.Command(0x45414552);
        pointer.Take(1, new uint[1]);
        pointer.Command(0x53424152);
        Assert.Equal("  Mouse #2: QEMU PS/2 Mouse\n* Mouse #3: vmmouse (absolute)\n", rig.Do("info mice"));
        rig.Do("mouse_move 100 200", "mouse_button 1");
        uint[] words = new uint[4];
        pointer.Take(4, words);
        Assert.Equal([0u, 200, 400, 0], words);
        pointer.Take(4, words);
        Assert.Equal([0x20u, 200, 400, 0], words);
        rig.Do("mouse_set 2", "mouse_move 1 1");
        Assert.Equal(0u, pointer.Status);
        Assert.Equal("Mouse at index '7' not found\n", rig.Do("mouse_set 7"));
    }

    [Theory]
    [InlineData("mouse_move 3 -4", 0x08, 3, 4)] // up is positive on the line
    [InlineData("mouse_move -1 0", 0x18, 0xFF, 0)]
    [InlineData("mouse_button 1", 0x09, 0, 0)]
    [InlineData("mouse_button 2", 0x0C, 0, 0)]
    [InlineData("mouse_button 4", 0x0A, 0, 0)]
    public void Mouse_moves_and_buttons_reach_the_mouse(string line, byte status, byte x, byte y)
    {
        using var rig = new MonitorRig();
        rig.Do("o/b 0x64 0xa8", "o/b 0x64 0xd4", "o/b 0x60 0xf4");
        var mouse = rig.Machine.Board.Keyboard.Pointer;
        while (mouse.HasByte)
        {
            mouse.TakeByte();
        }
        Assert.Equal("", rig.Do(line));
        Assert.Equal([status, x, y], [mouse.TakeByte(), mouse.TakeByte(), mouse.TakeByte()]);
    }

    [Fact]
    public void Changes_of_paging_and_of_the_code_segment_are_logged()
    {
        // mov eax, cr0; or al, 1; mov cr0, eax; jmp 8:fffe; (fffe) jmp $
        using var rig = new MonitorRig([0x0F, 0x20, 0xC0, 0x0C, 0x01, 0x0F, 0x22, 0xC0, 0xEA, 0xFE, 0xFF, 8, 0, 0, 0xEB, 0xFE]);
        rig.Poke(8, 0xFF, 0xFF, 0, 0, 0xFF, 0x9B, 0, 0xFF);
        Assert.Equal("", rig.Do("log mmu,pcall"));
        rig.Machine.Board.Cpu.Run(6);
        Assert.Contains("MMU: CR0=60000011 CR3=00000000 CR4=00000000 a20=1 pc=fffffff8", rig.Log);
        Assert.Contains("far transfer f000 -> 0008:0000fffe cpl=0 sp=0000", rig.Log);
        rig.Do("log cpu,fpu");
        rig.Machine.Board.Cpu.Run(1);
        Assert.Contains("FCW=", rig.Log);
    }

    [Fact]
    public void Log_items_are_switched_and_watch_the_processor()
    {
        // Loop of two blocks at the reset vector: jmp +0; jmp -4.
        using var rig = new MonitorRig([0xEB, 0x00, 0xEB, 0xFC]);
        Assert.StartsWith("Log items (comma separated):\nnone ", rig.Do("log foo"));
        Assert.Null(rig.Machine.Board.Cpu.BeforeBlock);
        Assert.Equal("", rig.Do("log in_asm,exec,cpu"));
        Assert.Equal(LogItems.InAsm | LogItems.Exec | LogItems.Cpu, rig.Machine.Log.Items);
        rig.Machine.Board.Cpu.Run(3);
        string log = rig.Log;
        Assert.Equal(2, log.Split("IN: \n").Length - 1);
        Assert.Contains("----------------\nIN: \n0xfffffff0:  eb 00                    jmp      0xfff2\n\n", log);
        Assert.Contains("Trace 0: [ffff0000/fffffff0/00000002/0]\nEAX=00000000 ", log.ReplaceLineEndings("\n"));
        Assert.Equal(3, log.Split("EFER=").Length - 1);
        Assert.DoesNotContain("FCW=", log);
        rig.Do("log none");
        rig.Machine.Board.Cpu.Run(3);
        Assert.Equal(log, rig.Log);
    }

    [Fact]
    public void Logfile_goes_to_the_host_with_its_refusals()
    {
        using var rig = new MonitorRig();
        Assert.Equal("", rig.Do("logfile /tmp/x"));
        Assert.Equal("/tmp/x", rig.LogPath);
        Assert.Equal("Error opening logfile /a/refused: No such file or directory\n", rig.Do("logfile /a/refused"));
    }
}

using Emulator.Machine;
using Emulator.Remote.Monitor;
using Xunit;

namespace Emulator.Tests.Monitor;

/// <summary>Words, errors and life cycle. The wording is that of qemu-system-i386 7.2, run with the same lines.</summary>
public sealed class MonitorCommandTests : IDisposable
{
    private readonly MonitorRig rig = new();

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData("foo", "unknown command: 'foo'\n")]
    [InlineData("info foo", "unknown command: 'info foo'\n")]
    [InlineData("help foo", "unknown command: 'foo'\n")]
    [InlineData("", "")]
    [InlineData("   ", "")]
    [InlineData("stop foo", "stop|s: extraneous characters at the end of line\nTry \"help stop\" for more information\n")]
    [InlineData("info status x", "status: extraneous characters at the end of line\nTry \"help info status\" for more information\n")]
    [InlineData("p foo", "invalid char 'f' in expression\nTry \"help p\" for more information\n")]
    [InlineData("x/8z 0", "invalid char in format: 'z'\nTry \"help x\" for more information\n")]
    [InlineData("x/", "unexpected end of expression\nTry \"help x\" for more information\n")]
    [InlineData("sendkey", "sendkey: string expected\nTry \"help sendkey\" for more information\n")]
    [InlineData("sendkey nokey", "invalid parameter: nokey\n")]
    [InlineData("eject", "eject: block device name expected\nTry \"help eject\" for more information\n")]
    [InlineData("change ide1-cd0", "change: filename expected\nTry \"help change\" for more information\n")]
    [InlineData("screendump", "screendump: filename expected\nTry \"help screendump\" for more information\n")]
    [InlineData("screendump a -f", "screendump: value expected for -f\nTry \"help screendump\" for more information\n")]
    [InlineData("info registers -z", "registers: unsupported option -z\nTry \"help info registers\" for more information\n")]
    [InlineData("info registers 3", "CPU#3 not available\n")]
    [InlineData("o/w 0x80 0x123456789", "'o' has failed: integer is for 32-bit values\nTry \"help o\" for more information\n")]
    [InlineData("memsave 0 16 \"abc", "unterminated string\nTry \"help memsave\" for more information\n")]
    [InlineData("help stop", "stop|s  -- stop emulation\n")]
    [InlineData("help x y", "x /fmt addr -- virtual memory dump starting at 'addr'\n")]
    [InlineData("? info pic", "info pic  -- show PIC state\n")]
    public void Wording(string line, string answer) => Assert.Equal(answer, rig.Do(line));

    [Fact]
    public void Stop_and_cont_change_the_status()
    {
        Assert.Equal("VM status: paused (prelaunch)\n", rig.Do("info status"));
        Assert.Equal("VM status: paused (prelaunch)\n", rig.Do("stop", "info status"));
        Assert.Equal("VM status: running\n", rig.Do("cont", "info status"));
        Assert.Equal("VM status: paused\n", rig.Do("stop", "  info   status  "));
        Assert.Equal("", rig.Do("c"));
        Assert.Equal(RunState.Running, rig.Machine.State);
    }

    [Fact]
    public void Quit_ends_the_run_with_0()
    {
        Assert.False(rig.Monitor.IsEnding);
        Assert.Equal("", rig.Do("q"));
        Assert.True(rig.Monitor.IsEnding);
        Assert.Equal(0, rig.Machine.Run());
    }

    [Fact]
    public unsafe void System_reset_works_while_stopped()
    {
        rig.Cpu->Gpr[0] = 0x1234;
        Assert.Equal("", rig.Do("system_reset"));
        Assert.Equal(0ul, rig.Cpu->Gpr[0]);
        Assert.Equal("VM status: paused (prelaunch)\n", rig.Do("info status"));
    }

    [Fact]
    public unsafe void Nmi_is_pending_afterwards()
    {
        rig.Do("nmi");
        Assert.NotEqual(0, rig.Cpu->AttentionFlags & Core.Cpu.Attention.Nmi);
    }

    [Fact]
    public unsafe void Nmi_stays_out_while_port_70h_masks_it()
    {
        rig.Machine.Board.Ports.Write(0x70, 1, 0x8F);
        Assert.Equal("the guest masks NMI (port 70h, bit 7): none is injected\n", rig.Do("nmi"));
        Assert.Equal(0, rig.Cpu->AttentionFlags & Core.Cpu.Attention.Nmi);
        rig.Machine.Board.Ports.Write(0x70, 1, 0x0F);
        Assert.Equal("", rig.Do("nmi"));
        Assert.NotEqual(0, rig.Cpu->AttentionFlags & Core.Cpu.Attention.Nmi);
    }

    [Fact]
    public void Help_names_every_command_once_and_info_every_subcommand()
    {
        string[] lines = rig.Do("help").TrimEnd().Split('\n');
        Assert.All(lines, l => Assert.Contains(" -- ", l));
        string[] names = [.. lines.SelectMany(l => l.Split(' ')[0].Split('|'))];
        Assert.Equal(names.Length, names.Distinct().Count());
        string[] wanted = ["x", "xp", "p", "i", "o", "c", "q", "s", "?", "sendkey", "screentext", "system_powerdown", "nmi", "log"];
        Assert.Empty(wanted.Except(names));
        Assert.Equal(rig.Do("info"), rig.Do("help info"));
        foreach (string name in rig.Do("info").TrimEnd().Split('\n').Select(l => l.Split(' ')[1]))
        {
            Assert.DoesNotContain("unknown", rig.Do($"info {name}"));
        }
    }

    [Fact]
    public void Banner_has_the_form_that_scripts_wait_for() =>
        Assert.Matches(@"^emu \d+\.\d+\.\d+(-[0-9A-Za-z.-]+)? monitor - type 'help' for more information$", HumanMonitor.Banner);
}

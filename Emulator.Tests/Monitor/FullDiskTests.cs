using Emulator.Core.Backends;
using Emulator.Machine;
using Emulator.Machine.Config;
using Xunit;

namespace Emulator.Tests.Monitor;

/// <summary>The host's disk is full while a guest writes: the machine stops, and goes on with the write by <c>cont</c>.</summary>
public sealed class FullDiskTests
{
    private const int NoSpace = 28, Broken = 5;
    private const ushort Command = 0x1F7;

    private sealed class FullDisk(int error) : IBlockBackend
    {
        private readonly byte[] data = new byte[1 << 20];

        public int Refusals { get; set; } = 1;

        public string Name => "disk";

        public long Length => data.Length;

        public bool IsReadOnly => false;

        public void Read(long offset, Span<byte> destination) => data.AsSpan((int)offset, destination.Length).CopyTo(destination);

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            if (Refusals-- > 0)
            {
                throw new IOException("refused", error);
            }
            source.CopyTo(data.AsSpan((int)offset));
        }

        public void Flush()
        {
        }

        public void Dispose()
        {
        }
    }

    // Writes a sector full of 5A and runs the machine for a moment; returns what was said, and what "info status" answered then.
    private static (string Said, string Status, byte AtaStatus, byte Stored) Write(DriveConfig drive, FullDisk disk)
    {
        // JMP $
        using var rig = new MonitorRig([0xEB, 0xFE], (drive, disk));
        string said = "", status = "";
        rig.Machine.Trouble = text =>
        {
            said += text;
            rig.Inbox.Post(() =>
            {
                status = rig.Do("info status");
                rig.Do("cont");
            });
        };
        var ports = rig.Machine.Board.Ports;
        ports.Write(0x1F6, 1, 0xE0);
        ports.Write(0x1F2, 1, 1);
        ports.Write(0x1F3, 1, 9);
        ports.Write(0x1F4, 1, 0);
        ports.Write(0x1F5, 1, 0);
        ports.Write(Command, 1, 0x30);
        for (int n = 0; n < 256; n++)
        {
            ports.Write(0x1F0, 2, 0x5A5A);
        }
        rig.Machine.Scheduler.CreateTimer("end", rig.Machine.Quit).Arm(rig.Machine.NowNs + 20_000_000);
        rig.Machine.Continue();
        rig.Machine.Run();
        var stored = new byte[1];
        disk.Read(9 * 512, stored);
        return (said, status, (byte)ports.Read(Command, 1), stored[0]);
    }

    [LinuxFact]
    public void The_machine_stops_says_so_and_goes_on_with_the_write()
    {
        var drive = new DriveConfig { Interface = DriveInterface.Ide, Index = 0, File = "/d/disk.img" };
        Assert.Equal(
            ("ide0-hd0: /d/disk.img cannot be written: No space left on device; make room on the host's disk; the machine is stopped until the monitor's cont",
                "VM status: paused (io-error)\n", (byte)0x50, (byte)0x5A),
            Write(drive, new FullDisk(NoSpace)));
    }

    [LinuxFact]
    public void It_stops_again_as_long_as_there_is_no_room()
    {
        var drive = new DriveConfig { Interface = DriveInterface.Ide, Index = 0, File = "x" };
        var (said, _, ata, stored) = Write(drive, new FullDisk(NoSpace) { Refusals = 3 });
        Assert.Equal((3, 0x50, 0x5A), (said.Split("cannot be written").Length - 1, ata, stored));
    }

    [LinuxTheory]
    [InlineData(Broken, null, 0x71)]
    [InlineData(NoSpace, BlockErrorAction.Report, 0x71)]
    [InlineData(NoSpace, BlockErrorAction.Ignore, 0x50)]
    public void Otherwise_the_guest_is_told_what_werror_says(int error, BlockErrorAction? action, int ataStatus)
    {
        var drive = new DriveConfig { Interface = DriveInterface.Ide, Index = 0, File = "x", WriteError = action };
        Assert.Equal(("", "", (byte)ataStatus, (byte)0), Write(drive, new FullDisk(error)));
    }

    [LinuxFact]
    public void Stop_stops_for_any_error()
    {
        var drive = new DriveConfig { Interface = DriveInterface.Ide, Index = 0, File = "x", WriteError = BlockErrorAction.Stop };
        var (said, status, ata, stored) = Write(drive, new FullDisk(Broken));
        Assert.Contains("x cannot be written: Input/output error; mend that;", said, StringComparison.Ordinal);
        Assert.Equal(("VM status: paused (io-error)\n", 0x50, 0x5A), (status, ata, stored));
    }
}

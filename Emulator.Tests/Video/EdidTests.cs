using Emulator.Devices.Video;
using Emulator.Machine.Board;
using Emulator.Machine.Config;
using Emulator.Tests.Guests;
using Xunit;

namespace Emulator.Tests.Video;

/// <summary>The monitor's description: by its standard's rules, and by way of both video BIOSes.</summary>
public sealed class EdidTests
{
    [Fact]
    public void ItsSumIsZeroAndItsFirstTimingIs1280x800()
    {
        byte[] edid = Edid.Build();
        Assert.Equal(128, edid.Length);
        Assert.Equal(0, edid.Sum(b => b) & 0xFF);
        byte[] timing = edid[0x36..0x48];
        int width = timing[2] | (timing[4] & 0xF0) << 4, height = timing[5] | (timing[7] & 0xF0) << 4;
        Assert.Equal((1280, 800), (width, height));
        int wide = width + timing[3] + ((timing[4] & 0x0F) << 8), high = height + timing[6] + ((timing[7] & 0x0F) << 8);
        Assert.InRange((timing[0] | timing[1] << 8) * 10_000.0 / (wide * high), 59, 61);
    }

    // SeaVGABIOS keeps it in its own image, which has to be writable while it sets itself up.
    [Fact]
    public void ADirectStartLeavesItWithTheInstalledVideoBios()
    {
        using var guest = new GuestRun(new MachineConfig { Kernel = TestRoms.Path("segments") });
        var rom = new byte[64 << 10];
        guest.Do(() => guest.Machine.Board.Memory.Read(0xC0000, rom));
        Assert.NotEqual(-1, rom.AsSpan().IndexOf(Edid.Build()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(FirmwareFiles.BuiltIn)]
    public void TheVideoBiosHandsItOut(string? bios)
    {
        byte[] code =
        [
            0x31, 0xC0, 0x8E, 0xD8, 0x8E, 0xC0, // DS = ES = 0
            0xB8, 0x15, 0x4F, 0x31, 0xDB, 0x31, 0xC9, 0x31, 0xD2, 0xCD, 0x10, // AX = 4F15, BL = 0, CX = DX = 0, INT 10h
            0xA3, 0x00, 0x05, 0x89, 0x1E, 0x02, 0x05, // MOV [500], AX, MOV [502], BX
            0xB8, 0x15, 0x4F, 0xBB, 0x01, 0x00, 0x31, 0xC9, 0x31, 0xD2, 0xBF, 0x00, 0x20, 0xCD, 0x10, // BL = 1, DI = 2000
            0xA3, 0x04, 0x05, 0xC6, 0x06, 0x06, 0x05, 0x01, 0xF4, 0xEB, 0xFD, // MOV [504], AX, MOV BYTE [506], 1, HLT
        ];
        using var directory = new TempDirectory();
        var sector = new byte[1440 * 1024];
        code.CopyTo(sector, 0);
        (sector[510], sector[511]) = (0x55, 0xAA);
        using var guest = new GuestRun(new MachineConfig
        {
            BiosFile = bios,
            Boot = new BootConfig { Order = "a" },
            Drives = [new DriveConfig { Interface = DriveInterface.Floppy, Index = 0, File = directory.Make("boot.img", sector), Format = "raw" }],
        });
        var result = new byte[7];
        var edid = new byte[128];
        for (int n = 0; result[6] == 0 && n < 3000; n++)
        {
            Thread.Sleep(10);
            guest.Do(() =>
            {
                guest.Machine.Board.Memory.Read(0x500, result);
                guest.Machine.Board.Memory.Read(0x2000, edid);
            });
        }
        Assert.Equal(1, result[6]);
        Assert.Equal((0x4F, 0x00), (result[0], result[1]));
        Assert.Equal(2, result[2] & 2); // DDC2
        Assert.Equal((0x4F, 0x00), (result[4], result[5]));
        Assert.Equal(Edid.Build(), edid);
    }
}

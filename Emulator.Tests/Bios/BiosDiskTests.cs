using Emulator.Machine.Config;
using Emulator.Tests.Guests;
using Xunit;

namespace Emulator.Tests.Bios;

/// <summary>INT 13h of the built-in BIOS.</summary>
public sealed class BiosDiskTests
{
    private const int DiskSectors = 2048 * 16 * 63; // more than 1024 cylinders
    private const ushort Packet = 0x1000;

    [Fact]
    public void FloppySectorsAreReadWrittenAndVerified()
    {
        using var rig = new BiosRig();
        BiosRegisters parameters = rig.Int(0x13, new() { Eax = 0x0800, Edx = 0 });
        Assert.False(parameters.Carry);
        Assert.Equal((79 << 8 | 18, 0x0101, 4), (parameters.Cx, parameters.Dx, parameters.Bx));
        Assert.Equal([0xAF, 0x02, 0x25, 0x02, 18], rig.Read(((uint)parameters.Es << 4) + (parameters.Edi & 0xFFFF), 5));

        byte[] data = [.. Enumerable.Range(0, 1024).Select(n => (byte)(n * 7))];
        rig.Write(BiosRig.Buffer, data);
        BiosRegisters written = rig.Int(0x13, new() { Eax = 0x0302, Ecx = 0x0511, Edx = 0x0100, Ebx = BiosRig.Buffer }); // cylinder 5, head 1, sector 17
        Assert.Equal((false, (ushort)2), (written.Carry, written.Ax));
        rig.Write(BiosRig.Buffer, new byte[1024]);
        BiosRegisters read = rig.Int(0x13, new() { Eax = 0x0202, Ecx = 0x0511, Edx = 0x0100, Ebx = BiosRig.Buffer });
        Assert.Equal((false, (ushort)2), (read.Carry, read.Ax));
        Assert.Equal(data, rig.Read(BiosRig.Buffer, 1024));
        Assert.False(rig.Int(0x13, new() { Eax = 0x0412, Ecx = 0x0501, Edx = 0x0100 }).Carry);
        Assert.Equal(1, rig.Read(0x43F, 1)[0] & 3); // the motor runs
    }

    [Fact]
    public void FloppyErrorsSayWhatIsWrong()
    {
        using var rig = new BiosRig();
        Assert.Equal(0x04, Fails(rig.Int(0x13, new() { Eax = 0x0201, Ecx = 0x0013, Ebx = BiosRig.Buffer }))); // sector 19
        Assert.Equal(0x04, rig.Int(0x13, new() { Eax = 0x0100 }).Ah); // and that is kept
        Assert.Equal(0x04, Fails(rig.Int(0x13, new() { Eax = 0x0201, Ecx = 0x5001, Ebx = BiosRig.Buffer }))); // cylinder 80
        Assert.Equal(0x80, Fails(rig.Int(0x13, new() { Eax = 0x0201, Ecx = 0x0001, Edx = 1, Ebx = BiosRig.Buffer }))); // no drive B
        Assert.Equal(0x01, Fails(rig.Int(0x13, new() { Eax = 0x7700 })));
        Assert.Equal(2, rig.Int(0x13, new() { Eax = 0x1500 }).Ah);
        rig.Guest.Do(() => rig.Board.Floppy[0]!.Medium = new MemoryBlockBackend(720 * 1024));
        Assert.Equal(0x06, Fails(rig.Int(0x13, new() { Eax = 0x0201, Ecx = 0x0001, Ebx = BiosRig.Buffer }))); // another disk, said once
        Assert.False(rig.Int(0x13, new() { Eax = 0x0201, Ecx = 0x0001, Ebx = BiosRig.Buffer }).Carry);
        Assert.Equal(0x04, Fails(rig.Int(0x13, new() { Eax = 0x0201, Ecx = 0x000A, Ebx = BiosRig.Buffer }))); // 9 sectors now
        rig.Guest.Do(() => rig.Board.Floppy[0]!.Medium = new MemoryBlockBackend(1440 * 1024) { IsReadOnly = true });
        rig.Int(0x13, new() { Eax = 0x1600 });
        Assert.Equal(0x03, Fails(rig.Int(0x13, new() { Eax = 0x0301, Ecx = 0x0001, Ebx = BiosRig.Buffer })));
        rig.Guest.Do(() => rig.Board.Floppy[0]!.Medium = null);
        Assert.Equal(0x80, Fails(rig.Int(0x13, new() { Eax = 0x0201, Ecx = 0x0001, Ebx = BiosRig.Buffer })));
    }

    [Fact]
    public void ATrackIsFormattedWithTheFillByteOfTheParameterTable()
    {
        using var rig = new BiosRig();
        rig.Write(BiosRig.Buffer, [.. Enumerable.Range(1, 18).SelectMany(sector => new byte[] { 7, 1, (byte)sector, 2 })]);
        Assert.False(rig.Int(0x13, new() { Eax = 0x1800, Ecx = 0x4F12 }).Carry); // 80 cylinders of 18
        Assert.Equal(0x0C, Fails(rig.Int(0x13, new() { Eax = 0x1800, Ecx = 0x4F0F })));
        Assert.False(rig.Int(0x13, new() { Eax = 0x0512, Ecx = 0x0701, Edx = 0x0100, Ebx = BiosRig.Buffer }).Carry);
        var track = new byte[18 * 512];
        var before = new byte[512];
        rig.Guest.Do(() => rig.Board.Floppy[0]!.Medium!.Read(((7 * 2) + 1) * 18 * 512, track));
        rig.Guest.Do(() => rig.Board.Floppy[0]!.Medium!.Read((((7 * 2) + 1) * 18 * 512) - 512, before));
        Assert.All(track, b => Assert.Equal(0xF6, b));
        Assert.All(before, b => Assert.Equal(0, b));
        rig.Write(BiosRig.Buffer, 7, 1, 1, 3); // sectors of 1024 bytes are not what the image has
        Assert.Equal(0x04, Fails(rig.Int(0x13, new() { Eax = 0x0512, Ecx = 0x0701, Edx = 0x0100, Ebx = BiosRig.Buffer })));
    }

    [Fact]
    public void ALargeDiskShowsATranslatedGeometryAndItsSectorsAreTheSameByEitherWay()
    {
        using BiosRig rig = WithDisk();
        Assert.Equal(1, rig.Read(0x475, 1)[0]);
        BiosRegisters parameters = rig.Int(0x13, new() { Eax = 0x0800, Edx = 0x80 });
        Assert.Equal((31, 1), (parameters.Dx >> 8, parameters.Dx & 0xFF)); // 32 heads
        Assert.Equal(63, parameters.Cx & 0x3F);
        Assert.Equal(1023, parameters.Cx >> 8 | (parameters.Cx & 0xC0) << 2);

        byte[] data = [.. Enumerable.Range(0, 512).Select(n => (byte)(n * 3))];
        rig.Write(BiosRig.Buffer, data);
        Assert.False(rig.Int(0x13, new() { Eax = 0x0301, Ecx = 0x0241, Edx = 0x0580, Ebx = BiosRig.Buffer }).Carry); // cylinder 258, head 5, sector 1
        long lba = ((258 * 32) + 5) * 63;
        WritePacket(rig, lba, 1, BiosRig.Buffer + 0x1000);
        BiosRegisters read = rig.Int(0x13, new() { Eax = 0x4200, Edx = 0x80, Esi = Packet });
        Assert.Equal((false, 0), (read.Carry, read.Ah));
        Assert.Equal(data, rig.Read(BiosRig.Buffer + 0x1000, 512));
        var onDisk = new byte[512];
        rig.Guest.Do(() => rig.Board.Drives.Single(d => d.Disk is not null).Disk!.Image.Read(lba * 512, onDisk));
        Assert.Equal(data, onDisk);
    }

    [Fact]
    public void ExtendedFunctionsKeepTheirBounds()
    {
        using BiosRig rig = WithDisk();
        BiosRegisters present = rig.Int(0x13, new() { Eax = 0x4100, Ebx = 0x55AA, Edx = 0x80 });
        Assert.Equal((0xAA55, 0x30, 5), (present.Bx, present.Ah, present.Cx));
        rig.Write(Packet, 0x42, 0x00);
        Assert.False(rig.Int(0x13, new() { Eax = 0x4800, Edx = 0x80, Esi = Packet }).Carry);
        Assert.Equal(2048u, rig.Value(Packet + 4, 4));
        Assert.Equal((16u, 63u), (rig.Value(Packet + 8, 4), rig.Value(Packet + 12, 4)));
        Assert.Equal((uint)DiskSectors, rig.Value(Packet + 16, 4));
        Assert.Equal(512u, rig.Value(Packet + 24, 2));
        Assert.Equal(0xBEDDu, rig.Value(Packet + 30, 2));
        Assert.Equal("PCI ATA     "u8.ToArray(), rig.Read(Packet + 36, 12));
        Assert.Equal(0, (byte)rig.Read(Packet + 30, 36).Sum(b => b));
        uint table = rig.Value(Packet + 26, 4);
        Assert.Equal(0x1F0u, rig.Value(((table >> 16) << 4) + (table & 0xFFFF), 2));

        WritePacket(rig, DiskSectors - 1, 2, BiosRig.Buffer);
        Assert.Equal(0x04, Fails(rig.Int(0x13, new() { Eax = 0x4200, Edx = 0x80, Esi = Packet })));
        Assert.Equal(0u, rig.Value(Packet + 2, 2));
        Assert.Equal(0x01, Fails(rig.Int(0x13, new() { Eax = 0x4200, Edx = 0x81, Esi = Packet })));
        Assert.Equal(0xB2, Fails(rig.Int(0x13, new() { Eax = 0x4500, Edx = 0x80 })));
    }

    [Fact]
    public void AnEmptyCdDriveAnswersThatItIsEmpty()
    {
        using var rig = new BiosRig();
        Assert.Equal(0xAA55, rig.Int(0x13, new() { Eax = 0x4100, Ebx = 0x55AA, Edx = 0xE0 }).Bx);
        WritePacket(rig, 16, 1, BiosRig.Buffer);
        Assert.Equal(0x31, Fails(rig.Int(0x13, new() { Eax = 0x4200, Edx = 0xE0, Esi = Packet })));
        var disc = new byte[20 * 2048];
        disc[(16 * 2048) + 1] = 0x43;
        rig.Guest.Do(() => rig.Board.Drives.Single(d => d.Cdrom is not null).Cdrom!.Medium = new MemoryBlockBackend(disc));
        Assert.Equal(0x06, Fails(rig.Int(0x13, new() { Eax = 0x4900, Edx = 0xE0 })));
        WritePacket(rig, 16, 1, BiosRig.Buffer); // the failure has set the count to 0
        Assert.False(rig.Int(0x13, new() { Eax = 0x4200, Edx = 0xE0, Esi = Packet }).Carry);
        Assert.Equal([0x00, 0x43], rig.Read(BiosRig.Buffer, 2));
    }

    private static BiosRig WithDisk() => new(directory =>
    {
        using (FileStream file = File.Create(directory["disk.img"]))
        {
            file.SetLength(DiskSectors * 512L);
        }
        return new MachineConfig { Drives = [new DriveConfig { Interface = DriveInterface.Ide, Index = 0, File = directory["disk.img"], Format = "raw" }] };
    });

    private static byte Fails(BiosRegisters result)
    {
        Assert.True(result.Carry);
        return result.Ah;
    }

    private static void WritePacket(BiosRig rig, long lba, ushort count, int buffer) => rig.Write(Packet,
    [
        0x10, 0x00, (byte)count, (byte)(count >> 8), (byte)buffer, (byte)(buffer >> 8), 0x00, 0x00, .. BitConverter.GetBytes(lba),
    ]);
}

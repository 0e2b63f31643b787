using Emulator.Devices.Ide;
using Xunit;
using static Emulator.Tests.Ide.IdeRig;

namespace Emulator.Tests.Ide;

public sealed class AtaDiskTests : IDisposable
{
    private const int Sectors = 16 * 63 * 2;

    private readonly IdeRig rig = new();
    private readonly MemoryBlockBackend image = MemoryBlockBackend.Patterned(Sectors * 512L);

    public AtaDiskTests() => rig.Controller.Primary.Attach(0, new AtaDisk(rig.Queue, image));

    public void Dispose() => rig.Dispose();

    [Fact]
    public void SignatureAfterSoftwareReset()
    {
        rig.Control(0x04);
        Assert.Equal(Bsy, rig.AlternateStatus & Bsy);
        rig.Control(0x00);
        Assert.Equal(Drdy | Dsc, rig.Status);
        Assert.Equal([1, 1, 1, 0, 0, 0], Enumerable.Range(1, 6).Select(r => (int)rig.In(r)));
    }

    [Fact]
    public void IdentifyTellsGeometryCapacityAndFeatures()
    {
        ushort[] id = rig.Identify();
        Assert.Equal(0x0040, id[0]);
        Assert.Equal((2, 16, 63), (id[1], id[3], id[6]));
        Assert.Equal(Sectors, id[60] | id[61] << 16);
        Assert.Equal(Sectors, id[100] | id[101] << 16);
        Assert.Equal(0, id[102] | id[103]);
        Assert.Equal((2, 16, 63, Sectors), (id[54], id[55], id[56], id[57] | id[58] << 16));
        Assert.Equal(0x8010, id[47]);
        Assert.Equal(0x0110, id[59]);
        Assert.Equal(0x0300, id[49] & 0x0300);
        Assert.Equal(0x0400, id[83] & 0x0400);
        Assert.Equal("EMU HARDDISK", string.Concat(id[27..47].Select(w => $"{(char)(w >> 8)}{(char)(w & 0xFF)}")).TrimEnd());
        Assert.Equal(1, rig.Irqs);
    }

    [Fact]
    public void WithItsCacheOffTheDriveFlushesEachWriteBeforeItSaysDone()
    {
        rig.Command28(0x30, 5, 1);
        rig.WriteData(new byte[512]);
        rig.Run();
        Assert.Equal(0, image.Flushes);

        rig.Out(1, 0x82);
        rig.Out(7, 0xEF);
        rig.Run();
        rig.Command28(0x30, 5, 2);
        rig.WriteData(new byte[512]);
        rig.Run();
        rig.WriteData(new byte[512]);
        Assert.Equal((0, Bsy), (image.Flushes, rig.AlternateStatus & Bsy));
        rig.Run();
        Assert.Equal((1, 0), (image.Flushes, rig.Status & (Bsy | Drq | Err)));
        rig.Command28(0x20, 5, 1);
        rig.Run();
        rig.ReadData(512);
        Assert.Equal(1, image.Flushes);
    }

    [Fact]
    public void BusyIsSeenBeforeTheInterrupt()
    {
        rig.Command28(0x20, 0, 1);
        Assert.Equal(Bsy, rig.AlternateStatus & (Bsy | Drq));
        Assert.Equal(0, rig.Irqs);
        rig.Run();
        Assert.Equal(1, rig.Irqs);
        Assert.Equal(Drq, rig.AlternateStatus & (Bsy | Drq));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void ReadSectorsGivesAnInterruptForEachSector(int width)
    {
        rig.Command28(0x20, 100, 3);
        rig.Run();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(i + 1, rig.Irqs);
            Assert.Equal(Drdy | Dsc | Drq, rig.Status);
            AssertPattern(rig.ReadData(512, width), (100 + i) * 512);
        }
        Assert.Equal(3, rig.Irqs);
        Assert.Equal(Drdy | Dsc, rig.Status);
        Assert.Equal(102, rig.In(3));
    }

    [Fact]
    public void CountZeroIs256SectorsAcrossTheBuffer()
    {
        rig.Command28(0x20, 5, 0);
        rig.Run();
        AssertPattern(rig.ReadData(256 * 512, 4), 5 * 512);
        Assert.Equal(Drdy | Dsc, rig.Status);
        // Status was not read between the sectors: the line never fell.
        Assert.Equal(1, rig.Irqs);
    }

    [Fact]
    public void ExtendedReadUsesBothBytesOfTheCount()
    {
        rig.Command48(0x24, 7, 0x0102);
        rig.Run();
        AssertPattern(rig.ReadData(0x102 * 512, 4), 7 * 512);
        Assert.Equal(Drdy | Dsc, rig.Status);
    }

    [Fact]
    public void HighOrderBytesAreReadThroughHob()
    {
        rig.Out(2, 0x12);
        rig.Out(2, 0x34);
        Assert.Equal(0x34, rig.In(2));
        rig.Control(0x80);
        Assert.Equal(0x12, rig.In(2));
        rig.Out(3, 0);
        Assert.Equal(0x34, rig.In(2));
    }

    [Fact]
    public void ChsReadUsesTheSetTranslation()
    {
        ReadChs(1, 2, 3);
        AssertPattern(rig.ReadData(512), (((1 * 16) + 2) * 63 + 2) * 512);
        rig.Out(6, 0xA0 | 3);
        rig.Out(2, 17);
        rig.Out(7, 0x91);
        rig.Run();
        ReadChs(1, 2, 3);
        AssertPattern(rig.ReadData(512), (((1 * 4) + 2) * 17 + 2) * 512);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 0, 64)]
    [InlineData(2, 0, 1)]
    public void ChsOutsideTheDiskIsNotFound(int cylinder, int head, int sector)
    {
        ReadChs(cylinder, head, sector);
        Assert.Equal(Err, rig.Status & (Err | Drq | Bsy));
        Assert.Equal(0x10, rig.Error);
    }

    [Fact]
    public void MultipleMovesBlocks()
    {
        SetMultiple(8);
        rig.Command28(0xC4, 10, 20);
        rig.Run();
        int irqs = rig.Irqs;
        rig.In(7);
        AssertPattern(rig.ReadData(8 * 512), 10 * 512);
        Assert.Equal(irqs + 1, rig.Irqs);
        rig.In(7);
        AssertPattern(rig.ReadData(8 * 512), 18 * 512);
        rig.In(7);
        AssertPattern(rig.ReadData(4 * 512), 26 * 512);
        Assert.Equal(irqs + 2, rig.Irqs);
        Assert.Equal(Drdy | Dsc, rig.Status);
        Assert.Equal(0x0108, rig.Identify()[59]);
    }

    [Fact]
    public void MultipleCanBeSwitchedOffAndTakesPowersOfTwo()
    {
        SetMultiple(5);
        Assert.Equal(4, rig.Error);
        SetMultiple(32);
        Assert.Equal(4, rig.Error);
        SetMultiple(0);
        Assert.Equal(0, rig.Status & Err);
        rig.Command28(0xC4, 0, 1);
        rig.Run();
        Assert.Equal(Err, rig.Status & Err);
        Assert.Equal(4, rig.Error);
    }

    [Fact]
    public void WriteSectorsAsksForTheFirstBlockWithoutInterrupt()
    {
        byte[] data = new byte[1024];
        new Random(1).NextBytes(data);
        rig.Command28(0x30, 50, 2);
        Assert.Equal(0, rig.Irqs);
        Assert.Equal(Drq, rig.Status & (Bsy | Drq));
        rig.WriteData(data.AsSpan(0, 512));
        Assert.Equal(Bsy, rig.AlternateStatus & (Bsy | Drq));
        rig.Run();
        Assert.Equal(1, rig.Irqs);
        Assert.Equal(Drq, rig.Status & (Bsy | Drq));
        rig.WriteData(data.AsSpan(512), 4);
        rig.Run();
        Assert.Equal(2, rig.Irqs);
        Assert.Equal(Drdy | Dsc, rig.Status);
        Assert.Equal(data, image.Data[(50 * 512)..(52 * 512)]);
        Assert.Equal(MemoryBlockBackend.Pattern(52 * 512), image.Data[52 * 512]);
    }

    [Fact]
    public void WriteMultipleExtended()
    {
        byte[] data = new byte[20 * 512];
        new Random(2).NextBytes(data);
        rig.Command48(0x39, 300, 20);
        rig.WriteData(data.AsSpan(0, 16 * 512));
        rig.Run();
        Assert.Equal(Drq, rig.Status & (Bsy | Drq));
        rig.WriteData(data.AsSpan(16 * 512));
        rig.Run();
        Assert.Equal(Drdy | Dsc, rig.Status);
        Assert.Equal(data, image.Data[(300 * 512)..(320 * 512)]);
    }

    [Fact]
    public void RangeBeyondTheEndIsNotFound()
    {
        rig.Command28(0x20, Sectors - 1, 2);
        Assert.Equal(Err, rig.Status & (Err | Drq));
        Assert.Equal(0x10, rig.Error);
        rig.Command48(0x34, 1L << 40, 1);
        Assert.Equal(0x10, rig.Error);
        rig.Command28(0x20, Sectors - 1, 1);
        rig.Run();
        Assert.Equal(Drq, rig.Status & (Err | Drq));
    }

    [Fact]
    public void HostReadErrorIsUncorrectable()
    {
        image.BadSectors.Add(200);
        rig.Command28(0x20, 200, 1);
        rig.Run();
        Assert.Equal(Drdy | Dsc | Err, rig.Status);
        Assert.Equal(0x40, rig.Error);
        Assert.Equal(1, rig.Irqs);
    }

    [Fact]
    public void HostWriteErrorIsADeviceFault()
    {
        image.BadSectors.Add(200);
        rig.Command28(0x30, 200, 1);
        rig.WriteData(new byte[512]);
        rig.Run();
        Assert.Equal(Drdy | Dsc | Df | Err, rig.Status);
    }

    [Fact]
    public void ReadOnlyImageRefusesWrites()
    {
        image.IsReadOnly = true;
        rig.Command28(0x30, 0, 1);
        Assert.Equal(Err, rig.Status & (Err | Drq));
        Assert.Equal(4, rig.Error);
    }

    [Fact]
    public void VerifyReadsWithoutData()
    {
        rig.Command28(0x40, 0, 0);
        rig.Run();
        Assert.Equal(Drdy | Dsc, rig.Status);
        image.BadSectors.Add(3);
        rig.Command28(0x40, 0, 8);
        rig.Run();
        Assert.Equal(0x40, rig.Error);
    }

    // No host-protected area: the native maximum is the maximum, SET MAX (EXT) is refused, and IDENTIFY does not announce the feature set.
    [Fact]
    public void SetMaxIsRefusedAndChangesNothing()
    {
        foreach (byte command in new byte[] { 0xF9, 0x37 })
        {
            rig.Command28(0xF8, 0, 0);
            rig.Run();
            rig.Command28(command, Sectors / 2, 1);
            rig.Run();
            Assert.Equal((Drdy | Dsc | Err, 4), (rig.Status, rig.Error));
        }
        ushort[] id = rig.Identify(0xEC);
        Assert.Equal((0, 0, Sectors), (id[82] & 0x0400, id[85] & 0x0400, id[60] | id[61] << 16));
    }

    [Fact]
    public void NativeMaxIsTheLastSector()
    {
        rig.Command28(0xF8, 0, 0);
        rig.Run();
        Assert.Equal(Sectors - 1, rig.In(3) | rig.In(4) << 8 | rig.In(5) << 16 | (rig.In(6) & 15) << 24);
        rig.Command48(0x27, 0, 0);
        rig.Run();
        Assert.Equal(Sectors - 1, rig.In(3) | rig.In(4) << 8 | rig.In(5) << 16);
        rig.Control(0x80);
        Assert.Equal(0, rig.In(3) | rig.In(4) | rig.In(5));
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xA1)]
    [InlineData(0xB0)]
    [InlineData(0xF1)]
    [InlineData(0x37)]
    [InlineData(0xF9)]
    public void UnsupportedCommandsAbort(byte command)
    {
        rig.Out(7, command);
        rig.Run();
        Assert.Equal(Drdy | Dsc | Err, rig.Status);
        Assert.Equal(4, rig.Error);
        Assert.Equal(1, rig.Irqs);
    }

    [Theory]
    [InlineData(0x10)]
    [InlineData(0x70)]
    [InlineData(0xE7)]
    [InlineData(0xEA)]
    [InlineData(0xE1)]
    public void CommandsWithoutDataSucceed(byte command)
    {
        rig.Command28(command, 1, 1);
        rig.Run();
        Assert.Equal(Drdy | Dsc, rig.Status);
        Assert.Equal(1, rig.Irqs);
        Assert.Equal(command is 0xE7 or 0xEA ? 1 : 0, image.Flushes);
    }

    [Fact]
    public void PowerModesShowInCheckPowerMode()
    {
        Assert.Equal(0xFF, CheckPower());
        rig.Out(7, 0xE0);
        rig.Run();
        Assert.Equal(0x00, CheckPower());
        rig.Command28(0x20, 0, 1);
        rig.Run();
        rig.ReadData(512);
        Assert.Equal(0xFF, CheckPower());
    }

    [Fact]
    public void TransferModeShowsInIdentify()
    {
        SetFeature(0x03, 0x22);
        Assert.Equal(0x0407, rig.Identify()[63]);
        SetFeature(0x03, 0x45);
        Assert.Equal(0x203F, rig.Identify()[88]);
        SetFeature(0x03, 0x47);
        Assert.Equal(4, rig.Error);
        SetFeature(0x99, 0);
        Assert.Equal(4, rig.Error);
        SetFeature(0x82, 0);
        Assert.Equal(0, rig.Identify()[85] & 0x20);
    }

    [Fact]
    public void InterruptDisableKeepsTheLineLow()
    {
        rig.Control(0x02);
        rig.Out(7, 0xE7);
        rig.Run();
        Assert.Equal(0, rig.Irqs);
        rig.Control(0x00);
        Assert.Equal(1, rig.Irqs);
    }

    [Fact]
    public void AlternateStatusDoesNotAcknowledge()
    {
        rig.Out(7, 0xE7);
        rig.Run();
        _ = rig.AlternateStatus;
        // While INTRQ is pending, nIEN takes the line down and lets it up again.
        rig.Control(0x02);
        rig.Control(0x00);
        Assert.Equal(2, rig.Irqs);
        _ = rig.Status;
        rig.Control(0x02);
        rig.Control(0x00);
        Assert.Equal(2, rig.Irqs);
    }

    [Fact]
    public void ABusyDriveTakesNoCommand()
    {
        rig.Out(7, 0xE7);
        rig.Out(7, 0xEC);
        rig.Run();
        Assert.Equal((0, 1), (rig.AlternateStatus & (Bsy | Drq), rig.Irqs));
    }

    [Fact]
    public void SoftwareResetDropsATransfer()
    {
        rig.Command28(0x20, 0, 4);
        rig.Run();
        rig.ReadData(100);
        rig.Control(0x04);
        rig.Control(0x00);
        Assert.Equal(Drdy | Dsc, rig.Status);
        Assert.Equal(0xFFFFu, rig.Pci.Ports.Read(0x1F0, 2));
        rig.Run();
        Assert.Equal(1, rig.Irqs);
    }

    [Fact]
    public void AbsentSecondDriveReadsZeroAndEmptyChannelFloats()
    {
        rig.Out(6, 0xB0);
        rig.Out(2, 0x55);
        Assert.Equal((0, 0), (rig.Status, rig.In(2)));
        rig.Out(7, 0xEC);
        rig.Run();
        Assert.Equal(0, rig.Irqs);
        Assert.Equal(0xFFu, rig.Pci.Ports.Read(0x177, 1));
        Assert.Equal(0xFFFFu, rig.Pci.Ports.Read(0x170, 2));
    }

    [Fact]
    public void TwoDrivesHaveTheirOwnStatusAndContents()
    {
        var second = new MemoryBlockBackend(512 * 100);
        second.Data[0] = 0x77;
        rig.Controller.Primary.Attach(1, new AtaDisk(rig.Queue, second));
        rig.Command28(0x20, 0, 1, drive: 1);
        rig.Run();
        rig.Out(6, 0xE0);
        Assert.Equal(0, rig.AlternateStatus & Drq);
        rig.Out(6, 0xF0);
        Assert.Equal(0x77, rig.ReadData(512)[0]);
        Assert.Throws<InvalidOperationException>(() => rig.Controller.Primary.Attach(1, new AtaDisk(rig.Queue, second)));
    }

    [Fact]
    public void DiagnosticShowsTheSignatureWithOneInterrupt()
    {
        rig.Controller.Primary.Attach(1, new AtaDisk(rig.Queue, new MemoryBlockBackend(512)));
        rig.Out(6, 0xB0);
        rig.Out(7, 0x90);
        rig.Run();
        Assert.Equal(1, rig.Irqs);
        Assert.Equal((1, 1, 1, 0, 0), (rig.Error, rig.In(2), rig.In(3), rig.In(4), rig.In(5)));
        Assert.Equal(0, rig.In(6));
    }

    [Fact]
    public void PartialLastSectorIsPaddedAndEmptyImagesAreRefused()
    {
        Assert.Equal(2, new AtaDisk(rig.Queue, new MemoryBlockBackend(513)).Sectors);
        Assert.Throws<ArgumentException>(() => new AtaDisk(rig.Queue, new MemoryBlockBackend(0)));
        rig.Controller.Primary.Attach(1, new AtaDisk(rig.Queue, new MemoryBlockBackend(Enumerable.Repeat((byte)9, 513).ToArray())));
        rig.Command28(0x20, 1, 1, drive: 1);
        rig.Run();
        byte[] data = rig.ReadData(512);
        Assert.Equal((9, 0), (data[0], data[1]));
    }

    private static void AssertPattern(byte[] data, long offset)
    {
        for (int i = 0; i < data.Length; i++)
        {
            if (data[i] != MemoryBlockBackend.Pattern(offset + i))
            {
                Assert.Fail($"byte {i} of the transfer from {offset} is wrong");
            }
        }
    }

    private void ReadChs(int cylinder, int head, int sector)
    {
        rig.Out(6, 0xA0 | head);
        rig.Out(2, 1);
        rig.Out(3, sector);
        rig.Out(4, cylinder & 0xFF);
        rig.Out(5, cylinder >> 8);
        rig.Out(7, 0x20);
        rig.Run();
    }

    private void SetMultiple(int count)
    {
        rig.Out(2, count);
        rig.Out(7, 0xC6);
        rig.Run();
    }

    private void SetFeature(int feature, int value)
    {
        rig.Out(1, feature);
        rig.Out(2, value);
        rig.Out(7, 0xEF);
        rig.Run();
    }

    private int CheckPower()
    {
        rig.Out(7, 0xE5);
        rig.Run();
        return rig.In(2);
    }
}

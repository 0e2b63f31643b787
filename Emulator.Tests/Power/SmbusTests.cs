using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Core.Time;
using Emulator.Devices.Power;
using Emulator.Tests.Pci;
using Xunit;

namespace Emulator.Tests.Power;

/// <summary>The SMBus host controller, as firmware and Linux' i2c-piix4 use it (82371AB data sheet, section 7.4).</summary>
public sealed class SmbusTests : IDisposable
{
    private const ushort Base = 0x700;
    private const byte Start = 0x40, Quick = 0 << 2, Byte = 1 << 2, ByteData = 2 << 2, WordData = 3 << 2, Block = 5 << 2;
    private const byte Busy = 1, Finished = 2, DeviceError = 4, Failed = 0x10;
    private const int FirstEeprom = 0x50;

    private readonly PciRig rig = new();
    private readonly ManualClock clock = new();
    private readonly EventQueue queue;
    private readonly IrqLine irq = IrqLine.Unconnected;
    private readonly Piix4Pm pm;

    public SmbusTests()
    {
        queue = new EventQueue(clock);
        pm = new Piix4Pm(queue, rig, IrqLine.Unconnected, irq, EventLog.Silent);
        rig.Bus.Add(1, 3, pm);
        rig.Write(1, 3, 0x90, Base | 1);
        rig.Write(1, 3, 0xD2, 0x09, 1);
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void RegistersMoveAndVanishWithTheirEnable()
    {
        Assert.Equal((uint)Base | 1, rig.Read(1, 3, 0x90));
        Assert.Equal(Base, pm.SmbusIoBase);
        Out(3, 0x5A);
        rig.Write(1, 3, 0x90, 0xB101);
        Assert.Equal((0xFFu, 0x5Au), (rig.Ports.Read(Base + 3, 1), rig.Ports.Read(0xB103, 1)));
        rig.Write(1, 3, 0xD2, 0, 1);
        Assert.Equal(0xFFu, rig.Ports.Read(0xB103, 1));
        Assert.Null(pm.SmbusIoBase);
    }

    [Fact]
    public void AMemoryAnswersAndNobodyElseDoes()
    {
        Assert.Equal(Finished, Run(FirstEeprom << 1, 0, Quick));
        Assert.Equal(DeviceError, Run(0x2D << 1, 0, Quick));
        Assert.Equal(DeviceError, Run((0x58 << 1) | 1, 0, ByteData));
    }

    [Fact]
    public void BytesAndWordsAreStoredAndTheCounterGoesOn()
    {
        Out(5, 0x12);
        Run(FirstEeprom << 1, 0x20, ByteData);
        (Data0, Data1) = (0x34, 0x56);
        Run(FirstEeprom << 1, 0x21, WordData);
        (Data0, Data1) = (0, 0);
        Run((FirstEeprom << 1) | 1, 0x20, WordData);
        Assert.Equal((0x12, 0x34), (Data0, Data1));
        Run(FirstEeprom << 1, 0x21, Byte);
        Run((FirstEeprom << 1) | 1, 0, Byte);
        Assert.Equal(0x34, Data0);
        Run((FirstEeprom << 1) | 1, 0, Byte);
        Assert.Equal(0x56, Data0);
        Run(((FirstEeprom + 1) << 1) | 1, 0x20, ByteData);
        Assert.Equal(0, Data0);
    }

    [Fact]
    public void BlocksGoThroughTheBlockRegister()
    {
        In(2);
        foreach (byte value in new byte[] { 2, 0xAA, 0xBB })
        {
            Out(7, value);
        }
        Data0 = 3;
        Run(FirstEeprom << 1, 0x40, Block);
        Data0 = 0;
        Run((FirstEeprom << 1) | 1, 0x40, Block);
        In(2);
        Assert.Equal((2, 0xAA, 0xBB), (Data0, In(7), In(7)));
    }

    [Fact]
    public void BusyWhileTheBytesPassAndKillEndsIt()
    {
        Out(4, FirstEeprom << 1);
        Out(2, Start | Quick);
        Assert.Equal(Busy, In(0));
        clock.NowNs += SmbusHost.ByteNs;
        queue.RunDue();
        Assert.Equal(Finished, In(0));
        Out(0, Finished);
        Assert.Equal(0, In(0));
        Out(2, Start | ByteData);
        Out(2, 2);
        Assert.Equal(Failed, In(0));
        Assert.Equal(long.MaxValue, queue.NextDeadlineNs);
    }

    [Fact]
    public void TheEndInterruptsWhenEnabledAndRouted()
    {
        Run(FirstEeprom << 1, 0, Quick | 1);
        Assert.True(irq.Level);
        Out(0, Finished);
        Assert.False(irq.Level);
        rig.Write(1, 3, 0xD2, 0x01, 1);
        Run(FirstEeprom << 1, 0, Quick | 1);
        Assert.False(irq.Level);
    }

    private byte Data0
    {
        get => In(5);
        set => Out(5, value);
    }

    private byte Data1
    {
        get => In(6);
        set => Out(6, value);
    }

    private byte Run(int address, byte command, byte control)
    {
        Out(0, 0xFF);
        Out(4, (byte)address);
        Out(3, command);
        Out(2, (byte)(Start | control));
        clock.NowNs += 100 * SmbusHost.ByteNs;
        queue.RunDue();
        return In(0);
    }

    private byte In(int register) => (byte)rig.Ports.Read((ushort)(Base + register), 1);

    private void Out(int register, byte value) => rig.Ports.Write((ushort)(Base + register), 1, value);
}

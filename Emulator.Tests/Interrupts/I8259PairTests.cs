using Emulator.Core.Bus;
using Emulator.Devices.Interrupts;
using Xunit;

namespace Emulator.Tests.Interrupts;

public sealed class I8259PairTests
{
    private readonly PortBus ports = new();
    private readonly I8259Pair pics;
    private readonly List<bool> intr = [];

    public I8259PairTests()
    {
        pics = new I8259Pair(intr.Add);
        pics.Wire(ports);
        pics.Reset();
        Initialize(0x20, 0x08, 0x04);
        Initialize(0xA0, 0x70, 0x02);
        intr.Clear();
    }

    [Fact]
    public void EdgeIsLatchedAndAcknowledged()
    {
        pics.Input(3).Pulse();
        Assert.Equal([true], intr);
        Assert.Equal(0x08, pics.Master.Irr);
        Assert.Equal(0x0B, pics.Acknowledge());
        Assert.Equal(0x08, pics.Master.Isr);
        Assert.Equal(0, pics.Master.Irr);
        Assert.False(pics.Interrupting);
    }

    [Fact]
    public void HeldEdgeInterruptsOnlyOnce()
    {
        pics.Input(4).Raise();
        pics.Acknowledge();
        Write(0x20, 0x20);
        Assert.False(pics.Interrupting);
        pics.Input(4).Lower();
        pics.Input(4).Raise();
        Assert.True(pics.Interrupting);
    }

    [Fact]
    public void LevelInputInterruptsUntilLowered()
    {
        Write(0x4D1, 0x08);
        pics.Input(11).Raise();
        Assert.Equal(0x73, pics.Acknowledge());
        EndBoth();
        Assert.True(pics.Interrupting);
        Assert.Equal(0x73, pics.Acknowledge());
        pics.Input(11).Lower();
        EndBoth();
        Assert.False(pics.Interrupting);
    }

    [Fact]
    public void ElcrKeepsTheBoardsOwnInputsEdgeTriggered()
    {
        Write(0x4D0, 0xFF);
        Write(0x4D1, 0xFF);
        Assert.Equal(0xF8u, Read(0x4D0));
        Assert.Equal(0xDEu, Read(0x4D1));
    }

    [Fact]
    public void SlaveRequestGoesThroughTheCascade()
    {
        pics.Input(8).Raise();
        Assert.Equal(0x70, pics.Acknowledge());
        Assert.Equal(0x04, pics.Master.Isr);
        Assert.Equal(0x01, pics.Slave.Isr);
    }

    [Fact]
    public void EachSlaveRequestIsAnEdgeToTheMaster()
    {
        pics.Input(9).Raise();
        pics.Input(12).Raise();
        Assert.Equal(0x71, pics.Acknowledge());
        EndBoth();
        Assert.True(pics.Interrupting);
        Assert.Equal(0x74, pics.Acknowledge());
    }

    [Fact]
    public void PriorityIsFixedUntilRotated()
    {
        pics.Input(5).Raise();
        pics.Input(1).Raise();
        Assert.Equal(0x09, pics.Acknowledge());
        // 5 is below the one in service and waits for its EOI.
        Assert.False(pics.Interrupting);
        Write(0x20, 0x20);
        Assert.Equal(0x0D, pics.Acknowledge());
    }

    [Fact]
    public void HigherPriorityNests()
    {
        pics.Input(5).Raise();
        pics.Acknowledge();
        pics.Input(0).Raise();
        Assert.True(pics.Interrupting);
        Assert.Equal(0x08, pics.Acknowledge());
        Assert.Equal(0x21, pics.Master.Isr);
        Write(0x20, 0x20);
        Assert.Equal(0x20, pics.Master.Isr);
    }

    [Fact]
    public void SpecificEoiClearsThatLevelOnly()
    {
        pics.Input(5).Raise();
        pics.Acknowledge();
        pics.Input(1).Raise();
        pics.Acknowledge();
        Write(0x20, 0x60 | 5);
        Assert.Equal(0x02, pics.Master.Isr);
    }

    [Fact]
    public void RotateOnNonSpecificEoiPutsTheServedOneLast()
    {
        pics.Input(3).Pulse();
        pics.Acknowledge();
        Write(0x20, 0xA0);
        Assert.Equal(4, pics.Master.HighestPriority);
        pics.Input(3).Pulse();
        pics.Input(6).Pulse();
        Assert.Equal(0x0E, pics.Acknowledge());
    }

    [Fact]
    public void RotateOnSpecificEoiAndSetPriority()
    {
        pics.Input(1).Pulse();
        pics.Acknowledge();
        Write(0x20, 0xE0 | 1);
        Assert.Equal(0, pics.Master.Isr);
        Assert.Equal(2, pics.Master.HighestPriority);
        Write(0x20, 0xC0 | 5);
        Assert.Equal(6, pics.Master.HighestPriority);
        pics.Input(0).Pulse();
        pics.Input(7).Pulse();
        Assert.Equal(0x0F, pics.Acknowledge());
        Assert.Equal(0x80, pics.Master.Isr);
    }

    [Fact]
    public void AutomaticEoiLeavesNothingInService()
    {
        Initialize(0x20, 0x08, 0x04, icw4: 0x03);
        Write(0x20, 0x80);
        pics.Input(2 + 1).Pulse();
        Assert.Equal(0x0B, pics.Acknowledge());
        Assert.Equal(0, pics.Master.Isr);
        Assert.Equal(4, pics.Master.HighestPriority);
        Write(0x20, 0x00);
        pics.Input(5).Pulse();
        pics.Acknowledge();
        Assert.Equal(4, pics.Master.HighestPriority);
    }

    [Fact]
    public void MaskedInputWaits()
    {
        Write(0x21, 0x10);
        pics.Input(4).Raise();
        Assert.False(pics.Interrupting);
        Assert.Equal(0x10u, Read(0x20));
        Write(0x21, 0x00);
        Assert.True(pics.Interrupting);
        Assert.Equal(0x00u, Read(0x21));
    }

    [Fact]
    public void RequestThatWentGivesSpuriousSeven()
    {
        pics.Input(4).Raise();
        Write(0x21, 0x10);
        Assert.Equal(0x0F, pics.Acknowledge());
        Assert.Equal(0, pics.Master.Isr);
    }

    [Fact]
    public void SlaveRequestThatWentGivesSpuriousFifteenWithTheCascadeInService()
    {
        pics.Input(14).Raise();
        Write(0xA1, 0xFF);
        Assert.Equal(0x77, pics.Acknowledge());
        Assert.Equal(0x04, pics.Master.Isr);
        Assert.Equal(0, pics.Slave.Isr);
    }

    [Fact]
    public void SpecialMaskModeLetsLowerLevelsIn()
    {
        pics.Input(3).Pulse();
        pics.Acknowledge();
        pics.Input(6).Pulse();
        Assert.False(pics.Interrupting);
        Write(0x21, 0x08);
        Assert.False(pics.Interrupting);
        Write(0x20, 0x68);
        Assert.True(pics.Interrupting);
        Assert.Equal(0x0E, pics.Acknowledge());
        // The masked level's bit is out of reach of the non-specific EOI.
        Write(0x20, 0x20);
        Assert.Equal(0x08, pics.Master.Isr);
        Write(0x20, 0x20);
        Assert.Equal(0x08, pics.Master.Isr);
        Write(0x20, 0x48);
        Write(0x20, 0x20);
        Assert.Equal(0, pics.Master.Isr);
    }

    [Fact]
    public void SpecialFullyNestedModeLetsHigherSlaveInputsNest()
    {
        pics.Input(12).Raise();
        pics.Acknowledge();
        pics.Input(9).Raise();
        Assert.False(pics.Interrupting);
        Initialize(0x20, 0x08, 0x04, icw4: 0x11);
        Initialize(0xA0, 0x70, 0x02);
        pics.Input(12).Lower();
        pics.Input(9).Lower();
        pics.Input(12).Raise();
        pics.Acknowledge();
        pics.Input(9).Raise();
        Assert.True(pics.Interrupting);
        Assert.Equal(0x71, pics.Acknowledge());
    }

    [Fact]
    public void PollIsAnAcknowledge()
    {
        pics.Input(6).Pulse();
        Write(0x20, 0x0C);
        Assert.Equal(0x86u, Read(0x20));
        Assert.Equal(0x40, pics.Master.Isr);
        Write(0x20, 0x0C);
        Assert.Equal(0x00u, Read(0x20));
    }

    [Fact]
    public void Ocw3ChoosesTheRegisterRead()
    {
        pics.Input(6).Pulse();
        pics.Acknowledge();
        pics.Input(7).Pulse();
        Write(0x20, 0x0B);
        Assert.Equal(0x40u, Read(0x20));
        Write(0x20, 0x0A);
        Assert.Equal(0x80u, Read(0x20));
    }

    [Fact]
    public void Icw1ClearsMaskServiceAndLatches()
    {
        pics.Input(6).Raise();
        pics.Acknowledge();
        pics.Input(3).Raise();
        Write(0x21, 0xFF);
        Initialize(0x20, 0x20, 0x04);
        Assert.Equal((0, 0, 0), (pics.Master.Imr, pics.Master.Isr, pics.Master.Irr));
        Assert.Equal(0x20, pics.Master.VectorBase);
        pics.Input(3).Lower();
        pics.Input(3).Raise();
        Assert.Equal(0x23, pics.Acknowledge());
    }

    [Fact]
    public void NothingInterruptsBeforeTheInitializationWords()
    {
        pics.Reset();
        pics.Input(0).Raise();
        Assert.False(pics.Interrupting);
        Write(0x20, 0x11);
        Write(0x21, 0x08);
        Write(0x21, 0x04);
        pics.Input(1).Raise();
        Assert.False(pics.Interrupting);
        Write(0x21, 0x01);
        Assert.True(pics.Interrupting);
        Assert.Equal(0x09, pics.Acknowledge());
    }

    [Fact]
    public void LevelModeOfIcw1HoldsForAllInputs()
    {
        Write(0x20, 0x19);
        Write(0x21, 0x08);
        Write(0x21, 0x04);
        Write(0x21, 0x01);
        pics.Input(1).Raise();
        Assert.Equal(0x09, pics.Acknowledge());
        Write(0x20, 0x20);
        Assert.True(pics.Interrupting);
        pics.Input(1).Lower();
        Assert.False(pics.Interrupting);
    }

    [Fact]
    public void SpuriousInterruptOfAPollIsZero()
    {
        pics.Input(4).Raise();
        Write(0x21, 0x10);
        Write(0x20, 0x0C);
        Assert.Equal(0x00u, Read(0x20));
        Assert.Equal(0, pics.Master.Isr);
    }

    [Fact]
    public void PollOfTheSlaveLeavesTheMasterAlone()
    {
        pics.Input(10).Raise();
        Write(0xA0, 0x0C);
        Assert.Equal(0x82u, Read(0xA0));
        Assert.Equal((0x00, 0x04), (pics.Master.Isr, pics.Slave.Isr));
        // Its INT fell with the poll; the master keeps the edge, and nobody asks any more.
        Assert.Equal(0x77, pics.Acknowledge());
    }

    [Fact]
    public void RotationInAutomaticEoiServesInTurn()
    {
        Initialize(0x20, 0x08, 0x04, icw4: 0x03);
        Write(0x20, 0x80);
        Write(0x4D0, 0x38);
        pics.Input(3).Raise();
        pics.Input(4).Raise();
        pics.Input(5).Raise();
        Assert.Equal([11, 12, 13, 11, 12], Enumerable.Range(0, 5).Select(_ => pics.Acknowledge()));
    }

    [Fact]
    public void InitializationWithoutIcw4OrIcw3TakesFewerWrites()
    {
        Write(0x20, 0x12);
        Write(0x21, 0x40);
        Write(0x21, 0xAA);
        Assert.Equal(0xAAu, Read(0x21));
        Assert.Equal(0x40, pics.Master.VectorBase);
    }

    private void Initialize(ushort port, byte vectorBase, byte icw3, byte icw4 = 0x01)
    {
        Write(port, 0x11);
        Write((ushort)(port + 1), vectorBase);
        Write((ushort)(port + 1), icw3);
        Write((ushort)(port + 1), icw4);
    }

    private void EndBoth()
    {
        Write(0xA0, 0x20);
        Write(0x20, 0x20);
    }

    private void Write(ushort port, byte value) => ports.Write(port, 1, value);

    private uint Read(ushort port) => ports.Read(port, 1);
}

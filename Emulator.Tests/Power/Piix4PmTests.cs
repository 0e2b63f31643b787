using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Core.Time;
using Emulator.Devices.Power;
using Emulator.Tests.Pci;
using Xunit;

namespace Emulator.Tests.Power;

public sealed class Piix4PmTests : IDisposable
{
    private const ushort Base = 0x600;

    private readonly PciRig rig = new();
    private readonly ManualClock clock = new();
    private readonly EventQueue queue;
    private readonly IrqLine sci = IrqLine.Unconnected;
    private readonly Piix4Pm pm;

    public Piix4PmTests()
    {
        queue = new EventQueue(clock);
        pm = new Piix4Pm(queue, rig, sci, IrqLine.Unconnected, EventLog.Silent);
        rig.Bus.Add(1, 3, pm);
        pm.Wire(rig.Ports);
        rig.Write(1, 3, 0x40, Base | 1);
        rig.Write(1, 3, 0x80, 1, 1);
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void IdentityAndSmmAlreadyTaken()
    {
        Assert.Equal(0x7113_8086u, rig.Read(1, 3, 0));
        Assert.NotEqual(0u, rig.Read(1, 3, 0x58) & (1u << 25));
        Assert.Equal(0x0109u, rig.Read(1, 3, 0x3C, 2));
        rig.Ports.Write(0xB3, 1, 0x55);
        Assert.Equal(0u, rig.Ports.Read(0xB3, 1));
    }

    [Fact]
    public void PmRegistersMoveAndVanishWithTheirEnable()
    {
        Assert.Equal(0x601u, rig.Read(1, 3, 0x40));
        Assert.Equal(Base, pm.IoBase);
        rig.Write(1, 3, 0x40, 0xB001);
        Assert.Equal(0xFFFFu, rig.Ports.Read(Base, 2));
        Assert.Equal(0u, rig.Ports.Read(0xB000, 2));
        rig.Write(1, 3, 0x80, 0, 1);
        Assert.Equal(0xFFFFu, rig.Ports.Read(0xB000, 2));
    }

    [Theory]
    [InlineData(0L, 0u)]
    [InlineData(1_000_000_000L, 3579545u)]
    [InlineData(10_000_000_000L, 35795450u & 0xFFFFFF)]
    [InlineData(86_400_000_000_000L, (uint)(86400L * 3579545 & 0xFFFFFF))]
    [InlineData(1_000L, 3u)]
    public void TimerCountsThreePointFiveEightMegahertzIn24Bits(long ns, uint expected)
    {
        clock.NowNs = ns;
        Assert.Equal(expected, rig.Ports.Read(Base + 8, 4));
    }

    [Fact]
    public void TimerOverflowRaisesSciEvery2To23Ticks()
    {
        rig.Ports.Write(Base + 4, 2, 1);
        rig.Ports.Write(Base + 2, 2, 1);
        long due = queue.NextDeadlineNs;
        clock.NowNs = due - 1;
        Assert.Equal(0x7F_FFFFu, rig.Ports.Read(Base + 8, 4));
        Assert.Equal(0, queue.RunDue());
        clock.NowNs = due;
        Assert.Equal(0x80_0000u, rig.Ports.Read(Base + 8, 4));
        Assert.Equal(1, queue.RunDue());
        Assert.True(sci.Level);
        Assert.Equal(1u, rig.Ports.Read(Base, 2));
        rig.Ports.Write(Base, 2, 1);
        Assert.False(sci.Level);
        Assert.InRange(queue.NextDeadlineNs, (2 * due) - 2, (2 * due) + 2);
    }

    [Fact]
    public void OverflowIsSeenByPollingToo()
    {
        clock.NowNs = 3_000_000_000;
        Assert.Equal(1u, rig.Ports.Read(Base, 2));
        rig.Ports.Write(Base, 2, 1);
        Assert.Equal(0u, rig.Ports.Read(Base, 2));
    }

    [Fact]
    public void PowerButtonRaisesSciOnlyInAcpiModeAndWhenEnabled()
    {
        pm.PowerButton();
        Assert.False(sci.Level);
        Assert.Equal(0x100u, rig.Ports.Read(Base, 2));
        rig.Ports.Write(Base + 2, 2, 0x100);
        Assert.False(sci.Level);
        rig.Ports.Write(0xB2, 1, 0xF1);
        Assert.True(pm.IsAcpiEnabled);
        Assert.True(sci.Level);
        rig.Ports.Write(Base + 1, 1, 0x01);
        Assert.False(sci.Level);
    }

    [Fact]
    public void TheClocksInterruptIsAnAcpiEvent()
    {
        rig.Ports.Write(0xB2, 1, 0xF1);
        pm.RtcInterrupt();
        Assert.Equal(0x400u, rig.Ports.Read(Base, 2));
        Assert.False(sci.Level);
        rig.Ports.Write(Base + 2, 2, 0x400);
        Assert.True(sci.Level);
        rig.Ports.Write(Base, 2, 0x400);
        Assert.False(sci.Level);
    }

    [Fact]
    public void SmiCommandsSwitchSciEnable()
    {
        rig.Ports.Write(0xB2, 1, 0xF1);
        Assert.Equal(1u, rig.Ports.Read(Base + 4, 2));
        rig.Ports.Write(0xB2, 1, 0xF0);
        Assert.Equal(0u, rig.Ports.Read(Base + 4, 2));
        Assert.Equal(0xF0u, rig.Ports.Read(0xB2, 1));
    }

    [Fact]
    public void SoftOffAsksForPowerOffAndSleepEnableReadsZero()
    {
        rig.Ports.Write(Base + 4, 2, 0x0400 | 1);
        Assert.Equal(0, rig.PowerOffs);
        rig.Ports.Write(Base + 4, 2, 0x2400);
        Assert.Equal(0, rig.PowerOffs);
        rig.Ports.Write(Base + 4, 2, 0x2001);
        Assert.Equal(1, rig.PowerOffs);
        Assert.Equal(1u, rig.Ports.Read(Base + 4, 2));
        rig.Ports.Write(Base + 5, 1, 0x20);
        Assert.Equal(2, rig.PowerOffs);
    }

    [Fact]
    public void GeneralPurposeEventRaisesSci()
    {
        rig.Ports.Write(0xB2, 1, 0xF1);
        rig.Ports.Write(Base + 0xE, 2, 0x0002);
        pm.RaiseGpe(1);
        Assert.False(sci.Level);
        pm.RaiseGpe(2);
        Assert.True(sci.Level);
        Assert.Equal(3u, rig.Ports.Read(Base + 0xC, 2));
        rig.Ports.Write(Base + 0xC, 2, 2);
        Assert.False(sci.Level);
        Assert.Equal(1u, rig.Ports.Read(Base + 0xC, 2));
    }

    [Fact]
    public void ResetLeavesLegacyModeUnmapped()
    {
        rig.Ports.Write(0xB2, 1, 0xF1);
        rig.Bus.Reset();
        Assert.Null(pm.IoBase);
        Assert.False(pm.IsAcpiEnabled);
        Assert.Equal(1u, rig.Read(1, 3, 0x40));
    }
}

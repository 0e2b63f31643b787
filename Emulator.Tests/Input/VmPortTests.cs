using Emulator.Core.Bus;
using Emulator.Devices.Input;
using Xunit;

namespace Emulator.Tests.Input;

/// <summary>The calls that a vmmouse driver makes.</summary>
public sealed class VmPortTests : IRegisterWindow
{
    private const int Eax = 0, Ecx = 1, Edx = 2, Ebx = 3;
    private const uint Magic = 0x564D5868, Enable = 0x45414552, Absolute = 0x53424152, Relative = 0x4C455252;
    private readonly uint[] registers = new uint[8];
    private readonly PortBus ports = new();
    private readonly VmMouse mouse;
    private int nudges;

    public VmPortTests()
    {
        mouse = new VmMouse(() => nudges++);
        new VmPort(this, mouse, 128 << 20).Wire(ports);
    }

    public uint this[int register]
    {
        get => registers[register];
        set => registers[register] = value;
    }

    [Fact]
    public void VersionAnswersWithTheMagicNumber()
    {
        Assert.Equal(6u, Call(10, 0));
        Assert.Equal(Magic, registers[Ebx]);
        Assert.Equal(128u << 20, Call(20, 0));
    }

    [Fact]
    public void NothingAnswersWithoutTheMagicNumberOrToUnknownCommands()
    {
        registers[Eax] = 1;
        registers[Ecx] = 10;
        Assert.Equal(uint.MaxValue, ports.Read(0x5658, 4));
        Assert.Equal(uint.MaxValue, Call(99, 0));
    }

    [Fact]
    public void EnabledPointerSendsPositions()
    {
        Turn(Absolute);
        Assert.Equal(0u, Call(40, 0));
        mouse.MoveTo(0x1000, 0x7FFF, -1, buttons: 3);
        Assert.Equal(1, nudges);
        Assert.Equal(4u, Call(40, 0));
        Assert.Equal(0x30u, Call(39, 4));
        Assert.Equal((0x2000u, 0xFFFEu, uint.MaxValue), (registers[Ebx], registers[Ecx], registers[Edx]));
        Assert.Equal(0u, Call(40, 0));
    }

    [Fact]
    public void RelativeModeSendsMovements()
    {
        Turn(Relative);
        mouse.MoveTo(1, 1, 0, 0);
        mouse.MoveBy(5, 7, 0, 4);
        Assert.Equal(0x0001_0008u, Call(39, 4));
        Assert.Equal((5u, unchecked((uint)-7)), (registers[Ebx], registers[Ecx]));
    }

    [Fact]
    public void AskingForMoreThanWaitsIsAnErrorUntilItIsEnabledAgain()
    {
        Turn(Absolute);
        mouse.MoveTo(0, 0, 0, 0);
        Call(39, 6);
        Assert.Equal(0xFFFF_0000u, Call(40, 0));
        Assert.False(mouse.IsActive);
        Turn(Absolute);
        Assert.True(mouse.IsActive);
    }

    [Fact]
    public void ItIsOffAfterResetAndWhenTheGuestSaysSo()
    {
        Assert.Equal(0xFFFF_0000u, Call(40, 0));
        mouse.MoveTo(1, 1, 0, 0);
        Turn(Absolute);
        Call(41, 0xF5);
        mouse.MoveTo(1, 1, 0, 0);
        Assert.Equal((0xFFFF_0000u, 0), (Call(40, 0), nudges));
        Turn(Absolute);
        mouse.Reset();
        Assert.False(mouse.IsActive);
    }

    [Fact]
    public void AFullQueueDropsWholePackets()
    {
        Turn(Absolute);
        for (int n = 0; n < 300; n++)
        {
            mouse.MoveTo(n, n, 0, 0);
        }
        Assert.Equal(1024u, Call(40, 0));
    }

    private void Turn(uint mode)
    {
        Call(41, Enable);
        Assert.Equal(0x3442554Au, Call(39, 1));
        Call(41, mode);
    }

    private uint Call(ushort command, uint argument)
    {
        registers[Eax] = Magic;
        registers[Ecx] = command;
        registers[Ebx] = argument;
        return registers[Eax] = ports.Read(0x5658, 4);
    }
}

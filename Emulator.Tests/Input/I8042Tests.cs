using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Devices.Input;
using Emulator.Devices.Misc;
using Emulator.Tests.Misc;
using Emulator.Tests.Timers;
using Xunit;

namespace Emulator.Tests.Input;

public sealed class I8042Tests
{
    private readonly VirtualTime time = new();
    private readonly PortBus ports = new();
    private readonly TestMachine machine = new();
    private readonly List<bool> irq1 = [], irq12 = [];
    private readonly A20Gate a20 = new(_ => { });
    private readonly I8042 controller;

    public I8042Tests()
    {
        controller = new I8042(time.Queue, new IrqLine(irq1.Add), new IrqLine(irq12.Add), a20, machine, EventLog.Silent);
        controller.Wire(ports);
    }

    [Fact]
    public void SelfTests()
    {
        Assert.Equal(0x10u, Status);
        Command(0xAA);
        Assert.Equal(0x1Du, Status);
        Assert.Equal(0x55, Data());
        Command(0xAB);
        Assert.Equal(0x00, Data());
        Command(0xA9);
        Assert.Equal(0x00, Data());
        Assert.Equal(0x1Cu, Status);
    }

    [Fact]
    public void CommandByteAndRam()
    {
        Command(0x60);
        Write(0x65);
        Command(0x20);
        Assert.Equal(0x65, Data());
        Assert.Equal(0x04u, Status & 0x04);
        Command(0x7F);
        Write(0x99);
        Command(0x3F);
        Assert.Equal(0x99, Data());
    }

    [Fact]
    public void InterfaceSwitches()
    {
        Command(0xA7);
        Command(0xAD);
        Assert.Equal(0x30, controller.CommandByte & 0x30);
        Command(0xA8);
        Command(0xAE);
        Assert.Equal(0, controller.CommandByte & 0x30);
    }

    [Fact]
    public void DisabledKeyboardKeepsItsBytes()
    {
        Command(0xAD);
        controller.Key("a", down: true);
        time.Advance(10_000_000);
        Assert.Equal(0u, Status & 1);
        Command(0xAE);
        Assert.Equal(0x1E, Data());
    }

    [Fact]
    public void KeysAreTranslatedToSet1()
    {
        Press("a", "up", "alt_r");
        Assert.Equal([0x1E, 0x9E, 0xE0, 0x48, 0xE0, 0xC8, 0xE0, 0x38, 0xE0, 0xB8], Drain());
    }

    [Fact]
    public void UntranslatedBytesAreSet2()
    {
        Command(0x60);
        Write(0x01);
        Press("a", "delete");
        Assert.Equal([0x1C, 0xF0, 0x1C, 0xE0, 0x71, 0xE0, 0xF0, 0x71], Drain());
    }

    [Fact]
    public void EveryByteIsAnEdgeOfItsOwn()
    {
        Press("a");
        Drain();
        Assert.Equal([true, false, true, false], irq1);
        Assert.Empty(irq12);
    }

    [Fact]
    public void NoInterruptWithoutItsEnableBit()
    {
        Command(0x60);
        Write(0x40);
        Press("a");
        Drain();
        Assert.Empty(irq1);
    }

    [Fact]
    public void BytesComeApart()
    {
        Press("a");
        time.Advance(250_000);
        Assert.Equal(1u, Status & 1);
        Assert.Equal(0x1E, (int)ports.Read(0x60, 1));
        Assert.Equal(0u, Status & 1);
        time.Advance(249_999);
        Assert.Equal(0u, Status & 1);
        time.Advance(1);
        Assert.Equal(1u, Status & 1);
    }

    [Fact]
    public void OutputBufferCanBeWrittenForBothPorts()
    {
        Command(0x60);
        Write(0x43);
        Command(0xD2);
        Write(0x5A);
        Assert.Equal(0x01u, Status & 0x21);
        Assert.Equal(0x5A, Data());
        Command(0xD3);
        Write(0xA5);
        Assert.Equal(0x21u, Status & 0x21);
        Assert.Equal([true], irq12);
        Assert.Equal(0xA5, Data());
    }

    [Fact]
    public void OutputPortHoldsA20()
    {
        Command(0xD1);
        Write(0xDD);
        Assert.False(a20.IsOpen);
        Command(0xD0);
        Assert.Equal(0, Data() & 0x02);
        Command(0xDF);
        Assert.True(a20.IsOpen);
        Command(0xDD);
        Assert.False(a20.IsOpen);
        Assert.Equal(0, machine.Resets);
    }

    [Fact]
    public void ResetLine()
    {
        Command(0xFE);
        Assert.Equal(1, machine.Resets);
        Command(0xFF);
        Assert.Equal(1, machine.Resets);
        Command(0xD1);
        Write(0x02);
        Assert.Equal(2, machine.Resets);
    }

    [Fact]
    public void KeyboardResetAnswersAfterItsSelfTest()
    {
        Write(0xFF);
        Assert.Equal(0xFA, Data());
        time.Advance(1_000_000);
        Assert.Equal(0u, Status & 1);
        Assert.Equal([0xAA], Drain());
    }

    [Fact]
    public void KeyboardIdIsTranslatedLikeAnyByte()
    {
        Write(0xF2);
        Assert.Equal([0xFA, 0xAB, 0x41], Drain());
    }

    [Fact]
    public void MouseAnswersOnTheAuxiliaryPort()
    {
        Command(0x60);
        Write(0x43);
        Command(0xD4);
        Write(0xFF);
        time.Advance(1_000_000);
        Assert.Equal(0x21u, Status & 0x21);
        Assert.Equal([0xFA, 0xAA, 0x00], Drain());
        Assert.Equal(6, irq12.Count);
        Assert.Empty(irq1);
    }

    [Fact]
    public void AnswerNeverSplitsAScanCode()
    {
        Press("up");
        Assert.Equal(0xE0, Data());
        Write(0xEE);
        Assert.Equal([0x48, 0xEE, 0xE0, 0xC8], Drain());
    }

    [Fact]
    public void KeysGoOnWhileTheMouseWaits()
    {
        Command(0xD4);
        Write(0xF4);
        Assert.Equal([0xFA], Drain());
        controller.Mouse(1, 1, 0, 0);
        Press("z");
        Assert.Equal([0x2C, 0xAC, 0x28, 0x01, 0xFF], Drain());
    }

    [Fact]
    public void ResetEmptiesEverything()
    {
        Press("a");
        time.Advance(300_000);
        controller.Reset();
        Assert.Equal(0x10u, Status);
        Assert.Empty(Drain());
        Assert.False(irq1[^1]);
    }

    [Fact]
    public void UnknownCommandsAreLogged()
    {
        var text = new StringWriter();
        var log = new EventLog(text) { Items = LogItems.GuestErrors };
        new I8042(time.Queue, IrqLine.Unconnected, IrqLine.Unconnected, a20, machine, log).WritePort(1, 1, 0x99);
        Assert.Contains("99", text.ToString());
    }

    private uint Status => ports.Read(0x64, 1);

    private void Command(uint value) => ports.Write(0x64, 1, value);

    private void Write(uint value) => ports.Write(0x60, 1, value);

    private void Press(params string[] names)
    {
        foreach (string name in names)
        {
            controller.Key(name, down: true);
            controller.Key(name, down: false);
        }
    }

    private int Data()
    {
        if ((Status & 1) == 0)
        {
            time.Advance(250_000);
        }
        Assert.Equal(1u, Status & 1);
        return (int)ports.Read(0x60, 1);
    }

    private List<int> Drain()
    {
        List<int> bytes = [];
        for (int i = 0; i < 100; i++)
        {
            time.Advance(1_000_000);
            if ((Status & 1) != 0)
            {
                bytes.Add((int)ports.Read(0x60, 1));
            }
        }
        return bytes;
    }
}

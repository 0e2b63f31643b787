using Emulator.Core.Bus;
using Emulator.Devices.Misc;
using Emulator.Devices.Timers;
using Emulator.Tests.Timers;
using Xunit;

namespace Emulator.Tests.Misc;

public sealed class SystemPortTests
{
    private readonly PortBus ports = new();
    private readonly TestMachine machine = new();
    private readonly VirtualTime time = new();

    [Fact]
    public void Port92SwitchesA20AndResetsOnTheRisingEdge()
    {
        List<bool> changes = [];
        var gate = new A20Gate(changes.Add);
        var port = new SystemControlPortA(gate, machine);
        port.Wire(ports);
        Assert.Equal(0x02u, ports.Read(0x92, 1));
        ports.Write(0x92, 1, 0x00);
        ports.Write(0x92, 1, 0x02);
        ports.Write(0x92, 1, 0x02);
        Assert.Equal([false, true], changes);
        ports.Write(0x92, 1, 0x03);
        ports.Write(0x92, 1, 0x03);
        Assert.Equal(1, machine.Resets);
        port.Reset();
        ports.Write(0x92, 1, 0x01);
        Assert.Equal(2, machine.Resets);
        gate.Reset();
        Assert.Equal(0x03u, ports.Read(0x92, 1));
    }

    [Fact]
    public void Port61GatesTimer2AndShowsItsOutput()
    {
        var pit = new I8254(time.Queue, IrqLine.Unconnected);
        var port = new SystemControlPortB(pit, time.Queue);
        pit.Wire(ports);
        port.Wire(ports);
        ports.Write(0x61, 1, 0x02);
        Assert.True(port.SpeakerEnabled);
        ports.Write(0x61, 1, 0x00);
        ports.Write(0x43, 1, 0xB0);
        ports.Write(0x42, 1, 0x00);
        ports.Write(0x42, 1, 0x10);
        ports.Write(0x61, 1, 0x01);
        Assert.Equal(0x01u, ports.Read(0x61, 1) & 0x2F);
        time.Advance(PitClock.TimeOf(0x1000));
        Assert.Equal(0x21u, ports.Read(0x61, 1) & 0x2F);
        port.Reset();
        Assert.False(pit.Gate2);
    }

    [Fact]
    public void RefreshBitTogglesEvery15Microseconds()
    {
        var port = new SystemControlPortB(new I8254(time.Queue, IrqLine.Unconnected), time.Queue);
        port.Wire(ports);
        int toggles = 0;
        uint last = ports.Read(0x61, 1) & 0x10;
        for (int i = 0; i < 10_000; i++)
        {
            time.Advance(1000);
            uint now = ports.Read(0x61, 1) & 0x10;
            toggles += now != last ? 1 : 0;
            last = now;
        }
        Assert.Equal(PitClock.PulseAt(10_000_000) / 18, toggles);
    }

    [Fact]
    public void DebugPortSendsAndIdentifiesItself()
    {
        var output = new TestCharBackend();
        new DebugPort(output).Wire(ports, 0x402);
        ports.Write(0x402, 1, 'H');
        ports.Write(0x402, 1, 'i');
        Assert.Equal("Hi", output.Text);
        Assert.Equal(0xE9u, ports.Read(0x402, 1));
    }

    [Theory]
    [InlineData(1, 0x10, 33)]
    [InlineData(4, 0, 1)]
    public void DebugExitMakesTheExitCode(int size, uint value, int code)
    {
        new IsaDebugExit(machine, 0xF4, 4).Wire(ports);
        ports.Write(0xF4, size, value);
        Assert.Equal(code, machine.ExitCode);
    }
}

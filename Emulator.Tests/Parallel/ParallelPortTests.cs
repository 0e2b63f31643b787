using Emulator.Core.Backends;
using Emulator.Core.Bus;
using Emulator.Devices.Parallel;
using Emulator.Tests.Timers;
using Xunit;

namespace Emulator.Tests.Parallel;

public sealed class ParallelPortTests
{
    private const ushort Data = 0x378, Status = 0x379, Control = 0x37A;

    private readonly VirtualTime time = new();
    private readonly PortBus ports = new();
    private readonly Printer printer = new();
    private int interrupts;

    public ParallelPortTests() =>
        new ParallelPort(time.Queue, new IrqLine(level => interrupts += level ? 1 : 0), printer).Wire(ports, Data);

    private byte In(ushort port) => (byte)ports.Read(port, 1);

    private void Out(ushort port, byte value) => ports.Write(port, 1, value);

    [Fact]
    public void A_byte_is_taken_at_the_leading_edge_of_strobe_and_acknowledged_after_it()
    {
        Assert.Equal(0xDF, In(Status));
        Out(Data, (byte)'A');
        Out(Control, 0x0C);
        Assert.Empty(printer.Text);
        Out(Control, 0x0D);
        Assert.Equal("A", printer.Text);
        Assert.Equal(0, In(Status) & 0x80);
        Out(Control, 0x0D);
        Out(Control, 0x0C);
        Assert.Equal("A", printer.Text);
        Assert.Equal(0x1F, In(Status));
        time.Advance(ParallelPort.AcknowledgeNs - 1);
        Assert.Equal(0x1F, In(Status));
        time.Advance(1);
        Assert.Equal(0xDF, In(Status));
        Assert.Equal(0, interrupts);
    }

    [Fact]
    public void The_end_of_ack_interrupts_when_enabled()
    {
        Out(Control, 0x1C);
        Out(Data, 1);
        Out(Control, 0x1D);
        Out(Control, 0x1C);
        Assert.Equal(0, interrupts);
        time.Advance(ParallelPort.AcknowledgeNs);
        Assert.Equal(1, interrupts);
    }

    [Fact]
    public void Registers_read_back_and_the_data_lines_float_when_turned_around()
    {
        Out(Data, 0xAA);
        Assert.Equal(0xAA, In(Data));
        Out(Control, 0x2C);
        Assert.Equal(0xEC, In(Control));
        Assert.Equal(0xFF, In(Data));
        Out(Control, 0x0C);
        Assert.Equal(0xAA, In(Data));
        Out(Status, 0);
        Assert.Equal(0xDF, In(Status));
    }

    [Fact]
    public void Initialising_the_printer_drops_the_acknowledgement()
    {
        Out(Control, 0x1D);
        Out(Control, 0x1C);
        Out(Control, 0x18);
        time.Advance(10 * ParallelPort.AcknowledgeNs);
        Assert.Equal(0, interrupts);
        Assert.Equal(0xDF, In(Status));
    }

    [Fact]
    public void A_printer_whose_host_is_behind_is_busy()
    {
        printer.CanSend = false;
        Assert.Equal(0x5F, In(Status));
        printer.CanSend = true;
        Assert.Equal(0xDF, In(Status));
    }

    private sealed class Printer : ICharBackend
    {
        public string Text { get; private set; } = "";

        public ICharReceiver? Receiver { get; set; }

        public bool CanSend { get; set; } = true;

        public void Send(ReadOnlySpan<byte> data) => Text += (char)data[0];

        public void AcceptInput()
        {
        }

        public void Dispose()
        {
        }
    }
}

using Emulator.Core.Backends;
using Emulator.Core.Bus;
using Emulator.Devices.Serial;
using Emulator.Tests.Misc;
using Emulator.Tests.Timers;
using Xunit;

namespace Emulator.Tests.Serial;

public sealed class Uart16550ATests
{
    private const int Data = 0, Ier = 1, Iir = 2, Fcr = 2, Lcr = 3, Mcr = 4, Lsr = 5, Msr = 6, Scr = 7;
    private readonly VirtualTime time = new();
    private readonly PortBus ports = new();
    private readonly TestCharBackend host = new();
    private readonly List<bool> irq = [];
    private readonly Uart16550A uart;

    public Uart16550ATests()
    {
        uart = new Uart16550A(time.Queue, new IrqLine(irq.Add), host);
        uart.Wire(ports, 0x3F8);
    }

    private bool Interrupting => irq.Count > 0 && irq[^1];

    [Fact]
    public void SendsAtOnceAndStaysEmpty()
    {
        foreach (char item in "hello")
        {
            Write(Data, item);
            Assert.Equal(0x60u, Read(Lsr));
        }
        Assert.Equal("hello", host.Text);
    }

    [Fact]
    public void WithoutFifoTakesOneByteAndLosesNone()
    {
        Write(Ier, 1);
        host.Type("abc");
        Assert.Equal(0, uart.Room);
        Assert.Equal(0x04u, Read(Iir));
        Assert.Equal("abc", ReadText(3));
        Assert.Equal(0x60u, Read(Lsr));
        Assert.Equal(0x01u, Read(Iir));
        Assert.False(Interrupting);
    }

    [Fact]
    public void FifoHoldsSixteenAndTheHostKeepsTheRest()
    {
        Write(Fcr, 0x07);
        string text = string.Concat(Enumerable.Range(0, 100).Select(i => (char)('!' + i % 90)));
        host.Type(text);
        Assert.Equal(0, uart.Room);
        Assert.Equal(text, ReadText(100));
        Assert.Equal(0u, Read(Lsr) & 0x03);
    }

    [Theory]
    [InlineData(0x01, 1)]
    [InlineData(0x41, 4)]
    [InlineData(0x81, 8)]
    [InlineData(0xC1, 14)]
    public void TriggerLevels(int fcr, int level)
    {
        Write(Fcr, fcr);
        Write(Ier, 1);
        host.Type(new string('x', level - 1));
        Assert.False(Interrupting);
        host.Type("x");
        Assert.True(Interrupting);
        Assert.Equal(0xC4u, Read(Iir));
        Read(Data);
        Assert.False(Interrupting);
    }

    [Fact]
    public void TimeoutAfterFourCharacterTimes()
    {
        // 115200 baud, 8N1: a character takes 10 bits.
        Write(Lcr, 0x83);
        Write(Data, 1);
        Write(Ier, 0);
        Write(Lcr, 0x03);
        Write(Fcr, 0xC1);
        Write(Ier, 1);
        host.Type("ab");
        time.Advance(347_221);
        Assert.False(Interrupting);
        time.Advance(1);
        Assert.True(Interrupting);
        Assert.Equal(0xCCu, Read(Iir));
        Read(Data);
        Assert.False(Interrupting);
        time.Advance(347_223);
        Assert.True(Interrupting);
        Read(Data);
        Assert.Equal(0xC1u, Read(Iir));
        Assert.Equal(long.MaxValue, time.Queue.NextDeadlineNs);
    }

    [Fact]
    public void TransmitterInterruptComesWithEachByteAndGoesWithIir()
    {
        Write(Ier, 2);
        Assert.True(Interrupting);
        Assert.Equal(0x02u, Read(Iir));
        Assert.False(Interrupting);
        Assert.Equal(0x01u, Read(Iir));
        irq.Clear();
        Write(Data, 'a');
        Write(Data, 'b');
        // Each byte makes an edge of its own.
        Assert.Equal([true, false, true], irq);
        Write(Ier, 0);
        Assert.False(Interrupting);
        Write(Ier, 2);
        Assert.True(Interrupting);
    }

    [Fact]
    public void InterruptPriorities()
    {
        Write(Ier, 0x0F);
        Read(Iir);
        Write(Mcr, 0x10);
        Write(Data, 'a');
        Write(Data, 'b');
        Assert.Equal(0x06u, Read(Iir));
        Assert.Equal(0x02u, Read(Lsr) & 0x02);
        Assert.Equal(0x04u, Read(Iir));
        Assert.Equal('b', (char)Read(Data));
        Assert.Equal(0x02u, Read(Iir));
        Assert.Equal(0x00u, Read(Iir));
        Read(Msr);
        Assert.Equal(0x01u, Read(Iir));
    }

    [Fact]
    public void LoopbackTurnsModemLinesRound()
    {
        Assert.Equal(0xB0u, Read(Msr));
        Write(Mcr, 0x10);
        Assert.Equal(0x0Bu, Read(Msr));
        Write(Mcr, 0x1A);
        Assert.Equal(0x90u, Read(Msr) & 0xF0);
        Write(Mcr, 0x15);
        Assert.Equal(0x60u, Read(Msr) & 0xF0);
        // The ring indicator's delta is for its trailing edge.
        Assert.Equal(0u, Read(Msr) & 0x04);
        Write(Mcr, 0x11);
        Assert.Equal(0x24u, Read(Msr));
        Write(Data, 'q');
        Assert.Equal('q', (char)Read(Data));
        Assert.Equal("", host.Text);
    }

    [Fact]
    public void LoopbackHoldsHostInputBack()
    {
        Write(Mcr, 0x10);
        host.Type("late");
        Assert.Equal(0u, Read(Lsr) & 1);
        Write(Mcr, 0x00);
        Assert.Equal("late", ReadText(4));
    }

    [Fact]
    public void BreakIsReportedWithItsCharacter()
    {
        Write(Fcr, 0x01);
        Write(Ier, 0x04);
        host.Type("a");
        uart.ReceiveBreak();
        // The break is behind 'a': only the FIFO's error bit shows.
        Assert.Equal(0xE1u, Read(Lsr));
        Assert.Equal('a', (char)Read(Data));
        Assert.True(Interrupting);
        Assert.Equal(0xC6u, Read(Iir));
        Assert.Equal(0xF1u, Read(Lsr));
        Assert.Equal(0x61u, Read(Lsr));
        Assert.Equal(0u, Read(Data));
        Assert.False(Interrupting);
    }

    [Theory]
    [InlineData(0x00, 0x71)]
    [InlineData(0x01, 0xF1)]
    public void OnlyAFifoHasAnErrorBitOfItsOwn(byte fifo, byte expected)
    {
        Write(Fcr, fifo);
        uart.ReceiveBreak();
        Assert.Equal(expected, (byte)Read(Lsr));
    }

    [Fact]
    public void DivisorLatchIsBehindDlab()
    {
        Write(Lcr, 0x83);
        Write(Data, 0x34);
        Write(Ier, 0x12);
        Assert.Equal(0x34u, Read(Data));
        Assert.Equal(0x12u, Read(Ier));
        Write(Lcr, 0x03);
        Assert.Equal(0u, Read(Ier));
        Assert.Equal("", host.Text);
    }

    [Fact]
    public void DetectionAsDriversDoIt()
    {
        Write(Scr, 0x5A);
        Assert.Equal(0x5Au, Read(Scr));
        Write(Ier, 0xFF);
        Assert.Equal(0x0Fu, Read(Ier));
        Write(Fcr, 0x01);
        Assert.Equal(0xC0u, Read(Iir) & 0xC0);
        Write(Fcr, 0x00);
        Assert.Equal(0x00u, Read(Iir) & 0xC0);
        Write(Mcr, 0xFF);
        Assert.Equal(0x1Fu, Read(Mcr));
    }

    [Fact]
    public void ClearingTheFifoDropsWhatIsInIt()
    {
        Write(Fcr, 0x01);
        host.Type("abc");
        Write(Fcr, 0x03);
        Assert.Equal(0u, Read(Lsr) & 1);
        Assert.Equal(16, uart.Room);
    }

    [Theory]
    [InlineData(0x00, 1)]
    [InlineData(0x01, 16)]
    public void BehindASlowHostTheTransmitterStaysFull(int fcr, int capacity)
    {
        Write(Fcr, fcr);
        Write(Ier, 0x02);
        Assert.Equal(0x02u, Read(Iir) & 0x0F);
        host.CanSend = false;
        for (int n = 0; n < capacity + 3; n++)
        {
            Write(Data, 'a' + n);
            Assert.Equal(0x00u, Read(Lsr) & 0x60);
        }
        Write(Ier, 0x00);
        Write(Ier, 0x02);
        Assert.False(Interrupting);
        Assert.Equal(string.Concat(Enumerable.Range(0, capacity).Select(n => (char)('a' + n))), host.Text);
        uart.OnCharEvent(CharEvent.Opened);
        Assert.Equal(0x00u, Read(Lsr) & 0x60);
        host.CanSend = true;
        uart.OnCharEvent(CharEvent.Drained);
        Assert.True(Interrupting);
        Assert.Equal(0x60u, Read(Lsr));
        Write(Data, 'z');
        Assert.Equal(capacity + 1, host.Text.Length);
    }

    [Fact]
    public void ABreakOfTheHostsEndArrives()
    {
        uart.OnCharEvent(CharEvent.Break);
        Assert.Equal(0x71u, Read(Lsr));
    }

    [Fact]
    public void UnpluggedLineHasNoCarrier()
    {
        var alone = new Uart16550A(time.Queue, IrqLine.Unconnected, backend: null);
        alone.WritePort(Data, 1, 'x');
        Assert.Equal(0u, alone.ReadPort(Msr, 1));
        Assert.Equal(0x60u, alone.ReadPort(Lsr, 1));
    }

    private uint Read(int register) => ports.Read((ushort)(0x3F8 + register), 1);

    private void Write(int register, int value) => ports.Write((ushort)(0x3F8 + register), 1, (uint)value);

    private string ReadText(int count)
    {
        string text = "";
        while (count-- > 0)
        {
            Assert.Equal(1u, Read(Lsr) & 1);
            text += (char)Read(Data);
        }
        return text;
    }
}

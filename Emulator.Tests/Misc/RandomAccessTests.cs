using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Devices.Dma;
using Emulator.Devices.Input;
using Emulator.Devices.Interrupts;
using Emulator.Devices.Misc;
using Emulator.Devices.Serial;
using Emulator.Devices.Timers;
using Emulator.Tests.Timers;
using Xunit;

namespace Emulator.Tests.Misc;

/// <summary>A guest may do anything to the legacy chips at any time: nothing throws, and time goes on.</summary>
public sealed class RandomAccessTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void NothingThatAGuestDoesThrows(int seed)
    {
        var random = new Random(seed);
        var time = new VirtualTime();
        var ports = new PortBus();
        var machine = new TestMachine();
        var host = new TestCharBackend();
        var pics = new I8259Pair(_ => { });
        var pit = new I8254(time.Queue, pics.Input(0));
        var gate = new A20Gate(_ => { });
        var dma = new I8237Pair(new NoMemory());
        var keyboard = new I8042(time.Queue, pics.Input(1), pics.Input(12), gate, machine, EventLog.Silent);
        var rtc = new Mc146818(time.Queue, pics.Input(8), new DateTime(2026, 12, 31, 23, 0, 0, DateTimeKind.Utc));
        pics.Wire(ports);
        pit.Wire(ports);
        dma.Wire(ports);
        keyboard.Wire(ports);
        rtc.Wire(ports);
        new SystemControlPortA(gate, machine).Wire(ports);
        new SystemControlPortB(pit, time.Queue).Wire(ports);
        new Uart16550A(time.Queue, pics.Input(4), host).Wire(ports, 0x3F8);
        int[] addresses = [.. ports.Ranges.SelectMany(range => Enumerable.Range(range.First, range.Count))];
        string[] keys = [.. ScanCodes.ByName.Keys];
        byte[] buffer = new byte[100];

        int acknowledged = 0;
        for (int step = 0; step < 50_000; step++)
        {
            ushort port = (ushort)addresses[random.Next(addresses.Length)];
            int size = 1 << random.Next(3);
            switch (random.Next(8))
            {
                case < 4:
                    ports.Write(port, size, (uint)random.NextInt64());
                    break;
                case < 6:
                    ports.Read(port, size);
                    break;
                case 6:
                    time.Advance(random.Next(random.Next(100) == 0 ? 100_000_000 : 20_000));
                    break;
                default:
                    keyboard.Key(keys[random.Next(keys.Length)], random.Next(2) == 0);
                    keyboard.Mouse(random.Next(-500, 500), random.Next(-500, 500), random.Next(-9, 9), random.Next(32));
                    host.Type("x");
                    DmaChannel channel = dma.Channel(random.Next(8));
                    Assert.InRange(channel.TransferToMemory(buffer), 0, buffer.Length);
                    Assert.InRange(channel.TransferFromMemory(buffer), 0, buffer.Length);
                    if (pics.Interrupting)
                    {
                        Assert.InRange(pics.Acknowledge(), 0, 255);
                        acknowledged++;
                    }
                    break;
            }
        }
        Assert.True(acknowledged > 20);
        Assert.InRange(time.Queue.NextDeadlineNs, time.NowNs, long.MaxValue);
    }

    private sealed class NoMemory : IDmaBus
    {
        public void Read(ulong pa, Span<byte> destination) => destination.Fill(0xFF);

        public void Write(ulong pa, ReadOnlySpan<byte> source) => Assert.InRange(pa, 0ul, 0xFF_FFFFul);
    }
}

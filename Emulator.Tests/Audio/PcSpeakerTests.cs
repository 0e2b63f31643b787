using Emulator.Core.Bus;
using Emulator.Devices.Audio;
using Emulator.Devices.Misc;
using Emulator.Devices.Timers;
using Emulator.Tests.Timers;
using Xunit;

namespace Emulator.Tests.Audio;

public sealed class PcSpeakerTests
{
    private readonly VirtualTime time = new();
    private readonly ToneMeter meter = new();
    private readonly PortBus ports = new();
    private readonly AudioMixer mixer;

    public PcSpeakerTests()
    {
        var pit = new I8254(time.Queue, IrqLine.Unconnected);
        pit.Wire(ports);
        var port = new SystemControlPortB(pit, time.Queue);
        port.Wire(ports);
        mixer = new AudioMixer(time.Queue, meter);
        _ = new PcSpeaker(pit, port, mixer);
    }

    [Theory]
    [InlineData(1193, 1000)]
    [InlineData(2712, 440)]
    [InlineData(398, 2998)]
    public void SquareWaveOfCounter2HasItsFrequency(int divisor, int hertz)
    {
        Tone(divisor);
        time.Advance(200_000_000);
        mixer.CatchUp();
        Assert.Equal(8820, meter.Left.Count);
        Assert.InRange(ToneMeter.Loudest(meter.Left), hertz - 2, hertz + 2);
        // A square wave of 8192: its fundamental is 4/pi of that, its third harmonic a third.
        Assert.InRange(ToneMeter.AmplitudeAt(meter.Left, 1193182.0 / divisor), 10000, 10700);
        Assert.Equal(meter.Left, meter.Right);
    }

    [Fact]
    public void GateAndSpeakerBitSwitchItOff()
    {
        Tone(1193);
        time.Advance(100_000_000);
        ports.Write(0x61, 1, 0);
        time.Advance(200_000_000);
        ports.Write(0x61, 1, 3);
        time.Advance(100_000_000);
        ports.Write(0x61, 1, 2);
        time.Advance(300_000_000);
        mixer.CatchUp();
        Assert.InRange(ToneMeter.Loudest(meter.Left[..4410]), 998, 1002);
        Assert.All(meter.Left[4411..13229], sample => Assert.Equal(0, sample));
        Assert.InRange(ToneMeter.Loudest(meter.Left[13230..17640]), 998, 1002);
        Assert.All(meter.Left[^4410..], sample => Assert.Equal(0, sample));
    }

    [Fact]
    public void SpeakerBitAloneSounds()
    {
        // A program that toggles bit 1 by itself, 2000 times a second.
        for (int n = 0; n < 400; n++)
        {
            ports.Write(0x61, 1, (uint)(n & 1) << 1);
            time.Advance(500_000);
        }
        mixer.CatchUp();
        Assert.InRange(ToneMeter.Loudest(meter.Left), 998, 1002);
    }

    [Fact]
    public void NothingIsWrittenBeforeTheFirstSound()
    {
        time.Advance(1_000_000_000);
        mixer.CatchUp();
        Assert.Empty(meter.Left);
    }

    private void Tone(int divisor)
    {
        ports.Write(0x43, 1, 0xB6);
        ports.Write(0x42, 1, (uint)divisor & 0xFF);
        ports.Write(0x42, 1, (uint)divisor >> 8);
        ports.Write(0x61, 1, 3);
    }
}

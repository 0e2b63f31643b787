using Emulator.Core.Bus;
using Emulator.Devices.Audio;
using Emulator.Tests.Timers;
using Xunit;

namespace Emulator.Tests.Audio;

/// <summary>YMF262 data sheet; tones by their spectrum.</summary>
public sealed class OplTests
{
    private const double ChipRate = 14318180.0 / 288;
    private readonly VirtualTime time = new();
    private readonly ToneMeter meter = new();
    private readonly PortBus ports = new();
    private readonly AudioMixer mixer;

    public OplTests()
    {
        mixer = new AudioMixer(time.Queue, meter);
        new OplPorts(time.Queue, mixer).Wire(ports);
    }

    [Theory]
    [InlineData(580, 4)]
    [InlineData(345, 5)]
    [InlineData(1023, 2)]
    public void FrequencyIsThatOfNumberAndBlock(int number, int block)
    {
        Voice(0, modulatorLevel: 0x3F);
        Key(0, number, block);
        Play(200);
        double hertz = number * Math.Pow(2, block - 20) * ChipRate;
        Assert.InRange(ToneMeter.Loudest(meter.Left), hertz - 2, hertz + 2);
        Assert.InRange(ToneMeter.AmplitudeAt(meter.Left, hertz), 7500, 8300);
        Assert.InRange(ToneMeter.AmplitudeAt(meter.Left, 3 * hertz), 0, 80);
    }

    [Fact]
    public void TotalLevelIsThreeQuartersOfADecibelAStep()
    {
        Voice(0, modulatorLevel: 0x3F);
        Key(0, 580, 4);
        Play(100);
        double loud = ToneMeter.AmplitudeAt(meter.Left, Hertz(580, 4));
        meter.Left.Clear();
        Write(0x43, 16);
        Play(100);
        double quiet = ToneMeter.AmplitudeAt(meter.Left, Hertz(580, 4));
        Assert.InRange(20 * Math.Log10(loud / quiet), 11.8, 12.2);
    }

    [Fact]
    public void ModulationMakesSideBands()
    {
        Voice(0, modulatorLevel: 0x10);
        Key(0, 580, 4);
        Play(200);
        double hertz = Hertz(580, 4);
        Assert.InRange(ToneMeter.AmplitudeAt(meter.Left, 2 * hertz), 400, 8000);
    }

    [Fact]
    public void AdditiveConnectionSoundsBothOperators()
    {
        Voice(0, modulatorLevel: 0x00);
        Write(0x20, 0x23); // the modulator at three times the frequency
        Write(0xC0, 0x01);
        Key(0, 345, 4);
        Play(200);
        Assert.InRange(ToneMeter.AmplitudeAt(meter.Left, Hertz(345, 4)), 7500, 8300);
        Assert.InRange(ToneMeter.AmplitudeAt(meter.Left, 3 * Hertz(345, 4)), 7500, 8300);
    }

    [Fact]
    public void ReleaseFadesToSilence()
    {
        Voice(0, modulatorLevel: 0x3F);
        Write(0x83, 0x08);
        Key(0, 580, 4);
        Play(100);
        Write(0xB0, 580 >> 8 | 4 << 2);
        Play(1500);
        Assert.InRange(ToneMeter.AmplitudeAt(meter.Left[..4410], Hertz(580, 4)), 7000, 8300);
        Assert.All(meter.Left[^4410..], sample => Assert.InRange(sample, -2, 2));
    }

    [Fact]
    public void AttackTakesTheDataSheetsTime()
    {
        // Effective rate 18 (4 * 4, and 2 of the key): 2826 ms at rate 4, half for every 4 more, so 250 ms from nothing to the top.
        Voice(0, modulatorLevel: 0x3F);
        Write(0x63, 0x40);
        Key(0, 580, 4);
        Play(400);
        int first = meter.Left.FindIndex(sample => Math.Abs(sample) > 7000);
        Assert.InRange(first, 44100 * 60 / 1000, 44100 * 360 / 1000);
    }

    [Fact]
    public void Opl3PansAndHasASecondBankAndEightWaveforms()
    {
        WriteHigh(0x05, 1);
        WriteHigh(0x20, 0x21);
        WriteHigh(0x23, 0x21);
        WriteHigh(0x40, 0x3F);
        WriteHigh(0x43, 0x00);
        WriteHigh(0x60, 0xF0);
        WriteHigh(0x63, 0xF0);
        WriteHigh(0xE3, 6); // a square wave
        WriteHigh(0xC0, 0x20); // right only
        WriteHigh(0xA0, 580 & 0xFF);
        WriteHigh(0xB0, 0x20 | 4 << 2 | 580 >> 8);
        Play(200);
        Assert.All(meter.Left, sample => Assert.Equal(0, sample));
        double hertz = Hertz(580, 4), fundamental = ToneMeter.AmplitudeAt(meter.Right, hertz);
        Assert.InRange(ToneMeter.AmplitudeAt(meter.Right, 3 * hertz) / fundamental, 0.30, 0.36);
    }

    [Fact]
    public void FourOperatorsChain()
    {
        WriteHigh(0x05, 1);
        WriteHigh(0x04, 1);
        foreach (byte offset in (byte[])[0x00, 0x03, 0x08, 0x0B])
        {
            Write((byte)(0x20 + offset), 0x21);
            Write((byte)(0x40 + offset), (byte)(offset == 0x0B ? 0 : 0x3F));
            Write((byte)(0x60 + offset), 0xF0);
            Write((byte)(0x80 + offset), 0x00);
        }
        Write(0xC0, 0x30);
        Write(0xC3, 0x30);
        Key(0, 580, 4);
        Play(200);
        // Only the fourth operator is loud, and it has the first channel's pitch and key.
        Assert.InRange(ToneMeter.AmplitudeAt(meter.Left, Hertz(580, 4)), 7500, 8300);
        Write(0xC3, 0x31); // now 1-2 and 3-4: the fourth still sounds
        meter.Left.Clear();
        Play(100);
        Assert.InRange(ToneMeter.AmplitudeAt(meter.Left, Hertz(580, 4)), 7500, 8300);
    }

    [Fact]
    public void RhythmSectionsBassDrumSounds()
    {
        Write(0x30, 0x21);
        Write(0x33, 0x21);
        Write(0x50, 0x3F);
        Write(0x53, 0x00);
        Write(0x70, 0xF0);
        Write(0x73, 0xF0);
        Write(0xA6, 200);
        Write(0xB6, 3 << 2);
        Write(0xBD, 0x20);
        Play(50);
        Assert.Empty(meter.Left);
        Write(0xBD, 0x30);
        Play(200);
        // Twice as loud as a voice.
        Assert.InRange(ToneMeter.AmplitudeAt(meter.Left, Hertz(200, 3)), 15000, 16600);
    }

    [Fact]
    public void TimersAreHowGuestsFindTheChip()
    {
        Write(0x04, 0x60);
        Write(0x04, 0x80);
        Assert.Equal(0u, ports.Read(0x388, 1) & 0xE0);
        Write(0x02, 0xFF);
        Write(0x04, 0x21);
        time.Advance(79_000);
        Assert.Equal(0u, ports.Read(0x388, 1));
        time.Advance(2_000);
        Assert.Equal(0xC0u, ports.Read(0x388, 1));
        Write(0x04, 0x60);
        Write(0x04, 0x80);
        Assert.Equal(0u, ports.Read(0x388, 1));
        Write(0x03, 0xFE);
        Write(0x04, 0x42);
        time.Advance(640_000);
        Assert.Equal(0xA0u, ports.Read(0x388, 1));
    }

    private static double Hertz(int number, int block) => number * Math.Pow(2, block - 20) * ChipRate;

    private void Voice(int channel, byte modulatorLevel)
    {
        Write((byte)(0x20 + channel), 0x21);
        Write((byte)(0x23 + channel), 0x21);
        Write((byte)(0x40 + channel), modulatorLevel);
        Write((byte)(0x43 + channel), 0x00);
        Write((byte)(0x60 + channel), 0xF0);
        Write((byte)(0x63 + channel), 0xF0);
    }

    private void Key(int channel, int number, int block)
    {
        Write((byte)(0xA0 + channel), (byte)number);
        Write((byte)(0xB0 + channel), (byte)(0x20 | block << 2 | number >> 8));
    }

    private void Play(int ms)
    {
        time.Advance(ms * 1_000_000L);
        mixer.CatchUp();
    }

    private void Write(byte register, byte data)
    {
        ports.Write(0x388, 1, register);
        ports.Write(0x389, 1, data);
    }

    private void WriteHigh(byte register, byte data)
    {
        ports.Write(0x38A, 1, register);
        ports.Write(0x38B, 1, data);
    }
}

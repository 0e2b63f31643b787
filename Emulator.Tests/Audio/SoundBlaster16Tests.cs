using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Core.Memory;
using Emulator.Devices.Audio;
using Emulator.Devices.Dma;
using Emulator.Tests.Timers;
using Xunit;

namespace Emulator.Tests.Audio;

/// <summary>"Sound Blaster Series Hardware Programming Guide": DSP commands, DMA, interrupts, mixer.</summary>
public sealed class SoundBlaster16Tests : IDisposable
{
    private const uint Buffer8 = 0x10000, Buffer16 = 0x20000;
    private readonly VirtualTime time = new();
    private readonly ToneMeter meter = new();
    private readonly PortBus ports = new();
    private readonly PhysicalMemory memory = new(1 << 20, 1 << 20);
    private readonly AudioMixer mixer;
    private readonly Dictionary<int, List<long>> interrupts = [];
    private readonly Dictionary<int, IrqLine> lines = [];

    public SoundBlaster16Tests()
    {
        memory.Map(new MemoryRegion("ram", 0, 0x90000, MemoryKind.Ram, 0, null, 0));
        var dma = new I8237Pair(memory);
        dma.Wire(ports);
        dma.OpenCascade();
        mixer = new AudioMixer(time.Queue, meter);
        var card = new SoundBlaster16(time.Queue, mixer, Line, dma.Channel, (5, 1, 5), new EventLog(TextWriter.Null));
        card.Wire(ports, 0x220);
        // Full volume, so that levels can be compared.
        foreach (byte register in (byte[])[0x30, 0x31, 0x32, 0x33, 0x34, 0x35])
        {
            Mixer(register, 0xF8);
        }
    }

    public void Dispose() => memory.Dispose();

    [Fact]
    public void ResetAnswersAndTheVersionIs405()
    {
        ports.Write(0x226, 1, 1);
        Assert.Equal(0x7Fu, ports.Read(0x22E, 1));
        ports.Write(0x226, 1, 0);
        Assert.Equal(0xFFu, ports.Read(0x22E, 1));
        Assert.Equal(0xAAu, ports.Read(0x22A, 1));
        Dsp(0xE1);
        Assert.Equal((4u, 5u), (ports.Read(0x22A, 1), ports.Read(0x22A, 1)));
        Dsp(0xE0, 0x5A);
        Assert.Equal(0xA5u, ports.Read(0x22A, 1));
        Dsp(0xE4, 0x77);
        Dsp(0xE8);
        Assert.Equal(0x77u, ports.Read(0x22A, 1));
        Dsp(0xE3);
        Assert.Equal('C', (char)ports.Read(0x22A, 1));
    }

    [Fact]
    public void EightBitSingleCycleSoundsAndInterruptsOnce()
    {
        Sine8(4000);
        Channel1(Buffer8, 4000, mode: 0x49);
        Dsp(0x41, 0x56, 0x22); // 22050 Hz
        Dsp(0x14, (4000 - 1) & 0xFF, (4000 - 1) >> 8);
        Play(400);
        Assert.InRange(ToneMeter.Loudest(meter.Left[..8000]), 440, 443);
        Assert.Equal([3999 * 1_000_000_000L / 22050 + 1], interrupts[5]);
        Assert.True(lines[5].Level);
        Assert.Equal(1u, Mixer(0x82));
        ports.Read(0x22E, 1);
        Assert.False(lines[5].Level);
        Assert.Equal(0u, Mixer(0x82));
        // The channel reached its terminal count.
        Assert.Equal(0x02u, ports.Read(0x08, 1) & 0x0F);
    }

    [Fact]
    public void AutoInitializeInterruptsEachBlockUntilItIsEnded()
    {
        Sine8(4000);
        Channel1(Buffer8, 4000, mode: 0x59);
        Dsp(0x40, 0xD3); // 1000000 / 45 = 22222 Hz
        Dsp(0x48, (2000 - 1) & 0xFF, (2000 - 1) >> 8);
        Dsp(0x1C);
        for (int n = 0; n < 5; n++)
        {
            Play(90);
            ports.Read(0x22E, 1);
        }
        Assert.Equal(5, interrupts[5].Count);
        Assert.InRange(interrupts[5][4] - interrupts[5][3], 89_990_000, 90_010_000);
        Dsp(0xDA);
        Play(500);
        ports.Read(0x22E, 1);
        Assert.Equal(6, interrupts[5].Count);
        Play(500);
        Assert.Equal(6, interrupts[5].Count);
    }

    [Fact]
    public void SixteenBitStereoByTheCommandsOfVersion4()
    {
        // Left 1000 Hz, right 500 Hz, 44100 Hz signed.
        for (int n = 0; n < 4410; n++)
        {
            memory.WriteValue(Buffer16 + (ulong)n * 4, 2, (ushort)(short)(8000 * Math.Sin(2 * Math.PI * 1000 * n / 44100)));
            memory.WriteValue(Buffer16 + (ulong)n * 4 + 2, 2, (ushort)(short)(8000 * Math.Sin(2 * Math.PI * 500 * n / 44100)));
        }
        Channel5(Buffer16, 8820, mode: 0x59);
        Dsp(0x41, 0xAC, 0x44);
        Dsp(0xB6, 0x30, (8820 - 1) & 0xFF, (8820 - 1) >> 8);
        Play(300);
        Assert.InRange(ToneMeter.Loudest(meter.Left), 998, 1002);
        Assert.InRange(ToneMeter.Loudest(meter.Right), 498, 502);
        Assert.InRange(ToneMeter.AmplitudeAt(meter.Left, 1000), 7800, 8100);
        Assert.Equal(2u, Mixer(0x82));
        ports.Read(0x22E, 1);
        Assert.True(lines[5].Level);
        ports.Read(0x22F, 1);
        Assert.False(lines[5].Level);
    }

    [Fact]
    public void PauseHoldsTheSoundWhereItIs()
    {
        Sine8(4000);
        Channel1(Buffer8, 4000, mode: 0x49);
        Dsp(0x41, 0x56, 0x22);
        Dsp(0x14, (4000 - 1) & 0xFF, (4000 - 1) >> 8);
        Play(50);
        Dsp(0xD0);
        uint count = Count1();
        Play(100);
        Assert.Equal(count, Count1());
        Assert.False(interrupts.ContainsKey(5));
        Dsp(0xD4);
        Play(200);
        Assert.Single(interrupts[5]);
    }

    [Fact]
    public void AMaskedChannelStallsTheSoundUntilItIsReady()
    {
        Sine8(1000);
        Dsp(0x41, 0x56, 0x22);
        Dsp(0x14, (1000 - 1) & 0xFF, (1000 - 1) >> 8);
        Play(200);
        Assert.False(interrupts.ContainsKey(5));
        Channel1(Buffer8, 1000, mode: 0x49);
        Play(50);
        Assert.Single(interrupts[5]);
    }

    [Fact]
    public void MixerChoosesInterruptAndChannels()
    {
        Assert.Equal((2u, 0x22u), (Mixer(0x80), Mixer(0x81)));
        Mixer(0x80, 4);
        Dsp(0xF2);
        Assert.True(lines[7].Level);
        Mixer(0x80, 8);
        Assert.True(lines[10].Level);
        Assert.False(lines[7].Level);
        ports.Read(0x22E, 1);
        Assert.False(lines[10].Level);
        Mixer(0x81, 0x01); // channel 0 for both
        Assert.Equal(1u, Mixer(0x81));
    }

    [Fact]
    public void VolumesAreTwoDecibelsAStepAndTheProsRegistersAreTheirUpperBits()
    {
        Mixer(0x22, 0x8C);
        Assert.Equal((0x88u, 0xC8u), (Mixer(0x30), Mixer(0x31)));
        Mixer(0x30, 0xF8);
        Mixer(0x31, 26 << 3);
        Sine8(4000);
        Channel1(Buffer8, 4000, mode: 0x59);
        Dsp(0x41, 0x56, 0x22);
        Dsp(0xC6, 0x00, 0xFF, 0x07);
        Play(200);
        double left = ToneMeter.AmplitudeAt(meter.Left, 441), right = ToneMeter.AmplitudeAt(meter.Right, 441);
        Assert.InRange(20 * Math.Log10(left / right), 9.8, 10.2);
        Mixer(0x00, 0);
        Assert.Equal((0xC0u, 0xC0u, 0u), (Mixer(0x30), Mixer(0x32), Mixer(0x36)));
    }

    [Fact]
    public void DirectModeSounds()
    {
        for (int n = 0; n < 800; n++)
        {
            Dsp(0x10, (byte)(128 + 100 * Math.Sin(2 * Math.PI * n / 8)));
            time.Advance(125_000);
        }
        mixer.CatchUp();
        Assert.InRange(ToneMeter.Loudest(meter.Left), 995, 1005);
    }

    [Fact]
    public void RecordingGivesSilenceInTheMiddle()
    {
        memory.Write(Buffer8, new byte[100]);
        Channel1(Buffer8, 100, mode: 0x45);
        Dsp(0x41, 0x56, 0x22);
        Dsp(0x24, 99, 0);
        Play(20);
        Assert.Single(interrupts[5]);
        Assert.Equal(0x80u, (uint)memory.ReadValue(Buffer8 + 99, 1));
        Dsp(0x20);
        Assert.Equal(0x80u, ports.Read(0x22A, 1));
    }

    [Fact]
    public void AChannelInVerifyModeDrivesNothingAndTheBusReadsFF()
    {
        Sine8(100);
        Channel1(Buffer8, 100, mode: 0x49);
        Dsp(0x41, 0x56, 0x22);
        Dsp(0x14, 99, 0);
        Play(10);
        Assert.True(meter.Left.Distinct().Count() > 10);
        meter.Left.Clear();
        Channel1(Buffer8, 100, mode: 0x41);
        Dsp(0x14, 99, 0);
        Play(4);
        Assert.Equal([(0xFF - 0x80) << 8], meter.Left.Distinct());
    }

    [Fact]
    public void SilenceCommandInterruptsAfterItsTime()
    {
        Dsp(0x41, 0x56, 0x22);
        Dsp(0x80, (2205 - 1) & 0xFF, (2205 - 1) >> 8);
        Play(99);
        Assert.False(interrupts.ContainsKey(5));
        Play(2);
        Assert.Single(interrupts[5]);
    }

    [Fact]
    public void DmaIdentificationGoesOutByTheChannel()
    {
        // The first turn with argument A5: AA + 1 - 4 + 20 - 80 - 6A.
        Channel1(Buffer8, 16, mode: 0x45);
        Dsp(0xE2, 0xA5);
        Assert.Equal((0xAA + 0x01 - 0x04 + 0x20 - 0x80 - 0x6A) & 0xFF, (int)memory.ReadValue(Buffer8, 1));
    }

    [Fact]
    public void ItsSynthesizerIsAtThreePlaces()
    {
        foreach (ushort port in (ushort[])[0x220, 0x228, 0x388])
        {
            ports.Write(port, 1, 0x04);
            ports.Write((ushort)(port + 1), 1, 0x80);
            ports.Write(port, 1, 0x02);
            ports.Write((ushort)(port + 1), 1, 0xFF);
            ports.Write(port, 1, 0x04);
            ports.Write((ushort)(port + 1), 1, 0x01);
            time.Advance(100_000);
            Assert.Equal(0xC0u, ports.Read(port, 1));
            ports.Write((ushort)(port + 1), 1, 0x80);
            ports.Write((ushort)(port + 1), 1, 0x00);
        }
    }

    private void Sine8(int samples)
    {
        for (int n = 0; n < samples; n++)
        {
            memory.WriteValue(Buffer8 + (ulong)n, 1, (byte)(128 + 100 * Math.Sin(2 * Math.PI * n / 50)));
        }
    }

    private void Channel1(uint address, int bytes, byte mode)
    {
        ports.Write(0x0A, 1, 5);
        ports.Write(0x0C, 1, 0);
        ports.Write(0x0B, 1, mode);
        ports.Write(0x02, 1, address & 0xFF);
        ports.Write(0x02, 1, address >> 8 & 0xFF);
        ports.Write(0x83, 1, address >> 16);
        ports.Write(0x03, 1, (uint)(bytes - 1) & 0xFF);
        ports.Write(0x03, 1, (uint)(bytes - 1) >> 8);
        ports.Write(0x0A, 1, 1);
    }

    private void Channel5(uint address, int words, byte mode)
    {
        ports.Write(0xD4, 1, 5);
        ports.Write(0xD8, 1, 0);
        ports.Write(0xD6, 1, mode);
        ports.Write(0xC4, 1, address >> 1 & 0xFF);
        ports.Write(0xC4, 1, address >> 9 & 0xFF);
        ports.Write(0x8B, 1, address >> 16);
        ports.Write(0xC6, 1, (uint)(words - 1) & 0xFF);
        ports.Write(0xC6, 1, (uint)(words - 1) >> 8);
        ports.Write(0xD4, 1, 1);
    }

    private uint Count1()
    {
        ports.Write(0x0C, 1, 0);
        return ports.Read(0x03, 1) | ports.Read(0x03, 1) << 8;
    }

    private void Dsp(params byte[] bytes)
    {
        foreach (byte each in bytes)
        {
            Assert.Equal(0u, ports.Read(0x22C, 1) & 0x80);
            ports.Write(0x22C, 1, each);
        }
    }

    private uint Mixer(byte register)
    {
        ports.Write(0x224, 1, register);
        return ports.Read(0x225, 1);
    }

    private void Mixer(byte register, byte data)
    {
        ports.Write(0x224, 1, register);
        ports.Write(0x225, 1, data);
    }

    private void Play(int ms)
    {
        time.Advance(ms * 1_000_000L);
        mixer.CatchUp();
    }

    private IrqLine Line(int irq)
    {
        if (lines.TryGetValue(irq, out IrqLine? line))
        {
            return line;
        }
        return lines[irq] = new IrqLine(level =>
        {
            if (level)
            {
                interrupts.TryAdd(irq, []);
                interrupts[irq].Add(time.NowNs);
            }
        });
    }
}

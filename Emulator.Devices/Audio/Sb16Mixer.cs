using Emulator.Core.State;

namespace Emulator.Devices.Audio;

/// <summary>
/// CT1745 mixer of a Sound Blaster 16 (Creative, "Sound Blaster Series Hardware Programming Guide", chapter 4): volumes, and the registers 80-82 that choose
/// the card's interrupt and DMA channels. The Sound Blaster Pro's registers 04, 0A, 22, 26, 28, 2E are other views of the same volumes.
/// </summary>
internal sealed class Sb16Mixer
{
    private const int ResetRegister = 0x00, Interrupts = 0x80, DmaChannels = 0x81, InterruptStatus = 0x82;
    private const int MasterLeft = 0x30, VoiceLeft = 0x32, SynthLeft = 0x34, CdLeft = 0x36, LineLeft = 0x38, Microphone = 0x3A;
    private const float DecibelsPerStep = 2;
    private const int VolumeSteps = 31;

    // Interrupts of register 80, bits 0-3; channels of register 81, 8-bit in bits 0, 1, 3 and 16-bit in 5-7.
    private static readonly int[] IrqOfBit = [9, 5, 7, 10];

    private readonly byte[] registers = new byte[256];

    /// <summary>Called before a volume changes and after the interrupt or the channels did.</summary>
    public required Action VolumeChanging { get; init; }

    /// <summary>Called when register 80 or 81 was written.</summary>
    public required Action RoutingChanged { get; init; }

    /// <summary>Register 82: bit 0 the 8-bit half interrupts, bit 1 the 16-bit half.</summary>
    public byte Pending { get; set; }

    /// <summary>The index register, port 224.</summary>
    public int Index { get; set; }

    /// <summary>The interrupt of the card, or null when register 80 names none.</summary>
    public int? Irq { get; private set; }

    /// <summary>DMA channel of 8-bit transfers, or null.</summary>
    public int? Dma8 { get; private set; }

    /// <summary>DMA channel of 16-bit transfers; the 8-bit one when register 81 names none above 4.</summary>
    public int? Dma16 { get; private set; }

    /// <summary>Sets interrupt and channels as the card's set-up program would have.</summary>
    public void SetRouting(int irq, int dma8, int dma16)
    {
        registers[Interrupts] = (byte)(1 << Array.IndexOf(IrqOfBit, irq));
        registers[DmaChannels] = (byte)(1 << dma8 | 1 << dma16);
        Route();
    }

    /// <summary>Register 00: volumes as after power-on. The routing stays.</summary>
    public void Reset()
    {
        VolumeChanging();
        registers.AsSpan(0, Interrupts).Clear();
        // Master, voice and synthesizer at 24 of 31; the others silent; both outputs of the switches on; tone flat.
        for (int register = MasterLeft; register < CdLeft; register++)
        {
            registers[register] = 24 << 3;
        }
        registers[0x3C] = 0x1F;
        registers[0x3D] = 0x15;
        registers[0x3E] = 0x0B;
        registers.AsSpan(0x44, 4).Fill(0x80);
    }

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        state.Bytes(registers);
        Pending = state.Byte(Pending);
        Index = state.Int32(Index, 0, 255);
        Route();
    }

    /// <summary>Port 225, reading.</summary>
    public byte Read() => Index switch
    {
        InterruptStatus => Pending,
        0x04 => Pair(VoiceLeft),
        0x0A => (byte)(registers[Microphone] >> 5),
        0x22 => Pair(MasterLeft),
        0x26 => Pair(SynthLeft),
        0x28 => Pair(CdLeft),
        0x2E => Pair(LineLeft),
        _ => registers[Index],
    };

    /// <summary>Port 225, writing.</summary>
    public void Write(byte data)
    {
        switch (Index)
        {
            case ResetRegister:
                Reset();
                break;
            case 0x04:
                SetPair(VoiceLeft, data);
                break;
            case 0x0A:
                registers[Microphone] = (byte)((data & 7) << 5 | 0x18);
                break;
            case 0x22:
                SetPair(MasterLeft, data);
                break;
            case 0x26:
                SetPair(SynthLeft, data);
                break;
            case 0x28:
                SetPair(CdLeft, data);
                break;
            case 0x2E:
                SetPair(LineLeft, data);
                break;
            case >= MasterLeft and <= 0x3B:
                VolumeChanging();
                registers[Index] = (byte)(data & 0xF8);
                break;
            case >= 0x3C and <= 0x47:
                VolumeChanging();
                registers[Index] = data;
                break;
            case Interrupts or DmaChannels:
                registers[Index] = (byte)(Index == Interrupts ? data & 0x0F : data & 0xEB);
                Route();
                RoutingChanged();
                break;
        }
    }

    /// <summary>Gain of the voice (samples), 0 to 1.</summary>
    public (float Left, float Right) VoiceGain => Gain(VoiceLeft);

    /// <summary>Gain of the synthesizer, 0 to 1.</summary>
    public (float Left, float Right) SynthGain => Gain(SynthLeft);

    private (float Left, float Right) Gain(int register) =>
        (Factor(MasterLeft) * Factor(register), Factor(MasterLeft + 1) * Factor(register + 1));

    // 31 steps of 2 dB; the last is off.
    private float Factor(int register)
    {
        int step = registers[register] >> 3;
        return step == 0 ? 0 : MathF.Pow(10, (step - VolumeSteps) * DecibelsPerStep / 20);
    }

    // The Pro's nibbles are the upper four of the five bits.
    private byte Pair(int left) => (byte)((registers[left] & 0xF0) | registers[left + 1] >> 4);

    private void SetPair(int left, byte data)
    {
        VolumeChanging();
        registers[left] = (byte)((data & 0xF0) | 0x08);
        registers[left + 1] = (byte)(data << 4 | 0x08);
    }

    private void Route()
    {
        Irq = First(registers[Interrupts], 0, 3) is { } bit ? IrqOfBit[bit] : null;
        Dma8 = First(registers[DmaChannels], 0, 3);
        Dma16 = First(registers[DmaChannels], 5, 7) ?? Dma8;
    }

    private static int? First(byte bits, int from, int to)
    {
        for (int bit = from; bit <= to; bit++)
        {
            if ((bits >> bit & 1) != 0)
            {
                return bit;
            }
        }
        return null;
    }
}

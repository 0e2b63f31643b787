using Emulator.Core.State;

namespace Emulator.Devices.Audio;

/// <summary>
/// One of the 36 operators of an OPL3 (YMF262 data sheet, registers 20-95 and E0-F5): phase, waveform, envelope and level.
/// </summary>
internal sealed class OplOperator
{
    private const int Inaudible = 0x1000;

    private static readonly byte[] DoubleMultipliers = [1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 20, 24, 24, 30, 30];

    // Key scale level by the upper four bits of the F-number, in 0.75 dB; the data sheet's table of 3 dB an octave.
    private static readonly byte[] KeyScale = [0, 32, 40, 45, 48, 51, 53, 55, 56, 58, 59, 60, 61, 62, 63, 64];
    private static readonly byte[] KeyScaleShift = [8, 1, 2, 0];

    private readonly OplEnvelope envelope = new();
    private uint phase;
    private int multiplier, totalLevel, keyScaleLevel;
    private bool hasTremolo, hasVibrato, scalesRate;
    private bool keyHeld;
    private int keys;

    /// <summary>Waveform, 0 to 7.</summary>
    public int Waveform { get; set; }

    /// <summary>The last output, -4084 to 4084.</summary>
    public int Output { get; private set; }

    /// <summary>The output before that.</summary>
    public int PreviousOutput { get; private set; }

    /// <summary>The phase, 10 bits.</summary>
    public int Phase => (int)(phase >> 9) & 0x3FF;

    /// <summary>True unless the envelope has faded away.</summary>
    public bool IsAudible => envelope.IsAudible;

    /// <summary>Registers 20-35.</summary>
    public void WriteCharacter(byte data)
    {
        hasTremolo = (data & 0x80) != 0;
        hasVibrato = (data & 0x40) != 0;
        envelope.Holds = (data & 0x20) != 0;
        scalesRate = (data & 0x10) != 0;
        multiplier = DoubleMultipliers[data & 15];
    }

    /// <summary>Registers 40-55.</summary>
    public void WriteLevel(byte data)
    {
        keyScaleLevel = data >> 6;
        totalLevel = data & 0x3F;
    }

    /// <summary>Registers 60-75.</summary>
    public void WriteAttackDecay(byte data)
    {
        envelope.AttackRate = data >> 4;
        envelope.DecayRate = data & 15;
    }

    /// <summary>Registers 80-95.</summary>
    public void WriteSustainRelease(byte data)
    {
        envelope.SustainLevel = data >> 4;
        envelope.ReleaseRate = data & 15;
    }

    /// <summary>A key goes down or up; <paramref name="source"/> tells the channel's key (1) from the rhythm section's (2).</summary>
    public void SetKey(int source, bool down)
    {
        keys = down ? keys | source : keys & ~source;
        bool held = keys != 0;
        if (held == keyHeld)
        {
            return;
        }
        keyHeld = held;
        if (held)
        {
            phase = 0;
            envelope.KeyOn();
        }
        else
        {
            envelope.KeyOff();
        }
    }

    /// <summary>Computes the next output from a phase that is the operator's own plus <paramref name="modulation"/>.</summary>
    public int Compute(in OplPitch pitch, in OplLfo lfo, int modulation) => ComputeAt(pitch, lfo, Phase + modulation);

    /// <summary>Computes the next output at a given phase (the rhythm section makes its own).</summary>
    public int ComputeAt(in OplPitch pitch, in OplLfo lfo, int at)
    {
        PreviousOutput = Output;
        int attenuation = envelope.Level + (totalLevel << 2) + ScaledLevel(pitch) + (hasTremolo ? lfo.Tremolo : 0);
        Output = attenuation >= OplEnvelope.Silent ? 0 : Wave(at & 0x3FF, attenuation << 3);
        return Output;
    }

    /// <summary>Goes on by one sample: phase and envelope.</summary>
    public void Step(in OplPitch pitch, in OplLfo lfo)
    {
        int number = pitch.Number + (hasVibrato ? lfo.VibratoOf(pitch.Number) : 0);
        phase += (uint)(((number << pitch.Block) >> 1) * multiplier >> 1);
        envelope.Step(lfo.Clock, scalesRate ? pitch.KeyCode : pitch.KeyCode >> 2);
    }

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        envelope.Transfer(state);
        phase = state.UInt32(phase);
        multiplier = state.Int32(multiplier, 0, DoubleMultipliers[^1]);
        totalLevel = state.Int32(totalLevel, 0, 63);
        keyScaleLevel = state.Int32(keyScaleLevel, 0, 3);
        hasTremolo = state.Bool(hasTremolo);
        hasVibrato = state.Bool(hasVibrato);
        scalesRate = state.Bool(scalesRate);
        keyHeld = state.Bool(keyHeld);
        keys = state.Int32(keys, 0, 3);
        Waveform = state.Int32(Waveform, 0, 7);
        Output = state.Int32(Output);
        PreviousOutput = state.Int32(PreviousOutput);
    }

    private int ScaledLevel(in OplPitch pitch) =>
        Math.Max((KeyScale[pitch.Number >> 6] << 2) - ((8 - pitch.Block) << 5), 0) >> KeyScaleShift[keyScaleLevel];

    // Waveforms of the data sheet's figure: sine, half sine, full-wave rectified, quarter pulses, the same at double speed in the first half,
    // square, logarithmic sawtooth.
    private int Wave(int at, int attenuation)
    {
        bool secondHalf = (at & 0x200) != 0;
        switch (Waveform)
        {
            case 0:
                return Signed(Sine(at), attenuation, secondHalf);
            case 1:
                return Signed(secondHalf ? Inaudible : Sine(at), attenuation, false);
            case 2:
                return Signed(Sine(at), attenuation, false);
            case 3:
                return Signed((at & 0x100) != 0 ? Inaudible : Sine(at), attenuation, false);
            case 4:
                return Signed(secondHalf ? Inaudible : Sine(at << 1), attenuation, !secondHalf && (at & 0x100) != 0);
            case 5:
                return Signed(secondHalf ? Inaudible : Sine(at << 1), attenuation, false);
            case 6:
                return Signed(0, attenuation, secondHalf);
            default:
                return Signed((secondHalf ? 0x1FF - (at & 0x1FF) : at & 0x1FF) << 3, attenuation, secondHalf);
        }
    }

    private static int Sine(int at) => OplTables.SineAttenuation((at & 0x100) != 0 ? 0xFF - (at & 0xFF) : at & 0xFF);

    private static int Signed(int wave, int attenuation, bool negative)
    {
        int amplitude = OplTables.Amplitude(Math.Min(wave + attenuation, 0x1FFF));
        return negative ? ~amplitude : amplitude;
    }
}

using Emulator.Core.State;

namespace Emulator.Devices.Audio;

/// <summary>
/// The chip's two slow oscillators (YMF262 data sheet, register BD): tremolo of 3.7 Hz and 1 or 4.8 dB, vibrato of 6.1 Hz and 7 or 14 cents.
/// </summary>
internal struct OplLfo
{
    private const int TremoloSteps = 210, SamplesPerTremoloStep = 64, SamplesPerVibratoStep = 1024;

    /// <summary>Samples since power-on.</summary>
    public uint Clock;

    /// <summary>DAM and DVB.</summary>
    public bool IsDeepTremolo, IsDeepVibrato;

    /// <summary>Attenuation in 0.1875 dB.</summary>
    public int Tremolo;

    private int vibratoStep;

    /// <summary>Goes on by one sample.</summary>
    public void Step()
    {
        Clock++;
        int position = (int)(Clock / SamplesPerTremoloStep % TremoloSteps);
        Tremolo = (position < TremoloSteps / 2 ? position : TremoloSteps - position) >> (IsDeepTremolo ? 2 : 4);
        vibratoStep = (int)(Clock / SamplesPerVibratoStep & 7);
    }

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        Clock = state.UInt32(Clock);
        IsDeepTremolo = state.Bool(IsDeepTremolo);
        IsDeepVibrato = state.Bool(IsDeepVibrato);
        Tremolo = state.Int32(Tremolo);
        vibratoStep = state.Int32(vibratoStep, 0, 7);
    }

    /// <summary>What vibrato adds to an F-number now: 0, half, all, half of its upper three bits, then the same downward.</summary>
    public readonly int VibratoOf(int number)
    {
        if ((vibratoStep & 3) == 0)
        {
            return 0;
        }
        int range = number >> 7 & 7;
        range >>= (vibratoStep & 1) + (IsDeepVibrato ? 0 : 1);
        return (vibratoStep & 4) != 0 ? -range : range;
    }
}

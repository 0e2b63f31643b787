using Emulator.Core.State;

namespace Emulator.Devices.Audio;

/// <summary>
/// The envelope of an operator (YMF262 data sheet, registers 60-95; rates as measured on chips): 9 bits of attenuation in steps of 0.1875 dB.
/// </summary>
internal sealed class OplEnvelope
{
    /// <summary>Attenuation of a silent operator.</summary>
    public const int Silent = 511;

    private const int RatesPerStep = 4, FastestStep = 15, SlowestShift = 12;

    // How much the attenuation changes in each of eight turns, by the rate's low two bits; twice and four times as much for the fastest.
    private static readonly byte[][] Increments =
        [[0, 1, 0, 1, 0, 1, 0, 1], [0, 1, 0, 1, 1, 1, 0, 1], [0, 1, 1, 1, 0, 1, 1, 1], [0, 1, 1, 1, 1, 1, 1, 1]];

    private static readonly byte[][] FastIncrements =
        [[1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 2, 1, 1, 1, 2], [1, 2, 1, 2, 1, 2, 1, 2], [1, 2, 2, 2, 1, 2, 2, 2]];

    private enum Stage
    {
        Attack,
        Decay,
        Sustain,
        Release,
    }

    private Stage stage = Stage.Release;

    /// <summary>Rates of the registers, 0 to 15.</summary>
    public int AttackRate { get; set; }

    /// <summary>Decay rate, 0 to 15.</summary>
    public int DecayRate { get; set; }

    /// <summary>Release rate, 0 to 15.</summary>
    public int ReleaseRate { get; set; }

    /// <summary>Sustain level, 0 to 15, in steps of 3 dB; 15 is 93 dB.</summary>
    public int SustainLevel { get; set; }

    /// <summary>True when the level holds while the key is down (EGT), false when it goes on with the release rate.</summary>
    public bool Holds { get; set; }

    /// <summary>Present attenuation.</summary>
    public int Level { get; private set; } = Silent;

    /// <summary>True unless it has faded away.</summary>
    public bool IsAudible => Level < Silent || (stage == Stage.Attack && AttackRate != 0);

    /// <summary>The key goes down.</summary>
    public void KeyOn() => stage = Stage.Attack;

    /// <summary>The key goes up.</summary>
    public void KeyOff() => stage = Stage.Release;

    /// <summary>One sample.</summary>
    /// <param name="clock">Counts samples.</param>
    /// <param name="scaling">Key scale of rates, 0 to 15.</param>
    public void Step(uint clock, int scaling)
    {
        switch (stage)
        {
            case Stage.Attack:
                Attack(clock, scaling);
                break;
            case Stage.Decay:
                Level += Increment(DecayRate, clock, scaling);
                if (Level >= (SustainLevel == 15 ? 31 : SustainLevel) << 4)
                {
                    stage = Stage.Sustain;
                }
                break;
            case Stage.Sustain when Holds:
                break;
            default:
                Level += Increment(ReleaseRate, clock, scaling);
                break;
        }
        Level = Math.Clamp(Level, 0, Silent);
    }

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        stage = (Stage)state.Int32((int)stage, 0, (int)Stage.Release);
        AttackRate = state.Int32(AttackRate, 0, 15);
        DecayRate = state.Int32(DecayRate, 0, 15);
        ReleaseRate = state.Int32(ReleaseRate, 0, 15);
        SustainLevel = state.Int32(SustainLevel, 0, 15);
        Holds = state.Bool(Holds);
        Level = state.Int32(Level, 0, Silent);
    }

    private void Attack(uint clock, int scaling)
    {
        if (AttackRate != 0 && (AttackRate * RatesPerStep) + scaling >= FastestStep * RatesPerStep)
        {
            Level = 0;
        }
        else
        {
            // Exponential: what is still missing, in eighths.
            Level += (~Level * Increment(AttackRate, clock, scaling)) >> 3;
        }
        if (Level <= 0)
        {
            Level = 0;
            stage = Stage.Decay;
        }
    }

    private static int Increment(int rate, uint clock, int scaling)
    {
        if (rate == 0)
        {
            return 0;
        }
        int effective = Math.Min((rate * RatesPerStep) + scaling, (FastestStep * RatesPerStep) + 3);
        int step = effective / RatesPerStep, part = effective % RatesPerStep;
        if (step <= SlowestShift)
        {
            int shift = SlowestShift - step;
            return (clock & ((1u << shift) - 1)) == 0 ? Increments[part][clock >> shift & 7] : 0;
        }
        return step == FastestStep ? 4 : FastIncrements[part][clock & 7] << (step - SlowestShift - 1);
    }
}

using Emulator.Core.State;

namespace Emulator.Devices.Audio;

/// <summary>One of the 18 channels of an OPL3: two operators, a pitch, and how they are connected (registers A0-A8, B0-B8, C0-C8).</summary>
/// <param name="first">The modulator.</param>
/// <param name="second">The carrier.</param>
internal sealed class OplChannel(OplOperator first, OplOperator second)
{
    private int number, block, feedback;

    /// <summary>The modulator.</summary>
    public OplOperator First => first;

    /// <summary>The carrier.</summary>
    public OplOperator Second => second;

    /// <summary>CNT: false chains the operators, true adds them.</summary>
    public bool Adds { get; private set; }

    /// <summary>CHA and CHB.</summary>
    public bool Left { get; private set; } = true;

    /// <summary>CHB: the right output.</summary>
    public bool Right { get; private set; } = true;

    /// <summary>The pitch.</summary>
    public OplPitch Pitch { get; private set; }

    /// <summary>True while anything of it can be heard.</summary>
    public bool IsAudible => first.IsAudible || second.IsAudible;

    /// <summary>Register A0: the low byte of the F-number.</summary>
    public void WriteNumber(byte data, bool noteSelect)
    {
        number = (number & 0x300) | data;
        SetPitch(noteSelect);
    }

    /// <summary>Register B0: the rest of the pitch. The key is the chip's to press.</summary>
    public void WriteBlock(byte data, bool noteSelect)
    {
        number = (number & 0xFF) | (data & 3) << 8;
        block = data >> 2 & 7;
        SetPitch(noteSelect);
    }

    /// <summary>Takes the pitch of the channel before it, as the second half of a four-operator voice.</summary>
    public void FollowPitch(OplChannel leader) => Pitch = leader.Pitch;

    /// <summary>Register C0; the outputs are both on unless the chip is in OPL3 mode.</summary>
    public void WriteConnection(byte data, bool isOpl3)
    {
        Adds = (data & 1) != 0;
        feedback = data >> 1 & 7;
        Left = !isOpl3 || (data & 0x10) != 0;
        Right = !isOpl3 || (data & 0x20) != 0;
    }

    /// <summary>The modulator's phase from its own last two outputs.</summary>
    public int Feedback => feedback == 0 ? 0 : (first.Output + first.PreviousOutput) >> (9 - feedback);

    /// <summary>The next output of a voice of two operators.</summary>
    public int Compute(in OplLfo lfo)
    {
        int modulator = first.Compute(Pitch, lfo, Feedback);
        return Adds ? modulator + second.Compute(Pitch, lfo, 0) : second.Compute(Pitch, lfo, modulator);
    }

    /// <summary>The next output of a voice of four operators, this channel's and those of <paramref name="other"/>.</summary>
    public int Compute(OplChannel other, in OplLfo lfo)
    {
        int one = first.Compute(Pitch, lfo, Feedback);
        int two = second.Compute(Pitch, lfo, Adds ? 0 : one);
        bool chained = Adds || !other.Adds;
        int three = other.First.Compute(Pitch, lfo, chained ? two : 0);
        int four = other.Second.Compute(Pitch, lfo, Adds && other.Adds ? 0 : three);
        return (Adds, other.Adds) switch
        {
            (false, false) => four,
            (false, true) => two + four,
            (true, false) => one + four,
            (true, true) => one + three + four,
        };
    }

    /// <summary>Goes on by one sample.</summary>
    public void Step(in OplLfo lfo)
    {
        first.Step(Pitch, lfo);
        second.Step(Pitch, lfo);
    }

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        number = state.Int32(number, 0, 0x3FF);
        block = state.Int32(block, 0, 7);
        feedback = state.Int32(feedback, 0, 7);
        Adds = state.Bool(Adds);
        Left = state.Bool(Left);
        Right = state.Bool(Right);
        Pitch = new OplPitch(state.Int32(Pitch.Number, 0, 0x3FF), state.Int32(Pitch.Block, 0, 7), state.Int32(Pitch.KeyCode, 0, 15));
    }

    private void SetPitch(bool noteSelect) => Pitch = new OplPitch(number, block, block << 1 | (number >> (noteSelect ? 8 : 9) & 1));
}

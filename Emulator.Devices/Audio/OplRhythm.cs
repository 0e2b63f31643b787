using Emulator.Core.State;

namespace Emulator.Devices.Audio;

/// <summary>
/// The rhythm section: bass drum, snare drum, tom-tom, cymbal and hi-hat from channels 6 to 8 (YMF262 data sheet, register BD). The phases of hi-hat,
/// snare and cymbal are made from bits of two operators' phases and a noise generator of 23 bits, as measured on chips.
/// </summary>
internal sealed class OplRhythm(OplChannel bass, OplChannel hatAndSnare, OplChannel tomAndCymbal)
{
    private const int ChannelKey = 2;

    private uint noise = 1;

    /// <summary>True while register BD has it on.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Register BD, bits 5-0: on, then the keys BD, SD, TOM, TC, HH.</summary>
    public void Write(byte data)
    {
        IsOn = (data & 0x20) != 0;
        Key(bass.First, data, 0x10);
        Key(bass.Second, data, 0x10);
        Key(hatAndSnare.Second, data, 0x08);
        Key(tomAndCymbal.First, data, 0x04);
        Key(tomAndCymbal.Second, data, 0x02);
        Key(hatAndSnare.First, data, 0x01);
    }

    /// <summary>The sum of the five; each is twice as loud as a voice.</summary>
    public int Compute(in OplLfo lfo)
    {
        int hat = hatAndSnare.First.Phase, cymbal = tomAndCymbal.Second.Phase, noiseBit = (int)noise & 1;
        int mix = (Bit(hat, 2) ^ Bit(hat, 7)) | (Bit(hat, 3) ^ Bit(cymbal, 5)) | (Bit(cymbal, 3) ^ Bit(cymbal, 5));
        int hatPhase = mix << 9 | ((mix ^ noiseBit) != 0 ? 0xD0 : 0x34);
        int snarePhase = Bit(hat, 8) << 9 | (Bit(hat, 8) ^ noiseBit) << 8;
        int cymbalPhase = mix << 9 | 0x80;

        int modulator = bass.First.Compute(bass.Pitch, lfo, bass.Feedback);
        int sum = bass.Second.Compute(bass.Pitch, lfo, bass.Adds ? 0 : modulator);
        sum += hatAndSnare.First.ComputeAt(hatAndSnare.Pitch, lfo, hatPhase);
        sum += hatAndSnare.Second.ComputeAt(hatAndSnare.Pitch, lfo, snarePhase);
        sum += tomAndCymbal.First.Compute(tomAndCymbal.Pitch, lfo, 0);
        sum += tomAndCymbal.Second.ComputeAt(tomAndCymbal.Pitch, lfo, cymbalPhase);
        return 2 * sum;
    }

    /// <summary>One step of the noise generator, each sample.</summary>
    public void Step() => noise = noise >> 1 | ((noise ^ noise >> 14) & 1) << 22;

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        noise = state.UInt32(noise);
        IsOn = state.Bool(IsOn);
    }

    private void Key(OplOperator target, byte data, int bit) => target.SetKey(ChannelKey, IsOn && (data & bit) != 0);

    private static int Bit(int value, int bit) => value >> bit & 1;
}

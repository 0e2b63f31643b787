using Emulator.Core.State;

namespace Emulator.Devices.Audio;

/// <summary>
/// Yamaha YMF262 (OPL3) FM synthesizer: two banks of registers, 18 channels of two operators or up to six of four, rhythm section (YMF262 data sheet). In
/// its reset state it is a YM3812 (OPL2) of nine channels on both outputs.
/// </summary>
internal sealed class Opl3
{
    /// <summary>Samples a second: 14.31818 MHz / 288.</summary>
    public const double SampleRate = 14318180.0 / 288;

    private const int Banks = 2, ChannelsPerBank = 9, OperatorsPerBank = 18, VoiceKey = 1, RhythmFirst = 6, FourOperatorDistance = 3;

    // Operator of each register offset 00-15, -1 where there is none; the modulator of channel n and where its carrier is.
    private static readonly sbyte[] OperatorOfOffset = [0, 1, 2, 3, 4, 5, -1, -1, 6, 7, 8, 9, 10, 11, -1, -1, 12, 13, 14, 15, 16, 17];

    private OplOperator[] operators = [];
    private OplChannel[] channels = [];
    private OplRhythm rhythm = new(Silence(), Silence(), Silence());
    private OplLfo lfo;
    private bool isOpl3, noteSelect, selectsWaveforms;
    private int fourOperator;

    /// <summary>Makes the chip.</summary>
    public Opl3() => Reset();

    /// <summary>True while anything sounds.</summary>
    public bool IsAudible => Array.Exists(channels, channel => channel.IsAudible);

    /// <summary>All registers 0.</summary>
    public void Reset()
    {
        operators = [.. Enumerable.Range(0, Banks * OperatorsPerBank).Select(_ => new OplOperator())];
        channels = [.. Enumerable.Range(0, Banks * ChannelsPerBank).Select(MakeChannel)];
        rhythm = new OplRhythm(channels[RhythmFirst], channels[RhythmFirst + 1], channels[RhythmFirst + 2]);
        lfo = default;
        isOpl3 = noteSelect = selectsWaveforms = false;
        fourOperator = 0;
        for (int bank = 0; bank < Banks; bank++)
        {
            for (int register = 0x20; register < 0x100; register++)
            {
                Write(bank << 8 | register, 0);
            }
        }
    }

    /// <summary>Writes a register: bank in bit 8.</summary>
    public void Write(int register, byte data)
    {
        int bank = register >> 8 & 1, low = register & 0xFF;
        switch (low)
        {
            case 0x01 when bank == 0:
                selectsWaveforms = (data & 0x20) != 0;
                break;
            case 0x04 when bank == 1:
                fourOperator = data & 0x3F;
                break;
            case 0x05 when bank == 1:
                isOpl3 = (data & 1) != 0;
                break;
            case 0x08 when bank == 0:
                noteSelect = (data & 0x40) != 0;
                break;
            case 0xBD when bank == 0:
                lfo.IsDeepTremolo = (data & 0x80) != 0;
                lfo.IsDeepVibrato = (data & 0x40) != 0;
                rhythm.Write(data);
                break;
            case >= 0xA0 and < 0xD0 when (low & 15) < ChannelsPerBank:
                WriteChannel(bank * ChannelsPerBank + (low & 15), low >> 4, data);
                break;
            case >= 0x20 and < 0xA0 or >= 0xE0:
                WriteOperator(bank, low, data);
                break;
        }
    }

    /// <summary>The next sample of both outputs, before the converter: up to 18 voices of 4084.</summary>
    public (int Left, int Right) Next()
    {
        int left = 0, right = 0;
        lfo.Step();
        for (int n = 0; n < channels.Length; n++)
        {
            OplChannel channel = channels[n];
            int output;
            if (n % ChannelsPerBank >= FourOperatorDistance && n % ChannelsPerBank < RhythmFirst && IsFourOperator(n - FourOperatorDistance))
            {
                // The second half of a voice of four: its first half has computed it.
                continue;
            }
            if (n is >= RhythmFirst and < ChannelsPerBank && rhythm.IsOn)
            {
                output = n == RhythmFirst ? rhythm.Compute(lfo) : 0;
            }
            else if (IsFourOperator(n))
            {
                OplChannel other = channels[n + FourOperatorDistance];
                output = channel.IsAudible || other.IsAudible ? channel.Compute(other, lfo) : 0;
            }
            else
            {
                output = channel.IsAudible ? channel.Compute(lfo) : 0;
            }
            left += channel.Left ? output : 0;
            right += channel.Right ? output : 0;
        }
        rhythm.Step();
        foreach (OplChannel channel in channels)
        {
            channel.Step(lfo);
        }
        return (left, right);
    }

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        foreach (OplOperator each in operators)
        {
            each.Transfer(state);
        }
        foreach (OplChannel channel in channels)
        {
            channel.Transfer(state);
        }
        rhythm.Transfer(state);
        lfo.Transfer(state);
        isOpl3 = state.Bool(isOpl3);
        noteSelect = state.Bool(noteSelect);
        selectsWaveforms = state.Bool(selectsWaveforms);
        fourOperator = state.Int32(fourOperator, 0, 0x3F);
    }

    private bool IsFourOperator(int channel)
    {
        int inBank = channel % ChannelsPerBank;
        return isOpl3 && inBank < FourOperatorDistance && (fourOperator >> ((channel / ChannelsPerBank * FourOperatorDistance) + inBank) & 1) != 0;
    }

    private void WriteChannel(int n, int register, byte data)
    {
        OplChannel channel = channels[n];
        switch (register)
        {
            case 0xA:
                channel.WriteNumber(data, noteSelect);
                break;
            case 0xB:
                channel.WriteBlock(data, noteSelect);
                PressKey(n, (data & 0x20) != 0);
                break;
            default:
                channel.WriteConnection(data, isOpl3);
                break;
        }
        if (IsFourOperator(n))
        {
            channels[n + FourOperatorDistance].FollowPitch(channel);
        }
    }

    private void PressKey(int n, bool down)
    {
        // The key of a four-operator voice is its first channel's; the second's does nothing.
        if (n % ChannelsPerBank is >= FourOperatorDistance and < RhythmFirst && IsFourOperator(n - FourOperatorDistance))
        {
            return;
        }
        SetKey(channels[n], down);
        if (IsFourOperator(n))
        {
            SetKey(channels[n + FourOperatorDistance], down);
        }
    }

    private static void SetKey(OplChannel channel, bool down)
    {
        channel.First.SetKey(VoiceKey, down);
        channel.Second.SetKey(VoiceKey, down);
    }

    private void WriteOperator(int bank, int low, byte data)
    {
        int offset = low & 0x1F;
        if (offset >= OperatorOfOffset.Length || OperatorOfOffset[offset] < 0)
        {
            return;
        }
        OplOperator target = operators[(bank * OperatorsPerBank) + OperatorOfOffset[offset]];
        switch (low >> 5)
        {
            case 1:
                target.WriteCharacter(data);
                break;
            case 2:
                target.WriteLevel(data);
                break;
            case 3:
                target.WriteAttackDecay(data);
                break;
            case 4:
                target.WriteSustainRelease(data);
                break;
            case 7:
                target.Waveform = isOpl3 ? data & 7 : selectsWaveforms ? data & 3 : 0;
                break;
        }
    }

    private OplChannel MakeChannel(int n)
    {
        int bank = n / ChannelsPerBank, inBank = n % ChannelsPerBank;
        int modulator = (bank * OperatorsPerBank) + (inBank / 3 * 6) + (inBank % 3);
        return new OplChannel(operators[modulator], operators[modulator + 3]);
    }

    private static OplChannel Silence() => new(new OplOperator(), new OplOperator());
}

using Emulator.Core.Diagnostics;
using Emulator.Core.State;
using Emulator.Core.Time;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Devices.Audio;

/// <summary>
/// DSP 4.05 of a Sound Blaster 16: its commands (Creative, "Sound Blaster Series Hardware Programming Guide", chapter 6). ADPCM and MIDI are not there: such
/// commands are taken with their arguments, and the log says so.
/// </summary>
internal sealed class Sb16Dsp
{
    private const int MajorVersion = 4, MinorVersion = 5, ArgumentsOfProgram = 3;
    private const byte ResetAnswer = 0xAA;

    // A guest that asks and never reads gets no more answers than this.
    private const int MostOutput = 256;
    private const int LowestRate = 4000, HighestRate = 45454;
    private const int NsPerSecond = 1_000_000_000;
    private static readonly byte[] Copyright = [.. "COPYRIGHT (C) CREATIVE TECHNOLOGY LTD, 1992."u8, 0];

    private readonly IScheduler scheduler;
    private readonly EventLog log;
    private readonly ITimer silence;
    private readonly Queue<byte> output = new();
    private readonly List<byte> arguments = [];
    private int command = -1, rate, blockLength;
    private byte test, lastOutput;
    private bool speakerOn, inReset;

    // Command E2, by which old drivers know a card of Creative's: numbers for the argument's bits, and one more, in each of four turns.
    private static readonly short[][] IdentificationTurns =
    [
        [1, -2, -4, 8, -16, 32, 64, -128, -106],
        [-1, 2, -4, 8, 16, -32, 64, -128, 165],
        [-1, 2, 4, -8, 16, -32, -64, 128, -151],
        [1, -2, 4, -8, -16, 32, -64, 128, 90],
    ];

    private int identification, identificationTurn;

    /// <summary>Makes the DSP.</summary>
    public Sb16Dsp(IScheduler scheduler, EventLog log)
    {
        this.scheduler = scheduler;
        this.log = log;
        silence = scheduler.CreateTimer("sb16-silence", () => Interrupt!(false));
    }

    /// <summary>The data mover.</summary>
    public required Sb16Transfer Transfer { get; init; }

    /// <summary>Gives the DMA channel of 8-bit (false) or 16-bit transfers.</summary>
    public required Func<bool, Dma.DmaChannel?> ChannelOf { get; init; }

    /// <summary>Asks for the interrupt of the 8-bit (false) or 16-bit half.</summary>
    public required Action<bool> Interrupt { get; init; }

    /// <summary>Gets a sample of the direct mode, -32768 to 32767.</summary>
    public required Action<short> DirectSample { get; init; }

    /// <summary>True when a byte waits at port 22A.</summary>
    public bool HasOutput => output.Count > 0;

    /// <summary>Port 226: a 1 and then a 0 reset the DSP, which answers AA. In high-speed mode that is how the mode ends.</summary>
    public void WriteReset(byte data)
    {
        bool before = inReset;
        inReset = (data & 1) != 0;
        if (before && !inReset)
        {
            Reset();
            Say(ResetAnswer);
        }
    }

    /// <summary>State after power-on.</summary>
    public void Reset()
    {
        Transfer.Stop();
        silence.Disarm();
        output.Clear();
        arguments.Clear();
        command = -1;
        rate = 22050;
        blockLength = 0x800;
        speakerOn = false;
        identification = 0xAA;
        identificationTurn = 0;
    }

    /// <summary>Port 22A; the last byte again when none waits.</summary>
    public byte Read() => output.TryDequeue(out byte data) ? lastOutput = data : lastOutput;

    /// <summary>Port 22C: a command or an argument of one.</summary>
    public void Write(byte data)
    {
        if (command < 0)
        {
            command = data;
            arguments.Clear();
        }
        else
        {
            arguments.Add(data);
        }
        if (arguments.Count == ArgumentsOf(command))
        {
            int complete = command;
            command = -1;
            Execute(complete);
        }
    }

    /// <summary>Saves or loads.</summary>
    public void TransferState(StateTransfer state)
    {
        state.Items(output, MostOutput, state.Byte);
        var words = new Queue<byte>(arguments);
        state.Items(words, ArgumentsOfProgram, state.Byte);
        if (state.IsLoading)
        {
            arguments.Clear();
            arguments.AddRange(words);
        }
        command = state.Int32(command, -1, 255);
        rate = state.Int32(rate, 1, 1_000_000);
        blockLength = state.Int32(blockLength, 1, 65536);
        test = state.Byte(test);
        lastOutput = state.Byte(lastOutput);
        speakerOn = state.Bool(speakerOn);
        inReset = state.Bool(inReset);
        identification = state.Int32(identification, 0, 255);
        identificationTurn = state.Int32(identificationTurn, 0, IdentificationTurns.Length - 1);
        state.Timer(silence);
        if (command >= 0 && arguments.Count >= ArgumentsOf(command))
        {
            throw state.Wrong("has a DSP command that was complete");
        }
    }

    private static int ArgumentsOf(int command) => command switch
    {
        0x10 or 0x38 or 0x40 or 0xE0 or 0xE2 or 0xE4 or 0x04 or 0x05 or 0xF9 => 1,
        0x0E => 2,
        0x0F => 1,
        0x14 or 0x15 or 0x16 or 0x17 or 0x24 or 0x41 or 0x42 or 0x48 or 0x74 or 0x75 or 0x76 or 0x77 or 0x80 => 2,
        >= 0xB0 and <= 0xCF => ArgumentsOfProgram,
        _ => 0,
    };

    private void Say(byte data)
    {
        if (output.Count < MostOutput)
        {
            output.Enqueue(data);
        }
    }

    private int Word => arguments[0] | arguments[1] << 8;

    private void Execute(int code)
    {
        switch (code)
        {
            case 0x10:
                DirectSample((short)((arguments[0] - 0x80) << 8));
                break;
            case 0x14 or 0x15 or 0x24:
                Start8(Word + 1, again: false, input: code == 0x24);
                break;
            case 0x91 or 0x99:
                Start8(blockLength, again: false, input: code == 0x99);
                break;
            case 0x1C or 0x90 or 0x2C or 0x98:
                Start8(blockLength, again: true, input: code is 0x2C or 0x98);
                break;
            case 0x20:
                Say(0x80);
                break;
            case 0x40:
                // Time constant: 256 - 1000000 / rate, for both channels together when there are two.
                rate = 1_000_000 / (256 - arguments[0]);
                break;
            case 0x41 or 0x42:
                rate = Math.Clamp(arguments[0] << 8 | arguments[1], LowestRate, HighestRate);
                break;
            case 0x48:
                blockLength = Word + 1;
                Transfer.SetBlock(blockLength);
                break;
            case 0x80:
                silence.Arm(scheduler.NowNs + (long)(Word + 1) * NsPerSecond / rate);
                break;
            case >= 0xB0 and <= 0xCF:
                Program(code);
                break;
            case 0xD0 or 0xD5:
                Transfer.Pause(code == 0xD5, pauses: true);
                break;
            case 0xD4 or 0xD6:
                Transfer.Pause(code == 0xD6, pauses: false);
                break;
            case 0xD9 or 0xDA:
                Transfer.EndAfterBlock(code == 0xD9);
                break;
            case 0x45 or 0x47:
                Transfer.GoOnAfterBlock(code == 0x47);
                break;
            case 0xD1 or 0xD3:
                // The SB16 only remembers it: its mixer switches the sound.
                speakerOn = code == 0xD1;
                break;
            case 0xF2 or 0xF3:
                Interrupt(code == 0xF3);
                break;
            default:
                Answer(code);
                break;
        }
    }

    private void Answer(int code)
    {
        switch (code)
        {
            case 0xD8:
                Say((byte)(speakerOn ? 0xFF : 0));
                break;
            case 0xE0:
                Say((byte)~arguments[0]);
                break;
            case 0xE1:
                Say(MajorVersion);
                Say(MinorVersion);
                break;
            case 0xE2:
                Identify(arguments[0]);
                break;
            case 0xE3:
                foreach (byte letter in Copyright)
                {
                    Say(letter);
                }
                break;
            case 0xE4:
                test = arguments[0];
                break;
            case 0xE8:
                Say(test);
                break;
            case 0xF8:
                Say(0);
                break;
            default:
                log.Write(LogItems.Unimplemented, $"sb16: DSP command {code:x2} does nothing here");
                break;
        }
    }

    // Bx 16-bit, Cx 8-bit; bit 3 input, bit 2 auto-initialize, bit 1 FIFO. Mode: bit 5 stereo, bit 4 signed. The length counts samples, less one.
    private void Program(int code)
    {
        bool is16Bit = code < 0xC0;
        var format = new Sb16Format(is16Bit, (arguments[0] & 0x10) != 0, (arguments[0] & 0x20) != 0);
        int samples = (arguments[1] | arguments[2] << 8) + 1;
        Transfer.Start(
            ChannelOf(is16Bit), format, rate, Math.Max(format.IsStereo ? samples / 2 : samples, 1), (code & 4) != 0, (code & 8) != 0);
    }

    private void Start8(int bytes, bool again, bool input) =>
        Transfer.Start(ChannelOf(false), new Sb16Format(false, false, false), rate, bytes, again, input);

    // Each bit of the argument adds its number, then the turn's own is added; the sum goes out by DMA.
    private void Identify(byte argument)
    {
        ReadOnlySpan<short> turn = IdentificationTurns[identificationTurn];
        for (int bit = 0; bit < 8; bit++)
        {
            identification += (argument >> bit & 1) != 0 ? turn[bit] : 0;
        }
        identification = (identification + turn[8]) & 0xFF;
        identificationTurn = (identificationTurn + 1) % IdentificationTurns.Length;
        ChannelOf(false)?.TransferToMemory([(byte)identification]);
    }
}

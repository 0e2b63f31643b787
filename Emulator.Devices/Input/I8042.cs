using Emulator.Core.Backends;
using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Core.State;
using Emulator.Core.Time;
using Emulator.Devices.Misc;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Devices.Input;

/// <summary>
/// 8042 keyboard controller with auxiliary port (IBM PS/2 Technical Reference, "Keyboard/auxiliary device controller"):
/// port 60 data (offset 0), port 64 status and commands (offset 1). Holds the keyboard and the mouse.
/// </summary>
public sealed class I8042 : IPortDevice, IKeyboardSink, IMouseSink, IStateful
{
    private const byte OutputFull = 0x01, SystemFlag = 0x04, LastWasCommand = 0x08, NotInhibited = 0x10, AuxiliaryFull = 0x20;
    private const byte KeyboardInterrupt = 0x01, MouseInterrupt = 0x02, CommandSystemFlag = 0x04;
    private const byte KeyboardDisable = 0x10, MouseDisable = 0x20, Translate = 0x40;
    private const byte OutputReset = 0x01, OutputA20 = 0x02, OutputIrq1 = 0x10, OutputIrq12 = 0x20, OutputLinesIdle = 0xC0;

    /// <summary>Input port: keyboard not locked, colour display, manufacturing jumper open, as on most boards.</summary>
    private const byte InputPort = 0xF0;

    // A byte takes about a millisecond on a real line; this is enough for a guest to return from its handler.
    private const long ByteNs = 250_000;

    // A guest that asks and never reads gets no more answers than this.
    private const int MostAnswers = 256;

    private readonly IScheduler scheduler;
    private readonly IrqLine irq1, irq12;
    private readonly A20Gate a20;
    private readonly IMachineControl machine;
    private readonly EventLog log;
    private readonly ITimer byteTimer;
    private readonly byte[] ram = new byte[32];
    private readonly Queue<(byte Data, bool Auxiliary)> answers = new();

    private byte outputBuffer, command;
    private bool outputFull, outputIsAuxiliary, lastWasCommand, systemFlag;

    /// <summary>Makes the controller with its keyboard and mouse.</summary>
    public I8042(IScheduler scheduler, IrqLine irq1, IrqLine irq12, A20Gate a20, IMachineControl machine, EventLog log)
    {
        this.scheduler = scheduler;
        this.irq1 = irq1;
        this.irq12 = irq12;
        this.a20 = a20;
        this.machine = machine;
        this.log = log;
        byteTimer = scheduler.CreateTimer("i8042-byte", Deliver);
        Keyboard = new Ps2Keyboard(scheduler) { ByteQueued = ScheduleByte };
        Pointer = new Ps2Mouse(scheduler) { ByteQueued = ScheduleByte };
        Reset();
    }

    /// <summary>The keyboard.</summary>
    public Ps2Keyboard Keyboard { get; }

    /// <summary>The mouse.</summary>
    public Ps2Mouse Pointer { get; }

    /// <summary>The command byte, byte 0 of the controller's RAM.</summary>
    public byte CommandByte => ram[0];

    /// <summary>Maps ports 60 and 64.</summary>
    public void Wire(PortBus bus)
    {
        bus.Map("i8042-data", 0x60, 1, this);
        bus.Map("i8042-command", 0x64, 1, this, offset: 1);
    }

    /// <summary>
    /// State as firmware leaves it: both interfaces and interrupt 1 on, translating. Guests that are started without
    /// firmware rely on that; firmware sets the command byte itself.
    /// </summary>
    public void Reset()
    {
        Array.Clear(ram);
        ram[0] = KeyboardInterrupt | Translate;
        answers.Clear();
        outputBuffer = command = 0;
        outputFull = outputIsAuxiliary = lastWasCommand = systemFlag = false;
        byteTimer.Disarm();
        Keyboard.Reset();
        Pointer.Reset();
        UpdateIrqs();
    }

    /// <inheritdoc/>
    public bool Knows(string name) => Keyboard.Knows(name);

    /// <inheritdoc/>
    public void Key(string name, bool down) => Keyboard.Key(name, down);

    /// <inheritdoc/>
    public void Mouse(int dx, int dy, int wheel, int buttons) => Pointer.Mouse(dx, dy, wheel, buttons);

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size)
    {
        if (offset == 0)
        {
            outputFull = false;
            UpdateIrqs();
            ScheduleByte();
            return outputBuffer;
        }
        return (uint)(
            (outputFull ? OutputFull : 0) | (systemFlag ? SystemFlag : 0) | (lastWasCommand ? LastWasCommand : 0)
            | NotInhibited | (outputFull && outputIsAuxiliary ? AuxiliaryFull : 0));
    }

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        lastWasCommand = offset != 0;
        if (offset == 0)
        {
            WriteData((byte)value);
        }
        else
        {
            WriteCommand((byte)value);
        }
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        state.Bytes(ram);
        state.Items(answers, MostAnswers, answer => (state.Byte(answer.Data), state.Bool(answer.Auxiliary)));
        outputBuffer = state.Byte(outputBuffer);
        command = state.Byte(command);
        outputFull = state.Bool(outputFull);
        outputIsAuxiliary = state.Bool(outputIsAuxiliary);
        lastWasCommand = state.Bool(lastWasCommand);
        systemFlag = state.Bool(systemFlag);
        state.Line(irq1);
        state.Line(irq12);
        state.Timer(byteTimer);
        Keyboard.Transfer(state);
        Pointer.Transfer(state);
    }

    private void WriteCommand(byte value)
    {
        command = 0;
        switch (value)
        {
            case >= 0x20 and < 0x40:
                Answer(ram[value & 0x1F]);
                break;
            case (>= 0x60 and < 0x80) or 0xA5 or 0xD1 or 0xD2 or 0xD3 or 0xD4:
                command = value;
                break;
            case 0xA4:
                // No password is installed.
                Answer(0xF1);
                break;
            case 0xA6:
                break;
            case 0xA7:
                SetCommandByte((byte)(ram[0] | MouseDisable));
                break;
            case 0xA8:
                SetCommandByte((byte)(ram[0] & ~MouseDisable));
                break;
            case 0xA9 or 0xAB:
                Answer(0x00);
                break;
            case 0xAA:
                systemFlag = true;
                ram[0] |= CommandSystemFlag;
                Answer(0x55);
                break;
            case 0xAD:
                SetCommandByte((byte)(ram[0] | KeyboardDisable));
                break;
            case 0xAE:
                SetCommandByte((byte)(ram[0] & ~KeyboardDisable));
                break;
            case 0xC0:
                Answer(InputPort);
                break;
            case 0xD0:
                Answer(ReadOutputPort());
                break;
            case 0xDD or 0xDF:
                a20.IsOpen = value == 0xDF;
                break;
            case 0xE0:
                // Test inputs: both clock lines idle high.
                Answer(0x03);
                break;
            case >= 0xF0:
                // A zero among the low bits pulses that line; bit 0 is the processor's reset.
                if ((value & OutputReset) == 0)
                {
                    machine.RequestReset();
                }
                break;
            default:
                log.Write(LogItems.GuestErrors, $"i8042: unknown command {value:x2}");
                break;
        }
    }

    private void WriteData(byte value)
    {
        byte pending = command;
        command = 0;
        switch (pending)
        {
            case 0:
                // Data for the keyboard opens its interface.
                SetCommandByte((byte)(ram[0] & ~KeyboardDisable));
                Keyboard.Write(value);
                break;
            case 0x60:
                SetCommandByte(value);
                break;
            case > 0x60 and < 0x80:
                ram[pending & 0x1F] = value;
                break;
            case 0xA5:
                // A password ends with a zero byte.
                command = value == 0 ? (byte)0 : pending;
                break;
            case 0xD1:
                WriteOutputPort(value);
                break;
            case 0xD2 or 0xD3:
                Answer(value, auxiliary: pending == 0xD3);
                break;
            default:
                SetCommandByte((byte)(ram[0] & ~MouseDisable));
                Pointer.Write(value);
                break;
        }
    }

    private void SetCommandByte(byte value)
    {
        ram[0] = value;
        systemFlag = (value & CommandSystemFlag) != 0;
        UpdateIrqs();
        ScheduleByte();
    }

    private byte ReadOutputPort() => (byte)(
        OutputReset | (a20.IsOpen ? OutputA20 : 0) | (irq1.Level ? OutputIrq1 : 0) | (irq12.Level ? OutputIrq12 : 0) | OutputLinesIdle);

    private void WriteOutputPort(byte value)
    {
        a20.IsOpen = (value & OutputA20) != 0;
        if ((value & OutputReset) == 0)
        {
            machine.RequestReset();
        }
    }

    /// <summary>A byte of the controller's own: there at once when the buffer is empty, else next.</summary>
    private void Answer(byte data, bool auxiliary = false)
    {
        if (!outputFull)
        {
            Fill(data, auxiliary);
        }
        else if (answers.Count < MostAnswers)
        {
            answers.Enqueue((data, auxiliary));
        }
    }

    private void ScheduleByte()
    {
        bool waiting = answers.Count > 0 || CanSend(Keyboard, KeyboardDisable) || CanSend(Pointer, MouseDisable);
        if (waiting && !outputFull && !byteTimer.IsArmed)
        {
            byteTimer.Arm(scheduler.NowNs + ByteNs);
        }
    }

    private bool CanSend(Ps2Device device, byte disable) => device.HasByte && (ram[0] & disable) == 0;

    private void Deliver()
    {
        if (outputFull)
        {
            return;
        }
        if (answers.TryDequeue(out var answer))
        {
            Fill(answer.Data, answer.Auxiliary);
        }
        else if (CanSend(Keyboard, KeyboardDisable))
        {
            DeliverKeyboardByte();
        }
        else if (CanSend(Pointer, MouseDisable))
        {
            Fill(Pointer.TakeByte(), auxiliary: true);
        }
    }

    private void DeliverKeyboardByte()
    {
        byte data = Keyboard.TakeByte();
        if ((ram[0] & Translate) != 0)
        {
            // A break prefix is always followed by its code.
            data = data == ScanCodes.Break && Keyboard.HasByte
                ? (byte)(ScanCodes.ToSet1[Keyboard.TakeByte()] | 0x80)
                : ScanCodes.ToSet1[data];
        }
        Fill(data, auxiliary: false);
    }

    private void Fill(byte data, bool auxiliary)
    {
        outputBuffer = data;
        outputIsAuxiliary = auxiliary;
        outputFull = true;
        UpdateIrqs();
    }

    private void UpdateIrqs()
    {
        irq1.Set(outputFull && !outputIsAuxiliary && (ram[0] & KeyboardInterrupt) != 0);
        irq12.Set(outputFull && outputIsAuxiliary && (ram[0] & MouseInterrupt) != 0);
    }
}

using Emulator.Core.Backends;
using Emulator.Core.State;
using Emulator.Core.Time;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Devices.Input;

/// <summary>
/// PS/2 mouse (IBM PS/2 Technical Reference, "Mouse") with Microsoft's IntelliMouse and Explorer extensions, which the
/// host wakes by setting the sample rates 200, 100, 80 and 200, 200, 80.
/// </summary>
public sealed class Ps2Mouse : Ps2Device, IMouseSink
{
    private const int MaximalStep = 255, MaximalWheelStep = 7;
    private const int PendingLimit = 32;
    private const byte StandardId = 0, WheelId = 3, ExplorerId = 4;
    private const byte SetResolution = 0xE8, SetSampleRate = 0xF3, ResetWrap = 0xEC, FirstCommand = 0xE6, ResetCommand = 0xFF;
    private const long SelfTestNs = 20_000_000;

    private readonly IScheduler scheduler;
    private readonly ITimer sampleTimer, selfTestTimer;

    // Movements that wait for a packet, one entry for each state of the buttons, so that no click is lost.
    private readonly LinkedList<Movement> pending = new();
    private readonly int[] lastRates = new int[3];
    private byte command;
    private byte id, resolution;
    private bool remote, wrap, doubles;
    private int buttons, sampleRate;

    /// <summary>Makes a mouse, as <see cref="Reset"/> leaves it.</summary>
    public Ps2Mouse(IScheduler scheduler)
    {
        this.scheduler = scheduler;
        sampleTimer = scheduler.CreateTimer("mouse-sample", Stream);
        selfTestTimer = scheduler.CreateTimer("mouse-self-test", () => Answer(TestPassed, StandardId));
        Reset();
    }

    /// <summary>True while movements are reported (command F4).</summary>
    public bool IsEnabled { get; private set; }

    /// <summary>Identifier: 0, 3 with a wheel, 4 with a wheel and five buttons.</summary>
    public int Id => id;

    /// <inheritdoc/>
    public override void Reset()
    {
        Clear();
        selfTestTimer.Disarm();
        command = 0;
        wrap = false;
        id = StandardId;
        Array.Clear(lastRates);
        buttons = 0;
        SetDefaults();
    }

    internal override void Transfer(StateTransfer state)
    {
        base.Transfer(state);
        IsEnabled = state.Bool(IsEnabled);
        command = state.Byte(command);
        id = state.Byte(id);
        resolution = state.Byte(resolution);
        remote = state.Bool(remote);
        wrap = state.Bool(wrap);
        doubles = state.Bool(doubles);
        buttons = state.Int32(buttons);
        sampleRate = state.Int32(sampleRate, 1, byte.MaxValue);
        for (int n = 0; n < lastRates.Length; n++)
        {
            lastRates[n] = state.Int32(lastRates[n]);
        }
        var movements = new Queue<Movement>(pending);
        state.Items(movements, PendingLimit, item => new Movement(state.Int32(item.Dx), state.Int32(item.Dy), state.Int32(item.Wheel), state.Int32(item.Buttons)));
        if (state.IsLoading)
        {
            pending.Clear();
            foreach (Movement movement in movements)
            {
                pending.AddLast(movement);
            }
        }
        state.Timer(sampleTimer);
        state.Timer(selfTestTimer);
    }

    /// <inheritdoc/>
    public void Mouse(int dx, int dy, int wheel, int buttons)
    {
        if (!IsEnabled && !remote)
        {
            this.buttons = buttons;
            return;
        }
        var movement = new Movement(dx, dy, wheel, buttons);
        int last = pending.Last?.Value.Buttons ?? this.buttons;
        if (pending.Last is { } tail && (buttons == last || pending.Count >= PendingLimit))
        {
            tail.Value = tail.Value.Then(movement);
        }
        else if (movement.Moves || buttons != last)
        {
            pending.AddLast(movement);
        }
        if (!sampleTimer.IsArmed)
        {
            Stream();
        }
    }

    /// <summary>Sends a packet of no movement, so that the guest's driver looks elsewhere (<see cref="VmMouse"/>).</summary>
    public void Nudge()
    {
        if (IsEnabled && !remote && !wrap && DataCount == 0)
        {
            Send(Packet(0, 0, 0));
        }
    }

    /// <inheritdoc/>
    public override void Write(byte value)
    {
        if (wrap && value is not (ResetWrap or ResetCommand))
        {
            Answer(value);
            return;
        }
        // An argument that was refused may come again; a host that gives up sends another command instead.
        if (command != 0 && value < FirstCommand)
        {
            byte pendingCommand = command;
            command = 0;
            Argument(pendingCommand, value);
            return;
        }
        command = 0;
        // A command cuts off a packet that is under way.
        ClearData();
        switch (value)
        {
            case 0xE6 or 0xE7:
                doubles = value == 0xE7;
                Answer(Acknowledge);
                break;
            case SetResolution or SetSampleRate:
                command = value;
                Answer(Acknowledge);
                break;
            case 0xE9:
                Answer(Acknowledge, Status(), resolution, (byte)sampleRate);
                break;
            case 0xEA:
                remote = false;
                pending.Clear();
                Answer(Acknowledge);
                break;
            case 0xEB:
                Answer(Acknowledge);
                Answer(NextPacket(scales: false));
                break;
            case ResetWrap:
                wrap = false;
                Answer(Acknowledge);
                break;
            case 0xEE:
                wrap = true;
                Answer(Acknowledge);
                break;
            case 0xF0:
                remote = true;
                pending.Clear();
                Answer(Acknowledge);
                break;
            case 0xF2:
                Answer(Acknowledge, id);
                break;
            case 0xF4:
                IsEnabled = true;
                pending.Clear();
                Answer(Acknowledge);
                break;
            case 0xF5:
                IsEnabled = false;
                pending.Clear();
                Answer(Acknowledge);
                break;
            case 0xF6:
                SetDefaults();
                Answer(Acknowledge);
                break;
            case 0xFE:
                SendLastAgain();
                break;
            case ResetCommand:
                Reset();
                Answer(Acknowledge);
                selfTestTimer.Arm(scheduler.NowNs + SelfTestNs);
                break;
            default:
                Answer(Resend);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void ByteTaken()
    {
        if (DataCount == 0 && !sampleTimer.IsArmed)
        {
            Stream();
        }
    }

    private void Argument(byte pendingCommand, byte value)
    {
        if (pendingCommand == SetResolution)
        {
            if (value > 3)
            {
                command = pendingCommand;
                Answer(Resend);
                return;
            }
            resolution = value;
            Answer(Acknowledge);
            return;
        }
        if (value is not (10 or 20 or 40 or 60 or 80 or 100 or 200))
        {
            command = pendingCommand;
            Answer(Resend);
            return;
        }
        sampleRate = value;
        lastRates[0] = lastRates[1];
        lastRates[1] = lastRates[2];
        lastRates[2] = value;
        if (lastRates is [200, 100, 80])
        {
            id = WheelId;
        }
        else if (lastRates is [200, 200, 80] && id == WheelId)
        {
            id = ExplorerId;
        }
        Answer(Acknowledge);
    }

    private void SetDefaults()
    {
        IsEnabled = false;
        remote = false;
        doubles = false;
        sampleRate = 100;
        resolution = 2;
        pending.Clear();
        sampleTimer.Disarm();
    }

    /// <summary>First byte of the status report: bit 6 remote, 5 enabled, 4 scaling 2:1, 2-0 left, middle, right.</summary>
    private byte Status() => (byte)(
        (remote ? 0x40 : 0) | (IsEnabled ? 0x20 : 0) | (doubles ? 0x10 : 0)
        | (buttons & 1) << 2 | (buttons & 4) >> 1 | (buttons & 2) >> 1);

    /// <summary>Sends a packet if there is one to send and the last one is through; no more than the sample rate allows.</summary>
    private void Stream()
    {
        if (!IsEnabled || remote || wrap || command != 0 || pending.Count == 0 || DataCount > 0)
        {
            return;
        }
        sampleTimer.Arm(scheduler.NowNs + 1_000_000_000 / sampleRate);
        Send(NextPacket(scales: true));
    }

    private byte[] NextPacket(bool scales)
    {
        Movement movement = pending.First?.Value ?? new Movement(0, 0, 0, buttons);
        int dx = Math.Clamp(movement.Dx, -MaximalStep, MaximalStep);
        int dy = Math.Clamp(movement.Dy, -MaximalStep, MaximalStep);
        int wheel = id == StandardId ? movement.Wheel : Math.Clamp(movement.Wheel, -MaximalWheelStep, MaximalWheelStep);
        buttons = movement.Buttons;
        var rest = new Movement(movement.Dx - dx, movement.Dy - dy, movement.Wheel - wheel, movement.Buttons);
        if (pending.First is { } first)
        {
            if (rest.Moves)
            {
                first.Value = rest;
            }
            else
            {
                pending.RemoveFirst();
            }
        }
        return Packet(scales && doubles ? Scale(dx) : dx, scales && doubles ? Scale(-dy) : -dy, wheel);
    }

    private byte[] Packet(int x, int y, int z)
    {
        bool xOverflows = Math.Abs(x) > MaximalStep, yOverflows = Math.Abs(y) > MaximalStep;
        byte state = (byte)(
            (yOverflows ? 0x80 : 0) | (xOverflows ? 0x40 : 0) | (y < 0 ? 0x20 : 0) | (x < 0 ? 0x10 : 0) | 0x08 | (buttons & 7));
        return id switch
        {
            WheelId => [state, (byte)x, (byte)y, (byte)z],
            ExplorerId => [state, (byte)x, (byte)y, (byte)((z & 0x0F) | (buttons & 0x18) << 1)],
            _ => [state, (byte)x, (byte)y],
        };
    }

    /// <summary>Scaling 2:1 (command E7): counts 0 to 5 become 0, 1, 1, 3, 6, 9; more are doubled.</summary>
    private static int Scale(int counts)
    {
        ReadOnlySpan<byte> small = [0, 1, 1, 3, 6, 9];
        int size = Math.Abs(counts);
        int scaled = size < small.Length ? small[size] : size * 2;
        return counts < 0 ? -scaled : scaled;
    }

    private readonly record struct Movement(int Dx, int Dy, int Wheel, int Buttons)
    {
        public bool Moves => Dx != 0 || Dy != 0 || Wheel != 0;

        public Movement Then(Movement next) => new(Dx + next.Dx, Dy + next.Dy, Wheel + next.Wheel, next.Buttons);
    }
}

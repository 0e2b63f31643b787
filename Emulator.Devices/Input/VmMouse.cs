using Emulator.Core.State;

namespace Emulator.Devices.Input;

/// <summary>
/// VMware's absolute pointer (open-vm-tools, vmmouse_defs.h): packets of four words (buttons, x, y, wheel) in a queue that the guest reads by
/// <see cref="VmPort"/>. An empty packet of the PS/2 mouse tells the guest's driver to look.
/// </summary>
/// <param name="nudge">Makes the PS/2 mouse send a packet of no movement.</param>
public sealed class VmMouse(Action nudge) : IStateful
{
    /// <summary>Largest coordinate that <see cref="MoveTo"/> takes.</summary>
    public const int LargestCoordinate = 0x7FFF;

    private const uint ReadId = 0x4541_4552, Disable = 0x0000_00F5, RequestRelative = 0x4C45_5252, RequestAbsolute = 0x5342_4152;
    private const uint VersionId = 0x3442_554A, RelativePacket = 0x0001_0000, ErrorStatus = 0xFFFF;
    private const uint LeftButton = 0x20, RightButton = 0x10, MiddleButton = 0x08;
    private const int QueueSize = 1024, WordsPerPacket = 4;

    private readonly Queue<uint> queue = new(QueueSize);
    private uint error = ErrorStatus;
    private bool isEnabled;

    /// <summary>True while the guest takes packets from here and not from the PS/2 mouse.</summary>
    public bool IsActive => isEnabled;

    /// <summary>True when the packets are positions, false when they are movements.</summary>
    public bool IsAbsolute { get; private set; }

    /// <summary>Error in the high half, words that wait in the low half.</summary>
    public uint Status => error << 16 | (uint)queue.Count;

    /// <summary>State after power-on: off.</summary>
    public void Reset()
    {
        TurnOff();
        IsAbsolute = false;
    }

    /// <summary>The guest's command; unknown ones do nothing.</summary>
    public void Command(uint command)
    {
        switch (command)
        {
            case ReadId:
                if (queue.Count < QueueSize)
                {
                    queue.Enqueue(VersionId);
                }
                error = 0;
                break;
            case Disable:
                TurnOff();
                break;
            case RequestRelative or RequestAbsolute:
                IsAbsolute = command == RequestAbsolute;
                isEnabled = error == 0;
                break;
        }
    }

    /// <summary>Takes words from the queue.</summary>
    /// <param name="wanted">How many: 1 to 6, and no more than wait, else the pointer is off with an error.</param>
    /// <param name="words">Where they go.</param>
    /// <returns>How many were taken.</returns>
    public int Take(uint wanted, Span<uint> words)
    {
        if (wanted == 0 || wanted > words.Length || wanted > queue.Count)
        {
            TurnOff();
            return 0;
        }
        for (int n = 0; n < wanted; n++)
        {
            words[n] = queue.Dequeue();
        }
        return (int)wanted;
    }

    /// <summary>The pointer is at a position (0 to 7FFF from left to right and top to bottom); wheel and buttons as in <see cref="Core.Backends.IMouseSink"/>.</summary>
    public void MoveTo(int x, int y, int wheel, int buttons)
    {
        if (isEnabled && IsAbsolute)
        {
            Queue(0, (uint)Math.Clamp(x, 0, LargestCoordinate) << 1, (uint)Math.Clamp(y, 0, LargestCoordinate) << 1, wheel, buttons);
        }
    }

    /// <summary>The pointer moved by mickeys.</summary>
    public void MoveBy(int dx, int dy, int wheel, int buttons)
    {
        if (isEnabled && !IsAbsolute)
        {
            Queue(RelativePacket, (uint)dx, (uint)-dy, wheel, buttons);
        }
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        state.Items(queue, QueueSize, state.UInt32);
        error = state.UInt32(error);
        isEnabled = state.Bool(isEnabled);
        IsAbsolute = state.Bool(IsAbsolute);
    }

    private void Queue(uint flags, uint x, uint y, int wheel, int buttons)
    {
        if (queue.Count > QueueSize - WordsPerPacket)
        {
            return;
        }
        queue.Enqueue(flags | ((buttons & 1) != 0 ? LeftButton : 0) | ((buttons & 2) != 0 ? RightButton : 0) | ((buttons & 4) != 0 ? MiddleButton : 0));
        queue.Enqueue(x);
        queue.Enqueue(y);
        queue.Enqueue((uint)wheel);
        nudge();
    }

    private void TurnOff()
    {
        isEnabled = false;
        error = ErrorStatus;
        queue.Clear();
    }
}

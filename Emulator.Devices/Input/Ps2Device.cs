using Emulator.Core.State;

namespace Emulator.Devices.Input;

/// <summary>
/// The device end of a PS/2 line: bytes for the host wait here until the controller takes them. Answers to commands go
/// before scan codes and packets, but never into the middle of one.
/// </summary>
public abstract class Ps2Device
{
    /// <summary>Answers of every PS/2 device (IBM PS/2 Technical Reference, keyboard and mouse sections).</summary>
    protected const byte Acknowledge = 0xFA, Resend = 0xFE, TestPassed = 0xAA;

    // A host that commands and never reads gets no more answers than this.
    private const int MostQueued = 256;

    private readonly Queue<byte> answers = new();
    private readonly Queue<(byte Value, bool Last)> data = new();
    private bool insideSequence;
    private byte lastSent;

    /// <summary>Called when a byte was queued; the controller sets it.</summary>
    public Action? ByteQueued { get; set; }

    /// <summary>True when a byte waits.</summary>
    public bool HasByte => answers.Count + data.Count > 0;

    /// <summary>Bytes of scan codes or packets that wait.</summary>
    protected int DataCount => data.Count;

    /// <summary>The controller takes the next byte.</summary>
    /// <exception cref="InvalidOperationException">No byte waits.</exception>
    public byte TakeByte()
    {
        if (answers.Count > 0 && !insideSequence)
        {
            lastSent = answers.Dequeue();
        }
        else
        {
            (lastSent, bool last) = data.Dequeue();
            insideSequence = !last;
        }
        ByteTaken();
        return lastSent;
    }

    /// <summary>A byte from the host.</summary>
    public abstract void Write(byte value);

    /// <summary>State after power-on, without the self-test's answer.</summary>
    public abstract void Reset();

    /// <summary>Saves or loads.</summary>
    internal virtual void Transfer(StateTransfer state)
    {
        state.Items(answers, MostQueued, state.Byte);
        state.Items(data, MostQueued, item => (state.Byte(item.Value), state.Bool(item.Last)));
        insideSequence = state.Bool(insideSequence);
        lastSent = state.Byte(lastSent);
    }

    /// <summary>A byte was taken; there may be room for more.</summary>
    protected virtual void ByteTaken()
    {
    }

    /// <summary>Queues an answer to a command.</summary>
    protected void Answer(params ReadOnlySpan<byte> bytes)
    {
        foreach (byte each in bytes)
        {
            if (answers.Count < MostQueued)
            {
                answers.Enqueue(each);
            }
        }
        ByteQueued?.Invoke();
    }

    /// <summary>Queues one scan code or packet.</summary>
    protected void Send(params ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            data.Enqueue((bytes[i], i == bytes.Length - 1));
        }
        ByteQueued?.Invoke();
    }

    /// <summary>Answers with the byte sent last (command FE).</summary>
    protected void SendLastAgain() => Answer(lastSent);

    /// <summary>Drops answers and data that wait.</summary>
    protected void Clear()
    {
        answers.Clear();
        ClearData();
    }

    /// <summary>Drops scan codes or packets that wait.</summary>
    protected void ClearData()
    {
        data.Clear();
        insideSequence = false;
    }
}

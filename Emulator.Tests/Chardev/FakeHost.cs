using System.Text;
using Emulator.Core.Backends;

namespace Emulator.Tests.Chardev;

/// <summary>A host end in memory that keeps what it is sent, and holds back what its receiver has no room for.</summary>
internal sealed class FakeHost : ICharBackend
{
    private readonly StringBuilder sent = new();
    private readonly Queue<byte> waiting = new();
    private bool delivering;

    public ICharReceiver? Receiver { get; set; }

    public string Sent => sent.ToString();

    public int WaitingCount => waiting.Count;

    public bool Disposed { get; private set; }

    public void Send(ReadOnlySpan<byte> data) => sent.Append(Encoding.UTF8.GetString(data));

    public void Type(string text)
    {
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            waiting.Enqueue(b);
        }
        AcceptInput();
    }

    public void AcceptInput()
    {
        // As InputBuffer does: a receiver that calls from Receive is not entered again.
        if (delivering)
        {
            return;
        }
        delivering = true;
        while (waiting.Count > 0 && Receiver!.Room > 0)
        {
            Receiver.Receive([waiting.Dequeue()]);
        }
        delivering = false;
    }

    public void Dispose() => Disposed = true;
}

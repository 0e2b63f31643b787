using Emulator.Core.Backends;

namespace Emulator.Tests.Misc;

/// <summary>Keeps what a guest sends, and holds input for it.</summary>
public sealed class TestCharBackend : ICharBackend
{
    private readonly List<byte> sent = [];
    private readonly Queue<byte> input = new();

    public ICharReceiver? Receiver { get; set; }

    public bool CanSend { get; set; } = true;

    public string Text => string.Concat(sent.Select(item => (char)item));

    public void Send(ReadOnlySpan<byte> data) => sent.AddRange(data);

    public void Type(string text)
    {
        foreach (char item in text)
        {
            input.Enqueue((byte)item);
        }
        AcceptInput();
    }

    public void AcceptInput()
    {
        while (input.Count > 0 && Receiver is { Room: > 0 } receiver)
        {
            int count = Math.Min(receiver.Room, input.Count);
            byte[] chunk = new byte[count];
            for (int i = 0; i < count; i++)
            {
                chunk[i] = input.Dequeue();
            }
            receiver.Receive(chunk);
        }
    }

    public void Dispose()
    {
    }
}

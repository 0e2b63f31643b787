using Emulator.Devices.Dma;

namespace Emulator.Tests.Floppy;

/// <summary>A DMA channel with a buffer and a count; TC comes with the last byte of the count.</summary>
internal sealed class FakeDmaChannel : IDmaChannel
{
    public byte[] Buffer { get; set; } = [];

    public int Position { get; private set; }

    public bool Masked { get; set; }

    public void Program(int count) => Program(new byte[count]);

    public void Program(byte[] buffer)
    {
        Buffer = buffer;
        Position = 0;
    }

    public int WriteToMemory(ReadOnlySpan<byte> data, out bool terminalCount)
    {
        int n = Masked ? 0 : Math.Min(data.Length, Buffer.Length - Position);
        data[..n].CopyTo(Buffer.AsSpan(Position));
        return Advance(n, out terminalCount);
    }

    public int ReadFromMemory(Span<byte> data, out bool terminalCount)
    {
        int n = Masked ? 0 : Math.Min(data.Length, Buffer.Length - Position);
        Buffer.AsSpan(Position, n).CopyTo(data);
        return Advance(n, out terminalCount);
    }

    private int Advance(int n, out bool terminalCount)
    {
        Position += n;
        terminalCount = n > 0 && Position == Buffer.Length;
        return n;
    }
}

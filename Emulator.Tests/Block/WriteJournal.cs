using Xunit;

namespace Emulator.Tests.Block;

/// <summary>What a disk may hold after a crash: for each byte the value of the last flush, or any written since.</summary>
internal sealed class WriteJournal(byte[] contents)
{
    private readonly List<(int Offset, byte[] Data)> since = [];
    private readonly byte[] flushed = [.. contents];

    public WriteJournal(int length)
        : this(new byte[length])
    {
    }

    public int Length => flushed.Length;

    public void Begin(int offset, byte[] data) => since.Add((offset, data));

    public void Flushed()
    {
        foreach (var (offset, data) in since)
        {
            data.CopyTo(flushed, offset);
        }
        since.Clear();
    }

    public void Verify(byte[] disk, string when)
    {
        for (int n = 0; n < disk.Length; n++)
        {
            if (disk[n] != flushed[n] && !since.Exists(w => n >= w.Offset && n < w.Offset + w.Data.Length && w.Data[n - w.Offset] == disk[n]))
            {
                Assert.Fail($"{when}: byte {n} is {disk[n]:x2}, was {flushed[n]:x2}");
            }
        }
    }
}

using Emulator.Core.Backends;

namespace Emulator.Bench.Fuzz;

/// <summary>A disk in memory, a pattern that costs nothing to make; sectors that are written are kept.</summary>
/// <param name="length">Size in bytes.</param>
/// <param name="firstSector">Its first bytes.</param>
internal sealed class FuzzImage(long length, byte[] firstSector) : IBlockBackend
{
    private readonly Dictionary<long, byte[]> written = new() { [0] = Pad(firstSector) };

    public string Name => "fuzz";

    public long Length => length;

    public bool IsReadOnly => false;

    public void Read(long offset, Span<byte> destination)
    {
        Check(offset, destination.Length);
        for (int n = 0; n < destination.Length; n++)
        {
            long at = offset + n;
            destination[n] = written.TryGetValue(at >> 9, out byte[]? sector) ? sector[at & 511] : (byte)(at * 7 + (at >> 9));
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        Check(offset, source.Length);
        for (int n = 0; n < source.Length; n++)
        {
            long at = offset + n, number = at >> 9;
            if (!written.TryGetValue(number, out byte[]? sector))
            {
                sector = new byte[512];
                Read(number << 9, sector);
                written[number] = sector;
            }
            sector[at & 511] = source[n];
        }
    }

    /// <summary>A disk of the same contents.</summary>
    public FuzzImage Copy()
    {
        var copy = new FuzzImage(length, firstSector);
        foreach ((long number, byte[] sector) in written)
        {
            copy.written[number] = [.. sector];
        }
        return copy;
    }

    public void Flush()
    {
    }

    public void Dispose()
    {
    }

    private static byte[] Pad(byte[] sector)
    {
        var whole = new byte[512];
        sector.AsSpan(0, Math.Min(512, sector.Length)).CopyTo(whole);
        return whole;
    }

    private void Check(long offset, int count)
    {
        if (offset < 0 || offset > length - count)
        {
            throw new IOException("outside the image");
        }
    }
}

using Emulator.Remote.Block.Qcow2;

namespace Emulator.Remote.Block;

/// <summary>Copies and compares the contents of disks, skipping what is not there.</summary>
public static class ImageCopier
{
    private const int BufferBytes = 2 << 20, SparseBytes = 4096;

    /// <summary>Writes everything of <paramref name="source"/> that is not zero to a new image.</summary>
    /// <param name="source">The disk to read.</param>
    /// <param name="target">Holds nothing, and is at least as large.</param>
    /// <param name="compress">True to write compressed clusters (qcow2).</param>
    /// <param name="skipUnallocated">True to leave out what the source itself does not hold: the target lies over the same backing file.</param>
    /// <param name="progress">Gets the bytes done.</param>
    /// <exception cref="IOException">The host failed, or the source is damaged.</exception>
    public static void Copy(DiskImage source, DiskImage target, bool compress, bool skipUnallocated, Action<long> progress)
    {
        byte[] buffer = new byte[BufferBytes];
        for (long at = 0; at < source.Length;)
        {
            (Extent kind, long count) = Whole(source, at, Math.Min(BufferBytes, source.Length - at), compress ? target.ClusterBytes : 1);
            bool isNothing = kind == Extent.None && (skipUnallocated || source.Backing is null);
            var part = buffer.AsSpan(0, (int)count);
            if (!isNothing && kind != Extent.Zero)
            {
                source.Read(at, part);
                CopyPart(part, target, at, compress);
            }
            else if (!isNothing && target.Backing is not null)
            {
                part.Clear();
                target.Write(at, part);
            }
            at += count;
            progress(at);
        }
        target.Flush();
    }

    /// <summary>The first byte at which two disks differ; null when there is none. The shorter one is continued by zeros.</summary>
    /// <exception cref="IOException">The host failed, or an image is damaged.</exception>
    public static long? FirstDifference(DiskImage one, DiskImage other)
    {
        byte[] a = new byte[BufferBytes], b = new byte[BufferBytes];
        for (long at = 0, end = Math.Max(one.Length, other.Length); at < end; at += BufferBytes)
        {
            int count = (int)Math.Min(BufferBytes, end - at);
            if (IsNothing(one, at, count) && IsNothing(other, at, count))
            {
                continue;
            }
            ReadPadded(one, at, a.AsSpan(0, count));
            ReadPadded(other, at, b.AsSpan(0, count));
            int same = a.AsSpan(0, count).CommonPrefixLength(b.AsSpan(0, count));
            if (same < count)
            {
                return at + same;
            }
        }
        return null;
    }

    // A compressed cluster is written once: what is read for it must not end within it.
    private static (Extent Kind, long Count) Whole(DiskImage source, long at, long count, int unit)
    {
        (Extent kind, long run) = source.Map(at, count);
        return run == count || run % unit == 0 ? (kind, run) : run > unit ? (kind, run / unit * unit) : (Extent.Data, Math.Min(unit, count));
    }

    private static void CopyPart(ReadOnlySpan<byte> part, DiskImage target, long at, bool compress)
    {
        if (compress && target is Qcow2Image qcow2)
        {
            for (int n = 0; n < part.Length; n += target.ClusterBytes)
            {
                var cluster = part.Slice(n, Math.Min(target.ClusterBytes, part.Length - n));
                if (!IsZero(cluster) || target.Backing is not null)
                {
                    qcow2.WriteCompressed(at + n, cluster);
                }
            }
            return;
        }
        if (target.Backing is not null)
        {
            target.Write(at, part);
            return;
        }
        for (int n = 0; n < part.Length;)
        {
            int count = Math.Min(SparseBytes, part.Length - n);
            bool isZero = IsZero(part.Slice(n, count));
            while (n + count < part.Length && IsZero(part.Slice(n + count, Math.Min(SparseBytes, part.Length - n - count))) == isZero)
            {
                count += Math.Min(SparseBytes, part.Length - n - count);
            }
            if (!isZero)
            {
                target.Write(at + n, part.Slice(n, count));
            }
            n += count;
        }
    }

    private static bool IsZero(ReadOnlySpan<byte> part) => part.IndexOfAnyExcept((byte)0) < 0;

    private static bool IsNothing(DiskImage image, long at, int count) =>
        at >= image.Length
        || (image.Map(at, Math.Min(count, image.Length - at)) is var (kind, run)
            && run == Math.Min(count, image.Length - at) && (kind == Extent.Zero || (kind == Extent.None && image.Backing is null)));

    private static void ReadPadded(DiskImage image, long at, Span<byte> destination)
    {
        int inside = (int)Math.Clamp(image.Length - at, 0, destination.Length);
        if (inside > 0)
        {
            image.Read(at, destination[..inside]);
        }
        destination[inside..].Clear();
    }
}

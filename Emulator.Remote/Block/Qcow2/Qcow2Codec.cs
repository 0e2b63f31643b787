using System.IO.Compression;
using ZstdSharp;

namespace Emulator.Remote.Block.Qcow2;

/// <summary>Compressed clusters: deflate without a header (window of 4 KiB), or a Zstandard frame (qcow2.txt, "Compressed Clusters Descriptor").</summary>
internal static class Qcow2Codec
{
    // QEMU's reader allows no more.
    private const int DeflateWindow = 4096;

    /// <summary>Fills <paramref name="cluster"/>.</summary>
    /// <returns>False when the data are damaged.</returns>
    public static bool TryExpand(int type, byte[] data, byte[] cluster) => type == 0 ? TryInflate(data, cluster) : TryZstd(data, cluster);

    /// <summary>Compresses a cluster.</summary>
    /// <returns>The data; null when they would not be smaller.</returns>
    public static byte[]? Compress(int type, ReadOnlySpan<byte> cluster)
    {
        byte[] data;
        if (type == 1)
        {
            using var compressor = new Compressor();
            data = compressor.Wrap(cluster).ToArray();
        }
        else
        {
            data = Deflate(cluster);
        }
        return data.Length < cluster.Length ? data : null;
    }

    // No distance exceeds the window when each stretch of that length is compressed alone and flushed to a byte's boundary; only the last
    // one carries the mark of the end.
    private static byte[] Deflate(ReadOnlySpan<byte> cluster)
    {
        using var all = new MemoryStream();
        for (int at = 0; at < cluster.Length; at += DeflateWindow)
        {
            var stretch = cluster.Slice(at, Math.Min(DeflateWindow, cluster.Length - at));
            using var part = new MemoryStream();
            using var deflate = new DeflateStream(part, CompressionLevel.Optimal, leaveOpen: true);
            deflate.Write(stretch);
            if (at + DeflateWindow < cluster.Length)
            {
                deflate.Flush();
            }
            else
            {
                deflate.Dispose();
            }
            all.Write(part.GetBuffer(), 0, (int)part.Length);
        }
        return all.ToArray();
    }

    private static bool TryInflate(byte[] data, byte[] cluster)
    {
        using var stream = new DeflateStream(new MemoryStream(data), CompressionMode.Decompress);
        try
        {
            return stream.ReadAtLeast(cluster, cluster.Length, throwOnEndOfStream: false) == cluster.Length;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static bool TryZstd(byte[] data, byte[] cluster)
    {
        using var stream = new DecompressionStream(new MemoryStream(data), checkEndOfStream: false);
        try
        {
            return stream.ReadAtLeast(cluster, cluster.Length, throwOnEndOfStream: false) == cluster.Length;
        }
        catch (ZstdException)
        {
            return false;
        }
    }
}

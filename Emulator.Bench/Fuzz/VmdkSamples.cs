using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Emulator.Bench.Fuzz;

/// <summary>Small VMDK images, laid out as "Virtual Disk Format 5.0" has them.</summary>
internal static class VmdkSamples
{
    private const int GrainBytes = 4096, TableEntries = 512, DirectoryAt = 2048, TableAt = 2560, DataAt = 8192;

    /// <summary>A sparse file with a descriptor in it; every other grain has data.</summary>
    public static byte[] Sparse(int diskBytes) => Build(diskBytes, 0x3, 0, (file, n, data) =>
    {
        int at = (file.Count + 511) & ~511;
        file.AddRange(new byte[at - file.Count]);
        file.AddRange(data);
        return at;
    });

    /// <summary>The same with compressed grains.</summary>
    public static byte[] StreamOptimized(int diskBytes) => Build(diskBytes, 0x30001, 1, (file, n, data) =>
    {
        int at = (file.Count + 511) & ~511;
        file.AddRange(new byte[at - file.Count]);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(data);
        }
        byte[] marker = new byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(marker, n * (GrainBytes / 512));
        BinaryPrimitives.WriteInt32LittleEndian(marker.AsSpan(8), (int)packed.Length);
        file.AddRange(marker);
        file.AddRange(packed.ToArray());
        return at;
    });

    /// <summary>A descriptor with two files beside it and a stretch of zeros.</summary>
    public static byte[] Descriptor() => Encoding.ASCII.GetBytes(Text("twoGbMaxExtentSparse")
        + "RW 600 SPARSE \"a-s001.vmdk\"\nRW 100 FLAT \"a-f002.vmdk\" 16\nRW 100 ZERO\n");

    private static string Text(string type) =>
        $"# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\ncreateType=\"{type}\"\n\n# Extent description\n";

    private static byte[] Build(int diskBytes, uint flags, ushort algorithm, Func<List<byte>, int, byte[], int> add)
    {
        byte[] head = new byte[DataAt];
        "KDMV"u8.CopyTo(head);
        void Put(int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(at), value);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), flags);
        Put(12, diskBytes / 512);
        Put(20, GrainBytes / 512);
        Put(28, 1);
        Put(36, 2);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(44), TableEntries);
        Put(56, DirectoryAt / 512);
        Put(64, DataAt / 512);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(77), algorithm);
        Encoding.ASCII.GetBytes(Text("monolithicSparse")).CopyTo(head, 512);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(DirectoryAt), TableAt / 512);
        List<byte> file = [.. head];
        for (int n = 0; n < diskBytes / GrainBytes; n += 2)
        {
            byte[] data = new byte[GrainBytes];
            data.AsSpan().Fill((byte)n);
            int at = add(file, n, data);
            byte[] entry = BitConverter.GetBytes(at / 512);
            for (int b = 0; b < 4; b++)
            {
                file[TableAt + 4 * n + b] = entry[b];
            }
        }
        return [.. file];
    }
}

using System.Buffers.Binary;
using System.Text;

namespace Emulator.Remote.Block.Vhd;

/// <summary>The last 512 bytes of a VHD (Virtual Hard Disk Image Format Specification 1.0, "Hard Disk Footer Format"). Big-endian.</summary>
internal sealed class VhdFooter
{
    public const int Bytes = 512;
    public const uint Fixed = 2, Dynamic = 3, Differencing = 4;

    /// <summary>The most sectors that cylinders, heads and sectors can say.</summary>
    public const long MaxChsSectors = 65535L * 16 * 255;

    private const int ChecksumOffset = 64;
    private static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    // Programs that mean the size in bytes; the others mean the geometry.
    private static readonly string[] SizeCreators = ["win ", "qem2", "d2v ", "CTXS", "tap\0"];

    private readonly byte[] bytes;

    private VhdFooter(byte[] bytes) => this.bytes = bytes;

    public ReadOnlySpan<byte> AsBytes => bytes;

    public uint DiskType => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(60));

    /// <summary>Where the header of a dynamic disk is.</summary>
    public long HeaderOffset => BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(16));

    /// <summary>Sectors of the disk, as the program that made it means them.</summary>
    public long Sectors
    {
        get
        {
            long chs = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(56)) * (long)bytes[58] * bytes[59];
            bool isSize = SizeCreators.Contains(Encoding.Latin1.GetString(bytes, 28, 4)) || chs == MaxChsSectors;
            return isSize ? (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(48)) / 512) : chs;
        }
    }

    /// <summary>Takes 512 bytes for a footer.</summary>
    /// <returns>Null when they are none, or damaged.</returns>
    public static VhdFooter? Parse(byte[] bytes) =>
        bytes.AsSpan().StartsWith("conectix"u8) && Checksum(bytes, ChecksumOffset) == BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(ChecksumOffset))
            ? new(bytes)
            : null;

    /// <summary>Makes the footer of a new disk.</summary>
    /// <param name="type">Fixed or dynamic.</param>
    /// <param name="sectors">Size of the disk.</param>
    /// <param name="isExact">True when the size counts and not the geometry.</param>
    /// <param name="now">Time of creation.</param>
    public static VhdFooter Make(uint type, long sectors, bool isExact, DateTime now)
    {
        byte[] b = new byte[Bytes];
        "conectix"u8.CopyTo(b);
        BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(8), 2);
        BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(12), 0x10000);
        BinaryPrimitives.WriteInt64BigEndian(b.AsSpan(16), type == Fixed ? -1 : Bytes);
        BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(24), (uint)(now - Epoch).TotalSeconds);
        Encoding.ASCII.GetBytes(isExact ? "qem2" : "qemu", b.AsSpan(28));
        BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(32), 0x00050003);
        "Wi2k"u8.CopyTo(b.AsSpan(36));
        BinaryPrimitives.WriteInt64BigEndian(b.AsSpan(40), sectors * 512);
        BinaryPrimitives.WriteInt64BigEndian(b.AsSpan(48), sectors * 512);
        (int cylinders, int heads, int perTrack) = Geometry(sectors);
        BinaryPrimitives.WriteUInt16BigEndian(b.AsSpan(56), (ushort)cylinders);
        b[58] = (byte)heads;
        b[59] = (byte)perTrack;
        BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(60), type);
        Guid.NewGuid().ToByteArray(bigEndian: true).CopyTo(b.AsSpan(68));
        WriteChecksum(b, ChecksumOffset);
        return new(b);
    }

    /// <summary>The least size that a geometry has and that is not below <paramref name="sectors"/>.</summary>
    public static long RoundToGeometry(long sectors)
    {
        for (long more = sectors; ; more++)
        {
            (int cylinders, int heads, int perTrack) = Geometry(more);
            long whole = (long)cylinders * heads * perTrack;
            if (whole >= sectors || whole == MaxChsSectors)
            {
                return Math.Max(whole, Math.Min(sectors, MaxChsSectors));
            }
        }
    }

    /// <summary>Writes the complement of the bytes' sum, without the field itself.</summary>
    public static void WriteChecksum(Span<byte> b, int at) => BinaryPrimitives.WriteUInt32BigEndian(b[at..], Checksum(b, at));

    /// <summary>The complement of the bytes' sum, without the field itself.</summary>
    public static uint Checksum(ReadOnlySpan<byte> b, int at)
    {
        uint sum = 0;
        for (int n = 0; n < b.Length; n++)
        {
            sum += n >= at && n < at + 4 ? 0u : b[n];
        }
        return ~sum;
    }

    // The specification's appendix, "CHS Calculation".
    private static (int Cylinders, int Heads, int SectorsPerTrack) Geometry(long sectors)
    {
        sectors = Math.Min(sectors, MaxChsSectors);
        if (sectors > 65535L * 16 * 63)
        {
            return ((int)(sectors / 255 / 16), 16, 255);
        }
        long perTrack = 17, tracks = sectors / 17, heads = Math.Max(4, (tracks + 1023) / 1024);
        if (tracks >= heads * 1024 || heads > 16)
        {
            perTrack = 31;
            heads = 16;
            tracks = sectors / 31;
        }
        if (tracks >= heads * 1024)
        {
            perTrack = 63;
            heads = 16;
            tracks = sectors / 63;
        }
        return ((int)(tracks / heads), (int)heads, (int)perTrack);
    }
}

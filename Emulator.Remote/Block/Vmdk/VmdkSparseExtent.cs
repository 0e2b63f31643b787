using System.Buffers.Binary;
using System.IO.Compression;
using Emulator.Machine.Config;

namespace Emulator.Remote.Block.Vmdk;

/// <summary>
/// Grains found through a directory and tables of 32-bit sector numbers ("Virtual Disk Format 5.0", Hosted Sparse Extents, Stream-Optimized
/// Compressed Sparse Extents, ESX Server Sparse Extents). Little-endian.
/// </summary>
internal sealed class VmdkSparseExtent : IVmdkExtent
{
    private const int HeaderBytes = 512, MaxGrainBytes = 16 << 20, MaxDirectory = 32 << 20, MaxTableEntries = 4096, MaxTablesInMemory = 256;
    private const uint ZeroGrainFlag = 4, CompressedFlag = 0x10000, DeflateAlgorithm = 1;

    private readonly IImageStorage file;
    private readonly uint[] directory;
    private readonly Dictionary<uint, uint[]> tables = [];
    private readonly int grainBytes, tableEntries;
    private readonly bool isCompressed, hasZeroGrains;
    private byte[] expanded = [];
    private uint expandedSector;

    private VmdkSparseExtent(IImageStorage file, long length, long grainBytes, long tableEntries, long directoryOffset, long? entries, uint flags)
    {
        UserErrorException Bad(string what) => new($"{file.Name} is a damaged VMDK image: {what}; restore it from a copy");
        this.file = file;
        if (grainBytes is < 512 or > MaxGrainBytes || (grainBytes & (grainBytes - 1)) != 0)
        {
            throw Bad($"its grains have {grainBytes} bytes");
        }
        if (tableEntries is < 1 or > MaxTableEntries || length <= 0)
        {
            throw Bad($"its tables have {tableEntries} entries, its disk {length} bytes");
        }
        long needed = (length + grainBytes * tableEntries - 1) / (grainBytes * tableEntries);
        long count = entries ?? needed;
        if (count < needed || count > MaxDirectory || directoryOffset <= 0 || directoryOffset > file.Length - 4 * count)
        {
            throw Bad("its grain directory is not in the file, or too small");
        }
        Length = length;
        this.grainBytes = (int)grainBytes;
        this.tableEntries = (int)tableEntries;
        isCompressed = (flags & CompressedFlag) != 0;
        hasZeroGrains = (flags & ZeroGrainFlag) != 0;
        directory = ReadTable(directoryOffset, (int)count);
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>Bytes of a grain.</summary>
    public int GrainBytes => grainBytes;

    /// <summary>Where the descriptor inside the file is, in bytes; 0 when there is none.</summary>
    public (long Offset, long Bytes) Descriptor { get; private init; }

    /// <summary>Opens an extent of either kind.</summary>
    /// <param name="file">Its bytes; not disposed when this fails.</param>
    /// <exception cref="UserErrorException">It is damaged, or asks for what is not built.</exception>
    public static VmdkSparseExtent Open(IImageStorage file)
    {
        byte[] h = new byte[HeaderBytes];
        file.Read(0, h);
        if (h.AsSpan().StartsWith("COWD"u8))
        {
            return new(file, Field(h, 12) * 512L, Field(h, 16) * 512L, MaxTableEntries, Field(h, 20) * 512L, Field(h, 24), 0);
        }
        if (!h.AsSpan().StartsWith("KDMV"u8))
        {
            throw new UserErrorException($"{file.Name} is a damaged VMDK image: it has no signature; restore it from a copy");
        }
        if (Field(h, 56) == uint.MaxValue && Field(h, 60) == uint.MaxValue)
        {
            // The directory was not known when the head was written: its copy near the end has it.
            file.Read(Math.Max(0, file.Length - 1024), h);
            if (!h.AsSpan().StartsWith("KDMV"u8))
            {
                throw new UserErrorException($"{file.Name} is a damaged VMDK image: its end is cut off; get the whole image");
            }
        }
        uint version = Field(h, 4), flags = Field(h, 8);
        uint algorithm = BinaryPrimitives.ReadUInt16LittleEndian(h.AsSpan(77));
        if (version is 0 or > 3 || ((flags & CompressedFlag) != 0 && algorithm != DeflateAlgorithm))
        {
            throw new UserErrorException($"{file.Name} is a VMDK image of version {version}, compression {algorithm}, which is not built; convert it with 'qemu-img convert'");
        }
        return new(file, Sectors(h, 12), Sectors(h, 20), Field(h, 44), Sectors(h, 56), null, flags) { Descriptor = (Sectors(h, 28), Sectors(h, 36)) };
    }

    /// <inheritdoc/>
    public (Extent Kind, long Count) Map(long offset)
    {
        uint sector = Grain(offset);
        Extent kind = sector == 0 ? Extent.None : sector == 1 && hasZeroGrains ? Extent.Zero : Extent.Data;
        return (kind, Math.Min(Length - offset, grainBytes - offset % grainBytes));
    }

    /// <inheritdoc/>
    public void Read(long offset, Span<byte> destination)
    {
        uint sector = Grain(offset);
        int inside = (int)(offset % grainBytes);
        if (sector * 512L >= file.Length)
        {
            throw new IOException($"{file.Name}: the image is damaged: the grain for {offset:x} is behind the end of the file; restore it from a copy");
        }
        if (!isCompressed)
        {
            file.Read(sector * 512L + inside, destination);
            return;
        }
        Expand(sector);
        expanded.AsSpan(inside, destination.Length).CopyTo(destination);
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static uint Field(byte[] h, int at) => BinaryPrimitives.ReadUInt32LittleEndian(h.AsSpan(at));

    // A 64-bit number of sectors in bytes; what no file can have is -1.
    private static long Sectors(byte[] h, int at) =>
        BinaryPrimitives.ReadUInt64LittleEndian(h.AsSpan(at)) is var n && n < 1ul << 52 ? (long)n * 512 : -1;

    private uint Grain(long offset)
    {
        (long table, long entry) = Math.DivRem(offset / grainBytes, tableEntries);
        uint sector = directory[table];
        if (sector == 0)
        {
            return 0;
        }
        if (!tables.TryGetValue(sector, out uint[]? found))
        {
            if (sector * 512L >= file.Length)
            {
                throw new IOException($"{file.Name}: the image is damaged: grain table {table} is behind the end of the file; restore it from a copy");
            }
            if (tables.Count >= MaxTablesInMemory)
            {
                tables.Clear();
            }
            tables.Add(sector, found = ReadTable(sector * 512L, tableEntries));
        }
        return found[entry];
    }

    private uint[] ReadTable(long offset, int count)
    {
        byte[] bytes = new byte[4 * count];
        file.Read(offset, bytes);
        uint[] table = new uint[count];
        for (int n = 0; n < count; n++)
        {
            table[n] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 * n));
        }
        return table;
    }

    // A grain marker (sector of the disk, bytes), then the data in zlib's format.
    private void Expand(uint sector)
    {
        if (sector == expandedSector && expanded.Length > 0)
        {
            return;
        }
        byte[] marker = new byte[12];
        file.Read(sector * 512L, marker);
        uint bytes = Field(marker, 8);
        bool isWhole = bytes > 0 && bytes <= 2 * grainBytes + 512;
        if (isWhole)
        {
            byte[] data = new byte[bytes];
            file.Read(sector * 512L + 12, data);
            expanded = new byte[grainBytes];
            using var stream = new ZLibStream(new MemoryStream(data), CompressionMode.Decompress);
            try
            {
                // The disk's last grain may be a short one.
                isWhole = stream.ReadAtLeast(expanded, grainBytes, throwOnEndOfStream: false) > 0;
            }
            catch (InvalidDataException)
            {
                isWhole = false;
            }
        }
        expandedSector = isWhole ? sector : 0;
        if (!isWhole)
        {
            expanded = [];
            throw new IOException($"{file.Name}: the image is damaged: the grain at sector {sector} cannot be expanded; restore it from a copy");
        }
    }
}

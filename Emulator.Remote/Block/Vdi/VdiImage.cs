using System.Buffers.Binary;
using Emulator.Machine.Config;

namespace Emulator.Remote.Block.Vdi;

/// <summary>
/// A VirtualBox disk image, version 1.1 (the header as VirtualBox' VDICore.h and QEMU's block/vdi.c have it): a table of blocks, usually
/// of 1 MiB. Little-endian. Differencing images are refused.
/// </summary>
internal sealed class VdiImage : BlockMapImage
{
    private const uint Signature = 0xBEDA107F, Version = 0x00010001, Dynamic = 1, Static = 2;
    private const uint Unallocated = 0xFFFFFFFF, Discarded = 0xFFFFFFFE;
    private const int HeaderBytes = 512, AllocatedOffset = 388, MaxBlocks = 0x3FFFFFFF;

    private readonly uint[] table;
    private readonly SortedSet<int> dirty = [];
    private readonly long tableOffset, dataOffset;
    private uint allocated;

    private VdiImage(IImageStorage file, long length, int blockBytes, uint[] table, long tableOffset, long dataOffset, uint allocated)
        : base(file)
    {
        Length = length;
        ClusterBytes = blockBytes;
        this.table = table;
        this.tableOffset = tableOffset;
        this.dataOffset = dataOffset;
        this.allocated = allocated;
        foreach (uint entry in table)
        {
            // A count that lies must not make new blocks land on old ones.
            this.allocated = entry < Discarded ? Math.Max(this.allocated, entry + 1) : this.allocated;
        }
    }

    /// <inheritdoc/>
    public override string Format => "vdi";

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override int ClusterBytes { get; }

    /// <summary>Opens the image.</summary>
    /// <param name="file">Its bytes; owned, also when this fails.</param>
    /// <exception cref="UserErrorException">It is damaged, or asks for what is not built.</exception>
    public static VdiImage Open(IImageStorage file)
    {
        try
        {
            return Parse(file);
        }
        catch (Exception e) when (e is UserErrorException or IOException)
        {
            file.Dispose();
            throw e is IOException ? new UserErrorException($"{file.Name} cannot be read: {HostErrors.Describe(e)}; check the host's disk") : e;
        }
    }

    /// <summary>Writes an empty image of <paramref name="length"/> bytes.</summary>
    public static void Create(IImageStorage file, long length)
    {
        const int blockBytes = 1 << 20;
        int blocks = (int)((length + blockBytes - 1) / blockBytes);
        int tableBytes = (blocks * 4 + 511) & ~511;
        byte[] header = new byte[HeaderBytes];
        void Put(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(at), value);
        "<<< QEMU VM Virtual Disk Image >>>\n"u8.CopyTo(header);
        Put(64, Signature);
        Put(68, Version);
        Put(72, 0x180);
        Put(76, Dynamic);
        Put(340, HeaderBytes);
        Put(344, (uint)(HeaderBytes + tableBytes));
        Put(360, 512);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(368), length);
        Put(376, blockBytes);
        Put(384, (uint)blocks);
        Guid.NewGuid().TryWriteBytes(header.AsSpan(392));
        Guid.NewGuid().TryWriteBytes(header.AsSpan(408));
        byte[] table = new byte[tableBytes];
        table.AsSpan(0, 4 * blocks).Fill(0xFF);
        file.Write(HeaderBytes, table);
        file.Write(0, header);
        file.Flush();
    }

    /// <summary>Looks whether each block is in the file, and used once.</summary>
    public CheckResult Check()
    {
        var result = new CheckResult();
        HashSet<uint> seen = [];
        for (int n = 0; n < table.Length; n++)
        {
            if (table[n] >= Discarded)
            {
                continue;
            }
            if (!seen.Add(table[n]))
            {
                result.Messages.Add($"ERROR: block index {table[n]} also used by another block");
                result.Corruptions++;
            }
            else if (dataOffset + table[n] * (long)ClusterBytes >= FileLength)
            {
                result.Messages.Add($"ERROR: block index {table[n]} out of range");
                result.Corruptions++;
            }
        }
        return result;
    }

    private protected override long? Find(long block)
    {
        uint entry = table[block];
        if (entry >= Discarded)
        {
            return null;
        }
        long at = dataOffset + entry * (long)ClusterBytes;
        return at < FileLength
            ? at
            : throw new IOException($"{Name}: the image is damaged: block {block} is at {at:x}, behind the end of the file; restore it from a copy");
    }

    private protected override long Allocate(long block)
    {
        long at = dataOffset + allocated * (long)ClusterBytes;

        // What an earlier run left there without an entry in the table must not show.
        Storage.SetLength(Math.Min(Storage.Length, at));
        Storage.SetLength(at + ClusterBytes);
        table[block] = allocated++;
        dirty.Add((int)block);
        return at;
    }

    private protected override bool WriteTable()
    {
        if (dirty.Count == 0)
        {
            return false;
        }
        Span<byte> entry = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, allocated);
        Storage.Write(AllocatedOffset, entry);
        foreach (int block in dirty)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(entry, table[block]);
            Storage.Write(tableOffset + 4L * block, entry);
        }
        dirty.Clear();
        return true;
    }

    private static VdiImage Parse(IImageStorage file)
    {
        UserErrorException Bad(string what) => new($"{file.Name} is a damaged VDI image: {what}; restore it from a copy");
        byte[] h = new byte[HeaderBytes];
        file.Read(0, h);
        uint Field(int at) => BinaryPrimitives.ReadUInt32LittleEndian(h.AsSpan(at));
        if (Field(64) != Signature)
        {
            throw new UserErrorException($"{file.Name} is no VDI image; give its own format, or leave format= out");
        }
        if (Field(68) != Version || Field(76) is not (Dynamic or Static) || h.AsSpan(424, 16).IndexOfAnyExcept((byte)0) >= 0)
        {
            throw new UserErrorException(
                $"{file.Name} is a VDI image of version {Field(68) >> 16}.{Field(68) & 0xFFFF}, type {Field(76)}, which is not built (1.1 dynamic or static is); clone it in VirtualBox first");
        }
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(h.AsSpan(368));
        uint blockBytes = Field(376), blocks = Field(384), tableOffset = Field(340), dataOffset = Field(344);
        if (Field(360) != 512 || blockBytes is < 512 or > 1 << 28 || (blockBytes & (blockBytes - 1)) != 0 || Field(380) != 0)
        {
            throw Bad($"its sectors have {Field(360)} bytes, its blocks {blockBytes}");
        }
        if (blocks > MaxBlocks || length == 0 || length > blocks * (ulong)blockBytes)
        {
            throw Bad($"it has {blocks} blocks for a disk of {length} bytes");
        }
        if ((tableOffset & 511) != 0 || (dataOffset & 511) != 0 || tableOffset < HeaderBytes || tableOffset > file.Length - blocks * 4L
            || dataOffset < tableOffset + blocks * 4L)
        {
            throw Bad("its table is not in the file, or lies on the data");
        }
        byte[] bytes = new byte[blocks * 4L];
        file.Read(tableOffset, bytes);
        uint[] table = new uint[blocks];
        for (int n = 0; n < table.Length; n++)
        {
            table[n] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 * n));
            if (table[n] < Discarded && table[n] >= blocks)
            {
                throw Bad($"block {n} is said to be number {table[n]} of {blocks}");
            }
        }
        if (Field(388) > blocks)
        {
            throw Bad($"{Field(388)} of {blocks} blocks are said to be allocated");
        }
        return new(file, (long)(length + 511) & ~511L, (int)blockBytes, table, tableOffset, dataOffset, Field(388));
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Emulator.Remote.Block.Qcow2;

/// <summary>Tables of 64-bit numbers, most significant byte first.</summary>
internal static class BigEndianTable
{
    /// <summary>Reads <paramref name="count"/> numbers.</summary>
    public static ulong[] Read(IImageStorage file, long offset, int count)
    {
        ulong[] table = new ulong[count];
        file.Read(offset, MemoryMarshal.AsBytes(table.AsSpan()));
        Swap(table, table);
        return table;
    }

    /// <summary>Writes all of <paramref name="table"/>.</summary>
    public static void Write(IImageStorage file, long offset, ReadOnlySpan<ulong> table)
    {
        ulong[] swapped = new ulong[table.Length];
        Swap(table, swapped);
        file.Write(offset, MemoryMarshal.AsBytes(swapped.AsSpan()));
    }

    /// <summary>Writes one number of the table at <paramref name="offset"/>.</summary>
    public static void WriteEntry(IImageStorage file, long offset, int index, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        file.Write(offset + 8L * index, bytes);
    }

    private static void Swap(ReadOnlySpan<ulong> source, Span<ulong> destination)
    {
        if (BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(source, destination);
        }
        else
        {
            source.CopyTo(destination);
        }
    }
}

using System.Runtime.InteropServices;

namespace Emulator.BT.Translator.Regions;

/// <summary>
/// Memory for records that translated code names by their addresses. How many a region needs is known only when its code stands, so that room is reserved for the most and what was
/// used is kept; a chunk is freed when nobody keeps any of it.
/// </summary>
/// <param name="recordBytes">Bytes of a record.</param>
internal sealed unsafe class RecordMemory(int recordBytes) : IDisposable
{
    private const int ChunkBytes = 1 << 18;

    private Chunk? present;

    /// <summary>Room for so many records, which are not cleared; what was reserved before and not kept is given up.</summary>
    public byte* Reserve(int count)
    {
        int bytes = count * recordBytes;
        if (present == null || present.Bytes - present.Used < bytes)
        {
            present?.Release();
            present = new Chunk(Math.Max(bytes, ChunkBytes));
        }
        return present.Start + present.Used;
    }

    /// <summary>Keeps the first records of what was reserved, until the chunk is released.</summary>
    public Chunk Keep(int count)
    {
        present!.Used += count * recordBytes;
        present.Users++;
        return present;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        present?.Release();
        present = null;
    }

    /// <summary>A piece of memory with its users.</summary>
    internal sealed class Chunk(int bytes)
    {
        /// <summary>First byte.</summary>
        public byte* Start { get; private set; } = (byte*)NativeMemory.Alloc((nuint)bytes);

        /// <summary>Bytes that it has.</summary>
        public int Bytes { get; } = bytes;

        /// <summary>Bytes that are kept.</summary>
        public int Used { get; set; }

        /// <summary>Those who keep some, and the memory while this is its present chunk.</summary>
        public int Users { get; set; } = 1;

        /// <summary>One of them does not any more.</summary>
        public void Release()
        {
            // SAFETY: owned here; nobody has an address in it after the last release.
            if (--Users == 0)
            {
                NativeMemory.Free(Start);
                Start = null;
            }
        }
    }
}

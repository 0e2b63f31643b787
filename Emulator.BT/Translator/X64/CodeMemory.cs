using Emulator.Core.Memory;

namespace Emulator.BT.Translator.X64;

/// <summary>
/// Memory for the code of the x86-64 back end, in parts that are filled one after the other, and then again from the first on: the oldest code makes room for the newest. It is
/// mapped twice: where code runs it cannot be written, and where it is written it cannot run.
/// </summary>
internal sealed unsafe class CodeMemory : IDisposable
{
    // What was written is let go of in pieces of so many bytes: a page that is seen at both addresses counts twice as resident.
    private const int ReleasedAtOnce = 1 << 20, PageMask = 0xFFF;

    private readonly DoubleMapping mapping;
    private readonly int partBytes;
    private int kept, part, end, taken, huge;

    private CodeMemory(DoubleMapping mapping, int parts)
    {
        this.mapping = mapping;
        partBytes = (mapping.Size / parts) & ~PageMask;
        end = partBytes;
    }

    /// <summary>First byte, where code runs.</summary>
    public byte* Base => (byte*)mapping.Executable;

    /// <summary>From where a byte runs to where it is written.</summary>
    public nint ToWritable => mapping.Writable - mapping.Executable;

    /// <summary>One past the last byte.</summary>
    public byte* End => Base + mapping.Size;

    /// <summary>Offset at which bytes are handed out next.</summary>
    public int Used { get; private set; }

    /// <summary>Bytes left in the present part.</summary>
    public int Free => end - Used;

    /// <summary>Where the next code will run.</summary>
    public byte* Next => Base + Used;

    /// <summary>Maps memory of so many parts.</summary>
    /// <returns>Null when the host does not let a program make code (a hardened kernel).</returns>
    public static CodeMemory? TryMap(int bytes, int parts) => DoubleMapping.TryMake(bytes) is { } mapping ? new CodeMemory(mapping, parts) : null;

    /// <summary>Keeps what was written so far for good: stubs.</summary>
    public void KeepRest() => kept = Used;

    /// <summary>Hands out what was written at <see cref="Next"/>.</summary>
    public void Take(int bytes)
    {
        Used += (bytes + 15) & ~15;
        taken += bytes;
        if (taken >= ReleasedAtOnce)
        {
            // All of it: links are written where code is old.
            taken = 0;
            mapping.ReleaseWritable(0, mapping.Size);
        }
        for (; Used > huge && mapping.Size - huge >= HugePages.Size; huge += HugePages.Size)
        {
            mapping.MakeHuge(huge);
        }
    }

    /// <summary>Goes on in the next part. Code that runs in it may not be left.</summary>
    /// <returns>Where the part starts and ends.</returns>
    public (nint Start, nint End) Advance()
    {
        part = (part + 2) * partBytes > mapping.Size ? 0 : part + 1;
        Used = part == 0 ? kept : part * partBytes;
        end = (part + 1) * partBytes;
        return ((nint)Next, (nint)Base + end);
    }

    /// <summary>Nothing will be written any more.</summary>
    public void Close() => mapping.CloseWritable();

    /// <inheritdoc/>
    public void Dispose() => mapping.Dispose();
}

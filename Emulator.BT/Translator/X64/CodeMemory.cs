using Emulator.Core.Memory;

namespace Emulator.BT.Translator.X64;

/// <summary>
/// Memory for the code of the x86-64 back end, handed out from the front. It is freed as a whole: when it is full, every region goes. It is mapped twice: where code
/// runs it cannot be written, and where it is written it cannot run.
/// </summary>
internal sealed unsafe class CodeMemory : IDisposable
{
    // What was written is let go of in pieces of so many bytes: a page that is seen at both addresses counts twice as resident.
    private const int ReleasedAtOnce = 1 << 20, PageMask = 0xFFF;

    private readonly DoubleMapping mapping;
    private int start, released, huge;

    private CodeMemory(DoubleMapping mapping) => this.mapping = mapping;

    /// <summary>First byte, where code runs.</summary>
    public byte* Base => (byte*)mapping.Executable;

    /// <summary>From where a byte runs to where it is written.</summary>
    public nint ToWritable => mapping.Writable - mapping.Executable;

    /// <summary>Bytes handed out.</summary>
    public int Used { get; private set; }

    /// <summary>Bytes left.</summary>
    public int Free => mapping.Size - Used;

    /// <summary>Where the next code will run.</summary>
    public byte* Next => Base + Used;

    /// <summary>Maps memory.</summary>
    /// <returns>Null when the host does not let a program make code (a hardened kernel).</returns>
    public static CodeMemory? TryMap(int bytes) => DoubleMapping.TryMake(bytes) is { } mapping ? new CodeMemory(mapping) : null;

    /// <summary>Keeps what was written so far for good: stubs.</summary>
    public void KeepRest() => start = Used;

    /// <summary>Hands out what was written at <see cref="Next"/>.</summary>
    public void Take(int bytes)
    {
        Used += (bytes + 15) & ~15;
        if (Used - released >= ReleasedAtOnce)
        {
            // From the start: links are written where code is old.
            released = Used & ~PageMask;
            mapping.ReleaseWritable(0, released);
        }
        for (; Used > huge && mapping.Size - huge >= HugePages.Size; huge += HugePages.Size)
        {
            mapping.MakeHuge(huge);
        }
    }

    /// <summary>Forgets everything but the stubs.</summary>
    public void Reset()
    {
        Used = start;
        released = start & ~PageMask;
    }

    /// <summary>Nothing will be written any more.</summary>
    public void Close() => mapping.CloseWritable();

    /// <inheritdoc/>
    public void Dispose() => mapping.Dispose();
}

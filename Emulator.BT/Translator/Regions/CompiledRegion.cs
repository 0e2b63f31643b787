using System.Runtime.InteropServices;

namespace Emulator.BT.Translator.Regions;

/// <summary>What came of compiling a region. Whoever takes it over frees it.</summary>
internal sealed unsafe class CompiledRegion : IDisposable
{
    /// <summary>Keeps the code alive, where somebody has to.</summary>
    public object? Owner { get; init; }

    /// <summary>Address of the code behind each entry.</summary>
    public required List<nint> EntryCodes { get; init; }

    /// <summary>Where the code starts; 0 for the IL back end, whose code RyuJIT keeps.</summary>
    public nint Start { get; init; }

    /// <summary>Bytes that it takes (IL back end: an estimate).</summary>
    public required int Bytes { get; init; }

    /// <summary>The exits' slots.</summary>
    public required Slot* ExitSlots { get; set; }

    /// <summary>Where exits' slots and records of host code lie; empty: the slots are memory of their own.</summary>
    public RecordMemory.Chunk[] Records { get; init; } = [];

    /// <summary>Index in the plan of each entry's block.</summary>
    public required List<int> Entries { get; init; }

    /// <summary>RIP of each exit.</summary>
    public required List<ulong> Exits { get; init; }

    /// <summary>For each exit of host code where the displacement of its JMP lies, or 0; empty: there are none.</summary>
    public List<nint> ExitJumps { get; init; } = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Records.Length == 0)
        {
            NativeMemory.Free(ExitSlots);
        }
        foreach (RecordMemory.Chunk chunk in Records)
        {
            chunk.Release();
        }
        ExitSlots = null;
    }
}

using Emulator.Core.State;

namespace Emulator.Core.Memory;

/// <summary>A stretch of machine memory as saved state: the pages that hold anything but zeros, each after its number, then the number of pages.</summary>
/// <param name="memory">The machine memory.</param>
/// <param name="start">First machine address, page-aligned.</param>
/// <param name="length">Bytes, whole pages.</param>
public sealed class MemoryState(PhysicalMemory memory, ulong start, int length) : IStateful
{
    private const int PageSize = PhysicalMemory.PageSize;

    private int Pages => length / PageSize;

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        int next = 0;
        while (next <= Pages)
        {
            int page = state.Int32(state.IsLoading ? next : FirstInUse(next), next, Pages);
            for (; state.IsLoading && next < page; next++)
            {
                Clear(next);
            }
            if (page < Pages)
            {
                if (state.IsLoading)
                {
                    memory.NoteWrite(start + ((ulong)page * PageSize), PageSize);
                }
                state.Bytes(Page(page));
            }
            next = page + 1;
        }
    }

    private int FirstInUse(int page)
    {
        while (page < Pages && !Page(page).ContainsAnyExcept((byte)0))
        {
            page++;
        }
        return page;
    }

    // A page that is all zeros is left alone: the host may not have given it memory yet.
    private void Clear(int page)
    {
        if (Page(page).ContainsAnyExcept((byte)0))
        {
            memory.NoteWrite(start + ((ulong)page * PageSize), PageSize);
            Page(page).Clear();
        }
    }

    private Span<byte> Page(int page) => memory.Machine(start + ((ulong)page * PageSize), PageSize);
}

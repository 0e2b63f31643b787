namespace Emulator.Mmu;

/// <summary>Result of a guest page walk.</summary>
/// <param name="Address">Guest-physical address of the byte, A20 applied.</param>
/// <param name="Writable">Every level allows writes.</param>
/// <param name="User">Every level allows CPL 3.</param>
/// <param name="Dirty">The leaf's D bit is set.</param>
/// <param name="Global">The leaf's G bit counts.</param>
/// <param name="PageShift">12, 21, 22 or 30.</param>
/// <param name="Accessed">The A bits of every level were set before.</param>
/// <param name="Table">Machine page of the page table that the leaf was in, plus one; 0: a large page, no paging, or no memory.</param>
/// <param name="Directory">The same of the page directory.</param>
public readonly record struct PageWalk(
    ulong Address, bool Writable, bool User, bool Dirty, bool Global, int PageShift, bool Accessed, uint Table, uint Directory)
{
    /// <summary>The walk without paging.</summary>
    public static PageWalk Identity(ulong address) => new(address, true, true, true, true, 12, true, 0, 0);
}

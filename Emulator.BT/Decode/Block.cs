using System.Runtime.InteropServices;

namespace Emulator.BT.Decode;

/// <summary>
/// A decoded straight run of instructions, keyed by machine address and code mode; the instructions follow in memory. Lives in
/// the block cache's arena until the whole arena is dropped; an invalidated block only loses its key.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct Block
{
    /// <summary>Machine address of the first byte; <see cref="Dead"/> when the block is no longer valid.</summary>
    public ulong MachineAddress;

    /// <summary>For a block of one instruction that crosses a page: machine address of the second page, else 0.</summary>
    public ulong SecondPage;

    /// <summary>First instruction; after the last one comes a terminator.</summary>
    public Insn* First;

    /// <summary>Next in the hash bucket.</summary>
    public Block* HashNext;

    /// <summary>Next block with bytes in the same machine page (by the first page).</summary>
    public Block* PageNext;

    /// <summary>The same for the second page of a page-crossing block.</summary>
    public Block* SecondPageNext;

    /// <summary>Last successors in the same page, and their RIP minus the RIP of this block.</summary>
    public Block* Successor0, Successor1;

    /// <summary>RIP distance of the linked successors.</summary>
    public long Delta0, Delta1;

    /// <summary>Number of instructions.</summary>
    public int Count;

    /// <summary>Length in bytes.</summary>
    public int Length;

    /// <summary>Code mode and step flag that the block was decoded for.</summary>
    public int Mode;

    /// <summary>True when successors may be linked: it ends in a near transfer or for its length.</summary>
    public bool MayLink;

    /// <summary>How the last instruction goes on.</summary>
    public BlockFlow Flow;

    /// <summary>The regions that it is part of.</summary>
    public Translator.Regions.BlockUser* Users;

    /// <summary>Times that the interpreter ran it.</summary>
    public int Heat;

    /// <summary>Value of <see cref="Heat"/> when the cache last looked for what hardly runs.</summary>
    public int AgedHeat;

    /// <summary>Size in the arena, in pieces of 64 bytes.</summary>
    public int Pieces;

    /// <summary>Value of <see cref="Heat"/> at which a region is asked for.</summary>
    public int AskAt;

    /// <summary>Entries of the regions that start here, a chain by <c>Sibling</c> with one for each state that they were made for; or null.</summary>
    public Translator.Regions.Slot* Entry;

    /// <summary>Whether a region of it is to use the host's MMU: <see cref="WindowWanted"/>, <see cref="WindowNever"/>, or 0: nobody has said.</summary>
    public byte Window;

    /// <summary>Values of <see cref="Window"/>.</summary>
    public const byte WindowWanted = 1, WindowNever = 2;

    /// <summary>Key of an invalidated block.</summary>
    public const ulong Dead = ~0ul;

    /// <summary>Key of a piece of the arena that holds no block.</summary>
    public const ulong Free = ~1ul;

    /// <summary>Mode flag: decoded one instruction at a time.</summary>
    public const int SingleStep = 0x10;
}

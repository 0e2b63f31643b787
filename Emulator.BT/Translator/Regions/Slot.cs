using System.Runtime.InteropServices;

namespace Emulator.BT.Translator.Regions;

/// <summary>
/// A door of a region: one of its entries, or an exit with a fixed target. An exit that is not linked leads to
/// <see cref="Il.RegionRuntime.Unlinked"/>, a linked one to the region behind it, with that region's entry number. Unmanaged, because
/// translated code holds its address.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct Slot
{
    /// <summary>Code to go to: <c>int (CpuState*, Slot*)</c>.</summary>
    public nint Code;

    /// <summary>What the shadow read table must hold for the target's page, for the link to be valid: host minus linear address, where that is <see cref="Rip"/>'s.</summary>
    public nint Delta;

    /// <summary>RIP of the target, as it was when the region was made.</summary>
    public ulong Rip;

    /// <summary>Of an exit linked to a region that was made at another address: what <c>CpuState.CodeSlide</c> grows by on the way, before <see cref="Behind"/>.</summary>
    public long SlideBy;

    /// <summary>Of such an exit: the code behind it.</summary>
    public nint Behind;

    /// <summary>Of an exit of host code: where the displacement of the JMP is written that goes straight to the code behind it while both lie as they were made; 0: there is none.</summary>
    public nint Jump;

    /// <summary>That displacement when it does not: to where the slot is looked at.</summary>
    public int JumpToSlot;

    /// <summary>Of an entry: the first place in the jump cache where it stands, plus 1; 0: it stands nowhere.</summary>
    public int Jumps;

    /// <summary>Of an entry: the block that it is at the head of.</summary>
    public Decode.Block* Block;

    /// <summary>Of an entry: the next one of the same block, for another <see cref="Key"/>.</summary>
    public Slot* Sibling;

    /// <summary>Number of the entry in the target region.</summary>
    public int Entry;

    /// <summary>The state that the target was compiled for: a <see cref="RegionKey"/>.</summary>
    public int Key;

    /// <summary>Base of CS that the target was compiled for.</summary>
    public ulong CsBase;

    /// <summary>Limit of CS that the target was compiled for.</summary>
    public uint CsLimit;

    /// <summary>Number of the region that the slot belongs to.</summary>
    public int Region;

    /// <summary>Of an entry: first of the exits that lead here. Of a linked exit: the next of them.</summary>
    public Slot* Next;

    /// <summary>Of a linked exit: the entry that it leads to.</summary>
    public Slot* Target;
}

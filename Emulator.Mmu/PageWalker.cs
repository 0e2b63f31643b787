using Emulator.Core.Cpu;
using Emulator.Core.Memory;

namespace Emulator.Mmu;

/// <summary>
/// The guest's own paging, f: linear address to guest-physical (SDM Vol. 3A, chapter 4): 32-bit with 4 KiB and 4 MiB pages, PAE,
/// 4-level. Touches memory only to read entries and to set A and D.
/// </summary>
public sealed unsafe class PageWalker(PhysicalMemory memory)
{
    private const ulong Present = 1, Write = 2, UserBit = 4, Accessed = 0x20, DirtyBit = 0x40, PageSizeBit = 0x80, GlobalBit = 0x100, NoExecute = 1ul << 63;
    private const ulong Address52 = 0x000F_FFFF_FFFF_F000;

    /// <summary>Physical address bits of this processor.</summary>
    public const int PhysicalBits = 36;

    /// <summary>Page directory pointers, loaded with CR3 under PAE (SDM 4.4.1).</summary>
    private readonly ulong[] pdpte = new ulong[4];

    /// <summary>The PDPTEs in force, to tell address spaces apart.</summary>
    public ReadOnlySpan<ulong> Pdptes => pdpte;

    /// <summary>Loads the four PDPTEs; call at MOV CR3 and when PAE paging is switched on.</summary>
    /// <returns>False when a present entry has reserved bits: #GP.</returns>
    public bool LoadPdptes(ulong cr3)
    {
        Span<ulong> loaded = stackalloc ulong[4];
        for (int n = 0; n < 4; n++)
        {
            loaded[n] = memory.ReadValue(((cr3 & 0xFFFF_FFE0) + (ulong)n * 8) & memory.A20Mask, 8);
            if ((loaded[n] & Present) != 0 && (loaded[n] & (0x1E6 | ~0ul << PhysicalBits)) != 0)
            {
                return false;
            }
        }
        loaded.CopyTo(pdpte);
        return true;
    }

    /// <summary>Translates <paramref name="linear"/> for an access and sets A (and D for a write).</summary>
    /// <param name="cpu">Control registers.</param>
    /// <param name="linear">Linear address.</param>
    /// <param name="write">The access writes.</param>
    /// <param name="user">The access has CPL 3's rights.</param>
    /// <param name="walk">The translation when the result is -1.</param>
    /// <returns>-1, or the error code of the page fault.</returns>
    public int Translate(CpuState* cpu, ulong linear, bool write, bool user, out PageWalk walk)
    {
        int error = Walk(cpu, linear, write, user, update: true, out walk);
        return error;
    }

    /// <summary>Translates without touching A and D and without rights: what a debugger wants.</summary>
    /// <returns>False when nothing is mapped there.</returns>
    public bool TryPeek(CpuState* cpu, ulong linear, out PageWalk walk) => Walk(cpu, linear, write: false, user: false, update: false, out walk) < 0;

    // What the last repeated walk saw, for its neighbours: a directory's index, and the entry.
    private ulong repeatedIndex;
    private ulong repeatedEntry;

    /// <summary>Call before a series of <see cref="TryRepeat"/>, during which memory stays as it is.</summary>
    public void BeginRepeats() => repeatedIndex = ulong.MaxValue;

    /// <summary>Walks for a page that was entered before.</summary>
    /// <returns>False when nothing is mapped there, or an access would have to set an A bit.</returns>
    public bool TryRepeat(CpuState* cpu, ulong linear, out PageWalk walk)
    {
        walk = default;
        if ((cpu->Cr4 & Cr4.PAE) != 0)
        {
            // The A bits: by another walk than most guests need.
            return Walk(cpu, linear, write: false, user: false, update: false, out walk) < 0 && walk.Accessed;
        }
        ulong index = linear >> 22;
        if (index != repeatedIndex)
        {
            repeatedIndex = index;
            repeatedEntry = memory.ReadValue(((cpu->Cr3 & 0xFFFF_F000) + (index * 4)) & memory.A20Mask, 4);
        }
        ulong directory = repeatedEntry, leaf = directory;
        bool large = (directory & PageSizeBit) != 0 && (cpu->Cr4 & Cr4.PSE) != 0;
        if ((directory & (Present | Accessed)) != (Present | Accessed) || (directory & ReservedBits(cpu, 1, 4, large)) != 0)
        {
            return false;
        }
        if (!large)
        {
            leaf = memory.ReadValue(((directory & 0xFFFF_F000) + (((linear >> 12) & 0x3FF) * 4)) & memory.A20Mask, 4);
            if ((leaf & (Present | Accessed)) != (Present | Accessed))
            {
                return false;
            }
        }
        int shift = large ? 22 : 12;
        ulong offsets = (1ul << shift) - 1;
        walk = new PageWalk(
            ((leaf & 0xFFFF_F000 & ~offsets) | (linear & offsets)) & memory.A20Mask,
            (directory & leaf & Write) != 0,
            (directory & leaf & UserBit) != 0,
            (leaf & DirtyBit) != 0,
            (leaf & GlobalBit) != 0 && (cpu->Cr4 & Cr4.PGE) != 0,
            shift,
            Accessed: true,
            large ? 0 : MachinePage(directory & 0xFFFF_F000),
            MachinePage(cpu->Cr3 & 0xFFFF_F000));
        return true;
    }

    private uint MachinePage(ulong pa) => memory.TryReadPage(pa & memory.A20Mask, out ulong page) ? (uint)page + 1 : 0;

    private int Walk(CpuState* cpu, ulong linear, bool write, bool user, bool update, out PageWalk walk)
    {
        if (!cpu->IsPaging)
        {
            walk = PageWalk.Identity(linear & memory.A20Mask);
            return -1;
        }
        uint rights = (write ? PageFaultError.Write : 0) | (user ? PageFaultError.User : 0);
        walk = default;
        bool pae = (cpu->Cr4 & Cr4.PAE) != 0;
        if (!pae)
        {
            return WalkLevels(cpu, linear, write, user, update, rights, cpu->Cr3 & 0xFFFF_F000, level: 1, entrySize: 4, ref walk);
        }
        if ((cpu->Efer & 0x400) != 0)
        {
            return WalkLevels(cpu, linear, write, user, update, rights, cpu->Cr3 & Address52, level: 3, entrySize: 8, ref walk);
        }
        ulong pointer = pdpte[(linear >> 30) & 3];
        return (pointer & Present) == 0
            ? (int)rights
            : WalkLevels(cpu, linear, write, user, update, rights, pointer & Address52, level: 1, entrySize: 8, ref walk);
    }

    // level 0 is the page table, 1 the directory, 2 the directory pointers, 3 the PML4.
    private int WalkLevels(
        CpuState* cpu, ulong linear, bool write, bool user, bool update, uint rights, ulong table, int level, int entrySize, ref PageWalk walk)
    {
        int indexBits = entrySize == 4 ? 10 : 9;
        bool writable = true, userOk = true;
        Span<ulong> entryAddress = stackalloc ulong[4];
        Span<ulong> entries = stackalloc ulong[4];
        int depth = 0;
        for (; ; level--)
        {
            int shift = 12 + (level * indexBits);
            ulong index = (linear >> shift) & ((1ul << indexBits) - 1);
            ulong pa = (table + (index * (ulong)entrySize)) & memory.A20Mask;
            ulong entry = memory.ReadValue(pa, entrySize);
            if ((entry & Present) == 0)
            {
                return (int)rights;
            }
            bool large = level > 0 && level < 3 && (entry & PageSizeBit) != 0 && (entrySize == 8 || (cpu->Cr4 & Cr4.PSE) != 0);
            if ((entry & ReservedBits(cpu, level, entrySize, large)) != 0)
            {
                return (int)(rights | PageFaultError.Present | PageFaultError.Reserved);
            }
            writable &= (entry & Write) != 0;
            userOk &= (entry & UserBit) != 0;
            entryAddress[depth] = pa;
            entries[depth++] = entry;
            if (level == 0 || large)
            {
                return Finish(cpu, linear, write, user, update, rights, writable, userOk, shift, entrySize, entryAddress[..depth], entries[..depth], ref walk);
            }
            table = entrySize == 4 ? entry & 0xFFFF_F000 : entry & Address52;
        }
    }

    private int Finish(
        CpuState* cpu, ulong linear, bool write, bool user, bool update, uint rights, bool writable, bool userOk, int shift, int entrySize,
        Span<ulong> entryAddress, Span<ulong> entries, ref PageWalk walk)
    {
        if (update && ((user && !userOk) || (write && !writable && (user || (cpu->Cr0 & Cr0.WP) != 0))))
        {
            return (int)(rights | PageFaultError.Present);
        }
        int leaf = entries.Length - 1;
        bool accessed = true;
        foreach (ulong entry in entries)
        {
            accessed &= (entry & Accessed) != 0;
        }
        if (update)
        {
            for (int n = 0; n <= leaf; n++)
            {
                ulong set = Accessed | (n == leaf && write ? DirtyBit : 0);
                if ((entries[n] & set) != set)
                {
                    entries[n] |= set;
                    memory.WriteTableEntry(entryAddress[n], entrySize, entries[n]);
                }
            }
        }
        ulong offsetMask = (1ul << shift) - 1;
        ulong frame = (entrySize == 4 ? entries[leaf] & 0xFFFF_F000 : entries[leaf] & Address52) & ~offsetMask;
        walk = new PageWalk(
            (frame | (linear & offsetMask)) & memory.A20Mask,
            writable,
            userOk,
            (entries[leaf] & DirtyBit) != 0,
            (entries[leaf] & GlobalBit) != 0 && (cpu->Cr4 & Cr4.PGE) != 0,
            shift,
            accessed,
            shift == 12 ? MachinePage(entryAddress[leaf]) : 0,
            MachinePage(entryAddress[shift == 12 && leaf > 0 ? leaf - 1 : leaf]));
        return -1;
    }

    private static ulong ReservedBits(CpuState* cpu, int level, int entrySize, bool large)
    {
        if (entrySize == 4)
        {
            // Without PSE-36 bits 13-21 of a 4 MiB entry are reserved.
            return large ? 0x003F_E000ul : 0;
        }
        ulong reserved = ~0ul << PhysicalBits & (Address52 | 0x7FF0_0000_0000_0000);
        if ((cpu->Efer & 0x800) == 0)
        {
            reserved |= NoExecute;
        }
        if ((cpu->Efer & 0x400) != 0)
        {
            reserved &= ~0x7FF0_0000_0000_0000ul;
        }
        return large ? reserved | ((1ul << (12 + (level * 9))) - 1 & ~0x1FFFul) : reserved;
    }
}

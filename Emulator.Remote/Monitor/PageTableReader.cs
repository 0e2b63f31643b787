using Emulator.Core.Cpu;
using Emulator.Core.Memory;

namespace Emulator.Remote.Monitor;

/// <summary>A page of the guest's linear address space.</summary>
/// <param name="Linear">Its first linear address.</param>
/// <param name="Entry">The entry that maps it, as in memory.</param>
/// <param name="Frame">Its first guest-physical address.</param>
/// <param name="Length">4 KiB, 2 MiB or 4 MiB.</param>
/// <param name="Rights">Bits 1 (writable) and 2 (user) of all levels together.</param>
public readonly record struct GuestPage(ulong Linear, ulong Entry, ulong Frame, ulong Length, ulong Rights);

/// <summary>The guest's page tables from the first page to the last (SDM Vol. 3A, chapter 4): 32-bit and PAE.</summary>
public static unsafe class PageTableReader
{
    private const ulong Present = 1, RightsBits = 6, LargePage = 0x80, AddressBits = 0x000F_FFFF_FFFF_F000;

    /// <summary>Every page that is present, in order.</summary>
    public static List<GuestPage> Read(CpuState* cpu, PhysicalMemory memory)
    {
        var pages = new List<GuestPage>();
        if ((cpu->Cr4 & Cr4.PAE) == 0)
        {
            bool largePages = (cpu->Cr4 & Cr4.PSE) != 0;
            ReadDirectory(memory, cpu->Cr3 & 0xFFFF_F000, 0, entrySize: 4, largePages, RightsBits, pages);
            return pages;
        }
        for (uint n = 0; n < 4; n++)
        {
            ulong pointer = memory.ReadValue((cpu->Cr3 & 0xFFFF_FFE0) + (n * 8), 8);
            if ((pointer & Present) != 0)
            {
                ReadDirectory(memory, pointer & AddressBits, (ulong)n << 30, entrySize: 8, largePages: true, RightsBits, pages);
            }
        }
        return pages;
    }

    private static void ReadDirectory(
        PhysicalMemory memory, ulong table, ulong linear, uint entrySize, bool largePages, ulong rights, List<GuestPage> pages)
    {
        uint entries = 4096 / entrySize;
        ulong span = entries * 4096ul;
        for (uint n = 0; n < entries; n++, linear += span)
        {
            ulong entry = memory.ReadValue(table + (n * entrySize), (int)entrySize);
            if ((entry & Present) == 0)
            {
                continue;
            }
            if (largePages && (entry & LargePage) != 0)
            {
                pages.Add(new GuestPage(linear, entry, entry & AddressBits & ~(span - 1), span, rights & entry));
                continue;
            }
            for (uint m = 0; m < entries; m++)
            {
                ulong page = memory.ReadValue((entry & AddressBits) + (m * entrySize), (int)entrySize);
                if ((page & Present) != 0)
                {
                    pages.Add(new GuestPage(linear + (m * 4096ul), page, page & AddressBits, 4096, rights & entry & page));
                }
            }
        }
    }
}

using Emulator.Core.Cpu;

namespace Emulator.Mmu;

/// <summary>What tells one address space from another: where the walk begins. Under PAE that is what MOV CR3 loaded, not what memory says by now.</summary>
/// <param name="Table">CR3 without its flags.</param>
/// <param name="Pdpte0">PAE: the four page directory pointers.</param>
/// <param name="Pdpte1">See there.</param>
/// <param name="Pdpte2">See there.</param>
/// <param name="Pdpte3">See there.</param>
internal readonly record struct AddressSpaceRoot(ulong Table, ulong Pdpte0, ulong Pdpte1, ulong Pdpte2, ulong Pdpte3)
{
    /// <summary>No paging, or none that is known.</summary>
    public static AddressSpaceRoot None => new(ulong.MaxValue, 0, 0, 0, 0);

    /// <summary>The root in force.</summary>
    public static unsafe AddressSpaceRoot Of(CpuState* cpu, PageWalker walker)
    {
        if (!cpu->IsPaging)
        {
            return None;
        }
        if ((cpu->Cr4 & Cr4.PAE) == 0)
        {
            return new(cpu->Cr3 & 0xFFFF_F000, 0, 0, 0, 0);
        }
        ReadOnlySpan<ulong> pointers = walker.Pdptes;
        return new(cpu->Cr3 & 0xFFFF_FFE0, pointers[0], pointers[1], pointers[2], pointers[3]);
    }
}

using Emulator.Core.Cpu;
using Emulator.Core.Memory;
using Emulator.Machine;
using Emulator.Mmu;

namespace Emulator.Remote.Monitor;

/// <summary>Guest memory and registers as a person looks at them: no faults, no A and D bits. Devices see the reads.</summary>
public sealed unsafe class GuestView(VirtualMachine machine)
{
    private static readonly string[] Registers = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];
    private static readonly string[] Segments = ["es", "cs", "ss", "ds", "fs", "gs"];

    /// <summary>The processor's registers.</summary>
    public CpuState* Cpu => machine.Board.Cpu.State;

    /// <summary>Linear address of the next instruction.</summary>
    public uint LinearPc => (uint)(Cpu->Segments[Seg.CS].Base + Cpu->Rip);

    /// <summary>
    /// A register by name: general registers, <c>eip</c>, <c>eflags</c>, segments with <c>.base</c> and <c>.limit</c>,
    /// <c>cr0</c>-<c>cr4</c>, <c>dr0</c>-<c>dr7</c>, and <c>pc</c>, the linear address of the next instruction.
    /// </summary>
    /// <returns>The 32 bits with their sign, as QEMU's 32-bit targets show them; null for unknown names.</returns>
    public long? Register(string name)
    {
        int general = Array.IndexOf(Registers, name), segment = Array.IndexOf(Segments, name.Split('.')[0]);
        if (general >= 0)
        {
            return (int)Cpu->Gpr[general];
        }
        if (segment >= 0)
        {
            SegmentRegister s = Cpu->Segments[segment];
            return name[2..] switch { "" => s.Selector, ".base" => (int)s.Base, ".limit" => (int)s.Limit, _ => null };
        }
        return name switch
        {
            "eip" => (int)Cpu->Rip,
            "pc" => (int)LinearPc,
            "eflags" => (int)Cpu->GetEflags(),
            "cr0" => (int)Cpu->Cr0,
            "cr2" => (int)Cpu->Cr2,
            "cr3" => (int)Cpu->Cr3,
            "cr4" => (int)Cpu->Cr4,
            ['d', 'r', >= '0' and <= '7' and var n] => (int)Cpu->Dr[n - '0'],
            _ => null,
        };
    }

    /// <summary>The guest-physical address behind a linear one.</summary>
    /// <returns>False when nothing is mapped there.</returns>
    public bool TryTranslate(uint linear, out ulong physical)
    {
        bool mapped = machine.Board.Cpu.Mmu.Walker.TryPeek(Cpu, linear, out PageWalk walk);
        physical = walk.Address;
        return mapped;
    }

    /// <summary>Reads guest-physical memory and devices.</summary>
    /// <returns>How many bytes could be read before a hole.</returns>
    public int ReadPhysical(ulong address, Span<byte> destination)
    {
        PhysicalMemory memory = machine.Board.Memory;
        for (int n = 0; n < destination.Length; n++)
        {
            ulong pa = address + (ulong)n;
            if (memory.TryReadPage(pa, out ulong page))
            {
                destination[n] = memory.Host[(page << 12) | (pa & 0xFFF)];
            }
            else if (memory.Regions.Any(r => r.Kind == MemoryKind.Mmio && pa >= r.Start && pa - r.Start < r.Length))
            {
                destination[n] = (byte)memory.ReadValue(pa, 1);
            }
            else
            {
                return n;
            }
        }
        return destination.Length;
    }

    /// <summary>Reads at linear addresses, by the page tables in effect.</summary>
    /// <returns>How many bytes could be read before a hole.</returns>
    public int ReadLinear(uint address, Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length)
        {
            uint linear = unchecked(address + (uint)done);
            int piece = Math.Min(destination.Length - done, 0x1000 - (int)(linear & 0xFFF));
            if (!TryTranslate(linear, out ulong physical))
            {
                break;
            }
            int got = ReadPhysical(physical, destination.Slice(done, piece));
            done += got;
            if (got < piece)
            {
                break;
            }
        }
        return done;
    }
}

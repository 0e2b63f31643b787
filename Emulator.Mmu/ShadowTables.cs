using System.Runtime.InteropServices;
using Emulator.Core.Memory;

namespace Emulator.Mmu;

/// <summary>
/// The composed map fg of one address space: linear page to (host address - linear address), one flat table for each access
/// kind and privilege, 0 where nothing is known. Filled on demand; a list of what is filled makes flushing cheap, and a note of
/// the guest's tables that the entries came from (<see cref="Dependencies"/>) tells what a write to one of those concerns.
/// </summary>
internal sealed unsafe class ShadowTables : IDisposable
{
    /// <summary>Pages in the 32-bit linear address space.</summary>
    public const int Pages = 1 << 20;

    private const int ListCapacity = 1 << 16;

    private readonly uint[] filled = new uint[ListCapacity];
    private readonly ulong[] listed = new ulong[Pages / 64], globals = new ulong[Pages / 64];
    private readonly ulong[] largeRegions = new ulong[16];
    private int filledCount;
    private nint* nothing;

    /// <summary>Allocates the tables; the host commits what is touched.</summary>
    public ShadowTables()
    {
        // SAFETY: owned here, freed in Dispose; indexed only by 20-bit page numbers.
        ReadSupervisor = New();
        WriteSupervisor = New();
        ReadUser = New();
        WriteUser = New();
        TracedSupervisor = New();
        TracedUser = New();
    }

    /// <summary>Told of every page whose entry is lost or may no longer be written.</summary>
    public HostWindows? Windows { get; set; }

    public nint* ReadSupervisor { get; }

    public nint* WriteSupervisor { get; }

    public nint* ReadUser { get; }

    public nint* WriteUser { get; }

    /// <summary>Pages that may be written but hold code: the write has to be noted first. Only the slow path looks here.</summary>
    public nint* TracedSupervisor { get; }

    public nint* TracedUser { get; }

    /// <summary>A table that knows nothing: every access looks exactly. Made when first asked for.</summary>
    public nint* Nothing => nothing != null ? nothing : nothing = New();

    /// <summary>The guest's tables that the entries came from.</summary>
    public TableDependencies Dependencies { get; } = new();

    /// <summary>Pages became traced while another address space was the present one: their write entries have to be looked for.</summary>
    public bool MissesTraces { get; set; }

    /// <summary>Number of pages with an entry, for the monitor.</summary>
    public int Count => filledCount;

    /// <summary>Enters a page. A zero delta leaves the entry of that access kind as it is.</summary>
    public void Fill(uint page, bool user, nint readDelta, nint writeDelta, nint tracedDelta, bool global, bool large)
    {
        ulong bit = 1ul << (int)page;
        if ((listed[page >> 6] & bit) == 0)
        {
            if (filledCount == ListCapacity)
            {
                Flush();
            }
            filled[filledCount++] = page;
            listed[page >> 6] |= bit;
        }
        globals[page >> 6] = global ? globals[page >> 6] | bit : globals[page >> 6] & ~bit;
        if (large)
        {
            MarkLarge(page);
        }
        if (readDelta != 0)
        {
            (user ? ReadUser : ReadSupervisor)[page] = readDelta;
        }
        if (writeDelta != 0)
        {
            (user ? WriteUser : WriteSupervisor)[page] = writeDelta;
        }
        if (tracedDelta != 0)
        {
            (user ? TracedUser : TracedSupervisor)[page] = tracedDelta;
        }
    }

    /// <summary>Drops everything.</summary>
    public void Flush()
    {
        for (int n = 0; n < filledCount; n++)
        {
            Clear(filled[n]);
            listed[filled[n] >> 6] = 0;
        }
        filledCount = 0;
        Array.Clear(largeRegions);
        Dependencies.Clear();
        MissesTraces = false;
    }

    /// <summary>
    /// Drops the pages that are not, as <paramref name="holds"/> finds, still what the guest's own tables say.
    /// </summary>
    /// <param name="holds">Also notes the dependencies anew.</param>
    /// <param name="keepGlobal">Global pages stay unseen.</param>
    public void Sweep(Func<uint, bool> holds, bool keepGlobal)
    {
        if (!keepGlobal)
        {
            Dependencies.Clear();
        }
        int kept = 0;
        for (int n = 0; n < filledCount; n++)
        {
            uint page = filled[n];
            if ((keepGlobal && (globals[page >> 6] & (1ul << (int)page)) != 0) || holds(page))
            {
                filled[kept++] = page;
            }
            else
            {
                Clear(page);
                listed[page >> 6] &= ~(1ul << (int)page);
            }
        }
        filledCount = kept;
        if (kept == 0)
        {
            Array.Clear(largeRegions);
        }
    }

    /// <summary>The same for the pages whose entries came from one of the guest's page tables.</summary>
    /// <returns>True when global pages stayed that should not be there any more.</returns>
    public bool SweepTable(uint table, Func<uint, bool> holds, bool keepGlobal)
    {
        bool kept = false;
        foreach ((uint first, uint count) in Dependencies.RegionsOf(table))
        {
            for (uint word = first >> 6; word < (first + count) >> 6; word++)
            {
                for (ulong bits = listed[word]; bits != 0; bits &= bits - 1)
                {
                    uint page = (word << 6) + (uint)System.Numerics.BitOperations.TrailingZeroCount(bits);
                    if (holds(page))
                    {
                        continue;
                    }
                    if (keepGlobal && (globals[word] & bits & (~bits + 1)) != 0)
                    {
                        kept |= (ReadSupervisor[page] | ReadUser[page]) != 0;
                    }
                    else
                    {
                        Clear(page);
                    }
                }
            }
        }
        return kept;
    }

    /// <summary>Copies the entries of another address space, all of which have to be looked at then.</summary>
    public void CopyFrom(ShadowTables other)
    {
        Flush();
        for (int n = 0; n < other.filledCount; n++)
        {
            uint page = other.filled[n];
            filled[n] = page;
            listed[page >> 6] |= 1ul << (int)page;
            ReadSupervisor[page] = other.ReadSupervisor[page];
            WriteSupervisor[page] = other.WriteSupervisor[page];
            ReadUser[page] = other.ReadUser[page];
            WriteUser[page] = other.WriteUser[page];
            TracedSupervisor[page] = other.TracedSupervisor[page];
            TracedUser[page] = other.TracedUser[page];
        }
        filledCount = other.filledCount;
        other.globals.CopyTo(globals, 0);
    }

    /// <summary>Turns the write entries that lead to pages which are traced by now into traced ones.</summary>
    public void ProtectTraced(PhysicalMemory memory)
    {
        for (int n = 0; n < filledCount; n++)
        {
            uint page = filled[n];
            Protect(page, WriteSupervisor, TracedSupervisor, memory);
            Protect(page, WriteUser, TracedUser, memory);
        }
        MissesTraces = false;
    }

    private void Protect(uint page, nint* write, nint* traced, PhysicalMemory memory)
    {
        nint delta = write[page];
        if (delta != 0 && memory.IsTraced((ulong)((nint)((ulong)page << 12) + delta - (nint)memory.Host) >> 12))
        {
            BeginTrace(page, write, traced);
        }
    }

    private void BeginTrace(uint page, nint* write, nint* traced)
    {
        traced[page] = write[page];
        write[page] = 0;
        Windows?.Changed(page);
    }

    /// <summary>Notes that the page is part of a large one: INVLPG anywhere in it drops it.</summary>
    public void MarkLarge(uint page) => largeRegions[page >> 16] |= 1ul << (int)(page >> 10);

    /// <summary>INVLPG: drops one page, or the 4 MiB around it where a large page was entered.</summary>
    public void Invalidate(uint page)
    {
        if ((largeRegions[page >> 16] & (1ul << (int)(page >> 10))) == 0)
        {
            Clear(page);
            return;
        }
        largeRegions[page >> 16] &= ~(1ul << (int)(page >> 10));
        uint first = page & ~1023u;
        for (uint p = first; p < first + 1024; p++)
        {
            Clear(p);
        }
    }

    /// <summary>Turns the write entries that lead to the host page into traced ones, so that the next write takes the slow path.</summary>
    public void ProtectHostPage(byte* hostPage)
    {
        for (int n = 0; n < filledCount; n++)
        {
            uint page = filled[n];
            nint delta = (nint)hostPage - (nint)((ulong)page << 12);
            if (WriteSupervisor[page] == delta)
            {
                BeginTrace(page, WriteSupervisor, TracedSupervisor);
            }
            if (WriteUser[page] == delta)
            {
                BeginTrace(page, WriteUser, TracedUser);
            }
        }
    }

    /// <summary>Drops the right to write from the pages that lie between two host addresses.</summary>
    public void ForgetWrites(byte* from, byte* to)
    {
        for (int n = 0; n < filledCount; n++)
        {
            uint page = filled[n];
            if (IsBetween(WriteSupervisor[page], page, from, to) || IsBetween(WriteUser[page], page, from, to))
            {
                WriteSupervisor[page] = 0;
                WriteUser[page] = 0;
                Windows?.Changed(page);
            }
        }
    }

    private static bool IsBetween(nint delta, uint page, byte* from, byte* to)
    {
        var host = (byte*)((nint)((ulong)page << 12) + delta);
        return delta != 0 && host >= from && host < to;
    }

    public void Dispose()
    {
        NativeMemory.Free(ReadSupervisor);
        NativeMemory.Free(WriteSupervisor);
        NativeMemory.Free(ReadUser);
        NativeMemory.Free(WriteUser);
        NativeMemory.Free(TracedSupervisor);
        NativeMemory.Free(TracedUser);
        NativeMemory.Free(nothing);
    }

    private static nint* New() => (nint*)NativeMemory.AllocZeroed(Pages, (nuint)sizeof(nint));

    // The page may stay in the list with nothing entered.
    private void Clear(uint page)
    {
        ReadSupervisor[page] = 0;
        WriteSupervisor[page] = 0;
        ReadUser[page] = 0;
        WriteUser[page] = 0;
        TracedSupervisor[page] = 0;
        TracedUser[page] = 0;
        Windows?.Changed(page);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;

namespace Emulator.Mmu;

/// <summary>
/// One virtual processor's memory management: guest paging composed with the machine's memory map into shadow page tables that
/// handlers and translated code read inline (<see cref="Access"/>). Not thread-safe: it belongs to its processor.
/// </summary>
public sealed unsafe class Mmu : IDisposable
{
    private const ulong LastOperand = uint.MaxValue - 15;

    private readonly PhysicalMemory memory;
    private readonly PageWalker walker;
    private readonly ShadowTables tables = new();
    private readonly CpuState* cpu;
    private readonly GCHandle handle;
    private readonly Func<uint, bool> holds;
    private IReadOnlyList<uint> watchedPages = [];

    /// <summary>Attaches to <paramref name="cpu"/>, whose <c>Mmu</c> handle and table pointers it owns from here on.</summary>
    public Mmu(CpuState* cpu, PhysicalMemory memory)
    {
        this.cpu = cpu;
        this.memory = memory;
        walker = new PageWalker(memory);
        holds = Holds;
        handle = GCHandle.Alloc(this);
        cpu->Mmu = GCHandle.ToIntPtr(handle);
        memory.MappingChanged += FlushAll;
        memory.Cleaned += ForgetWrites;
        SelectPrivilege();
    }

    /// <summary>The memory that translations lead to.</summary>
    public PhysicalMemory Memory => memory;

    /// <summary>The guest's paging, for debuggers.</summary>
    public PageWalker Walker => walker;

    /// <summary>Shadow entries in use, for the monitor.</summary>
    public int ShadowPages => tables.Count;

    /// <summary>How many times page tables were flushed, filled and walked: for the monitor.</summary>
    public long Fills { get; private set; }

    /// <summary>Whole flushes (CR3 loads, mode changes, memory map changes).</summary>
    public long Flushes { get; private set; }

    /// <summary>The MMU of a processor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Mmu From(CpuState* cpu) => Unsafe.As<Mmu>(GCHandle.FromIntPtr(cpu->Mmu).Target!);

    /// <summary>Told of every data access that touches a watched page: linear address, bytes, whether it writes.</summary>
    public Action<ulong, int, bool>? Watcher { get; private set; }

    /// <summary>
    /// Keeps pages out of the tables, so that every access to them takes the slow path, which tells <paramref name="watcher"/>: data
    /// breakpoints.
    /// </summary>
    /// <param name="pages">Linear page numbers; empty ends the watch.</param>
    /// <param name="watcher">See <see cref="Watcher"/>.</param>
    public void Watch(IReadOnlyList<uint> pages, Action<ulong, int, bool> watcher)
    {
        if (pages.Count > 0 || watchedPages.Count > 0)
        {
            watchedPages = pages;
            Watcher = pages.Count > 0 ? watcher : null;
            FlushAll();
        }
    }

    /// <summary>
    /// Points the processor at the tables of its privilege; call when CPL, CR0.AM or EFLAGS.AC change. While alignment is checked it sees a
    /// table that knows nothing, and the slow path does the checks.
    /// </summary>
    public void SelectPrivilege()
    {
        bool user = cpu->Cpl == 3;
        if (SlowAccess.ChecksAlignment(cpu))
        {
            cpu->ReadTable = cpu->WriteTable = tables.Nothing;
            cpu->Window = tables.Windows?.Nothing ?? 0;
            return;
        }
        cpu->Window = tables.Windows?.Start(user) ?? 0;
        cpu->ReadTable = user ? tables.ReadUser : tables.ReadSupervisor;
        cpu->WriteTable = user ? tables.WriteUser : tables.WriteSupervisor;
    }

    /// <summary>Pages in the windows of host page mapping, for the monitor.</summary>
    public int WindowPages => tables.Windows?.Count ?? 0;

    /// <summary>Makes <c>CpuState.Window</c>, in which host code reaches guest memory through the host's own MMU.</summary>
    /// <returns>False when the host or the machine memory cannot have that.</returns>
    public bool TryOpenWindows()
    {
        tables.Windows ??= memory.HostFile < 0 ? null : HostWindows.TryMake(memory.HostFile, memory.Host);
        SelectPrivilege();
        return tables.Windows is not null;
    }

    /// <summary>Takes out of the windows what the tables have lost. Call before host code runs.</summary>
    public void SyncWindows()
    {
        if (tables.Windows is { IsStale: true } windows)
        {
            windows.Sync(tables);
        }
    }

    /// <summary>An access through the present window faulted: maps the page, if the guest may access it so and it is plain memory.</summary>
    /// <returns>False when the instruction has to be done by the slow path; nothing that the guest could see has changed then.</returns>
    public bool TryMapIntoWindow(ulong linear, bool write)
    {
        bool user = cpu->Cpl == 3;
        // An operand that goes on at address 0 is beyond the limit first.
        if (tables.Windows is not { } windows || linear > LastOperand || cpu->ReadTable == tables.Nothing)
        {
            return false;
        }
        uint page = (uint)linear >> 12;
        if ((write ? cpu->WriteTable : cpu->ReadTable)[page] == 0)
        {
            ulong cr2 = cpu->Cr2;
            if (!Translate(linear, write, user, out _))
            {
                cpu->FaultVector = -1;
                cpu->Cr2 = cr2;
                return false;
            }
        }
        SyncWindows();
        return windows.TryMap(page, write, user, tables);
    }

    /// <summary>Drops every translation: CR0/CR4 paging bits, A20, memory map.</summary>
    public void FlushAll()
    {
        Flushes++;
        tables.Flush();
    }

    /// <summary>
    /// MOV CR3, task switch: drops the non-global translations. Those that a walk of the guest's tables would enter again just as they are,
    /// without a write to A or D bits, stay: a processor may walk ahead of any access (SDM Vol. 3A, 4.10.2.3), so the guest cannot tell.
    /// </summary>
    public void FlushNonGlobal()
    {
        Flushes++;
        if (cpu->IsPaging)
        {
            walker.BeginRepeats();
            tables.Sweep(holds);
        }
    }

    /// <summary>INVLPG.</summary>
    public void Invalidate(ulong linear) => tables.Invalidate((uint)linear >> 12);

    /// <summary>Writes to the machine page take the slow path from now on: it holds code.</summary>
    public void ProtectMachinePage(ulong machinePage) => tables.ProtectHostPage(memory.Host + (machinePage << 12));

    /// <summary>
    /// Finds the guest-physical address of one byte for an access that the tables don't know, and enters the page there.
    /// </summary>
    /// <returns>False when the guest takes a page fault, which is recorded with CR2.</returns>
    public bool Translate(ulong linear, bool write, bool user, out ulong pa)
    {
        int error = walker.Translate(cpu, linear, write, user, out PageWalk walk);
        pa = walk.Address;
        if (error >= 0)
        {
            cpu->Cr2 = linear;
            cpu->FaultVector = Vector.PF;
            cpu->FaultErrorCode = (uint)error;
            return false;
        }
        if (Watcher is not null && watchedPages.Contains((uint)linear >> 12))
        {
            return true;
        }
        nint readDelta = 0, writeDelta = 0, tracedDelta = 0;
        ulong pageStart = linear & ~0xFFFul;
        if (memory.TryReadPage(pa, out ulong page))
        {
            readDelta = Delta(page, pageStart);
        }
        bool mayWrite = walk.Dirty && (walk.Writable || (!user && (cpu->Cr0 & Cr0.WP) == 0)) && (walk.User || !user);
        if ((write || mayWrite) && memory.TryWritePage(pa, out page))
        {
            memory.MarkDirty(page);
            nint delta = Delta(page, pageStart);
            (writeDelta, tracedDelta) = memory.HasCode(page) ? ((nint)0, delta) : (delta, 0);
        }
        if ((readDelta | writeDelta | tracedDelta) != 0)
        {
            Fills++;
            tables.Fill((uint)linear >> 12, user, readDelta, writeDelta, tracedDelta, walk.Global, walk.PageShift > 12);
        }
        return true;
    }

    /// <summary>Host address of a byte that may be read, from the tables alone; null when they don't know.</summary>
    internal byte* KnownRead(ulong linear, bool user)
    {
        nint delta = (user ? tables.ReadUser : tables.ReadSupervisor)[linear >> 12];
        return delta == 0 ? null : (byte*)((nint)linear + delta);
    }

    /// <summary>The same as <see cref="KnownWrite"/>, but null as well where the bytes hold decoded code.</summary>
    internal byte* KnownPlainWrite(ulong linear, int size, bool user)
    {
        nint delta = (user ? tables.WriteUser : tables.WriteSupervisor)[linear >> 12];
        if (delta == 0)
        {
            delta = (user ? tables.TracedUser : tables.TracedSupervisor)[linear >> 12];
            if (delta == 0 || memory.IsCode((ulong)((nint)linear + delta - (nint)memory.Host), size))
            {
                return null;
            }
        }
        return KnownWrite(linear, size, user);
    }

    /// <summary>
    /// Host address of a byte that may be written, from the tables alone, with the write noted where code is near; null when
    /// they don't know. A page that has lost its code becomes plainly writable again.
    /// </summary>
    internal byte* KnownWrite(ulong linear, int size, bool user)
    {
        nint* write = user ? tables.WriteUser : tables.WriteSupervisor;
        nint delta = write[linear >> 12];
        if (delta == 0)
        {
            delta = (user ? tables.TracedUser : tables.TracedSupervisor)[linear >> 12];
            if (delta == 0)
            {
                return null;
            }
            ulong machineAddress = (ulong)((nint)linear + delta - (nint)memory.Host);
            memory.NoteWrite(machineAddress, size);
            if (!memory.HasCode(machineAddress >> 12))
            {
                write[linear >> 12] = delta;
            }
        }
        return (byte*)((nint)linear + delta);
    }

    /// <summary>True when the tables know that the byte may be written.</summary>
    internal bool IsKnownWritable(ulong linear, bool user) =>
        ((user ? tables.WriteUser : tables.WriteSupervisor)[linear >> 12] | (user ? tables.TracedUser : tables.TracedSupervisor)[linear >> 12]) != 0;

    /// <summary>Finds where code at <paramref name="linear"/> lies in machine memory, with the present privilege.</summary>
    /// <param name="linear">Linear address of the byte.</param>
    /// <param name="machineAddress">Its machine address when the result is true and the byte is in RAM or ROM.</param>
    /// <param name="inMemory">False when the byte is in a device or a hole.</param>
    /// <returns>False when the guest takes a page fault, which is recorded.</returns>
    public bool TranslateFetch(ulong linear, out ulong machineAddress, out bool inMemory)
    {
        nint delta = (cpu->Cpl == 3 ? tables.ReadUser : tables.ReadSupervisor)[(uint)linear >> 12];
        if (delta != 0)
        {
            machineAddress = (ulong)((nint)(uint)linear + delta - (nint)memory.Host);
            inMemory = true;
            return true;
        }
        machineAddress = 0;
        inMemory = false;
        if (!Translate((uint)linear, write: false, cpu->Cpl == 3, out ulong pa))
        {
            return false;
        }
        inMemory = memory.TryReadPage(pa, out ulong page);
        machineAddress = (page << 12) | (pa & 0xFFF);
        return true;
    }

    /// <summary>Reads guest memory for a person or a debugger: no faults, no A bits, no device side effects.</summary>
    /// <returns>False when a byte of the range is not mapped or not memory.</returns>
    public bool TryPeek(ulong linear, Span<byte> destination)
    {
        for (int n = 0; n < destination.Length; n++)
        {
            if (!walker.TryPeek(cpu, (uint)(linear + (ulong)n), out PageWalk walk) || !memory.TryReadPage(walk.Address, out ulong page))
            {
                return false;
            }
            destination[n] = memory.Host[(page << 12) | (walk.Address & 0xFFF)];
        }
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        memory.MappingChanged -= FlushAll;
        memory.Cleaned -= ForgetWrites;
        tables.Dispose();
        tables.Windows?.Dispose();
        handle.Free();
    }

    private void ForgetWrites(ulong machineAddress, ulong length) => tables.ForgetWrites(memory.Host + machineAddress, memory.Host + machineAddress + length);

    private bool Holds(uint page)
    {
        ulong linear = (ulong)page << 12;
        if (!walker.TryRepeat(cpu, linear, out PageWalk walk))
        {
            return false;
        }
        nint reads = tables.ReadSupervisor[page] | tables.ReadUser[page], userReads = tables.ReadUser[page];
        nint userWrites = tables.WriteUser[page] | tables.TracedUser[page], writes = tables.WriteSupervisor[page] | tables.TracedSupervisor[page] | userWrites;
        bool mayWrite = walk.Dirty && (walk.Writable || (userWrites == 0 && (cpu->Cr0 & Cr0.WP) == 0));
        if ((reads | writes) == 0 || (!walk.User && (userReads | userWrites) != 0) || (writes != 0 && !mayWrite))
        {
            return false;
        }
        if ((reads != 0 && (!memory.TryReadPage(walk.Address, out ulong machine) || Delta(machine, linear) != reads))
            || (writes != 0 && (!memory.TryWritePage(walk.Address, out machine) || Delta(machine, linear) != writes)))
        {
            return false;
        }
        if (walk.PageShift > 12)
        {
            tables.MarkLarge(page);
        }
        return true;
    }

    private nint Delta(ulong machinePage, ulong linearPage) => (nint)(memory.Host + (machinePage << 12)) - (nint)linearPage;
}

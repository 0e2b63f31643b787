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
    // The shadow tables of the present address space.
    private ShadowTables Tables => spaces.Present;

    private const ulong LastOperand = uint.MaxValue - 15;

    private readonly PhysicalMemory memory;
    private readonly PageWalker walker;
    private readonly AddressSpaces spaces;
    private readonly CpuState* cpu;
    private readonly GCHandle handle;
    private IReadOnlyList<uint> watchedPages = [];

    /// <summary>Attaches to <paramref name="cpu"/>, whose <c>Mmu</c> handle and table pointers it owns from here on.</summary>
    public Mmu(CpuState* cpu, PhysicalMemory memory)
    {
        this.cpu = cpu;
        this.memory = memory;
        walker = new PageWalker(memory);
        spaces = new AddressSpaces(memory, Holds, &cpu->WindowIsStale);
        handle = GCHandle.Alloc(this);
        cpu->Mmu = GCHandle.ToIntPtr(handle);
        memory.MappingChanged += FlushAll;
        memory.Cleaned += ForgetWrites;
        memory.TableWritten += spaces.TableWritten;
        SelectPrivilege();
    }

    /// <summary>The memory that translations lead to.</summary>
    public PhysicalMemory Memory => memory;

    /// <summary>The guest's paging, for debuggers.</summary>
    public PageWalker Walker => walker;

    /// <summary>Shadow entries in use, for the monitor.</summary>
    public int ShadowPages => spaces.Count;

    /// <summary>How many times page tables were flushed, filled and walked: for the monitor.</summary>
    public long Fills { get; private set; }

    /// <summary>Whole flushes (CR3 loads, mode changes, memory map changes).</summary>
    public long Flushes { get; private set; }

    /// <summary>
    /// Address spaces that have shadow tables now; how often one was entered that had them already; page tables of the guest traced, and traces broken by
    /// a write: for the monitor.
    /// </summary>
    public (int Known, long Returns, long Traced, long Broken) AddressSpaces => (spaces.Known, spaces.Returns, spaces.Traced, spaces.Broken);

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
        cpu->SystemView = new MemoryView { ReadTable = Tables.ReadSupervisor, WriteTable = Tables.WriteSupervisor, TracedTable = Tables.TracedSupervisor, Window = Tables.Windows?.Start(isUser: false) ?? 0 };
        cpu->UserView = new MemoryView { ReadTable = Tables.ReadUser, WriteTable = Tables.WriteUser, TracedTable = Tables.TracedUser, Window = Tables.Windows?.Start(isUser: true) ?? 0 };
        MemoryView view = cpu->Cpl == 3 ? cpu->UserView : cpu->SystemView;
        if (SlowAccess.ChecksAlignment(cpu))
        {
            view = new MemoryView { ReadTable = Tables.Nothing, WriteTable = Tables.Nothing, TracedTable = Tables.Nothing, Window = Tables.Windows?.Nothing ?? 0 };
        }
        cpu->ReadTable = view.ReadTable;
        cpu->WriteTable = view.WriteTable;
        cpu->TracedTable = view.TracedTable;
        cpu->Window = view.Window;
    }

    /// <summary>Pages in the windows of host page mapping, for the monitor.</summary>
    public int WindowPages => spaces.WindowPages;

    /// <summary>Mappings of the host's that the windows have and may have, for the monitor.</summary>
    public (int Used, int Limit) WindowMappings => spaces.WindowMappings;

    /// <summary>Pages in the present windows that <see cref="SyncWindows"/> has to look at.</summary>
    internal int StaleWindowPages => Tables.Windows?.StaleCount ?? 0;

    /// <summary>Makes <c>CpuState.Window</c>, in which host code reaches guest memory through the host's own MMU.</summary>
    /// <returns>False when the host or the machine memory cannot have that.</returns>
    public bool TryOpenWindows() => TryOpenWindows(MappingBudget.OfHost());

    /// <summary>The same with a budget of mappings for all windows.</summary>
    internal bool TryOpenWindows(MappingBudget budget)
    {
        bool open = spaces.TryOpenWindows(budget);
        SelectPrivilege();
        return open;
    }

    /// <summary>Takes out of the windows what the tables have lost. Call before host code runs.</summary>
    public void SyncWindows()
    {
        if (cpu->WindowIsStale != 0 && Tables.Windows is { } windows)
        {
            int lost = windows.Lost;
            windows.Sync(Tables);
            LeaveLostWindows(lost);
        }
    }

    // Host code must not look through a window that the host does not let us change any more.
    private void LeaveLostWindows(int before)
    {
        if (Tables.Windows!.Lost != before)
        {
            SelectPrivilege();
        }
    }

    /// <summary>An access through the present window faulted: maps the page, if the guest may access it so and it is plain memory.</summary>
    /// <returns>False when the instruction has to be done by the slow path; nothing that the guest could see has changed then.</returns>
    public bool TryMapIntoWindow(ulong linear, bool write)
    {
        bool user = cpu->Cpl == 3;
        // An operand that goes on at address 0 is beyond the limit first.
        if (Tables.Windows is not { } windows || linear > LastOperand || cpu->ReadTable == Tables.Nothing)
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
        int lost = windows.Lost;
        spaces.MakeRoomInWindows();
        bool mapped = windows.TryMap(page, write, user, Tables);
        LeaveLostWindows(lost);
        return mapped;
    }

    /// <summary>Drops every translation: CR0/CR4 paging bits, A20, memory map.</summary>
    public void FlushAll()
    {
        Flushes++;
        spaces.FlushAll(PresentRoot());
    }

    /// <summary>
    /// MOV CR3, task switch: to the shadow tables of the address space, of which only those translations stay that a walk of the guest's
    /// tables would enter again just as they are, without a write to A or D bits: a processor may walk ahead of any access (SDM Vol. 3A,
    /// 4.10.2.3), so the guest cannot tell. What traces of the guest's tables say is unchanged needs no walk.
    /// </summary>
    public void FlushNonGlobal()
    {
        Flushes++;
        if (!cpu->IsPaging)
        {
            return;
        }
        ShadowTables before = Tables;
        walker.BeginRepeats();
        spaces.Enter(PresentRoot());
        if (Tables != before)
        {
            SelectPrivilege();
        }
    }

    /// <summary>INVLPG.</summary>
    public void Invalidate(ulong linear) => Tables.Invalidate((uint)linear >> 12);

    /// <summary>Writes to the machine page take the slow path from now on: it holds code.</summary>
    public void ProtectMachinePage(ulong machinePage) => spaces.ProtectMachinePage(machinePage);

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
            if (write && memory.IsTracedTable(page))
            {
                spaces.TableWritten(page);
            }
            (writeDelta, tracedDelta) = memory.IsTraced(page) ? ((nint)0, delta) : (delta, 0);
        }
        if ((readDelta | writeDelta | tracedDelta) != 0)
        {
            Fills++;
            Tables.Fill((uint)linear >> 12, user, readDelta, writeDelta, tracedDelta, walk.Global, walk.PageShift > 12);
            NoteOrigin((uint)linear >> 12, in walk);
        }
        return true;
    }

    /// <summary>Host address of a byte that may be read, from the tables alone; null when they don't know.</summary>
    internal byte* KnownRead(ulong linear, bool user)
    {
        nint delta = (user ? Tables.ReadUser : Tables.ReadSupervisor)[linear >> 12];
        return delta == 0 ? null : (byte*)((nint)linear + delta);
    }

    /// <summary>The same as <see cref="KnownWrite"/>, but null as well where the bytes hold decoded code.</summary>
    internal byte* KnownPlainWrite(ulong linear, int size, bool user)
    {
        nint delta = (user ? Tables.WriteUser : Tables.WriteSupervisor)[linear >> 12];
        if (delta == 0)
        {
            delta = (user ? Tables.TracedUser : Tables.TracedSupervisor)[linear >> 12];
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
        nint* write = user ? Tables.WriteUser : Tables.WriteSupervisor;
        nint delta = write[linear >> 12];
        if (delta == 0)
        {
            delta = (user ? Tables.TracedUser : Tables.TracedSupervisor)[linear >> 12];
            if (delta == 0)
            {
                return null;
            }
            ulong machineAddress = (ulong)((nint)linear + delta - (nint)memory.Host);
            memory.NoteWrite(machineAddress, size);
            if (!memory.IsTraced(machineAddress >> 12))
            {
                write[linear >> 12] = delta;
            }
        }
        return (byte*)((nint)linear + delta);
    }

    /// <summary>True when the tables know that the byte may be written.</summary>
    internal bool IsKnownWritable(ulong linear, bool user) =>
        ((user ? Tables.WriteUser : Tables.WriteSupervisor)[linear >> 12] | (user ? Tables.TracedUser : Tables.TracedSupervisor)[linear >> 12]) != 0;

    /// <summary>Finds where code at <paramref name="linear"/> lies in machine memory, with the present privilege.</summary>
    /// <param name="linear">Linear address of the byte.</param>
    /// <param name="machineAddress">Its machine address when the result is true and the byte is in RAM or ROM.</param>
    /// <param name="inMemory">False when the byte is in a device or a hole.</param>
    /// <returns>False when the guest takes a page fault, which is recorded.</returns>
    public bool TranslateFetch(ulong linear, out ulong machineAddress, out bool inMemory)
    {
        nint delta = (cpu->Cpl == 3 ? Tables.ReadUser : Tables.ReadSupervisor)[(uint)linear >> 12];
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
        memory.TableWritten -= spaces.TableWritten;
        spaces.Dispose();
        handle.Free();
    }

    private void ForgetWrites(ulong machineAddress, ulong length) => spaces.ForgetWrites(memory.Host + machineAddress, memory.Host + machineAddress + length);

    private AddressSpaceRoot PresentRoot() => AddressSpaceRoot.Of(cpu, walker);

    private void NoteOrigin(uint page, in PageWalk walk)
    {
        if (cpu->IsPaging)
        {
            Tables.Dependencies.Note(page, in walk, (cpu->Cr4 & Cr4.PAE) != 0, spaces.IsTraced);
        }
    }

    private bool Holds(uint page)
    {
        ulong linear = (ulong)page << 12;
        if (!walker.TryRepeat(cpu, linear, out PageWalk walk))
        {
            return false;
        }
        nint reads = Tables.ReadSupervisor[page] | Tables.ReadUser[page], userReads = Tables.ReadUser[page];
        nint userWrites = Tables.WriteUser[page] | Tables.TracedUser[page], writes = Tables.WriteSupervisor[page] | Tables.TracedSupervisor[page] | userWrites;
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
            Tables.MarkLarge(page);
        }
        NoteOrigin(page, in walk);
        return true;
    }

    private nint Delta(ulong machinePage, ulong linearPage) => (nint)(memory.Host + (machinePage << 12)) - (nint)linearPage;
}

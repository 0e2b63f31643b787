using Emulator.Core.Backends;
using Emulator.BT.Translator;
using Emulator.BT.Translator.Il;
using System.Globalization;
using Emulator.BT;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;
using Emulator.Machine;
using Emulator.Machine.Board;
using Emulator.Remote.Block;
using static Emulator.Remote.Monitor.MonitorParameterKind;

namespace Emulator.Remote.Monitor;

/// <summary>The subcommands of <c>info</c>.</summary>
internal sealed unsafe class InfoCommands(VirtualMachine machine)
{
    private PcBoard Board => machine.Board;

    public IEnumerable<MonitorCommand> Make() =>
    [
        new("block", "[-n] [-v] [device]", "show info of one block device or all block devices",
            [new("n", Flag), new("v", Flag), new("device", Device, IsOptional: true)], BlockInfo),
        new("clock", "", "show the guest's time and how far it is behind the host's", [], (_, output) => Clock(output)),
        new("cpus", "", "show infos for each CPU", [],
            (_, output) => Line(output, $"* CPU #0: thread_id={Environment.ProcessId}")),
        new("jit", "", "show dynamic compiler info", [], CodeCache),
        new("mem", "", "show the active virtual memory mappings", [],
            (_, output) => output.Write(PagingReport.Mem(Board.Cpu.State, Board.Memory))),
        new("mice", "", "show which guest mouse is receiving events", [], (_, output) => Mice(output)),
        new("mtree", "", "show memory tree", [], (_, output) => AddressSpaces(output)),
        new("name", "", "show the current VM name", [],
            (_, output) => output.Write(machine.Config.Name is { } name ? name + "\n" : "")),
        new("network", "", "show the network state", [], (_, _) => { }),
        new("pci", "", "show PCI info", [], (_, output) => output.Write(Board.Pci is { } bus ? PciReport.Format(bus) : "No PCI bus found\n")),
        new("pic", "", "show PIC state", [], (_, output) => Pics(output)),
        new("registers", "[-a|vcpu]",
            "show the cpu registers (-a: show register info for all cpus; vcpu: specific vCPU to query; "
            + "show the current CPU's registers if no argument is specified)",
            [new("a", Flag), new("vcpu", Number32, IsOptional: true)], Registers),
        new("roms", "", "show roms", [], (_, output) => Roms(output)),
        new("status", "", "show the current VM status (running|paused)", [],
            (_, output) => output.Write(RunCommands.Status(machine.State))),
        new("tlb", "", "show virtual to physical memory mappings", [],
            (_, output) => output.Write(PagingReport.Tlb(Board.Cpu.State, Board.Memory))),
        new("traps", "", "show how often each exception and interrupt was delivered", [],
            (_, output) => output.Write(TrapReport.Format(Board.Cpu))),
        new("uuid", "", "show the current VM UUID", [], (_, output) => Line(output, $"{machine.Config.Uuid ?? Guid.Empty}")),
        new("version", "", "show the version of the emulator", [], (_, output) => Line(output, $"{HumanMonitor.ProgramVersion}")),
    ];

    private void Registers(MonitorArguments arguments, TextWriter output)
    {
        long vcpu = arguments.Number("vcpu", 0);
        output.Write(vcpu == 0
            ? "\nCPU#0\n" + RegisterDump.Format(Board.Cpu.State, Board.Memory.A20, withFpu: true)
            : string.Create(CultureInfo.InvariantCulture, $"CPU#{vcpu} not available\n"));
    }

    private void Clock(TextWriter output)
    {
        const double ns = 1e9;
        long now = machine.NowNs;
        (long owed, long most) = machine.Owed;
        Line(output, $"clock: {(machine.Config.IcountShift is null ? "host" : "icount")}");
        Line(output, $"guest time: {now / ns:f3} s");
        Line(output, $"owed: {owed / ns:f3} s (at most {most / ns:f3} s)");
    }

    private void Mice(TextWriter output)
    {
        foreach (var (index, name, isAbsolute, isCurrent) in Board.Pointers.All)
        {
            Line(output, $"{(isCurrent ? '*' : ' ')} Mouse #{index}: {name}{(isAbsolute ? " (absolute)" : "")}");
        }
    }

    // The slave first, as QEMU has it.
    private void Pics(TextWriter output)
    {
        int number = 1;
        foreach (var pic in new[] { Board.Pic.Slave, Board.Pic.Master })
        {
            output.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"pic{number--}: irr={pic.Irr:x2} imr={pic.Imr:x2} isr={pic.Isr:x2} hprio={pic.HighestPriority} irq_base={pic.VectorBase:x2} "));
            Line(output, $"rr_sel={(pic.ReadsIsr ? 1 : 0)} elcr={pic.Elcr:x2} fnm={(pic.SpecialFullyNested ? 1 : 0)}");
        }
    }

    private void BlockInfo(MonitorArguments arguments, TextWriter output)
    {
        string? name = arguments.TextOrNull("device");
        BoardDrive[] drives = [.. Board.Drives.Where(d => name is null || d.Config.Id == name)];
        if (drives.Length == 0 && name is not null)
        {
            throw new MonitorException($"Device '{name}' not found");
        }
        output.Write(string.Join('\n', drives.Select(Describe)));
    }

    private static string Describe(BoardDrive drive)
    {
        var medium = drive.CurrentMedium();
        string text = medium is null
            ? $"{drive.Config.Id}: [not inserted]\n"
            : $"{drive.Config.Id}: {medium.Name} ({FormatOf(medium)}{(medium.IsReadOnly ? ", read-only" : "")})\n";
        if (drive.Disk is null)
        {
            string locked = drive.Cdrom is { IsLocked: true } ? "locked" : "not locked";
            string tray = drive.Cdrom is { IsTrayOpen: true } ? "open" : "closed";
            text += $"    Removable device: {locked}, tray {tray}\n";
        }
        if (medium is not null)
        {
            text += "    Cache mode:       writeback\n";
        }
        if (medium is DiskImage { BackingName: string backing })
        {
            text += $"    Backing file:     {backing}\n";
        }
        if (medium is SnapshotOverlay overlay)
        {
            text += $"    Snapshot:         {overlay.ChangedBytes} bytes changed in memory\n";
        }
        return text;
    }

    private static string FormatOf(IBlockBackend medium) =>
        ((medium is SnapshotOverlay overlay ? overlay.Base : medium) as DiskImage)?.Format ?? "raw";

    private void CodeCache(MonitorArguments arguments, TextWriter output)
    {
        Vcpu cpu = Board.Cpu;
        Line(output, $"Translation buffer state:");
        Line(output, $"gen code size       {cpu.Cache.UsedBytes}");
        Line(output, $"TB decoded count    {cpu.Cache.Decoded}");
        Line(output, $"");
        Line(output, $"Statistics:");
        Line(output, $"TB flush count      {cpu.Cache.Resets}");
        Line(output, $"TB aging count      {cpu.Cache.Agings}");
        Line(output, $"TB invalidate count {cpu.Cache.Invalidated}");
        Line(output, $"TLB flushes         {cpu.Mmu.Flushes}");
        Line(output, $"TLB fills           {cpu.Mmu.Fills}");
        Line(output, $"TLB pages           {cpu.Mmu.ShadowPages}");
        (int known, long returns, long traced, long broken) = cpu.Mmu.AddressSpaces;
        Line(output, $"address spaces      {known}");
        Line(output, $"returns to them     {returns}");
        Line(output, $"page tables traced  {traced}");
        Line(output, $"traces broken       {broken}");
        Line(output, $"");
        if (cpu.Translator is not { } translator)
        {
            Line(output, $"Translator: none, the interpreter runs everything");
            return;
        }
        Line(output, $"Translator:");
        Line(output, $"back end            {(translator.BackEnd == TranslatorBackEnd.X64 ? "x64" : "il")}");
        Line(output, $"window              {translator.Window.ToString().ToLowerInvariant()}");
        Line(output, $"regions             {translator.Regions}");
        Line(output, $"regions compiled    {translator.Compiled}");
        Line(output, $"instr. compiled     {translator.CompiledInstructions}");
        Line(output, $"interpreted though in a region {cpu.InterpretedBesideRegion}");
        Line(output, $"regions discarded   {translator.Discarded}");
        Line(output, $"regions invalidated {translator.Invalidated}");
        Line(output, $"guest instructions  {translator.GuestInstructions}");
        Line(output, $"code bytes          {translator.CodeBytes}");
        Line(output, $"queue               {translator.Waiting}");
        Line(output, $"compile time        {translator.CompileTime.TotalMilliseconds:f0} ms");
        Line(output, $"links               {translator.Linked}");
        Line(output, $"regions evicted     {translator.Evicted}");
        Line(output, $"window regions      {translator.WindowRegions}");
        Line(output, $"window pages        {cpu.Mmu.WindowPages}");
        Line(output, $"window mappings     {cpu.Mmu.WindowMappings.Used} of at most {cpu.Mmu.WindowMappings.Limit}");
        Line(output, $"window faults       {translator.WindowFaults}");
        for (int n = 0; n < translator.Exits.Length; n++)
        {
            Line(output, $"exits: {(RegionExit)n,-12} {translator.Exits[n]}");
        }
    }

    private void AddressSpaces(TextWriter output)
    {
        Line(output, $"address-space: I/O");
        Line(output, $"  0000000000000000-000000000000ffff (prio 0, i/o): io");
        foreach (var range in Board.Ports.Ranges.OrderBy(r => r.First))
        {
            Line(output, $"    {range.First:x16}-{range.First + range.Count - 1:x16} (prio 0, i/o): {range.Name}");
        }
        Line(output, $"");
        Line(output, $"address-space: memory");
        Line(output, $"  0000000000000000-ffffffffffffffff (prio 0, i/o): system");
        foreach (MemoryRegion region in Board.Memory.Regions.OrderBy(r => r.Start).ThenByDescending(r => r.Priority))
        {
            string kind = region.Kind switch { MemoryKind.Ram => "ram", MemoryKind.Rom => "rom", _ => "i/o" };
            Line(output, $"    {region.Start:x16}-{region.Start + region.Length - 1:x16} (prio {region.Priority}, {kind}): {region.Name}");
        }
    }

    private void Roms(TextWriter output)
    {
        foreach (MemoryRegion region in Board.Memory.Regions.Where(r => r.Kind == MemoryKind.Rom).OrderBy(r => r.Start))
        {
            Line(output, $"addr={region.Start:x16} size=0x{region.Length:x6} mem=rom name=\"{region.Name}\"");
        }
    }

    private static void Line(TextWriter output, FormattableString text) => output.Write(FormattableString.Invariant(text) + "\n");
}

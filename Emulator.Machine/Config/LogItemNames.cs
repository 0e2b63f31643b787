using Emulator.Core.Diagnostics;

namespace Emulator.Machine.Config;

/// <summary>The items of <c>-d</c> by name.</summary>
public static class LogItemNames
{
    /// <summary>Name, flag and meaning of each item.</summary>
    public static IReadOnlyList<(string Name, LogItems Item, string Help)> All { get; } =
    [
        ("in_asm", LogItems.InAsm, "guest code of each block when it is first decoded"),
        ("out_asm", LogItems.OutAsm, "host code of each region (x86-64 back end)"),
        ("int", LogItems.Int, "interrupts and exceptions"),
        ("exec", LogItems.Exec, "each block before it runs"),
        ("cpu", LogItems.Cpu, "registers before each block"),
        ("guest_errors", LogItems.GuestErrors, "what the guest does that the hardware does not define"),
        ("unimp", LogItems.Unimplemented, "what the guest uses that this machine does not have"),
        ("cpu_reset", LogItems.CpuReset, "registers at reset and triple fault"),
        ("ir", LogItems.Ir, "the translator's intermediate form of each region"),
        ("il", LogItems.Il, "the IL that the form becomes (IL back end)"),
        ("fpu", LogItems.Fpu, "x87, MMX and SSE registers with 'cpu'"),
        ("mmu", LogItems.Mmu, "paging and the A20 line switched, other page tables"),
        ("pcall", LogItems.FarCalls, "changes of the code segment in protected mode: far transfers, interrupts, returns"),
        ("op", LogItems.Ir, "as ir"),
        ("op_opt", LogItems.Ir, "as ir"),
        ("op_ind", LogItems.Ir, "as ir"),
        ("nochain", LogItems.None, "nothing: exec and cpu show every block anyway"),
        ("asm", LogItems.Asm, "in_asm and out_asm"),
    ];

    /// <summary>QEMU's items that log nothing here, and why.</summary>
    public static IReadOnlyList<(string Name, string Why)> Empty { get; } =
    [
        ("page", "it belongs to QEMU's emulation of single programs"),
        ("strace", "it belongs to QEMU's emulation of single programs"),
        ("plugin", "there are no plugins"),
        ("tid", "everything is logged by one thread"),
        ("trace:", "there are no trace events; 'guest_errors' and 'unimp' log what devices see"),
    ];

    /// <summary>The flags of names separated by commas.</summary>
    /// <exception cref="UserErrorException">A name is not known.</exception>
    public static LogItems Parse(string text) => Parse(text, _ => { });

    /// <summary>The flags of names separated by commas.</summary>
    /// <param name="text">The names.</param>
    /// <param name="note">Gets a sentence for each item that logs nothing here.</param>
    /// <exception cref="UserErrorException">A name is not known.</exception>
    public static LogItems Parse(string text, Action<string> note)
    {
        var items = LogItems.None;
        foreach (string name in text.Split(','))
        {
            var (empty, why) = Empty.FirstOrDefault(e => e.Name == name || (e.Name.EndsWith(':') && name.StartsWith(e.Name, StringComparison.Ordinal)));
            if (empty is not null)
            {
                note($"-d {name} logs nothing: {why}");
                continue;
            }
            var row = All.FirstOrDefault(i => i.Name == name);
            if (row.Name is null)
            {
                throw new UserErrorException($"'{name}' cannot be logged; known are {string.Join(", ", All.Select(i => i.Name))}");
            }
            items |= row.Item;
        }
        return items;
    }
}

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
        ("asm", LogItems.Asm, "in_asm and out_asm"),
    ];

    /// <summary>The flags of names separated by commas.</summary>
    /// <exception cref="UserErrorException">A name is not known.</exception>
    public static LogItems Parse(string text)
    {
        var items = LogItems.None;
        foreach (string name in text.Split(','))
        {
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

namespace Emulator.Core.Diagnostics;

/// <summary>What <c>-d</c> can switch on, in QEMU's spelling.</summary>
[Flags]
public enum LogItems
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>in_asm</c>: guest code of each block when it is first decoded.</summary>
    InAsm = 1,

    /// <summary><c>int</c>: interrupts and exceptions.</summary>
    Int = 2,

    /// <summary><c>exec</c>: every block before it runs.</summary>
    Exec = 4,

    /// <summary><c>cpu</c>: registers before every block.</summary>
    Cpu = 8,

    /// <summary><c>guest_errors</c>: the guest did something that the hardware does not define.</summary>
    GuestErrors = 16,

    /// <summary><c>unimp</c>: the guest used something that this machine does not have.</summary>
    Unimplemented = 32,

    /// <summary><c>cpu_reset</c>: state at reset and triple fault.</summary>
    CpuReset = 64,

    /// <summary><c>ir</c>: the translator's intermediate form of each region.</summary>
    Ir = 128,

    /// <summary><c>out_asm</c>: host code of each region.</summary>
    OutAsm = 256,

    /// <summary><c>il</c>: the IL that a region's intermediate form becomes.</summary>
    Il = 512,

    /// <summary><c>fpu</c>: <c>cpu</c> shows the x87, MMX and SSE registers too.</summary>
    Fpu = 1024,

    /// <summary><c>mmu</c>: paging and the A20 line switched, other page tables.</summary>
    Mmu = 2048,

    /// <summary><c>pcall</c>: changes of the code segment in protected mode.</summary>
    FarCalls = 4096,

    /// <summary><c>asm</c>: guest and host code.</summary>
    Asm = InAsm | OutAsm,
}

/// <summary>The log that <c>-d ITEMS</c> fills and <c>-D FILE</c> directs. Silent until an item is switched on.</summary>
public sealed class EventLog(TextWriter writer)
{
    /// <summary>The items that are written.</summary>
    public LogItems Items { get; set; }

    /// <summary>Where lines go.</summary>
    public TextWriter Writer { get; set; } = writer;

    /// <summary>A log that drops everything.</summary>
    public static EventLog Silent => new(TextWriter.Null);

    /// <summary>True when <paramref name="item"/> is switched on: ask before building a costly line.</summary>
    public bool Has(LogItems item) => (Items & item) != 0;

    /// <summary>Writes <paramref name="line"/> when <paramref name="item"/> is switched on.</summary>
    public void Write(LogItems item, string line)
    {
        if (Has(item))
        {
            Writer.WriteLine(line);
        }
    }
}

namespace Emulator.Mmu;

/// <summary>When to trace a page table of the guest again: the oftener its trace is broken, the later.</summary>
internal sealed class TableTraces
{
    private const int LongestWait = 64;

    private readonly Dictionary<uint, (int Wait, int Next)> tables = [];

    /// <summary>The trace of a table ended because it was written.</summary>
    public void NoteBroken(uint table)
    {
        (_, int next) = tables.GetValueOrDefault(table);
        tables[table] = (next, Math.Min((next * 2) + 1, LongestWait));
    }

    /// <summary>Asked each time that an address space with the table is entered. True: now.</summary>
    public bool MayTrace(uint table)
    {
        (int wait, int next) = tables.GetValueOrDefault(table);
        if (wait > 0)
        {
            tables[table] = (wait - 1, next);
            return false;
        }
        if (next > 0)
        {
            tables[table] = (0, next / 2);
        }
        return true;
    }
}

using System.Globalization;
using System.Text;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;

namespace Emulator.Remote.Monitor;

/// <summary>The output of <c>info mem</c> and <c>info tlb</c>.</summary>
public static unsafe class PagingReport
{
    private const string Off = "PG disabled\n";
    private const ulong Write = 2, User = 4, NoExecute = 1ul << 63;

    // Bits of an entry behind the letters, but for NX.
    private static readonly (ulong Bit, char Letter)[] Letters =
        [(0x100, 'G'), (0x80, 'P'), (0x40, 'D'), (0x20, 'A'), (0x10, 'C'), (8, 'T'), (User, 'U'), (Write, 'W')];

    /// <summary>Runs of pages with equal rights.</summary>
    public static string Mem(CpuState* cpu, PhysicalMemory memory)
    {
        if (!cpu->IsPaging)
        {
            return Off;
        }
        var text = new StringBuilder();
        ulong start = 0, end = 0, rights = 0;
        foreach (GuestPage page in PageTableReader.Read(cpu, memory))
        {
            if (page.Linear != end || page.Rights != rights)
            {
                Run();
                (start, rights) = (page.Linear, page.Rights);
            }
            end = page.Linear + page.Length;
        }
        Run();
        return text.ToString();

        void Run()
        {
            if (end > start)
            {
                text.Append(CultureInfo.InvariantCulture, $"{start:x16}-{end:x16} {end - start:x16} ");
                text.Append((rights & User) != 0 ? 'u' : '-').Append('r').Append((rights & Write) != 0 ? 'w' : '-').Append('\n');
            }
        }
    }

    /// <summary>Every page with the bits of its entry.</summary>
    public static string Tlb(CpuState* cpu, PhysicalMemory memory)
    {
        if (!cpu->IsPaging)
        {
            return Off;
        }
        var text = new StringBuilder();
        foreach (GuestPage page in PageTableReader.Read(cpu, memory))
        {
            text.Append(CultureInfo.InvariantCulture, $"{page.Linear:x16}: {page.Frame:x16} ");
            text.Append((page.Entry & NoExecute) != 0 ? 'X' : '-');
            foreach ((ulong bit, char letter) in Letters)
            {
                // In the entry of a small page bit 7 is PAT.
                bool set = (page.Entry & bit) != 0 && (letter != 'P' || page.Length > 4096);
                text.Append(set ? letter : '-');
            }
            text.Append('\n');
        }
        return text.ToString();
    }
}

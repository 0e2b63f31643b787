using System.Collections.Concurrent;
using Emulator.BT;
using Emulator.Core.Cpu;
using Emulator.Mmu;
using Iced.Intel;
using Decoder = Iced.Intel.Decoder;

namespace Emulator.Tests.Coverage;

/// <summary>
/// The instruction forms that a suite has run, for docs/coverage.md. With EMU_COVERAGE_RECORD set, each suite writes its own to docs/coverage
/// when all of it has passed; the files are kept, and the table is made of them.
/// </summary>
internal sealed class FormRecord
{
    private const int Width = 140;

    private readonly ConcurrentDictionary<Code, bool> forms = new();
    private readonly string suite;

    /// <summary>A record for one suite, by its name in the table.</summary>
    public FormRecord(string suite) => this.suite = suite;

    /// <summary>True while forms are recorded.</summary>
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("EMU_COVERAGE_RECORD") is not null;

    /// <summary>What the files say: suites by form, in the order of the files' names.</summary>
    public static Dictionary<Code, List<string>> Read()
    {
        var suites = new Dictionary<Code, List<string>>();
        foreach (string file in Directory.GetFiles(Folder(), "*.txt").Order(StringComparer.Ordinal))
        {
            foreach (string name in File.ReadAllText(file).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
            {
                Code code = Enum.Parse<Code>(name);
                suites.TryAdd(code, []);
                suites[code].Add(Path.GetFileNameWithoutExtension(file));
            }
        }
        return suites;
    }

    /// <summary>Notes a form that has run.</summary>
    public void Note(Code code)
    {
        if (IsOn)
        {
            forms[code] = true;
        }
    }

    /// <summary>Notes the first instruction of machine code.</summary>
    public void Note(int bits, ReadOnlySpan<byte> bytes)
    {
        if (IsOn)
        {
            Decoder decoder = Decoder.Create(bits, bytes.ToArray(), DecoderOptions.ForceReservedNop);
            Note(decoder.Decode().Code);
        }
    }

    /// <summary>Notes every instruction that a processor is about to run, one at a time, until it is stopped.</summary>
    public unsafe void Watch(Vcpu cpu)
    {
        cpu.SetSingleStepping(true);
        cpu.BeforeBlock = () =>
        {
            CpuState* s = cpu.State;
            var bytes = new List<byte>();
            int vector = s->FaultVector;
            ulong cr2 = s->Cr2;
            for (uint n = 0; n < 15 && SlowAccess.LoadLinear(s, s->Segments[Seg.CS].Base + s->Rip + n, 1, user: false, out ulong value); n++)
            {
                bytes.Add((byte)value);
            }
            (s->FaultVector, s->Cr2) = (vector, cr2);
            Note(s->Segments[Seg.CS].IsBig ? 32 : 16, [.. bytes]);
        };
    }

    /// <summary>Writes the suite's file.</summary>
    public void Save()
    {
        if (!IsOn)
        {
            return;
        }
        var lines = new List<string> { "" };
        foreach (string name in forms.Keys.Where(c => c != Code.INVALID).Order().Select(c => c.ToString()))
        {
            if (lines[^1].Length + name.Length >= Width)
            {
                lines.Add("");
            }
            lines[^1] += lines[^1].Length == 0 ? name : " " + name;
        }
        Directory.CreateDirectory(Folder());
        File.WriteAllLines(Path.Combine(Folder(), suite + ".txt"), lines);
    }

    private static string Folder() => Path.Combine(ProjectFolder.Path, "docs", "coverage");
}

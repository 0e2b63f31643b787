using System.Text;
using System.Text.Json;
using Emulator.BT.Helpers;
using Emulator.Core.Cpu;
using Xunit;
using Xunit.Abstractions;

namespace Emulator.Tests.Cpu;

/// <summary>The per-instruction suite recorded on a real 80286 in real mode, in the interpreter.</summary>
public sealed unsafe class Suite80286Tests(ITestOutputHelper output)
{
    /// <summary>What passed last time; raise it when more do. What is left and why is in docs/proof.md.</summary>
    private const int PassingFloor = 95_100;

    private static readonly int[] SegmentOf = [Seg.CS, Seg.SS, Seg.DS, Seg.ES];

    [Fact]
    public void AtLeastTheCasesThatPassedBeforeStillPass()
    {
        string? folder = SharedFolder.Find("suites/80286/v1_real_mode");
        if (folder is null)
        {
            output.WriteLine("the suites are not beside this checkout");
            return;
        }
        Dictionary<string, uint> flagMasks = FlagMasks(Path.Combine(folder, "metadata.json"));
        using var cpu = new TestCpu();
        int passed = 0, failed = 0;
        var report = new StringBuilder();
        var excluded = new Dictionary<string, int>();
        foreach (string file in Directory.GetFiles(folder, "*.MOO.gz").Order())
        {
            string opcode = Path.GetFileName(file)[..^".MOO.gz".Length];
            int bad = 0;
            string? first = null;
            foreach (MooCase test in MooFile.Read(file))
            {
                if (KnownDifference(test) is { } reason)
                {
                    excluded[reason] = excluded.GetValueOrDefault(reason) + 1;
                    continue;
                }
                string? difference = Run(cpu, test, flagMasks.TryGetValue(opcode, out uint mask) ? mask : 0xFFFF);
                if (difference is null)
                {
                    passed++;
                }
                else
                {
                    bad++;
                    first ??= $"{test.Name} [{Convert.ToHexString(test.Bytes)}]: {difference}";
                }
            }
            failed += bad;
            if (bad > 0)
            {
                report.AppendLine($"{opcode}: {bad} fail, e.g. {first}");
            }
        }
        foreach ((string reason, int count) in excluded)
        {
            report.AppendLine($"286 only: {count} cases: {reason}");
        }
        output.WriteLine($"{passed} passed, {failed} failed\n{report}");
        Assert.True(passed >= PassingFloor, $"{passed} passed, {failed} failed\n{report}");
    }

    /// <summary>The cases whose result a 386 or later defines otherwise, each with its reason.</summary>
    private static string? KnownDifference(MooCase test)
    {
        ReadOnlySpan<byte> code = test.Bytes.AsSpan(0, test.Bytes.Length - 1);
        int prefixes = 0;
        bool locked = false;
        while (prefixes < code.Length && code[prefixes] is 0x26 or 0x2E or 0x36 or 0x3E or 0xF0 or 0xF2 or 0xF3)
        {
            locked |= code[prefixes++] == 0xF0;
        }
        if (locked)
        {
            return "the 286 takes LOCK before any instruction, later processors raise #UD";
        }
        if (code.Length > 10)
        {
            return "the 286 limits an instruction to 10 bytes, later processors to 15";
        }
        return null;
    }

    private static string? Run(TestCpu cpu, MooCase test, uint flagsMask)
    {
        CpuState* s = cpu.State;
        cpu.Vcpu.Reset();
        foreach ((uint address, byte value) in test.InitialRam)
        {
            cpu.Memory.WriteValue(address, 1, value);
        }
        SetRegisters(s, test.Initial);
        // The instruction, then HLT: at most the chip's REP counts.
        for (int n = 0; n < 300 && (s->AttentionFlags & (Attention.Halted | Attention.Shutdown)) == 0; n++)
        {
            cpu.Vcpu.Step();
        }
        string? difference = Compare(cpu, test, flagsMask);
        foreach ((uint address, _) in test.InitialRam)
        {
            cpu.Memory.WriteValue(address, 1, 0);
        }
        foreach ((uint address, _) in test.FinalRam)
        {
            cpu.Memory.WriteValue(address, 1, 0);
        }
        return difference;
    }

    private static void SetRegisters(CpuState* s, ushort?[] r)
    {
        ReadOnlySpan<int> gpr = [0, 3, 1, 2];
        for (int n = 0; n < 4; n++)
        {
            s->Gpr[gpr[n]] = r[n]!.Value;
            Segmentation.SetReal(s, SegmentOf[n], r[4 + n]!.Value);
        }
        for (int n = 0; n < 4; n++)
        {
            s->Gpr[4 + n] = r[8 + n]!.Value;
        }
        s->Rip = r[12]!.Value;
        s->SetEflags(r[13]!.Value & 0x0FFFu);
    }

    private static string? Compare(TestCpu cpu, MooCase test, uint flagsMask)
    {
        CpuState* s = cpu.State;
        ReadOnlySpan<int> gpr = [0, 3, 1, 2];
        ReadOnlySpan<string> names = ["ax", "bx", "cx", "dx", "cs", "ss", "ds", "es", "sp", "bp", "si", "di", "ip", "flags"];
        for (int n = 0; n < 14; n++)
        {
            uint expected = test.Final[n] ?? test.Initial[n]!.Value;
            uint actual = n switch
            {
                < 4 => (ushort)s->Gpr[gpr[n]],
                < 8 => s->Segments[SegmentOf[n - 4]].Selector,
                < 12 => (ushort)s->Gpr[n - 4],
                12 => (uint)s->Rip,
                _ => s->GetEflags(),
            };
            uint mask = n == 13 ? flagsMask & 0x0FFF : 0xFFFF;
            if ((expected & mask) != (actual & mask))
            {
                return $"{names[n]} is {actual & mask:x4}, the chip has {expected & mask:x4}";
            }
        }
        foreach ((uint address, byte expected) in test.FinalRam)
        {
            byte actual = (byte)cpu.Memory.ReadValue(address, 1);
            uint mask = test.Exception is null ? 0xFF
                : address == test.FlagsAddress ? flagsMask & 0xFF
                : address == test.FlagsAddress + 1 ? (flagsMask >> 8) & 0x0F : 0xFF;
            if ((expected & mask) != (actual & mask))
            {
                return $"byte {address:x6} is {actual:x2}, the chip has {expected:x2}";
            }
        }
        return null;
    }

    private static Dictionary<string, uint> FlagMasks(string path)
    {
        var masks = new Dictionary<string, uint>();
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        foreach (JsonProperty opcode in document.RootElement.GetProperty("opcodes").EnumerateObject())
        {
            Add(masks, opcode.Name, opcode.Value);
            if (opcode.Value.TryGetProperty("reg", out JsonElement reg))
            {
                foreach (JsonProperty sub in reg.EnumerateObject())
                {
                    Add(masks, $"{opcode.Name}.{sub.Name}", sub.Value);
                }
            }
        }
        return masks;
    }

    private static void Add(Dictionary<string, uint> masks, string name, JsonElement entry)
    {
        if (entry.TryGetProperty("flags-mask", out JsonElement mask) && mask.ValueKind == JsonValueKind.Number)
        {
            masks[name] = mask.GetUInt32();
        }
    }
}

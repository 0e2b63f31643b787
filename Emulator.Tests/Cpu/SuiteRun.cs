using System.Text.Json;
using Emulator.BT.Helpers;
using Emulator.Core.Cpu;

namespace Emulator.Tests.Cpu;

/// <summary>Runs a recorded real-mode case up to its HLT and compares what came with what must come.</summary>
internal static unsafe class SuiteRun
{
    private static readonly int[] SegmentOf = [Seg.CS, Seg.SS, Seg.DS, Seg.ES];

    /// <summary>The first difference, or null.</summary>
    public static string? Run(TestCpu cpu, MooCase test, ChipExpectation expected)
    {
        cpu.Vcpu.Reset();
        foreach ((uint address, byte value) in test.InitialRam.Concat(expected.Setup))
        {
            cpu.Memory.WriteValue(address, 1, value);
        }
        SetRegisters(cpu.State, test.Initial);
        // The instruction, then HLT: at most the chip's REP counts.
        cpu.Vcpu.Run(300);
        string? difference = Compare(cpu, expected);
        foreach (uint address in test.InitialRam.Concat(test.FinalRam).Concat(expected.Setup).Select(byteAt => byteAt.Item1).Concat(expected.Ram.Keys))
        {
            cpu.Memory.WriteValue(address, 1, 0);
        }
        return difference;
    }

    /// <summary>Defined flags by opcode, from a suite's metadata.json.</summary>
    public static Dictionary<string, uint> FlagMasks(string path)
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

    private static string? Compare(TestCpu cpu, ChipExpectation expected)
    {
        CpuState* s = cpu.State;
        if ((s->AttentionFlags & Attention.Halted) == 0)
        {
            return "does not reach HLT";
        }
        ReadOnlySpan<int> gpr = [0, 3, 1, 2];
        ReadOnlySpan<string> names = ["ax", "bx", "cx", "dx", "cs", "ss", "ds", "es", "sp", "bp", "si", "di", "ip", "flags"];
        for (int n = 0; n < 14; n++)
        {
            uint actual = n switch
            {
                < 4 => (ushort)s->Gpr[gpr[n]],
                < 8 => s->Segments[SegmentOf[n - 4]].Selector,
                < 12 => (ushort)s->Gpr[n - 4],
                12 => (uint)s->Rip,
                _ => s->GetEflags(),
            };
            uint mask = n == ChipExpectation.Flags ? expected.FlagsMask : 0xFFFF;
            if ((expected.Compared >> n & 1) != 0 && ((actual ^ expected.Registers[n]) & mask) != 0)
            {
                return $"{names[n]} is {actual & mask:x4}, expected {expected.Registers[n] & mask:x4}";
            }
        }
        foreach ((uint address, byte value) in expected.Ram)
        {
            byte actual = (byte)cpu.Memory.ReadValue(address, 1);
            uint mask = address == expected.PushedFlags ? expected.FlagsMask & 0xFF
                : address == expected.PushedFlags + 1 ? (expected.FlagsMask >> 8) & 0x0F : 0xFF;
            if (((actual ^ value) & mask) != 0)
            {
                return $"byte {address:x6} is {actual:x2}, expected {value:x2}";
            }
        }
        return null;
    }

    private static void Add(Dictionary<string, uint> masks, string name, JsonElement entry)
    {
        if (entry.TryGetProperty("flags-mask", out JsonElement mask) && mask.ValueKind == JsonValueKind.Number)
        {
            masks[name] = mask.GetUInt32();
        }
    }
}

using System.IO.Compression;
using System.Text.Json;

namespace Emulator.Tests.Cpu;

/// <summary>Reader of the 8086 suite's files (see the suites' README for the layout); its cases have no exception records.</summary>
internal static class JsonSuite
{
    private static readonly string[] Names = ["ax", "bx", "cx", "dx", "cs", "ss", "ds", "es", "sp", "bp", "si", "di", "ip", "flags"];

    public static IEnumerable<MooCase> Read(string path, int step)
    {
        using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using JsonDocument document = JsonDocument.Parse(gzip);
        int number = 0;
        foreach (JsonElement test in document.RootElement.EnumerateArray())
        {
            if (number++ % step == 0)
            {
                JsonElement initial = test.GetProperty("initial"), final = test.GetProperty("final");
                byte[] bytes = [.. test.GetProperty("bytes").EnumerateArray().Select(b => b.GetByte())];
                yield return new MooCase(test.GetProperty("name").GetString()!, bytes, Registers(initial), Ram(initial), Registers(final), Ram(final), null, 0);
            }
        }
    }

    private static ushort?[] Registers(JsonElement state)
    {
        JsonElement registers = state.GetProperty("regs");
        return [.. Names.Select(n => registers.TryGetProperty(n, out JsonElement value) ? value.GetUInt16() : (ushort?)null)];
    }

    private static (uint, byte)[] Ram(JsonElement state) =>
        [.. state.GetProperty("ram").EnumerateArray().Select(pair => (pair[0].GetUInt32(), pair[1].GetByte()))];
}

using Emulator.BT.Model;
using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>The value of <c>-cpu</c>.</summary>
public static class CpuParser
{
    /// <summary>A model with features: <c>pentium2,+sse,-pae,tsc=off</c>.</summary>
    /// <exception cref="UserErrorException">There is no such model.</exception>
    public static CpuConfig Parse(ConfigBuilder builder, string text)
    {
        string[] items = text.Split(',');
        string name = items[0];
        if (CpuNames.StandIns.TryGetValue(name, out var standIn))
        {
            builder.Note(standIn.Note);
            name = standIn.Model;
        }
        if (CpuNames.Models64.Any(m => name == m || name.StartsWith(m + "-", StringComparison.Ordinal)))
        {
            throw new UserErrorException($"{name} is a 64-bit processor, which is not built yet; use -cpu max, or leave it out");
        }
        var model = CpuModel.Find(name.EndsWith("-v1", StringComparison.Ordinal) ? name[..^3] : name)
            ?? throw new UserErrorException(
                $"there is no processor '{items[0]}' in this build; known are {string.Join(", ", CpuModel.All.Select(m => m.Name))}");
        return new(model.Name, [.. items.Skip(1).Where(i => !CpuNames.Settings.Contains(i.Split('=')[0])).Select(Feature).Where(f => f.On || !CpuNames.Absent.Contains(f.Name))]);
    }

    private static CpuFeature Feature(string item)
    {
        int equals = item.IndexOf('=');
        if (item.Length > 1 && item[0] is '+' or '-')
        {
            return new(item[1..], item[0] == '+');
        }
        if (equals > 0)
        {
            return new(item[..equals], KeyValues.ParseFlag(item[..equals], item[(equals + 1)..]));
        }
        return item.Length > 0
            ? new(item, true)
            : throw new UserErrorException("a feature between commas has no name; write +NAME or -NAME");
    }
}

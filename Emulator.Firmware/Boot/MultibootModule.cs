using System.Text;

namespace Emulator.Firmware.Boot;

/// <summary>A module of a multiboot kernel as <c>-initrd</c> names it.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Text">File and arguments: the string that the kernel gets.</param>
internal sealed record MultibootModule(string Path, string Text)
{
    /// <summary>Splits "file1 arguments,file2": commas separate, two commas stand for one, the path ends at the first space.</summary>
    public static IReadOnlyList<MultibootModule> Parse(string? list)
    {
        var modules = new List<MultibootModule>();
        if (string.IsNullOrEmpty(list))
        {
            return modules;
        }
        var text = new StringBuilder();
        for (int i = 0; i <= list.Length; i++)
        {
            if (i + 1 < list.Length && list[i] == ',' && list[i + 1] == ',')
            {
                text.Append(',');
                i++;
            }
            else if (i == list.Length || list[i] == ',')
            {
                modules.Add(From(text.ToString()));
                text.Clear();
            }
            else
            {
                text.Append(list[i]);
            }
        }
        return modules;
    }

    private static MultibootModule From(string text)
    {
        string trimmed = text.TrimStart(' ');
        return trimmed.Length > 0
            ? new MultibootModule(trimmed.Split(' ', 2)[0], trimmed)
            : throw new FirmwareException("-initrd names an empty module: write file1 arguments,file2 (two commas stand for one)");
    }
}

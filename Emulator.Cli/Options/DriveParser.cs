using Emulator.Machine.Config;
using Emulator.Remote.Block;

namespace Emulator.Cli.Options;

/// <summary>A drive as the command line has it: its position may still be open.</summary>
/// <param name="Config">The drive; its index counts only when <paramref name="Index"/> is not null.</param>
/// <param name="Index">Position on the interface, or null for the first free one.</param>
/// <param name="Snapshot">Null when the global <c>-snapshot</c> decides.</param>
/// <param name="Yields">True when it takes the next free position where its own is taken (<c>-cdrom</c>).</param>
public sealed record DriveRequest(DriveConfig Config, int? Index, bool? Snapshot, bool Yields = false);

/// <summary>The values of <c>-drive</c>, <c>-hda</c> and their like.</summary>
public static class DriveParser
{
    /// <summary>A drive of <c>-fda</c>, <c>-hda</c>, <c>-cdrom</c>.</summary>
    public static DriveRequest Legacy(string option, string file, DriveInterface on, int index, bool isCdrom = false)
    {
        if (file.Length == 0)
        {
            throw new UserErrorException("the image's name is missing; give a file");
        }
        return new(
            new DriveConfig { Interface = on, Index = index, IsCdrom = isCdrom, File = file, Origin = $"-{option} {file}" },
            index,
            null,
            Yields: isCdrom);
    }

    /// <summary>A drive of <c>-drive</c>.</summary>
    /// <exception cref="UserErrorException">It asks for something that is not built or does not exist.</exception>
    public static DriveRequest Parse(string text)
    {
        var values = new KeyValues(text).Allow(
            "file", "format", "if", "index", "bus", "unit", "media", "snapshot", "readonly", "read-only", "id", "cache", "aio");
        var on = (values["if"] ?? "ide") switch
        {
            "ide" => DriveInterface.Ide,
            "floppy" => DriveInterface.Floppy,
            string other => throw new UserErrorException($"if={other} is not built; use if=ide or if=floppy"),
        };
        bool isCdrom = values["media"] switch
        {
            null or "disk" => false,
            "cdrom" when on == DriveInterface.Ide => true,
            "cdrom" => throw new UserErrorException("a CD drive is connected by if=ide; leave if=floppy out"),
            string other => throw new UserErrorException($"media={other} is not known; use media=disk or media=cdrom"),
        };
        string? format = values["format"];
        if (format is not null && !ImageOpener.Formats.Contains(format))
        {
            throw new UserErrorException(format == "vhd"
                ? "the format vhd is called vpc; use format=vpc"
                : $"format={format} is not built; use one of {string.Join(", ", ImageOpener.Formats)}");
        }
        string? file = values["file"];
        if (file is null or "" && !isCdrom && on == DriveInterface.Ide)
        {
            throw new UserErrorException("a hard disk needs an image; give file=PATH");
        }
        bool readOnly = values.Flag("readonly", false) || values.Flag("read-only", false);
        bool? snapshot = values["snapshot"] is null ? null : values.Flag("snapshot", false);
        var config = new DriveConfig
        {
            Interface = on,
            Index = 0,
            IsCdrom = isCdrom,
            File = file is "" ? null : file,
            Format = format,
            ReadOnly = readOnly || isCdrom,
            Origin = $"-drive {text}",
        };
        return new(config, IndexOf(values, on), snapshot);
    }

    private static int? IndexOf(KeyValues values, DriveInterface on)
    {
        bool isIde = on == DriveInterface.Ide;
        if (values["index"] is not null)
        {
            if (values["bus"] is not null || values["unit"] is not null)
            {
                throw new UserErrorException("index= and bus=,unit= say the same; give one of them");
            }
            return (int)values.Number("index", 0, isIde ? 3 : 1, 0);
        }
        if (values["bus"] is null && values["unit"] is null)
        {
            return null;
        }
        return (int)(2 * values.Number("bus", 0, isIde ? 1 : 0, 0) + values.Number("unit", 0, 1, 0));
    }
}

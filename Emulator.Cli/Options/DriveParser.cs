using Emulator.Core.Backends;
using Emulator.Machine.Config;
using Emulator.Remote.Block;

namespace Emulator.Cli.Options;

/// <summary>A drive as the command line has it: its position may still be open.</summary>
/// <param name="Config">The drive; its index counts only when <paramref name="Index"/> is not null.</param>
/// <param name="Index">Position on the interface, or null for the first free one.</param>
/// <param name="Snapshot">Null when the global <c>-snapshot</c> decides.</param>
/// <param name="Id">The name by which <c>-device</c> finds it, <c>id=</c>.</param>
/// <param name="IsLoose">True for <c>if=none</c>: a device has yet to take it.</param>
/// <param name="Yields">True when it takes the next free position where its own is taken (<c>-cdrom</c>).</param>
public sealed record DriveRequest(DriveConfig Config, int? Index, bool? Snapshot, string? Id = null, bool IsLoose = false, bool Yields = false);

/// <summary>The values of <c>-drive</c>, <c>-hda</c> and their like.</summary>
public static class DriveParser
{
    /// <summary>The name of a drive's image that stands for none.</summary>
    public const string NoMedium = "/dev/null";

    // Settings that say how QEMU uses the host's file, not what the guest sees.
    private static readonly string[] HostSettings =
        ["cache", "aio", "discard", "detect-zeroes", "copy-on-read", "cache.direct", "cache.writeback", "cache.no-flush", "l2-cache-size", "locking", "file.locking"];

    /// <summary>A drive of <c>-fda</c>, <c>-hda</c>, <c>-cdrom</c>.</summary>
    public static DriveRequest Legacy(string option, string file, DriveInterface on, int index, bool isCdrom = false)
    {
        if (file.Length == 0)
        {
            throw new UserErrorException("the image's name is missing; give a file");
        }
        bool isEmpty = file == NoMedium && (isCdrom || on == DriveInterface.Floppy);
        return new(
            new DriveConfig { Interface = on, Index = index, IsCdrom = isCdrom, File = isEmpty ? null : file, Origin = $"-{option} {file}" },
            index,
            null,
            Yields: isCdrom);
    }

    /// <summary>A drive of <c>-drive</c>.</summary>
    /// <exception cref="UserErrorException">It asks for something that is not built or does not exist.</exception>
    public static DriveRequest Parse(ConfigBuilder builder, string text)
    {
        var values = new KeyValues(text).Allow(
            ["file", "format", "if", "index", "bus", "unit", "media", "snapshot", "readonly", "read-only", "id", "werror", "rerror", .. HostSettings]);
        bool isLoose = values["if"] is "none";
        var on = (values["if"] ?? "ide") switch
        {
            "ide" or "none" => DriveInterface.Ide,
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
        if (file is not null && (file.StartsWith("fat:", StringComparison.Ordinal) || file.StartsWith("nbd:", StringComparison.Ordinal)))
        {
            throw new UserErrorException($"{file[..3]}: drives are not built; give an image file");
        }
        if (values["werror"] is not (null or "enospc") || values["rerror"] is not (null or "report"))
        {
            builder.Note($"-drive {text}: the guest is told of errors as with werror=enospc,rerror=report");
        }
        if (file == NoMedium && (isCdrom || on == DriveInterface.Floppy))
        {
            file = null;
        }
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
            ReadError = ErrorAction(values, "rerror", on) ?? BlockErrorAction.Report,
            WriteError = ErrorAction(values, "werror", on),
            Origin = $"-drive {text}",
        };
        return new(config, isLoose ? null : IndexOf(values, on), snapshot, values["id"], isLoose);
    }

    private static BlockErrorAction? ErrorAction(KeyValues values, string key, DriveInterface on) => values[key] switch
    {
        not null when on == DriveInterface.Floppy => throw new UserErrorException($"a floppy controller always reports errors; leave {key}= out, or use if=ide"),
        null => null,
        "enospc" when key == "werror" => null,
        "report" => BlockErrorAction.Report,
        "ignore" => BlockErrorAction.Ignore,
        "stop" => BlockErrorAction.Stop,
        string other => throw new UserErrorException(
            $"{key}={other} is not known; use {key}=report, {key}=ignore or {key}=stop{(key == "werror" ? ", or werror=enospc" : "")}"),
    };

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

using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary><c>-drive if=none,id=ID</c> and <c>-device ide-hd,drive=ID</c> put together, and the boot order of <c>bootindex=</c>.</summary>
internal static class DriveDevices
{
    /// <summary>Gives every device its drive.</summary>
    /// <exception cref="UserErrorException">A device names a drive that is not there, or a place that is not. A whole sentence.</exception>
    public static void Attach(ConfigBuilder builder)
    {
        var order = new SortedDictionary<long, char>();
        foreach (var (origin, device) in builder.Devices)
        {
            var (on, isCdrom) = device.Name switch
            {
                "ide-hd" => (DriveInterface.Ide, false),
                "ide-cd" => (DriveInterface.Ide, true),
                "floppy" => (DriveInterface.Floppy, false),
                _ => ((DriveInterface?)null, false),
            };
            if (on is not { } place)
            {
                continue;
            }
            DriveRequest request = Take(builder, origin, device, place, isCdrom);
            builder.Drives.Add(request with
            {
                Config = request.Config with { Interface = place, IsCdrom = isCdrom, ReadOnly = request.Config.ReadOnly || isCdrom },
                Index = IndexOf(builder, origin, device, place),
                IsLoose = false,
            });
            long boot = builder.Number(origin, device, "bootindex", 0, int.MaxValue, -1);
            if (boot >= 0)
            {
                order[boot] = place == DriveInterface.Floppy ? 'a' : isCdrom ? 'd' : 'c';
            }
        }
        foreach (var loose in builder.Drives.Where(d => d.IsLoose))
        {
            builder.Note($"{loose.Config.Origin}: no device takes this drive; add -device ide-hd,drive={loose.Id ?? "ID"}, or leave if=none out");
        }
        builder.Drives.RemoveAll(d => d.IsLoose);
        if (order.Count > 0)
        {
            builder.Config = builder.Config with { Boot = builder.Config.Boot with { Order = new string([.. order.Values.Distinct()]) } };
        }
    }

    private static DriveRequest Take(ConfigBuilder builder, string origin, DeviceConfig device, DriveInterface on, bool isCdrom)
    {
        if (builder.Property(device, "drive") is not string id)
        {
            return on == DriveInterface.Floppy || isCdrom
                ? new(new DriveConfig { Interface = on, Index = 0, Origin = origin }, null, null)
                : throw new UserErrorException($"{origin}: a hard disk needs an image; add drive=ID, and -drive if=none,id=ID,file=PATH");
        }
        int at = builder.Drives.FindIndex(d => d.IsLoose && d.Id == id);
        if (at < 0)
        {
            throw new UserErrorException($"{origin}: there is no drive '{id}' to take; add -drive if=none,id={id},file=PATH");
        }
        DriveRequest request = builder.Drives[at];
        builder.Drives.RemoveAt(at);
        return request;
    }

    private static int? IndexOf(ConfigBuilder builder, string origin, DeviceConfig device, DriveInterface on)
    {
        string? bus = builder.Property(device, "bus");
        bool hasUnit = builder.Property(device, "unit") is not null;
        if (bus is null && !hasUnit)
        {
            return null;
        }
        int channel = (on, bus) switch
        {
            (_, null) => 0,
            (DriveInterface.Ide, "ide.0") => 0,
            (DriveInterface.Ide, "ide.1") => 1,
            (DriveInterface.Floppy, "floppy-bus.0" or "floppy.0") => 0,
            _ => throw new UserErrorException($"{origin}: there is no bus '{bus}'; use bus=ide.0 or bus=ide.1, or leave it out"),
        };
        return (2 * channel) + (int)builder.Number(origin, device, "unit", 0, 1, 0);
    }
}

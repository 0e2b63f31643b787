using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>The value of <c>-audiodev</c>, and the sound devices of <c>-device</c> put together with it.</summary>
public static class AudioParser
{
    /// <summary>Sound Blaster 16.</summary>
    public const string Sb16 = "sb16";

    /// <summary>AdLib.</summary>
    public const string AdLib = "adlib";

    // QEMU's ways to be heard on a host.
    private static readonly string[] HostDrivers = ["alsa", "coreaudio", "dbus", "dsound", "jack", "oss", "pa", "pipewire", "sdl", "sndio", "spice"];

    private const int LowestRate = 8000, HighestRate = 192000;

    /// <summary>An output of <c>-audiodev wav,id=ID,path=FILE</c> or <c>none,id=ID</c>.</summary>
    /// <exception cref="UserErrorException">It is none, or one that is not built.</exception>
    public static AudioDevConfig Output(ConfigBuilder builder, string text)
    {
        var values = new KeyValues(text, "driver");
        string driver = values["driver"] ?? "";
        if (HostDrivers.Contains(driver))
        {
            builder.Note($"{driver}: no sound is heard on this host; -audiodev wav,id=ID,path=FILE keeps it in a file");
            return new(values["id"] ?? throw new UserErrorException($"it needs a name; write {driver},id=ID"), null, AudioDevConfig.DefaultRate);
        }
        if (driver is not ("wav" or "none"))
        {
            throw new UserErrorException($"the driver '{driver}' is not built; use wav,id=ID,path=FILE or none,id=ID");
        }
        values.Allow(["driver", "id", "path", "out.frequency", "out.channels", "out.format", "out.mixing-engine", "timer-period"]);
        string id = values["id"] ?? throw new UserErrorException($"it needs a name; write {driver},id=ID");
        if (values["out.channels"] is not (null or "2") || values["out.format"] is not (null or "s16"))
        {
            throw new UserErrorException("the file has two channels of 16 bits (out.channels=2, out.format=s16); leave others out");
        }
        int rate = (int)values.Number("out.frequency", LowestRate, HighestRate, AudioDevConfig.DefaultRate);
        return new(id, driver == "wav" ? values["path"] ?? "qemu.wav" : null, rate);
    }

    /// <summary>Old QEMU's <c>-soundhw NAME,...</c>.</summary>
    /// <exception cref="UserErrorException">A name is no sound device of this build.</exception>
    public static void OldHardware(ConfigBuilder builder, string text)
    {
        foreach (string name in text.Split(','))
        {
            if (name is Sb16 or AdLib)
            {
                builder.Devices.Add(($"-soundhw {name}", new DeviceConfig(name, [])));
            }
            else if (name != "pcspk")
            {
                throw new UserErrorException($"there is no sound device '{name}' in this build; use {Sb16}, {AdLib} or pcspk");
            }
            builder.Note($"{name}: no sound is heard on this host; -audiodev wav,id=ID,path=FILE keeps it in a file");
        }
    }

    /// <summary><c>-audio DRIVER[,model=NAME]</c>: an output and a card on it.</summary>
    /// <exception cref="UserErrorException">One of them is not built.</exception>
    public static void OutputAndCard(ConfigBuilder builder, string text)
    {
        const string Id = "audio0";
        var values = new KeyValues(text, "driver");
        string rest = string.Concat(values.Pairs.Where(p => p.Key is not ("driver" or "model" or "id")).Select(p => $",{p.Key}={p.Value.Replace(",", ",,")}"));
        string id = values["id"] ?? Id;
        builder.AudioDevs.Add(Output(builder, $"{values["driver"]},id={id}{rest}"));
        switch (values["model"])
        {
            case null:
                break;
            case "pcspk":
                builder.SpeakerAudioDev = id;
                break;
            case Sb16 or AdLib:
                builder.Devices.Add(($"-audio {text}", new DeviceConfig(values["model"]!, [new("audiodev", id)])));
                break;
            case string other:
                throw new UserErrorException($"there is no sound device '{other}' in this build; use model={Sb16}, {AdLib} or pcspk");
        }
    }

    /// <summary>Everything that sounds.</summary>
    /// <exception cref="UserErrorException">An output or a value is wrong. A whole sentence.</exception>
    public static SoundConfig Build(ConfigBuilder builder)
    {
        if (builder.AudioDevs.GroupBy(a => a.Id).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new UserErrorException($"-audiodev: the id '{twice.Key}' is there twice; give each its own");
        }
        var cards = builder.Devices.Where(d => d.Device.Name == Sb16).ToList();
        var synths = builder.Devices.Where(d => d.Device.Name == AdLib).ToList();
        if (cards.Count > 1 || synths.Count > 1)
        {
            throw new UserErrorException($"{(cards.Count > 1 ? cards : synths)[1].Origin}: one is there already; leave one of them out");
        }
        return new SoundConfig
        {
            Outputs = builder.AudioDevs,
            Speaker = builder.SpeakerAudioDev is { } speaker ? Known(builder, "-machine pcspk-audiodev", speaker) : null,
            Sb16 = cards.Count > 0 ? Card(builder, cards[0].Origin, cards[0].Device) : null,
            // A Sound Blaster 16 has its own OPL3 at the same ports.
            HasAdLib = synths.Count > 0 && cards.Count == 0,
            AdLib = synths.Count > 0 ? OutputOf(builder, synths[0].Origin, synths[0].Device) : null,
        };
    }

    private static Sb16Config Card(ConfigBuilder builder, string origin, DeviceConfig device) => new(
        (int)OneOf(builder, origin, device, "iobase", 0x220, "0x220, 0x240, 0x260 or 0x280", 0x220, 0x240, 0x260, 0x280),
        (int)OneOf(builder, origin, device, "irq", 5, "5, 7, 9 or 10", 5, 7, 9, 10),
        (int)OneOf(builder, origin, device, "dma", 1, "0, 1 or 3", 0, 1, 3),
        (int)OneOf(builder, origin, device, "dma16", 5, "5, 6 or 7", 5, 6, 7),
        OutputOf(builder, origin, device));

    private static long OneOf(ConfigBuilder builder, string origin, DeviceConfig device, string property, long otherwise, string words, params long[] values)
    {
        long value = builder.Number(origin, device, property, 0, 0xFFFF, otherwise);
        return values.Contains(value) ? value : throw new UserErrorException($"{origin}: {property} is {words}");
    }

    private static string? OutputOf(ConfigBuilder builder, string origin, DeviceConfig device) =>
        builder.Property(device, "audiodev") is { } id ? Known(builder, origin, id) : null;

    private static string Known(ConfigBuilder builder, string origin, string id) => builder.AudioDevs.Any(a => a.Id == id)
        ? id
        : throw new UserErrorException($"{origin}: there is no audio output '{id}'; add -audiodev wav,id={id},path=FILE or -audiodev none,id={id}");
}

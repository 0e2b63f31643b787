using System.Runtime.InteropServices;
using Emulator.BT.Translator;
using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>The values of <c>-machine</c>, <c>-accel</c>, <c>-smp</c> and <c>-icount</c>.</summary>
public static class MachineParser
{
    // Properties that scripts pass, with the only value that is true of this board.
    private static readonly (string Key, string Value)[] FixedProperties =
        [("usb", "off"), ("smm", "off"), ("acpi", "on"), ("i8042", "on"), ("kernel-irqchip", "off")];

    /// <summary>Board and accelerator of <c>-machine NAME,accel=NAME</c>.</summary>
    public static MachineConfig Machine(ConfigBuilder builder, string text)
    {
        MachineConfig config = builder.Config;
        var values = new KeyValues(text, "type").Allow(["type", "accel", "hpet", "vmport", "pcspk-audiodev", .. FixedProperties.Select(p => p.Key)]);
        foreach (var (key, value) in FixedProperties)
        {
            if (values[key] is not null && values.Flag(key, false) != (value == "on"))
            {
                throw new UserErrorException($"{key}={values[key]} is not built; leave it out");
            }
        }
        if (values["type"] is string type)
        {
            if (MachineTypes.All.All(m => m.Name != type))
            {
                throw new UserErrorException($"there is no machine '{type}' in this build; known are {string.Join(", ", MachineTypes.All.Select(m => m.Name))}");
            }
            config = config with { MachineType = type };
        }
        builder.HpetIsGiven |= values["hpet"] is not null;
        builder.SpeakerAudioDev = values["pcspk-audiodev"] ?? builder.SpeakerAudioDev;
        config = config with
        {
            Hpet = values.Flag("hpet", config.Hpet),
            VmPort = values["vmport"] is "auto" ? config.VmPort : values.Flag("vmport", config.VmPort),
        };
        return values["accel"] is string accel ? config with { Accel = FirstAccelerator(accel.Split(':')) } : config;
    }

    /// <summary>The execution tier of <c>-accel NAME[,backend=x64|il][,window=auto|on|off][,threshold=N][,threads=N][,cache=MB]</c>.</summary>
    public static MachineConfig Accelerator(MachineConfig config, string text)
    {
        var values = new KeyValues(text, "accel").Allow("accel", "backend", "window", "threshold", "threads", "cache");
        string name = FirstAccelerator([values["accel"] ?? ""]);
        if (name == Accelerators.Interpreter && values.Pairs.Any(p => p.Key != "accel"))
        {
            throw new UserErrorException("backend, window, threshold, threads and cache belong to -accel translate; leave them out with interp");
        }
        TranslatorOptions usual = config.Translator;
        return config with
        {
            Accel = name,
            Translator = new TranslatorOptions
            {
                BackEnd = BackEnd(values["backend"], usual.BackEnd),
                Window = Window(values["window"], usual.Window),
                Threshold = values["threshold"] is null ? usual.Threshold : (int)values.Number("threshold", 0, 1_000_000, 0),
                Threads = (int)values.Number("threads", 1, 64, usual.Threads),
                CacheMegabytes = (int)values.Number("cache", 1, 4096, usual.CacheMegabytes),
            },
        };
    }

    private static TranslatorBackEnd BackEnd(string? name, TranslatorBackEnd usual) => name switch
    {
        null => usual,
        "il" => TranslatorBackEnd.Il,
        "x64" when RuntimeInformation.ProcessArchitecture == Architecture.X64 => TranslatorBackEnd.X64,
        "x64" => throw new UserErrorException("backend=x64 makes code for x86-64 hosts, and this is another one; use backend=il"),
        _ => throw new UserErrorException($"there is no back end '{name}'; use backend=x64 or backend=il"),
    };

    private static WindowUse Window(string? name, WindowUse usual) => name switch
    {
        null => usual,
        "auto" => WindowUse.Auto,
        "on" => WindowUse.On,
        "off" => WindowUse.Off,
        _ => throw new UserErrorException($"window={name} is none of the ways to use the host's MMU; use window=auto, on or off"),
    };

    /// <summary>Takes <c>-smp 1</c> in all its spellings.</summary>
    public static void Smp(string text)
    {
        string[] keys = ["cpus", "maxcpus", "sockets", "dies", "clusters", "cores", "threads"];
        var values = new KeyValues(text, "cpus").Allow(keys);
        foreach (string key in keys)
        {
            if (values.Number(key, 0, int.MaxValue, 1) != 1)
            {
                throw new UserErrorException("this build has one processor; use -smp 1, or leave it out");
            }
        }
    }

    /// <summary>The counted clock of <c>-icount shift=N,sleep=on|off</c>.</summary>
    public static MachineConfig Icount(MachineConfig config, string text)
    {
        var values = new KeyValues(text, "shift").Allow("shift", "sleep", "align");
        if (values["shift"] is "auto" || values.Flag("align", false))
        {
            throw new UserErrorException("a clock that follows the host's speed is not built; use shift=0 to shift=10");
        }
        if (values["shift"] is null)
        {
            throw new UserErrorException("the shift is missing; use shift=0 to shift=10");
        }
        return config with { IcountShift = (int)values.Number("shift", 0, 10, 0), IcountSleep = values.Flag("sleep", true) };
    }

    // QEMU takes the first of several that it has.
    private static string FirstAccelerator(string[] names)
    {
        foreach (string name in names)
        {
            if (Accelerators.All.Any(a => a.Name == name))
            {
                return name;
            }
        }
        string known = string.Join(", ", Accelerators.All.Select(a => a.Name));
        throw new UserErrorException(string.Join(':', names) switch
        {
            "kvm" or "hvf" or "whpx" or "xen" or "nvmm" or "hax" => $"the host's virtualization hardware is not used by this program; use one of {known}",
            string other => $"there is no accelerator '{other}' in this build; use one of {known}",
        });
    }
}

using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Emulator.BT.Translator;
using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>The values of <c>-machine</c>, <c>-accel</c>, <c>-smp</c> and <c>-icount</c>.</summary>
public static partial class MachineParser
{
    // A code cache is one mapping that jumps of 32 bits have to reach across.
    private const int MostCacheMegabytes = 1024;

    private static readonly string[] HardwareAccelerators = ["kvm", "hvf", "whpx", "xen", "nvmm", "hax", "mshv"];

    // Settings of QEMU's accelerators that say how it goes about it, not what the guest sees.
    private static readonly string[] ForeignSettings =
        ["thread", "split-wx", "kernel-irqchip", "kvm-shadow-mem", "dirty-ring-size", "notify-vmexit", "notify-window", "igd-passthru"];

    /// <summary>Board and accelerator of <c>-machine NAME,accel=NAME</c>.</summary>
    public static MachineConfig Machine(ConfigBuilder builder, string text)
    {
        MachineConfig config = builder.Config;
        var values = new KeyValues(text, "type");
        if (values["type"] is string type)
        {
            if (Version().IsMatch(type))
            {
                builder.Note($"{type} is the board pc, as it is in every version of it here");
                type = MachineTypes.Default;
            }
            if (MachineTypes.All.All(m => m.Name != type))
            {
                throw new UserErrorException($"there is no machine '{type}' in this build; known are {string.Join(", ", MachineTypes.All.Select(m => m.Name))}");
            }
            config = config with { MachineType = type };
        }
        values.Allow(
            ["type", "accel", "hpet", "acpi", "vmport", "pcspk-audiodev", "max-ram-below-4g", "fd-bootchk", .. MachineProperties.All.Select(p => p.Key)]);
        foreach (var property in MachineProperties.All)
        {
            if (values[property.Key] is string value && property.Values.Length > 0 && !property.Values.Any(v => Same(v, value)))
            {
                builder.Note(property.Note ?? throw new UserErrorException($"{property.Key}={value} is not built; leave it out"));
            }
        }
        if (values["max-ram-below-4g"] is string limit)
        {
            builder.RamBelow4G = RamSize.Bytes(limit);
        }
        builder.HpetIsGiven |= values["hpet"] is not null;
        builder.SpeakerAudioDev = values["pcspk-audiodev"] ?? builder.SpeakerAudioDev;
        config = config with
        {
            Hpet = values.Flag("hpet", config.Hpet),
            Acpi = values["acpi"] is "auto" ? config.Acpi : values.Flag("acpi", config.Acpi),
            NoFloppyBootCheck = !values.Flag("fd-bootchk", !config.NoFloppyBootCheck),
            VmPort = values["vmport"] is "auto" ? config.VmPort : values.Flag("vmport", config.VmPort),
        };
        return values["accel"] is string accel ? config with { Accel = FirstAccelerator(builder, accel.Split(':')) } : config;
    }

    private static bool Same(string one, string other) =>
        one == other || (one is "on" && other is "yes" or "true" or "y") || (one is "off" && other is "no" or "false" or "n");

    [GeneratedRegex(@"^pc-(i440fx-)?\d+\.\d+$")]
    private static partial Regex Version();

    /// <summary>The execution tier of <c>-accel NAME[,backend=x64|il][,window=auto|on|off][,threshold=N][,threads=N][,cache=MB]</c>.</summary>
    /// <remarks>The settings of QEMU's <c>tcg</c> and of hardware accelerators are taken too.</remarks>
    public static MachineConfig Accelerator(ConfigBuilder builder, string text)
    {
        MachineConfig config = builder.Config;
        var values = new KeyValues(text, "accel");
        string given = values["accel"] ?? "";
        bool isForeign = given == Accelerators.Tcg || given.Split(':').Any(n => HardwareAccelerators.Contains(n));
        values.Allow(isForeign
            ? ["accel", "tb-size", "one-insn-per-tb", .. ForeignSettings]
            : ["accel", "backend", "window", "threshold", "threads", "cache"]);
        string name = FirstAccelerator(builder, given.Split(':'));
        if (isForeign)
        {
            if (values.Flag("one-insn-per-tb", false))
            {
                throw new UserErrorException("one-insn-per-tb is not built; use -accel interp for the most exact log");
            }
            int cache = (int)values.Number("tb-size", 0, MostCacheMegabytes, 0);
            return cache == 0 ? config with { Accel = name } : config with { Accel = name, Translator = WithCache(config.Translator, cache) };
        }
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
                CacheMegabytes = values["cache"] is null ? usual.CacheMegabytes : (int)values.Number("cache", 1, MostCacheMegabytes, 0),
            },
        };
    }

    private static TranslatorOptions WithCache(TranslatorOptions usual, int megabytes) => new()
    {
        BackEnd = usual.BackEnd,
        Window = usual.Window,
        Threshold = usual.Threshold,
        Threads = usual.Threads,
        CacheMegabytes = megabytes,
    };

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
    private static string FirstAccelerator(ConfigBuilder builder, string[] names)
    {
        foreach (string name in names)
        {
            if (name == Accelerators.Tcg)
            {
                return Accelerators.Default;
            }
            if (HardwareAccelerators.Contains(name))
            {
                builder.Note(Translated(name));
                return Accelerators.Default;
            }
            if (Accelerators.All.Any(a => a.Name == name))
            {
                return name;
            }
        }
        throw new UserErrorException(
            $"there is no accelerator '{string.Join(':', names)}' in this build; use one of {string.Join(", ", Accelerators.All.Select(a => a.Name))}");
    }

    /// <summary>What to say where the host's virtualization hardware was asked for.</summary>
    public static string Translated(string accelerator) => $"{accelerator}: the host's virtualization hardware is not used; the guest is translated";
}

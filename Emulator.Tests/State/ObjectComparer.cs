using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using Emulator.Core.Backends;
using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Core.Memory;
using Emulator.Core.Time;
using Emulator.Machine.Board;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Tests.State;

/// <summary>
/// Compares two boards field by field, whatever the fields are called: a device whose state is not saved, or not all of it, differs. What the
/// host owns (images, streams, logs) and what is only a cache or a buffer in use inside one call is left out, by name.
/// </summary>
internal sealed class ObjectComparer
{
    private static readonly HashSet<string> Scratch =
    [
        "PointerInput.prefersMouse", // the user's choice, not the guest's
        "AudioMixer.mix", "AudioMixer.samples", "Sb16Transfer.buffer", "VgaRenderer.dots", // filled anew in each call
        "I440Fx.memory", "FwCfgDevice.directoryIsStale", "FwCfgDevice.entries",
        "PhysicalMemory.mmioRegions",
        "VirtualMachine.posted", "VirtualMachine.wake",
        "PcBoard.Cpu", "PcBoard.Memory", "CpuRegisterWindow.cpu", // compared by their sections
        "FloppyDrive.CmosType", // the disk that was in the drive when the machine was started
    ];

    private readonly HashSet<(object, object)> seen = [];

    /// <summary>Paths of what differs.</summary>
    public List<string> Differences { get; } = [];

    /// <summary>Compares all that can be reached from two boards.</summary>
    public static List<string> Compare(PcBoard one, PcBoard other)
    {
        var comparer = new ObjectComparer();
        comparer.Objects("board", one, other);
        return comparer.Differences;
    }

    /// <summary>Compares where each guest page leads.</summary>
    public static List<string> CompareMaps(PcBoard one, PcBoard other)
    {
        var differences = new List<string>();
        for (ulong page = 0; page < PhysicalMemory.AddressSpace; page += PhysicalMemory.PageSize)
        {
            bool same = one.Memory.TryReadPage(page, out ulong a) == other.Memory.TryReadPage(page, out ulong b)
                && one.Memory.TryWritePage(page, out ulong c) == other.Memory.TryWritePage(page, out ulong d)
                && (a == b || IsNoMemory(a, b)) && (c == d || IsNoMemory(c, d));
            if (!same)
            {
                differences.Add($"memory map at {page:x8}");
            }
        }
        return differences;

        // Devices have numbers of their own there, which say nothing.
        static bool IsNoMemory(ulong x, ulong y) => Math.Min(x, y) >= PhysicalMemory.AddressSpace / PhysicalMemory.PageSize;
    }

    private void Objects(string path, object? one, object? other)
    {
        if (one is null || other is null)
        {
            Same(path, one is null, other is null);
            return;
        }
        Type type = one.GetType();
        if (type != other.GetType())
        {
            Differences.Add($"{path}: {type.Name}, {other.GetType().Name}");
        }
        else if (type.IsPrimitive || type.IsEnum || one is string or DateTime)
        {
            Same(path, one, other);
        }
        else if (one is Delegate or IBlockBackend or ICharBackend or IAudioSink or EventLog or Type or EventQueue or PhysicalMemory or IScheduler or IMachineControl)
        {
            return;
        }
        else if (!type.IsValueType && !seen.Add((one, other)))
        {
            return;
        }
        else if (one is ITimer timer)
        {
            Timers(path, timer, (ITimer)other);
        }
        else if (one is byte[] bytes)
        {
            Same(path, Convert.ToHexString(bytes), Convert.ToHexString((byte[])other));
        }
        else if (one is IEnumerable items && (type.IsArray || type.Namespace?.StartsWith("Emulator", StringComparison.Ordinal) != true))
        {
            Collections(path, items, (IEnumerable)other);
        }
        else if (type.IsValueType || type.Namespace?.StartsWith("Emulator", StringComparison.Ordinal) == true)
        {
            Fields(path, type, one, other);
        }
    }

    private void Fields(string path, Type type, object one, object other)
    {
        for (Type? level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            foreach (FieldInfo field in level.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            {
                string name = NameOf(field);
                if (field.FieldType.IsPointer || Scratch.Contains($"{level.Name}.{name}"))
                {
                    continue;
                }
                if (typeof(Delegate).IsAssignableFrom(field.FieldType))
                {
                    Same($"{path}.{name}", field.GetValue(one) is null, field.GetValue(other) is null);
                    continue;
                }
                Objects($"{path}.{name}", field.GetValue(one), field.GetValue(other));
            }
        }
    }

    private void Collections(string path, IEnumerable one, IEnumerable other)
    {
        List<object?> a = Items(one), b = Items(other);
        if (a.Count != b.Count)
        {
            Differences.Add($"{path}: {a.Count} items, {b.Count} items");
            return;
        }
        for (int n = 0; n < a.Count; n++)
        {
            Objects($"{path}[{n}]", a[n], b[n]);
        }
    }

    // Sets have no order of their own.
    private static List<object?> Items(IEnumerable items) => items.GetType().Name.StartsWith("HashSet", StringComparison.Ordinal)
        ? [.. items.Cast<object?>().OrderBy(item => item?.ToString(), StringComparer.Ordinal)]
        : [.. items.Cast<object?>()];

    private void Timers(string path, ITimer one, ITimer other)
    {
        Same($"{path}.IsArmed", one.IsArmed, other.IsArmed);
        if (one.IsArmed && other.IsArmed)
        {
            Same($"{path}.DeadlineNs", one.DeadlineNs, other.DeadlineNs);
        }
    }

    private void Same(string path, object? one, object? other)
    {
        if (!Equals(one, other))
        {
            Differences.Add($"{path}: {one}, {other}");
        }
    }

    private static string NameOf(FieldInfo field) => field.IsDefined(typeof(CompilerGeneratedAttribute)) && field.Name[0] == '<'
        ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)]
        : field.Name;
}

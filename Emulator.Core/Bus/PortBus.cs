namespace Emulator.Core.Bus;

/// <summary>
/// The 64 KiB I/O space. Fixed ranges are wired once and may not overlap; ranges that the guest moves (PCI BARs)
/// give way to them. An access wider than a device takes, or across two devices, is split into bytes, as on ISA.
/// </summary>
public sealed class PortBus
{
    private const int PortCount = 0x10000;
    private readonly PortRange?[] owners = new PortRange?[PortCount];
    private readonly SortedList<int, PortRange> guests = [];

    /// <summary>Claims <paramref name="count"/> ports from <paramref name="first"/> for <paramref name="device"/>.</summary>
    /// <param name="name">For people: the monitor and error messages.</param>
    /// <param name="first">First port of the range.</param>
    /// <param name="count">Number of ports.</param>
    /// <param name="device">Sees offsets from <paramref name="first"/>, plus <paramref name="offset"/>.</param>
    /// <param name="maxSize">Widest access that the device takes whole: 1, 2 or 4 bytes.</param>
    /// <param name="offset">Added to the offset that the device sees; lets one device own several ranges.</param>
    /// <exception cref="PortTakenException">A port of the range is taken.</exception>
    public PortRange Map(string name, int first, int count, IPortDevice device, int maxSize = 1, int offset = 0)
    {
        var range = new PortRange(name, first, count, device, maxSize, offset);
        for (int port = first; port < first + count; port++)
        {
            if (owners[port] is { } other)
            {
                throw new PortTakenException(port, other.Name, name);
            }
        }
        Array.Fill(owners, range, first, count);
        return range;
    }

    /// <summary>
    /// Like <see cref="Map"/> for ranges that the guest chooses: takes the ports that are free, refuses nothing. Where two lie over each other
    /// the one of lower <paramref name="rank"/> answers, whichever came first.
    /// </summary>
    public PortRange MapGuest(string name, int first, int count, IPortDevice device, int rank, int maxSize = 4, int offset = 0)
    {
        var range = new PortRange(name, first, Math.Min(count, PortCount - first), device, maxSize, offset);
        guests.Add(rank, range);
        Settle(range);
        return range;
    }

    /// <summary>Releases the ports that <paramref name="range"/> holds.</summary>
    public void Unmap(PortRange range)
    {
        int at = guests.IndexOfValue(range);
        if (at >= 0)
        {
            guests.RemoveAt(at);
        }
        for (int port = range.First; port < range.First + range.Count; port++)
        {
            owners[port] = owners[port] == range ? null : owners[port];
        }
        Settle(range);
    }

    // Guests' ranges on the ports of one that came or went.
    private void Settle(PortRange changed)
    {
        for (int port = changed.First; port < changed.First + changed.Count; port++)
        {
            if (owners[port] is not { } owner || guests.ContainsValue(owner))
            {
                owners[port] = guests.Values.FirstOrDefault(range => port >= range.First && port < range.First + range.Count);
            }
        }
    }

    /// <summary>The ranges in port order, for the monitor.</summary>
    public IEnumerable<PortRange> Ranges => owners.OfType<PortRange>().Distinct();

    /// <summary>Reads 1, 2 or 4 bytes; unclaimed ports read as FF.</summary>
    public uint Read(ushort port, int size)
    {
        PortRange? range = owners[port];
        if (Takes(range, port, size))
        {
            uint value = range!.Device.ReadPort(port - range.First + range.Offset, size);
            return size == 4 ? value : value & ((1u << (size * 8)) - 1);
        }
        if (size == 1)
        {
            return 0xFF;
        }
        int half = size / 2;
        return Read(port, half) | Read((ushort)(port + half), half) << (half * 8);
    }

    /// <summary>Writes 1, 2 or 4 bytes; unclaimed ports swallow them.</summary>
    public void Write(ushort port, int size, uint value)
    {
        PortRange? range = owners[port];
        if (Takes(range, port, size))
        {
            range!.Device.WritePort(port - range.First + range.Offset, size, size == 4 ? value : value & ((1u << (size * 8)) - 1));
        }
        else if (size > 1)
        {
            int half = size / 2;
            Write(port, half, value);
            Write((ushort)(port + half), half, value >> (half * 8));
        }
    }

    private static bool Takes(PortRange? range, int port, int size) =>
        range is not null && size <= range.MaxSize && port + size <= range.First + range.Count;
}

/// <summary>A claimed run of ports.</summary>
public sealed record PortRange(string Name, int First, int Count, IPortDevice Device, int MaxSize, int Offset);

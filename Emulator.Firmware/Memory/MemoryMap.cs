namespace Emulator.Firmware.Memory;

/// <summary>
/// Where RAM lies on an i440FX board: from 0 up to the PCI hole, the rest from 4 GiB. RAM of 3.5 GiB or more is split at
/// 3 GiB, as QEMU's <c>pc</c> board does.
/// </summary>
public static class MemoryMap
{
    /// <summary>Where RAM goes on above the PCI hole.</summary>
    public const ulong FourGiB = 1ul << 32;

    /// <summary>End of conventional memory when the extended BIOS data area takes the last KiB of 640.</summary>
    public const uint EbdaStart = 0x9FC00;

    /// <summary>End of RAM that a PC sees below the video memory.</summary>
    public const uint VideoStart = 0xA0000;

    /// <summary>Start of the last 64 KiB below 1 MiB, where firmware keeps what operating systems search for.</summary>
    public const uint BiosSegment = 0xF0000;

    /// <summary>The first MiB's end.</summary>
    public const uint HighMemoryStart = 0x100000;

    /// <summary>First address above RAM that PCI devices can't use: I/O APIC, local APIC, flash.</summary>
    public const uint PciHoleEnd = 0xFEC00000;

    /// <summary>Where the BIOS image ends up below 4 GiB.</summary>
    public const uint FlashStart = 0xFFFC0000;

    private const ulong LargestBelow = 0xE0000000, SplitBelow = 0xC0000000;

    /// <summary>Bytes of RAM below the PCI hole.</summary>
    public static ulong Below4G(ulong ramSize) => ramSize >= LargestBelow ? SplitBelow : ramSize;

    /// <summary>Bytes of RAM from 4 GiB up.</summary>
    public static ulong Above4G(ulong ramSize) => ramSize - Below4G(ramSize);

    /// <summary>
    /// The <c>etc/e820</c> file: RAM only. SeaBIOS cuts out the video hole, its data area and its image by itself.
    /// </summary>
    public static IReadOnlyList<E820Entry> ForSeaBios(ulong ramSize)
    {
        var map = new List<E820Entry> { new(0, Below4G(ramSize), E820Type.Ram) };
        AddAbove4G(map, ramSize);
        return map;
    }

    /// <summary>The map that an operating system sees when it starts without a BIOS.</summary>
    /// <param name="ramSize">Bytes of RAM, at least 2 MiB.</param>
    /// <param name="tablesStart">Start of the firmware tables at the end of RAM below 4 GiB; they reach to that end.</param>
    public static IReadOnlyList<E820Entry> ForKernel(ulong ramSize, uint tablesStart)
    {
        ulong below = Below4G(ramSize);
        var map = new List<E820Entry>
        {
            new(0, EbdaStart, E820Type.Ram),
            new(EbdaStart, VideoStart - EbdaStart, E820Type.Reserved),
            new(BiosSegment, HighMemoryStart - BiosSegment, E820Type.Reserved),
            new(HighMemoryStart, tablesStart - HighMemoryStart, E820Type.Ram),
            new(tablesStart, below - tablesStart, E820Type.Reserved),
            new(FlashStart, FourGiB - FlashStart, E820Type.Reserved),
        };
        AddAbove4G(map, ramSize);
        return map;
    }

    /// <summary>The map as bytes, 20 an entry.</summary>
    public static byte[] ToBytes(IEnumerable<E820Entry> map)
    {
        var bytes = new ByteWriter();
        foreach (E820Entry entry in map)
        {
            bytes.U64(entry.Start).U64(entry.Length).U32((uint)entry.Type);
        }
        return bytes.ToArray();
    }

    private static void AddAbove4G(List<E820Entry> map, ulong ramSize)
    {
        if (Above4G(ramSize) > 0)
        {
            map.Add(new(FourGiB, Above4G(ramSize), E820Type.Ram));
        }
    }
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Core.State;

namespace Emulator.Devices.FwCfg;

/// <summary>
/// QEMU's firmware configuration device: a selector, a data port that yields the selected item byte by byte, and a DMA
/// interface. Source: QEMU <c>docs/specs/fw_cfg</c>. Ports 510 (selector, 16 bits), 511 (data), 514-51B (DMA address,
/// big-endian). Everything is read-only for the guest.
/// </summary>
public sealed class FwCfgDevice : IPortDevice, IStateful
{
    /// <summary>Item key of the signature.</summary>
    public const ushort SignatureKey = 0x00;

    /// <summary>Item key of the feature bits.</summary>
    public const ushort IdKey = 0x01;

    /// <summary>Item key of the file directory.</summary>
    public const ushort DirectoryKey = 0x19;

    /// <summary>Item key of the first file; the others follow in the directory's order.</summary>
    public const ushort FirstFileKey = 0x20;

    /// <summary>Longest file name in bytes; the 56th is its NUL.</summary>
    public const int MaxNameLength = 55;

    private const int SelectorPort = 0x510, DmaPort = 0x514, DmaOffset = 4;
    private const uint FeatureTraditional = 1, FeatureDma = 2;
    private const uint DmaError = 1, DmaRead = 2, DmaSkip = 4, DmaSelect = 8, DmaWrite = 16;

    // "QEMU CFG": what reads of the DMA address register yield, so that a guest can tell that it is there.
    private const ulong DmaSignature = 0x51454D5520434647;

    // The write-channel bit takes no part in finding an item.
    private const int WriteChannel = 0x4000;

    // A key that no item has.
    private const ushort NoItem = 0xBFFF;

    private readonly IDmaBus dma;
    private readonly EventLog log;
    private readonly Dictionary<int, byte[]> entries = [];
    private readonly SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
    private readonly bool hasDma;
    private byte[] current = [];
    private int position;
    private ulong dmaAddress;
    private bool directoryIsStale = true;

    /// <summary>Makes the device with its signature and feature items; everything else is added by the board.</summary>
    /// <param name="dma">Where DMA control structures and data live.</param>
    /// <param name="log">Takes <c>guest_errors</c>.</param>
    /// <param name="hasDma">False leaves the DMA interface out (feature bit 1 clear, ports unclaimed).</param>
    public FwCfgDevice(IDmaBus dma, EventLog? log = null, bool hasDma = true)
    {
        this.dma = dma;
        this.log = log ?? EventLog.Silent;
        this.hasDma = hasDma;
        AddEntry(SignatureKey, "QEMU"u8);
        Span<byte> id = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(id, hasDma ? FeatureTraditional | FeatureDma : FeatureTraditional);
        AddEntry(IdKey, id);
    }

    /// <summary>Names of the files, in the directory's order.</summary>
    public IEnumerable<string> FileNames => files.Keys;

    /// <summary>Key of the selected item, or -1 when the guest selected one that is not there.</summary>
    public int SelectedKey { get; private set; } = -1;

    /// <summary>Offset in the selected item of the next byte that the data port yields.</summary>
    public int Position => position;

    /// <summary>Claims ports 510-511 and, with DMA, 514-51B.</summary>
    public void Wire(PortBus ports)
    {
        ports.Map("fw_cfg", SelectorPort, 2, this, maxSize: 2);
        if (hasDma)
        {
            ports.Map("fw_cfg DMA", DmaPort, 8, this, maxSize: 4, offset: DmaOffset);
        }
    }

    /// <summary>Adds or replaces the item behind a fixed key.</summary>
    public void AddEntry(ushort key, ReadOnlySpan<byte> data) => entries[key] = data.ToArray();

    /// <summary>Adds or replaces a named file. Keys of files follow the names' ordinal order.</summary>
    /// <exception cref="ArgumentException">The name is empty, longer than 55 bytes or not ASCII.</exception>
    public void AddFile(string name, ReadOnlySpan<byte> data)
    {
        if (name.Length is 0 or > MaxNameLength || !Ascii.IsValid(name))
        {
            throw new ArgumentException($"fw_cfg file name \"{name}\" is not 1 to {MaxNameLength} ASCII characters", nameof(name));
        }
        files[name] = data.ToArray();
        directoryIsStale = true;
    }

    /// <summary>Back to nothing selected, as after a machine reset. Items stay.</summary>
    public void Reset()
    {
        SelectedKey = -1;
        current = [];
        position = 0;
        dmaAddress = 0;
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <summary>Saves or loads the selection; the items are made from the machine's options.</summary>
    public void Transfer(StateTransfer state)
    {
        int key = state.Int32(SelectedKey, -1, ushort.MaxValue), at = state.Int32(position, 0, int.MaxValue);
        dmaAddress = state.UInt64(dmaAddress);
        if (state.IsLoading)
        {
            Select(key < 0 ? NoItem : (ushort)key);
            position = at <= current.Length ? at : throw state.Wrong($"is at byte {at} of an item of {current.Length} bytes");
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public uint ReadPort(int offset, int size)
    {
        // The data port first: firmware reads whole files through it, a byte at a time.
        if (offset == 1)
        {
            byte[] item = current;
            int at = position;
            if ((uint)at < (uint)item.Length)
            {
                position = at + 1;
                return item[at];
            }
            return 0;
        }
        return offset >= DmaOffset ? ReadDmaSignature(offset - DmaOffset, size) : 0;
    }

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        switch (offset)
        {
            case 0 when size == 2:
                Select((ushort)value);
                break;
            case DmaOffset when size == 4:
                dmaAddress = (ulong)BinaryPrimitives.ReverseEndianness(value) << 32;
                break;
            case DmaOffset + 4 when size == 4:
                ulong control = dmaAddress | BinaryPrimitives.ReverseEndianness(value);
                dmaAddress = 0;
                RunDma(control);
                break;
            default:
                log.Write(LogItems.GuestErrors, $"fw_cfg: write of {size} byte(s) at offset {offset} ignored");
                break;
        }
    }

    private static uint ReadDmaSignature(int offset, int size)
    {
        uint value = 0;
        for (int i = 0; i < size && offset + i < 8; i++)
        {
            value |= (uint)(byte)(DmaSignature >> (56 - (8 * (offset + i)))) << (8 * i);
        }
        return value;
    }

    private bool Select(ushort key)
    {
        if (directoryIsStale)
        {
            RebuildDirectory();
        }
        position = 0;
        int index = key & ~WriteChannel;
        if (entries.TryGetValue(index, out byte[]? item))
        {
            SelectedKey = index;
            current = item;
            return true;
        }
        SelectedKey = -1;
        current = [];
        return false;
    }

    private void RebuildDirectory()
    {
        // count (BE32), then for each file: size (BE32), key (BE16), reserved (16), name (56 bytes with its NUL).
        var directory = new byte[4 + (64 * files.Count)];
        BinaryPrimitives.WriteInt32BigEndian(directory, files.Count);
        int index = 0;
        foreach ((string name, byte[] data) in files)
        {
            Span<byte> row = directory.AsSpan(4 + (64 * index), 64);
            BinaryPrimitives.WriteInt32BigEndian(row, data.Length);
            BinaryPrimitives.WriteUInt16BigEndian(row[4..], (ushort)(FirstFileKey + index));
            Encoding.ASCII.GetBytes(name, row[8..]);
            entries[FirstFileKey + index] = data;
            index++;
        }
        entries[DirectoryKey] = directory;
        directoryIsStale = false;
    }

    // The guest's control structure: control (BE32), length (BE32), address (BE64). The device stores 0 or the error bit
    // into control when it is done.
    private void RunDma(ulong structureAddress)
    {
        Span<byte> structure = stackalloc byte[16];
        dma.Read(structureAddress, structure);
        uint control = BinaryPrimitives.ReadUInt32BigEndian(structure);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(structure[4..]);
        ulong address = BinaryPrimitives.ReadUInt64BigEndian(structure[8..]);
        uint result = 0;
        if ((control & DmaSelect) != 0)
        {
            Select((ushort)(control >> 16));
        }
        if ((control & DmaRead) != 0)
        {
            CopyToGuest(address, length);
        }
        else if ((control & DmaWrite) != 0)
        {
            log.Write(LogItems.GuestErrors, $"fw_cfg: DMA write of {length} byte(s) to item {SelectedKey:x} refused");
            result = DmaError;
        }
        else if ((control & DmaSkip) != 0)
        {
            position = (int)Math.Min(current.Length, position + (long)length);
        }
        BinaryPrimitives.WriteUInt32BigEndian(structure, result);
        dma.Write(structureAddress, structure[..4]);
    }

    private void CopyToGuest(ulong address, uint length)
    {
        int fromItem = (int)Math.Min(length, current.Length - position);
        dma.Write(address, current.AsSpan(position, fromItem));
        position += fromItem;

        // Past the item's end zeros arrive. A guest may ask for 4 GiB of them: addresses beyond 4 GiB lead nowhere here.
        ulong at = address + (ulong)fromItem;
        ulong end = Math.Min(address + length, 1ul << 32);
        Span<byte> zeros = stackalloc byte[4096];
        zeros.Clear();
        while (at < end)
        {
            int n = (int)Math.Min((ulong)zeros.Length, end - at);
            dma.Write(at, zeros[..n]);
            at += (ulong)n;
        }
    }
}

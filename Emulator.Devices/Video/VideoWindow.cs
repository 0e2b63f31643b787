using System.Runtime.CompilerServices;
using Emulator.Core.Bus;
using Emulator.Core.Memory;
using Emulator.Core.State;

namespace Emulator.Devices.Video;

/// <summary>
/// The CPU's legacy window on video memory, A0000-BFFFF (IBM PS/2 Hardware Interface Technical Reference, "Graphics Controller", data
/// path).
/// Planes are interleaved by bytes, plane p of plane address a at a * 4 + p, so that one 32-bit word is what the four latches hold.
/// Registers are folded into a few fields by <see cref="Configure"/>; the common set-ups take the short paths:
/// <code>
/// outside the mapped part  -> FF, ignored
/// plain                    -> memory[((a AND NOT low) * 4 | (a AND low)) + bank], with low = 1 for odd/even text, 3 for chain 4,
///                             all ones for packed pixels of VBE modes: runs of low + 1 bytes lie together
/// anything else            -> byte by byte: plane address, planes; latches and ALU
/// </code>
/// </summary>
internal sealed unsafe class VideoWindow : IMmioDevice
{
    private const uint EvenPlanes = 0x00FF00FF;
    private const int LegacyPlaneBytes = 0x10000;

    // SAFETY: vram points at `length` bytes of the machine memory that PhysicalMemory owns for the life of the machine. Every byte
    // offset is
    // masked with length - 1 and every word index with planeMask; a wide plain access lies in one run, or in one page of a bank, so it
    // ends inside too.
    private readonly byte* vram;
    private readonly PhysicalMemory memory;
    private readonly ulong machineAddress;
    private readonly uint lengthMask;

    private uint start, size;
    private uint bankOffset, planeMask, low;
    private bool plainRead, plainWrite;
    private bool chain4, chainOddEven, writeOddEven, readOddEven, readMode1;
    private uint writePlanes, setReset, enableSetReset, bitMask, compare, compareCare;
    private int readMap, writeMode, rotate, function;
    private uint latches;

    public VideoWindow(PhysicalMemory memory, ulong machineAddress, int length)
    {
        this.memory = memory;
        this.machineAddress = machineAddress;
        vram = memory.Host + machineAddress;
        lengthMask = (uint)length - 1;
    }

    /// <summary>Takes over the registers; to be called after any of them changed.</summary>
    public void Configure(Sequencer sequencer, GraphicsController graphics, bool ramEnabled, BochsVbe vbe)
    {
        (start, size) = graphics.MemoryMap switch
        {
            0 => (0u, 0x20000u),
            1 => (0u, 0x10000u),
            2 => (0x10000u, 0x8000u),
            _ => (0x18000u, 0x8000u),
        };
        bankOffset = vbe.Enabled ? (uint)vbe.BankOffset : 0;
        planeMask = vbe.Enabled ? lengthMask >> 2 : LegacyPlaneBytes - 1;
        chain4 = sequencer.Chain4;
        chainOddEven = graphics.ChainOddEven;
        writeOddEven = sequencer.OddEven;
        readOddEven = graphics.OddEven;
        readMode1 = graphics.ReadMode1;
        readMap = graphics.ReadMap;
        writeMode = graphics.WriteMode;
        rotate = graphics.Rotate;
        function = graphics.LogicalFunction;
        writePlanes = Planes(sequencer.MapMask);
        setReset = Planes(graphics.SetReset);
        enableSetReset = Planes(graphics.EnableSetReset);
        bitMask = (uint)graphics.BitMask * 0x01010101;
        compare = Planes(graphics.ColourCompare);
        compareCare = Planes(graphics.ColourDontCare);

        if (!ramEnabled)
        {
            size = 0;
        }
        bool packed = vbe.Enabled && vbe.BitsPerPixel > 4;
        bool legacy = !vbe.Enabled && size <= LegacyPlaneBytes;
        bool text = legacy && !chain4 && chainOddEven;
        bool chained = legacy && chain4;
        low = packed ? ~0u : chained ? 3u : 1u;
        plainRead = packed || chained || (text && readOddEven && readMap < 2 && !readMode1);
        bool copies = writeMode == 0 && rotate == 0 && function == 0 && enableSetReset == 0 && bitMask == ~0u;
        plainWrite = packed || (copies && ((chained && writePlanes == ~0u) || (text && writeOddEven && writePlanes == 0x0000FFFF)));
    }

    /// <inheritdoc/>
    public ulong ReadMmio(ulong offset, int size)
    {
        uint a = (uint)offset - start;
        if (a >= this.size)
        {
            return ~0ul >> (64 - (size * 8));
        }
        if (plainRead && (a & low) + (uint)size - 1 <= low)
        {
            return ReadPlain(a, size);
        }
        ulong value = 0;
        if (plainRead)
        {
            int step = Step(a);
            for (int i = 0; i < size; i += step, a += (uint)step)
            {
                value |= ReadPlain(a, step) << (i * 8);
            }
            return value;
        }
        for (int i = 0; i < size; i++, a++)
        {
            value |= (ulong)ReadPlanar(a) << (i * 8);
        }
        return value;
    }

    /// <inheritdoc/>
    public void WriteMmio(ulong offset, int size, ulong value)
    {
        uint a = (uint)offset - start;
        if (a >= this.size)
        {
            return;
        }
        if (!plainWrite)
        {
            for (int i = 0; i < size; i++, a++, value >>= 8)
            {
                WritePlanar(a, (byte)value);
            }
        }
        else if ((a & low) + (uint)size - 1 <= low)
        {
            WritePlain(a, size, value);
        }
        else
        {
            int step = Step(a);
            for (int i = 0; i < size; i += step, a += (uint)step, value >>= step * 8)
            {
                WritePlain(a, step, value);
            }
        }
    }

    /// <summary>Saves or loads what the registers do not hold.</summary>
    public void Transfer(StateTransfer state) => latches = state.UInt32(latches);

    /// <summary>Power-on state of what the registers do not hold.</summary>
    public void Reset() => latches = 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint PlainOffset(uint a) => ((((a & ~low) << 2) | (a & low)) + bankOffset) & lengthMask;

    // For an access that is longer than a run, such as two cells of text at a time, or crosses from one to the next.
    private int Step(uint a) => (a & low) == 0 ? (int)low + 1 : 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong ReadPlain(uint a, int size)
    {
        uint at = PlainOffset(a);
        latches = *(uint*)(vram + (at & ~3u));
        byte* p = vram + at;
        return size switch { 1 => *p, 2 => *(ushort*)p, 4 => *(uint*)p, _ => *(ulong*)p };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WritePlain(uint a, int size, ulong value)
    {
        uint at = PlainOffset(a);
        memory.NoteWrite(machineAddress + at, size);
        byte* p = vram + at;
        switch (size)
        {
            case 1: *p = (byte)value; break;
            case 2: *(ushort*)p = (ushort)value; break;
            case 4: *(uint*)p = (uint)value; break;
            default: *(ulong*)p = value; break;
        }
    }

    private uint PlaneAddress(uint a)
    {
        if (chain4)
        {
            return (a + bankOffset) & ~3u & planeMask;
        }
        // The bit that replaces A0 is A16 where the window has one.
        return ((chainOddEven ? (a & ~1u) | ((a >> 16) & 1) : a) + bankOffset) & planeMask;
    }

    private byte ReadPlanar(uint a)
    {
        latches = ((uint*)vram)[PlaneAddress(a)];
        if (readMode1 && !chain4)
        {
            uint differ = (latches ^ compare) & compareCare;
            differ |= differ >> 16;
            return (byte)~(differ | (differ >> 8));
        }
        uint plane = chain4 ? a & 3 : readOddEven ? ((uint)readMap & 2) | (a & 1) : (uint)readMap;
        return (byte)(latches >> (int)(plane * 8));
    }

    private void WritePlanar(uint a, byte value)
    {
        uint address = PlaneAddress(a);
        uint planes = writePlanes;
        if (chain4)
        {
            planes &= 0xFFu << (int)((a & 3) * 8);
        }
        else if (writeOddEven)
        {
            planes &= (a & 1) == 0 ? EvenPlanes : ~EvenPlanes;
        }
        memory.NoteWrite(machineAddress + (address << 2), 4);
        uint* cell = (uint*)vram + address;
        *cell = (*cell & ~planes) | (WriteData(value) & planes);
    }

    // The graphics controller's write data path, four planes at a time.
    private uint WriteData(byte value)
    {
        if (writeMode == 1)
        {
            return latches;
        }
        uint mask = bitMask;
        uint rotated = (byte)((value >> rotate) | (value << (8 - rotate))) * 0x01010101u;
        uint data;
        switch (writeMode)
        {
            case 0:
                data = (rotated & ~enableSetReset) | (setReset & enableSetReset);
                break;
            case 2:
                data = Planes(value & 0x0F);
                break;
            default:
                data = setReset;
                mask &= rotated;
                break;
        }
        data = function switch
        {
            1 => data & latches,
            2 => data | latches,
            3 => data ^ latches,
            _ => data,
        };
        return (data & mask) | (latches & ~mask);
    }

    // Four bits, one a plane, to four bytes of 00 or FF.
    private static uint Planes(int bits) =>
        (uint)(((bits & 1) | ((bits & 2) << 7) | ((bits & 4) << 14) | ((bits & 8) << 21)) * 0xFF);
}

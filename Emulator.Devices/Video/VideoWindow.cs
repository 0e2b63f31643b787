using System.Runtime.CompilerServices;
using Emulator.Core.Bus;
using Emulator.Core.Memory;

namespace Emulator.Devices.Video;

/// <summary>
/// The CPU's legacy window on video memory, A0000-BFFFF (IBM PS/2 Hardware Interface Technical Reference, "Graphics Controller", data path).
/// Planes are interleaved by bytes, plane p of plane address a at a * 4 + p, so that one 32-bit word is what the four latches hold.
/// Registers are folded into a few fields by <see cref="Configure"/>; the common set-ups take the short paths:
/// <code>
/// outside the mapped part            -> FF, ignored
/// linear (VBE, packed pixels)        -> memory[bank + a]
/// plain odd/even text                -> memory[(a AND NOT 1) * 4 + (a AND 1)]
/// anything else, byte by byte        -> plane address, planes; latches and ALU
/// </code>
/// </summary>
internal sealed unsafe class VideoWindow : IMmioDevice
{
    private const uint EvenPlanes = 0x00FF00FF;
    private const int LegacyPlaneBytes = 0x10000;

    // SAFETY: vram points at `length` bytes of the machine memory that PhysicalMemory owns for the life of the machine; every index is
    // masked with length - 1 (bytes) or planeMask (words), or bounded by the 128 KiB window.
    private readonly byte* vram;
    private readonly PhysicalMemory memory;
    private readonly ulong machineAddress;
    private readonly uint lengthMask;

    private AccessPath path;
    private uint start, size;
    private uint bankOffset, planeMask;
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

    private enum AccessPath
    {
        Closed,
        Linear,
        PlainText,
        Planar,
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

        bool plainWrite = writeMode == 0 && rotate == 0 && function == 0 && enableSetReset == 0 && bitMask == ~0u;
        bool plainOddEven = !chain4 && chainOddEven && writeOddEven && readOddEven && !readMode1 && readMap < 2
            && writePlanes == 0x0000FFFF && size <= 0x10000 && !vbe.Enabled;
        path = !ramEnabled ? AccessPath.Closed
            : vbe.Enabled && vbe.BitsPerPixel > 4 ? AccessPath.Linear
            : plainWrite && plainOddEven ? AccessPath.PlainText
            : AccessPath.Planar;
    }

    /// <inheritdoc/>
    public ulong ReadMmio(ulong offset, int size)
    {
        uint a = (uint)offset - start;
        if (a >= this.size || path == AccessPath.Closed)
        {
            return ~0ul >> (64 - (size * 8));
        }
        if (path == AccessPath.PlainText && size == 2 && (a & 1) == 0)
        {
            latches = ((uint*)vram)[a];
            return (ushort)latches;
        }
        ulong value = 0;
        for (int i = 0; i < size; i++, a++)
        {
            byte b = path == AccessPath.Linear ? vram[(bankOffset + a) & lengthMask] : ReadPlanar(a);
            value |= (ulong)b << (i * 8);
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
        if (path == AccessPath.PlainText)
        {
            WriteText(a, size, value);
            return;
        }
        if (path == AccessPath.Closed)
        {
            return;
        }
        for (int i = 0; i < size; i++, a++, value >>= 8)
        {
            if (path == AccessPath.Linear)
            {
                uint at = (bankOffset + a) & lengthMask;
                memory.NoteWrite(machineAddress + at, 1);
                vram[at] = (byte)value;
            }
            else
            {
                WritePlanar(a, (byte)value);
            }
        }
    }

    /// <summary>Power-on state of what the registers do not hold.</summary>
    public void Reset() => latches = 0;

    // A cell (character, attribute) is the low half of the word at its even address.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteText(uint a, int size, ulong value)
    {
        if (size == 1 || (a & 1) != 0)
        {
            for (int i = 0; i < size; i++, a++, value >>= 8)
            {
                uint at = ((a & ~1u) << 2) | (a & 1);
                memory.NoteWrite(machineAddress + at, 1);
                vram[at] = (byte)value;
            }
            return;
        }
        for (int i = 0; i < size; i += 2, a += 2, value >>= 16)
        {
            memory.NoteWrite(machineAddress + (a << 2), 2);
            *(ushort*)(vram + (a << 2)) = (ushort)value;
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

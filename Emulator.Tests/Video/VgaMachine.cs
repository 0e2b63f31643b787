using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Core.Memory;
using Emulator.Devices.Video;
using Xunit;

namespace Emulator.Tests.Video;

/// <summary>A display adapter alone on its buses, driven as a guest drives it.</summary>
internal sealed class VgaMachine : IDisposable
{
    private readonly PortBus ports = new();

    public VgaMachine()
    {
        Memory = new PhysicalMemory(1 << 20, 17 << 20);
        Memory.Map(new MemoryRegion("ram", 0, 1 << 20, MemoryKind.Ram, 0, null, 0));
        Vga = new VgaController(Clock, Memory, EventLog.Silent);
        Vga.Wire(ports, Memory);
        for (int i = 0; i < 256; i++)
        {
            SetDac(i, i & 0x3F, i >> 6, 0x15);
        }
    }

    public ManualClock Clock { get; } = new();

    public PhysicalMemory Memory { get; }

    public VgaController Vga { get; }

    public Span<byte> Framebuffer => Memory.Machine(Vga.FramebufferMachineAddress, (int)Vga.FramebufferLength);

    /// <summary>What the constructor's DAC contents make of a colour number: two 6-bit levels widened, and a constant.</summary>
    public static uint Dac(int index) => 0xFF000055 | (uint)(Widen(index & 0x3F) << 16) | (uint)(Widen(index >> 6) << 8);

    public static VgaMachine InMode(VgaMode mode)
    {
        var machine = new VgaMachine();
        machine.SetMode(mode);
        return machine;
    }

    public byte In(int port) => (byte)ports.Read((ushort)port, 1);

    public void Out(int port, int value) => ports.Write((ushort)port, 1, (uint)value);

    /// <summary>Index and data in one word, as guests write them.</summary>
    public void Set(int indexPort, int index, int value) => ports.Write((ushort)indexPort, 2, (uint)(index | (value << 8)));

    public byte Get(int indexPort, int index)
    {
        Out(indexPort, index);
        return In(indexPort + 1);
    }

    public void SetAttribute(int index, int value)
    {
        In(0x3DA);
        Out(0x3C0, index);
        Out(0x3C0, value);
        Out(0x3C0, 0x20);
    }

    public void SetDac(int index, int red, int green, int blue)
    {
        Out(0x3C8, index);
        Out(0x3C9, red);
        Out(0x3C9, green);
        Out(0x3C9, blue);
    }

    public void SetVbe(int index, int value)
    {
        ports.Write(0x1CE, 2, (uint)index);
        ports.Write(0x1CF, 2, (uint)value);
    }

    public int GetVbe(int index)
    {
        ports.Write(0x1CE, 2, (uint)index);
        return (int)ports.Read(0x1CF, 2);
    }

    public void SetVbeMode(int width, int height, int bitsPerPixel, int flags = 0x41)
    {
        SetVbe(4, 0);
        SetVbe(1, width);
        SetVbe(2, height);
        SetVbe(3, bitsPerPixel);
        SetVbe(4, flags);
    }

    public void SetMode(VgaMode mode)
    {
        Out(0x3C2, mode.Misc);
        Set(0x3C4, 0, 1);
        for (int i = 0; i < mode.Sequencer.Length; i++)
        {
            Set(0x3C4, i + 1, mode.Sequencer[i]);
        }
        Set(0x3C4, 0, 3);
        Set(0x3D4, 0x11, 0);
        for (int i = 0; i < mode.Crtc.Length; i++)
        {
            Set(0x3D4, i, mode.Crtc[i]);
        }
        for (int i = 0; i < mode.Graphics.Length; i++)
        {
            Set(0x3CE, i, mode.Graphics[i]);
        }
        for (int i = 0; i < mode.Attributes.Length; i++)
        {
            SetAttribute(i, mode.Attributes[i]);
        }
    }

    /// <summary>Loads a font into plane 2 as the video BIOS does, 32 bytes a character at <paramref name="offset"/>.</summary>
    public void LoadFont(Func<int, int, byte> glyphRow, int offset = 0)
    {
        (byte map, byte mode, byte graphicsMode, byte misc) = (Get(0x3C4, 2), Get(0x3C4, 4), Get(0x3CE, 5), Get(0x3CE, 6));
        Set(0x3C4, 2, 4);
        Set(0x3C4, 4, 6);
        Set(0x3CE, 5, 0);
        Set(0x3CE, 6, 4);
        for (int code = 0; code < 256; code++)
        {
            for (int row = 0; row < 32; row++)
            {
                Poke(0xA0000 + offset + (code * 32) + row, glyphRow(code, row));
            }
        }
        Set(0x3C4, 2, map);
        Set(0x3C4, 4, mode);
        Set(0x3CE, 5, graphicsMode);
        Set(0x3CE, 6, misc);
    }

    public void Poke(int address, int value) => Memory.WriteValue((ulong)address, 1, (ulong)value);

    public void PokeWord(int address, int value) => Memory.WriteValue((ulong)address, 2, (ulong)value);

    public byte Peek(int address) => (byte)Memory.ReadValue((ulong)address, 1);

    /// <summary>The picture as rows of pixels: [y, x].</summary>
    public uint[,] Render()
    {
        (int width, int height) = Vga.Size;
        var pixels = new uint[width * height];
        Vga.Render(pixels);
        var picture = new uint[height, width];
        Buffer.BlockCopy(pixels, 0, picture, 0, pixels.Length * sizeof(uint));
        return picture;
    }

    /// <summary>Compares the whole picture with a function of the coordinates.</summary>
    public void AssertPicture(int width, int height, Func<int, int, uint> expected)
    {
        Assert.Equal((width, height), Vga.Size);
        uint[,] picture = Render();
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                if (picture[y, x] != expected(x, y))
                {
                    Assert.Fail($"pixel ({x}, {y}) is {picture[y, x]:x8}, expected {expected(x, y):x8}");
                }
            }
        }
    }

    public void Dispose() => Memory.Dispose();

    private static int Widen(int six) => (six << 2) | (six >> 4);
}

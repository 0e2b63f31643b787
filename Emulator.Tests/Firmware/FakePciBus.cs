using System.Buffers.Binary;
using Emulator.Firmware.Pci;
using Xunit;

namespace Emulator.Tests.Firmware;

/// <summary>Configuration space of a made-up bus 0: functions with identities and base address registers that can be sized.</summary>
public sealed class FakePciBus : IPciConfig
{
    private readonly Dictionary<(int Device, int Function), FakeFunction> functions = [];

    /// <summary>Every write, in order.</summary>
    public List<(int Device, int Function, int Register, int Size, uint Value)> Writes { get; } = [];

    /// <summary>The functions that QEMU's pc board has with a standard VGA.</summary>
    public static FakePciBus Pc()
    {
        var bus = new FakePciBus();
        bus.Add(0, 0, 0x12378086, 0x0600);
        bus.Add(1, 0, 0x70008086, 0x0601, multifunction: true);
        bus.Add(1, 1, 0x70108086, 0x0101).Bar(4, 16, 1);
        bus.Add(1, 3, 0x71138086, 0x0680, pin: 1);
        bus.Add(2, 0, 0x11111234, 0x0300).Bar(0, 16 << 20, 8).Bar(2, 4096, 0).Rom(65536);
        return bus;
    }

    /// <summary>Adds a function.</summary>
    public FakeFunction Add(int device, int function, uint id, int classCode, int pin = 0, bool multifunction = false)
    {
        var added = new FakeFunction(id, classCode, pin, multifunction);
        functions.Add((device, function), added);
        return added;
    }

    /// <summary>A 32-bit register as it stands now.</summary>
    public uint Register(int device, int function, int register) => Read(0, device, function, register, 4);

    /// <inheritdoc/>
    public uint Read(int bus, int dev, int fn, int reg, int size)
    {
        if (bus != 0 || !functions.TryGetValue((dev, fn), out FakeFunction? function))
        {
            return size == 4 ? ~0u : (1u << (8 * size)) - 1;
        }
        Span<byte> bytes = stackalloc byte[4];
        bytes.Clear();
        function.Space.AsSpan(reg, size).CopyTo(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <inheritdoc/>
    public void Write(int bus, int dev, int fn, int reg, int size, uint value)
    {
        Assert.Equal(0, bus);
        Writes.Add((dev, fn, reg, size, value));
        FakeFunction function = functions[(dev, fn)];
        for (int i = 0; i < size; i++)
        {
            byte mask = function.Writable[reg + i];
            function.Space[reg + i] = (byte)((function.Space[reg + i] & ~mask) | ((byte)(value >> (8 * i)) & mask));
        }
    }
}

/// <summary>A function of <see cref="FakePciBus"/>.</summary>
public sealed class FakeFunction
{
    internal FakeFunction(uint id, int classCode, int pin, bool multifunction)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Space, id);
        BinaryPrimitives.WriteUInt16LittleEndian(Space.AsSpan(0x0A), (ushort)classCode);
        Space[0x0E] = (byte)(multifunction ? 0x80 : 0);
        Space[0x3D] = (byte)pin;
        Array.Fill(Writable, (byte)0xFF, 0x04, 2);
        Writable[0x3C] = 0xFF;
        Array.Fill(Writable, (byte)0xFF, 0x40, 0xC0);
    }

    internal byte[] Space { get; } = new byte[256];

    internal byte[] Writable { get; } = new byte[256];

    /// <summary>Gives the function a base address register with fixed low bits (1 I/O, 8 prefetchable, 4 for 64 bits).</summary>
    public FakeFunction Bar(int index, uint size, uint lowBits) => AddRegister(0x10 + (4 * index), size, lowBits, ~0u);

    /// <summary>Gives the function an expansion ROM.</summary>
    public FakeFunction Rom(uint size) => AddRegister(0x30, size, 0, ~0x7FFu | 1);

    private FakeFunction AddRegister(int register, uint size, uint lowBits, uint implemented)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Space.AsSpan(register), lowBits);
        BinaryPrimitives.WriteUInt32LittleEndian(Writable.AsSpan(register), (~(size - 1) & implemented & ~0xFu) | (~(size - 1) & implemented & 0xF & ~lowBits));
        return this;
    }
}

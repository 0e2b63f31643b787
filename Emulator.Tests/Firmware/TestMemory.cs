using System.Buffers.Binary;
using System.Text;
using Emulator.Core.Memory;

namespace Emulator.Tests.Firmware;

/// <summary>Guest memory that is RAM all through, with readers for what loaders put there.</summary>
public sealed class TestMemory : IDisposable
{
    public TestMemory(int mebibytes)
    {
        ulong size = (ulong)mebibytes << 20;
        Memory = new PhysicalMemory(size, 0);
        Memory.Map(new MemoryRegion("ram", 0, size, MemoryKind.Ram, 0, null, 0));
    }

    public PhysicalMemory Memory { get; }

    public byte[] Bytes(ulong address, int count)
    {
        var bytes = new byte[count];
        Memory.Read(address, bytes);
        return bytes;
    }

    public byte U8(ulong address) => Bytes(address, 1)[0];

    public ushort U16(ulong address) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(address, 2));

    public uint U32(ulong address) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(address, 4));

    public ulong U64(ulong address) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(address, 8));

    public string Text(ulong address)
    {
        var text = new StringBuilder();
        for (byte b; (b = U8(address)) != 0; address++)
        {
            text.Append((char)b);
        }
        return text.ToString();
    }

    public void Dispose() => Memory.Dispose();
}

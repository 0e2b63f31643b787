using System.Buffers.Binary;

namespace Emulator.Tests.Firmware;

/// <summary>A synthetic bzImage whose header fields tests can spoil.</summary>
public sealed class LinuxImage
{
    public const int SetupSectors = 2, ProtectedOffset = (SetupSectors + 1) * 512;

    public LinuxImage(int protectedSize = 1000)
    {
        Bytes = new byte[ProtectedOffset + protectedSize];
        for (int i = 0; i < protectedSize; i++)
        {
            Bytes[ProtectedOffset + i] = (byte)(i * 7);
        }
        Bytes[0x1F1] = SetupSectors;
        U16(0x1FE, 0xAA55);
        Bytes[0x200] = 0xEB;
        Bytes[0x201] = 0x66; // header up to 268
        "HdrS"u8.CopyTo(Bytes.AsSpan(0x202));
        U16(0x206, 0x020F);
        Bytes[0x211] = 1;
        U32(0x214, 0x100000);
        U32(0x22C, 0x7FFFFFFF);
        U32(0x230, 0x200000);
        Bytes[0x234] = 1;
        U32(0x238, 2047);
        U32(0x258, 0x400000);
        U32(0x260, 0x300000); // needs 4 to 7 MiB
    }

    public byte[] Bytes { get; }

    public LinuxImage U16(int offset, int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Bytes.AsSpan(offset), (ushort)value);
        return this;
    }

    public LinuxImage U32(int offset, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(offset), value);
        return this;
    }
}

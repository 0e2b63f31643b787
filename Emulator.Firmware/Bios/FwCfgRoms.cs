using System.Buffers.Binary;
using System.Text;

namespace Emulator.Firmware.Bios;

/// <summary>Option ROMs that the board hands over by fw_cfg, in its folder <c>genroms</c>. Source: QEMU <c>docs/specs/fw_cfg</c>.</summary>
internal static class FwCfgRoms
{
    private const ushort Selector = 0x510, Data = 0x511, SignatureKey = 0x00, DirectoryKey = 0x19;
    private const int NameLength = 56, RowLength = 64, MostFiles = 1024;

    /// <summary>The images, in the directory's order; none when the board has no fw_cfg.</summary>
    public static IEnumerable<byte[]> ReadAll(IBiosHost host)
    {
        if (!Read(host, SignatureKey, 4).AsSpan().SequenceEqual("QEMU"u8))
        {
            yield break;
        }
        int count = Math.Min(BinaryPrimitives.ReadInt32BigEndian(Read(host, DirectoryKey, 4)), MostFiles);
        byte[] directory = Read(host, DirectoryKey, 4 + (count * RowLength));
        for (int n = 0; n < count; n++)
        {
            byte[] row = directory.AsSpan(4 + (n * RowLength), RowLength).ToArray();
            string name = Encoding.ASCII.GetString(row, 8, NameLength).TrimEnd('\0');
            if (name.StartsWith("genroms/", StringComparison.Ordinal))
            {
                yield return Read(host, BinaryPrimitives.ReadUInt16BigEndian(row.AsSpan(4)), BinaryPrimitives.ReadInt32BigEndian(row));
            }
        }
    }

    private static byte[] Read(IBiosHost host, ushort key, int length)
    {
        host.Out(Selector, key, 2);
        var bytes = new byte[length];
        for (int n = 0; n < length; n++)
        {
            bytes[n] = (byte)host.In(Data);
        }
        return bytes;
    }
}

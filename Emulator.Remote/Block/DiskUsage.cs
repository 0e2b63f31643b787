using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Emulator.Remote.Block;

/// <summary>How much of the host's disk a file takes: less than its length when it has holes.</summary>
public static partial class DiskUsage
{
    private const int CurrentDirectory = -100, BlocksMask = 0x400, BlocksOffset = 48, StatxBytes = 256;

    /// <summary>Bytes of the host's disk.</summary>
    public static long Of(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            // struct statx is the same on every architecture.
            byte[] result = new byte[StatxBytes];
            if (Statx(CurrentDirectory, path, 0, BlocksMask, result) == 0)
            {
                var blocks = result.AsSpan(BlocksOffset);
                return 512 * (BitConverter.IsLittleEndian ? BinaryPrimitives.ReadInt64LittleEndian(blocks) : BinaryPrimitives.ReadInt64BigEndian(blocks));
            }
        }
        return new FileInfo(path).Length;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, byte[] result);
}

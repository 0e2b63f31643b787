using System.Buffers.Binary;
using Emulator.Core.Backends;
using Emulator.Devices.Block;

namespace Emulator.Devices.Ide;

/// <summary>
/// The sessions of a disc image. A raw image has no table of contents, so they are found by what each begins with: a primary volume descriptor 16
/// sectors in (ISO 9660, 6.2.1 and 8.4), looked for where the volume before it says that it ends (docs/decisions/0016).
/// </summary>
internal static class DiscSessions
{
    private const int DescriptorSector = 16, SectorSize = AtapiCdrom.SectorSize, MostSessions = 99, SectorsAtOnce = 64;

    // Offsets in the descriptor: the volume's size in sectors, and the extent in the root directory's record.
    private const int VolumeSize = 80, RootExtent = 156 + 2;

    // Lead-out of the first session, lead-in and pre-gap of the next (MMC-5, table "Multi-session CD"), and a track's padding.
    private const long LongestGap = 6750 + 4500 + 150 + 300;

    private static readonly byte[] Signature = [1, .. "CD001"u8, 1];

    /// <summary>The sessions in order; one that is the whole disc when there is nothing to tell more.</summary>
    public static IReadOnlyList<DiscSession> Of(IBlockBackend disc)
    {
        long sectors = PaddedImage.SectorCount(disc, SectorSize);
        var starts = new List<long> { 0 };
        var ends = new List<long>();
        try
        {
            while (starts.Count < MostSessions && VolumeEnd(disc, starts[^1]) is long end && Next(disc, end, sectors) is long next)
            {
                ends.Add(Math.Min(end, next));
                starts.Add(next);
            }
        }
        catch (IOException)
        {
            // What cannot be read now is reported when the guest reads it.
        }
        ends.Add(sectors);
        return [.. starts.Take(ends.Count).Zip(ends, (start, end) => new DiscSession(start, end))];
    }

    // Programs differ in whether a later volume's size counts from sector 0 or from the session's start.
    private static long? VolumeEnd(IBlockBackend disc, long start)
    {
        Span<byte> descriptor = stackalloc byte[SectorSize];
        PaddedImage.Read(disc, (start + DescriptorSector) * SectorSize, descriptor);
        if (!descriptor.StartsWith(Signature))
        {
            return null;
        }
        long size = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[VolumeSize..]);
        return Math.Max(size > start ? size : start + size, start + DescriptorSector + 1);
    }

    private static long? Next(IBlockBackend disc, long from, long sectors)
    {
        long first = from + DescriptorSector, last = Math.Min(from + LongestGap + DescriptorSector, sectors - 1);
        var buffer = new byte[SectorsAtOnce * SectorSize];
        for (long at = first; at <= last; at += SectorsAtOnce)
        {
            PaddedImage.Read(disc, at * SectorSize, buffer);
            for (int n = 0; n < SectorsAtOnce && at + n <= last; n++)
            {
                ReadOnlySpan<byte> sector = buffer.AsSpan(n * SectorSize, SectorSize);
                long start = at + n - DescriptorSector;
                // The root directory of a session lies in it; one of an image that is a file on the disc counts from that file.
                if (sector.StartsWith(Signature) && BinaryPrimitives.ReadUInt32LittleEndian(sector[RootExtent..]) is var root && root > start && root < sectors)
                {
                    return start;
                }
            }
        }
        return null;
    }
}

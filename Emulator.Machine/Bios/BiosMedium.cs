using Emulator.Core.Backends;
using Emulator.Devices.Block;

namespace Emulator.Machine.Bios;

/// <summary>Whole sectors of an image, with the host's failures as a result rather than an exception.</summary>
internal static class BiosMedium
{
    /// <summary>Reads sectors; false when they are not all on the medium or the host failed.</summary>
    public static bool Read(IBlockBackend? medium, long sectors, long lba, int sectorSize, Span<byte> data)
    {
        if (medium is null || lba < 0 || lba + (data.Length / sectorSize) > sectors)
        {
            return false;
        }
        try
        {
            PaddedImage.Read(medium, lba * sectorSize, data);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Writes sectors; false when they are not all on the medium, it is read-only, or the host failed.</summary>
    public static bool Write(IBlockBackend? medium, long sectors, long lba, int sectorSize, ReadOnlySpan<byte> data)
    {
        if (medium is null || medium.IsReadOnly || lba < 0 || lba + (data.Length / sectorSize) > sectors)
        {
            return false;
        }
        try
        {
            PaddedImage.Write(medium, lba * sectorSize, data);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}

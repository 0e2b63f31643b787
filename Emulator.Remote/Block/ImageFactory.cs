using Emulator.Core.Backends;
using Emulator.Machine.Config;

namespace Emulator.Remote.Block;

/// <summary>Opens the images of drives, and says in one sentence what is wrong with those that cannot be used.</summary>
public static class ImageFactory
{
    private static readonly long[] FloppyBytes =
    [
        160 << 10, 180 << 10, 320 << 10, 360 << 10, 640 << 10, 720 << 10, 800 << 10, 820 << 10, 830 << 10,
        1200 << 10, 1440 << 10, 1600 << 10, 1640 << 10, 1660 << 10, 1680 << 10, 1720 << 10, 1760 << 10,
        2880 << 10, 3200 << 10, 3520 << 10, 3840 << 10,
    ];

    /// <summary>True when a floppy disk of a usual format has that many bytes.</summary>
    public static bool IsFloppySize(long bytes) => FloppyBytes.Contains(bytes);

    /// <summary>Opens the drive's image.</summary>
    /// <returns>The image; null when the drive has no medium.</returns>
    /// <exception cref="UserErrorException">There is no such image, it cannot be read, is of another format, empty or cut off.</exception>
    public static IBlockBackend? Open(DriveConfig drive)
    {
        if (drive.File is null)
        {
            return null;
        }
        try
        {
            return Open(drive, drive.File);
        }
        catch (UserErrorException e)
        {
            // "-hda FILE" names the file already.
            bool named = drive.Origin.EndsWith($" {drive.File}", StringComparison.Ordinal)
                && e.Message.StartsWith(drive.File, StringComparison.Ordinal);
            throw new UserErrorException(named ? drive.Origin + e.Message[drive.File.Length..] : $"{drive.Origin}: {e.Message}");
        }
    }

    private static IBlockBackend Open(DriveConfig drive, string path)
    {
        bool readOnly = drive.ReadOnly || drive.IsCdrom;
        var image = OpenImage(drive, path, readOnly || drive.Snapshot);
        try
        {
            Check(drive, image);
        }
        catch (Exception e) when (e is UserErrorException or IOException)
        {
            image.Dispose();
            if (e is IOException)
            {
                throw new UserErrorException($"{path} cannot be read: {HostErrors.Describe(e)}; check the host's disk");
            }
            throw;
        }
        return drive.Snapshot && !readOnly ? new SnapshotOverlay(image) : image;
    }

    private static DiskImage OpenImage(DriveConfig drive, string path, bool readOnly)
    {
        Func<long, long> diskLength = drive.IsCdrom ? WholeCdSectors
            : drive.Interface == DriveInterface.Floppy ? WholeFloppy
            : WholeSectors;
        try
        {
            return ImageOpener.Open(path, drive.Format, readOnly, rawLength: diskLength);
        }
        catch (WriteProtectedException) when (!readOnly && drive.Interface == DriveInterface.Floppy)
        {
            // A floppy that the host may not write is one with its tab open.
            return ImageOpener.Open(path, drive.Format, readOnly: true, rawLength: diskLength);
        }
    }

    private static void Check(DriveConfig drive, DiskImage image)
    {
        long size = image is RawImage ? image.FileLength : image.Length;
        if (size == 0)
        {
            throw new UserErrorException($"{image.Name} is empty; give an image that holds something");
        }
        bool isFloppy = drive.Interface == DriveInterface.Floppy;
        if (isFloppy && size > FloppyBytes[^1])
        {
            throw new UserErrorException(
                $"{image.Name} has {size} bytes, more than any floppy disk ({FloppyBytes[^1]}); use -hda or -cdrom for it");
        }
        if (size < 512 && !drive.IsCdrom)
        {
            throw new UserErrorException($"{image.Name} is truncated: {size} bytes are less than one sector of 512; get the whole image");
        }
        if (drive.Format is not null || image is not RawImage raw)
        {
            return;
        }

        byte[] head = new byte[(int)Math.Min(ImageProbe.HeadBytes, size)];
        raw.Read(0, head);
        if (ImageProbe.Compression(head) is (string compression, string command))
        {
            throw new UserErrorException($"{image.Name} is compressed by {compression}; unpack it first ({command})");
        }
        if (drive.IsCdrom)
        {
            CheckCd(raw, size);
        }
        else if (isFloppy)
        {
            RefuseTruncated(raw, size, ImageProbe.MissingFloppyBytes(head, size), "its boot sector");
        }
        else
        {
            RefuseTruncated(raw, size, ImageProbe.MissingDiskBytes(head, size), "its partition table");
        }
    }

    private static void CheckCd(RawImage image, long size)
    {
        byte[] descriptor = new byte[2048];
        if (size < ImageProbe.VolumeDescriptorOffset + descriptor.Length)
        {
            throw new UserErrorException(
                $"{image.Name} is truncated: {size} bytes end before the volume descriptor of a CD; get the whole image, or give format=raw to use it as it is");
        }
        image.Read(ImageProbe.VolumeDescriptorOffset, descriptor);
        RefuseTruncated(image, size, ImageProbe.MissingCdBytes(descriptor, size), "its volume descriptor");
    }

    private static void RefuseTruncated(RawImage image, long size, long promised, string where)
    {
        if (promised > 0)
        {
            throw new UserErrorException(
                $"{image.Name} is truncated: it has {size} bytes where {where} promises {promised}; get the whole image, or give format=raw to use it as it is");
        }
    }

    private static long WholeSectors(long bytes) => (bytes + 511) & ~511L;

    private static long WholeCdSectors(long bytes) => (bytes + 2047) & ~2047L;

    // A boot sector alone, as programmers of small systems make it, is a 1.44 MB disk that is blank behind it.
    private static long WholeFloppy(long bytes)
    {
        if (FloppyBytes.Contains(bytes))
        {
            return bytes;
        }
        return bytes <= 1440 << 10 ? 1440 << 10 : FloppyBytes.FirstOrDefault(s => s >= bytes, WholeSectors(bytes));
    }
}

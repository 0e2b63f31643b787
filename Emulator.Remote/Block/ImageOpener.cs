using Emulator.Machine.Config;
using Emulator.Remote.Block.Qcow2;
using Emulator.Remote.Block.Vdi;
using Emulator.Remote.Block.Vhd;
using Emulator.Remote.Block.Vmdk;

namespace Emulator.Remote.Block;

/// <summary>Opens images by name and format, with all that lies below them.</summary>
public static class ImageOpener
{
    private const int MaxChain = 64;

    /// <summary>The formats, as <c>qemu-img</c> names them.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["raw", "qcow2", "vpc", "vdi", "vmdk"];

    /// <summary>Opens an image.</summary>
    /// <param name="path">File or block device.</param>
    /// <param name="format">One of <see cref="Formats"/>; null looks at the image's head, as QEMU does.</param>
    /// <param name="readOnly">True to open without the right to write.</param>
    /// <param name="withBacking">False to leave the images below alone.</param>
    /// <param name="rawLength">Makes the disk's size of a raw file's.</param>
    /// <exception cref="UserErrorException">It, or an image below it, cannot be opened, is damaged, or of a format that is not built.</exception>
    public static DiskImage Open(string path, string? format, bool readOnly, bool withBacking = true, Func<long, long>? rawLength = null) =>
        Open(path, format, readOnly, withBacking ? 0 : null, rawLength);

    /// <summary>Opens an image for writing that may be damaged, without what lies below it.</summary>
    /// <exception cref="UserErrorException">It cannot be opened, or not be made sense of.</exception>
    public static DiskImage OpenForRepair(string path, string? format)
    {
        using (var look = Open(path, format, readOnly: true, withBacking: false))
        {
            format = look.Format;
        }
        return format == "qcow2" ? Qcow2Image.Open(HostFile.Open(path, readOnly: false), null, forRepair: true) : Open(path, format, readOnly: format == "vmdk", withBacking: false);
    }

    /// <summary>The place of a file that an image names: beside the image, unless its name says otherwise.</summary>
    /// <exception cref="UserErrorException">It is no file of this host.</exception>
    public static string Resolve(string image, string name)
    {
        if (name.StartsWith("file:", StringComparison.Ordinal))
        {
            name = name["file:".Length..];
        }
        if (name.Length == 0 || name.Contains('\0'))
        {
            throw new UserErrorException(
                $"{image} is damaged: the name of a file that belongs to it {(name.Length == 0 ? "is empty" : "holds a zero byte")}; restore it from a copy");
        }
        int colon = name.IndexOf(':');
        if (colon > 1 && name.IndexOf('/') is var slash && (slash < 0 || slash > colon))
        {
            throw new UserErrorException($"{image} lies over {name}, which is no file; only files of this host can be backing files");
        }
        return Path.Combine(Path.GetDirectoryName(image) ?? "", name);
    }

    /// <summary>Opens what is already at hand; the files that it names are not.</summary>
    internal static DiskImage Open(IImageStorage file, string? format, Func<string, string?, DiskImage>? openBacking, Func<string, IImageStorage> openFile,
        Func<long, long>? rawLength = null)
    {
        string? probed = null;
        if (format is null)
        {
            byte[] head = new byte[ImageProbe.HeadBytes];
            try
            {
                file.Read(0, head);
            }
            catch (IOException e)
            {
                file.Dispose();
                throw new UserErrorException($"{file.Name} cannot be read: {HostErrors.Describe(e)}; check the host's disk");
            }
            probed = ImageProbe.ForeignFormat(head) ?? "raw";
        }
        switch (format ?? probed)
        {
            case "raw":
                return new RawImage(file, rawLength) { IsGuess = format is null };
            case "qcow2":
                return Qcow2Image.Open(file, openBacking);
            case "vpc":
                return VhdImage.Open(file);
            case "vdi":
                return VdiImage.Open(file);
            case "vmdk":
                return VmdkImage.Open(file, openFile, openBacking);
            default:
                file.Dispose();
                throw new UserErrorException(
                    $"{file.Name} is a {format ?? probed} image, which this build cannot read; convert it with 'qemu-img convert -O qcow2', or give format=raw to use it as it is");
        }
    }

    private static DiskImage Open(string path, string? format, bool readOnly, int? depth, Func<long, long>? rawLength)
    {
        if (depth > MaxChain)
        {
            throw new UserErrorException($"{path} lies over itself, or over more than {MaxChain} images; give one with a shorter chain");
        }
        return Open(HostFile.Open(path, readOnly), format, depth is int d ? Below : null, name => HostFile.Open(Resolve(path, name), readOnly: true), rawLength);

        DiskImage Below(string name, string? backingFormat)
        {
            try
            {
                return Open(Resolve(path, name), backingFormat, readOnly: true, d + 1, null);
            }
            catch (UserErrorException e)
            {
                throw new UserErrorException($"{path}: its backing file: {e.Message}");
            }
        }
    }
}

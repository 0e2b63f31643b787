using Emulator.Machine.Config;
using Emulator.Remote.Block.Qcow2;
using Emulator.Remote.Block.Vdi;
using Emulator.Remote.Block.Vhd;

namespace Emulator.Remote.Block;

/// <summary>What a new image is to be like: options as <c>qemu-img create -o</c> names them, checked.</summary>
public sealed class ImageCreator
{
    private const long MaxBytes = 1L << 53;

    private readonly Dictionary<string, string> options = [];

    /// <summary>Checks the format and its options.</summary>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="given">Names and values.</param>
    /// <exception cref="UserErrorException">The format, an option, or a value is not known or not built.</exception>
    public ImageCreator(string format, IEnumerable<KeyValuePair<string, string>> given)
    {
        Format = format;
        string[] known = format switch
        {
            "raw" => ["preallocation", "size"],
            "qcow2" => ["backing_file", "backing_fmt", "cluster_size", "compat", "compression_type", "extended_l2", "lazy_refcounts", "preallocation", "refcount_bits", "size"],
            "vpc" => ["force_size", "size", "subformat"],
            "vdi" => ["size", "static"],
            _ => throw new UserErrorException($"{format} images cannot be made here; use one of {string.Join(", ", Formats)}"),
        };
        foreach (var (name, value) in given)
        {
            if (!known.Contains(name))
            {
                throw new UserErrorException($"a {format} image has no option '{name}' here; it has {string.Join(", ", known)}");
            }
            options[name] = value;
        }
        RequireOff("preallocation");
        RequireOff("extended_l2");
        RequireOff("static");
    }

    /// <summary>Formats that can be made.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["raw", "qcow2", "vpc", "vdi"];

    /// <summary>The format.</summary>
    public string Format { get; }

    /// <summary>Value of an option, or null.</summary>
    public string? this[string option] => options.GetValueOrDefault(option);

    /// <summary>What <c>qemu-img create</c> prints: the format with all options, defaults too, in QEMU's order.</summary>
    public string Describe(long size) => Format switch
    {
        "qcow2" => $"fmt=qcow2 cluster_size={ClusterBytes} extended_l2=off compression_type={this["compression_type"] ?? "zlib"} size={size}"
            + Part("compat") + Part("backing_file") + Part("backing_fmt") + $" lazy_refcounts={(IsLazy ? "on" : "off")} refcount_bits={1 << RefcountOrder}",
        "vpc" => $"fmt=vpc size={size}" + Part("subformat") + Part("force_size"),
        "vdi" => $"fmt=vdi size={size} static=off",
        _ => $"fmt={Format} size={size}",
    };

    /// <summary>Makes the image. What was in the file is lost.</summary>
    /// <param name="path">The file.</param>
    /// <param name="size">Bytes of the disk; whole sectors are made of it.</param>
    /// <exception cref="UserErrorException">The file cannot be made, or the size is not possible.</exception>
    public void Create(string path, long size)
    {
        if (size is < 0 or > MaxBytes)
        {
            throw new UserErrorException($"{path}: a disk cannot have {size} bytes");
        }

        // Nothing of a wrong option may have touched the file.
        Action<IImageStorage> write = Writer(path, (size + 511) & ~511L);
        using var file = HostFile.Create(path);
        try
        {
            write(file);
        }
        catch (IOException e)
        {
            throw new UserErrorException($"{path} cannot be written: {HostErrors.Describe(e)}; check the host's disk");
        }
    }

    private Action<IImageStorage> Writer(string path, long size)
    {
        switch (Format)
        {
            case "qcow2":
                var header = Qcow2Head(size);
                Qcow2Creator.Check(path, header);
                return file => Qcow2Creator.Create(file, header);
            case "vpc":
                bool isExact = this["force_size"] is "on";
                uint type = (this["subformat"] ?? "dynamic") switch
                {
                    "dynamic" => VhdFooter.Dynamic,
                    "fixed" => VhdFooter.Fixed,
                    string other => throw new UserErrorException($"subformat={other} is not known; use dynamic or fixed"),
                };
                if (size is 0 or > 2040L << 30)
                {
                    throw new UserErrorException($"{path}: a VHD has from 512 bytes to 2040G, not {size} bytes");
                }
                long sectors = isExact || size / 512 >= VhdFooter.MaxChsSectors ? size / 512 : VhdFooter.RoundToGeometry(size / 512);
                return file => VhdImage.Create(file, VhdFooter.Make(type, sectors, isExact, DateTime.UtcNow));
            case "vdi":
                if (size is 0 or > 1L << 49)
                {
                    throw new UserErrorException($"{path}: a VDI image has from 512 bytes to 512T, not {size} bytes");
                }
                return file => VdiImage.Create(file, size);
            default:
                return file => file.SetLength(size);
        }
    }

    private int ClusterBytes => (int)ParseSize("cluster_size", 65536);

    private bool IsLazy => this["lazy_refcounts"] is "on";

    private int RefcountOrder => (this["refcount_bits"] ?? "16") switch
    {
        "1" => 0, "2" => 1, "4" => 2, "8" => 3, "16" => 4, "32" => 5, "64" => 6,
        string other => throw new UserErrorException($"refcount_bits={other} is not possible; use 1, 2, 4, 8, 16, 32 or 64"),
    };

    private Qcow2Header Qcow2Head(long size)
    {
        int version = (this["compat"] ?? "1.1") switch
        {
            "0.10" or "v2" => 2,
            "1.1" or "v3" => 3,
            string other => throw new UserErrorException($"compat={other} is not known; use 0.10 or 1.1"),
        };
        int compression = (this["compression_type"] ?? "zlib") switch
        {
            "zlib" => 0,
            "zstd" => 1,
            string other => throw new UserErrorException($"compression_type={other} is not known; use zlib or zstd"),
        };
        if (version == 2 && (compression != 0 || IsLazy || RefcountOrder != 4))
        {
            throw new UserErrorException("compression_type=zstd, lazy_refcounts=on and other refcount_bits than 16 need compat=1.1");
        }
        int bytes = ClusterBytes;
        if (bytes is < 512 or > 2 << 20 || (bytes & (bytes - 1)) != 0)
        {
            throw new UserErrorException($"cluster_size={bytes} is not possible; use a power of two from 512 to 2M");
        }
        return new()
        {
            Version = version,
            ClusterBits = int.Log2(bytes),
            Size = size,
            RefcountOrder = RefcountOrder,
            CompressionType = compression,
            Compatible = IsLazy ? Qcow2Header.LazyRefcountsBit : 0,
            BackingFile = this["backing_file"],
            BackingFormat = this["backing_fmt"],
        };
    }

    private long ParseSize(string option, long otherwise) => this[option] is string text ? ByteSize.Parse(option, text) : otherwise;

    private string Part(string option) => this[option] is string value ? $" {option}={value}" : "";

    private void RequireOff(string option)
    {
        if (this[option] is not (null or "off"))
        {
            throw new UserErrorException($"{option}={this[option]} is not built; leave it out");
        }
    }
}

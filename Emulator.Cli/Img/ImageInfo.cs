using System.Text;
using System.Text.Json;
using Emulator.Remote.Block;
using Emulator.Remote.Block.Qcow2;

namespace Emulator.Cli.Img;

/// <summary>What <c>emu img info</c> tells of an image.</summary>
internal sealed class ImageInfo
{
    private readonly string path, format;
    private readonly long size, usage;
    private readonly int clusterBytes;
    private readonly string? backing;
    private readonly Qcow2Header? header;

    public ImageInfo(string path, DiskImage image)
    {
        this.path = path;
        format = image.Format;
        size = image.Length;
        usage = DiskUsage.Of(path);
        clusterBytes = image.ClusterBytes;
        backing = image.BackingName;
        BackingPath = backing is null ? null : ImageOpener.Resolve(path, backing);
        header = (image as Qcow2Image)?.Header;
    }

    /// <summary>The backing file's place; null when there is none.</summary>
    public string? BackingPath { get; }

    /// <summary>Its format as written down; null when it is not.</summary>
    public string? BackingFormat => header?.BackingFormat;

    private bool IsDirty => header is not null && (header.Incompatible & Qcow2Header.DirtyBit) != 0;

    private bool IsCorrupt => header is not null && (header.Incompatible & Qcow2Header.CorruptBit) != 0;

    /// <summary>Lines for people.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        Line($"image: {path}");
        Line($"file format: {format}");
        Line($"virtual size: {ByteSize.Format(size)} ({size} bytes)");
        Line($"disk size: {ByteSize.Format(usage)}");
        if (clusterBytes > 0)
        {
            Line($"cluster_size: {clusterBytes}");
        }
        if (IsDirty)
        {
            Line("cleanly shut down: no");
        }
        if (backing is not null)
        {
            Line($"backing file: {backing}{(BackingPath == backing ? "" : $" (actual path: {BackingPath})")}");
        }
        if (BackingFormat is not null)
        {
            Line($"backing file format: {BackingFormat}");
        }
        if (header is not null)
        {
            Line("Format specific information:");
            Line($"    compat: {(header.Version == 2 ? "0.10" : "1.1")}");
            Line($"    compression type: {(header.CompressionType == 0 ? "zlib" : "zstd")}");
            if (header.Version > 2)
            {
                Line($"    lazy refcounts: {((header.Compatible & Qcow2Header.LazyRefcountsBit) != 0 ? "true" : "false")}");
            }
            Line($"    refcount bits: {1 << header.RefcountOrder}");
            if (header.Version > 2)
            {
                Line($"    corrupt: {(IsCorrupt ? "true" : "false")}");
                Line("    extended l2: false");
            }
        }
        return text.ToString();
    }

    /// <summary>One object with the members that <c>qemu-img info --output=json</c> has.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (BackingFormat is not null)
        {
            json.WriteString("backing-filename-format", BackingFormat);
        }
        json.WriteNumber("virtual-size", size);
        json.WriteString("filename", path);
        if (clusterBytes > 0)
        {
            json.WriteNumber("cluster-size", clusterBytes);
        }
        json.WriteString("format", format);
        json.WriteNumber("actual-size", usage);
        if (header is not null)
        {
            json.WriteStartObject("format-specific");
            json.WriteString("type", "qcow2");
            json.WriteStartObject("data");
            json.WriteString("compat", header.Version == 2 ? "0.10" : "1.1");
            json.WriteString("compression-type", header.CompressionType == 0 ? "zlib" : "zstd");
            if (header.Version > 2)
            {
                json.WriteBoolean("lazy-refcounts", (header.Compatible & Qcow2Header.LazyRefcountsBit) != 0);
            }
            json.WriteNumber("refcount-bits", 1 << header.RefcountOrder);
            if (header.Version > 2)
            {
                json.WriteBoolean("corrupt", IsCorrupt);
                json.WriteBoolean("extended-l2", false);
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        if (backing is not null)
        {
            json.WriteString("full-backing-filename", BackingPath);
            json.WriteString("backing-filename", backing);
        }
        json.WriteBoolean("dirty-flag", IsDirty);
        json.WriteEndObject();
    }
}

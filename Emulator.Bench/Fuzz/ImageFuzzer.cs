using Emulator.Machine.Config;
using Emulator.Remote.Block;
using Emulator.Remote.Block.Qcow2;
using Emulator.Remote.Block.Vdi;
using Emulator.Remote.Block.Vhd;

namespace Emulator.Bench.Fuzz;

/// <summary>
/// Damages images of every format at random and uses them as a machine would. They may be refused (UserErrorException) or fail
/// (IOException); anything else is thrown to the caller. Equal seeds do the same.
/// </summary>
public sealed class ImageFuzzer
{
    private const int DiskBytes = 300 << 10, Accesses = 12;

    private static readonly string[] Formats = ["qcow2", "qcow2", "qcow2", "vpc", "vpc", "vdi", "vmdk", "vmdk", "vmdk"];

    private readonly List<(string Format, byte[] Image)> samples = [];

    private readonly string? directory;

    /// <summary>Makes the undamaged images.</summary>
    /// <param name="directory">Where damaged images become files of the host, which has errors of its own; null keeps them in memory.</param>
    public ImageFuzzer(string? directory = null)
    {
        this.directory = directory;
        samples.Add(("qcow2", Qcow2(new() { ClusterBits = 9, Size = DiskBytes })));
        samples.Add(("qcow2", Qcow2(new() { ClusterBits = 12, Size = DiskBytes, BackingFile = "below", BackingFormat = "raw" })));
        samples.Add(("qcow2", Qcow2(new() { ClusterBits = 12, Size = DiskBytes, CompressionType = 1, RefcountOrder = 0 }, compress: true)));
        samples.Add(("qcow2", Qcow2(new() { Version = 2, ClusterBits = 12, Size = DiskBytes }, compress: true)));
        samples.Add(("vpc", Filled(f => VhdImage.Create(f, VhdFooter.Make(VhdFooter.Dynamic, DiskBytes / 512, true, DateTime.UnixEpoch.AddYears(50))), VhdImage.Open)));
        samples.Add(("vpc", Filled(f => VhdImage.Create(f, VhdFooter.Make(VhdFooter.Fixed, DiskBytes / 512, true, DateTime.UnixEpoch.AddYears(50))), VhdImage.Open)));
        samples.Add(("vdi", Filled(f => VdiImage.Create(f, DiskBytes), VdiImage.Open)));
        samples.Add(("vmdk", VmdkSamples.Sparse(DiskBytes)));
        samples.Add(("vmdk", VmdkSamples.StreamOptimized(DiskBytes)));
        samples.Add(("vmdk", VmdkSamples.Descriptor()));
    }

    /// <summary>Images that were opened so far although they were damaged.</summary>
    public int Opened { get; private set; }

    /// <summary>Damages one image and uses it.</summary>
    public void Run(int seed)
    {
        var random = new Random(seed);
        var (format, sample) = samples[random.Next(samples.Count)];
        byte[] image = [.. sample];
        Damage(image, random);
        if (random.Next(8) == 0)
        {
            Array.Resize(ref image, random.Next(image.Length));
        }
        if (format == "vpc" && random.Next(2) == 0)
        {
            RepairChecksums(image);
        }
        bool readOnly = format == "vmdk" || random.Next(4) == 0;
        string? given = random.Next(3) switch { 0 => null, 1 => format, _ => Formats[random.Next(Formats.Length)] };
        try
        {
            using var disk = ImageOpener.Open(Storage(image, readOnly || given == "vmdk"), given, Below, Beside);
            Opened++;
            Use(disk, random);
        }
        catch (Exception e) when (e is UserErrorException or IOException)
        {
            if (e.Message.Length < 10 || !e.Message.Contains(' ', StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"'{e.Message}' says nothing");
            }
        }
    }

    private IImageStorage Storage(byte[] image, bool readOnly)
    {
        if (directory is null)
        {
            return new MemoryStorage(image, readOnly);
        }
        string path = Path.Combine(directory, "image");
        File.WriteAllBytes(path, image);
        return HostFile.Open(path, readOnly);
    }

    private static DiskImage Below(string name, string? format) => new RawImage(new MemoryStorage(new byte[DiskBytes / 2], readOnly: true));

    private static MemoryStorage Beside(string name) => new(VmdkSamples.Sparse(DiskBytes), readOnly: true);

    // A few bytes, mostly in the head and the tables near it, with values that are extreme more often than not.
    private static void Damage(byte[] image, Random random)
    {
        for (int n = random.Next(1, 8); n > 0; n--)
        {
            int near = random.Next(3) switch { 0 => 128, 1 => 2048, _ => image.Length };
            int at = random.Next(Math.Min(near, image.Length)), count = 1 << random.Next(4);
            byte fill = random.Next(4) switch { 0 => 0, 1 => 0xFF, 2 => 0x7F, _ => (byte)random.Next(256) };
            for (int b = at; b < Math.Min(at + count, image.Length); b++)
            {
                image[b] = random.Next(4) == 0 ? (byte)random.Next(256) : fill;
            }
        }
    }

    // Otherwise hardly a damaged VHD would be looked at any further.
    private static void RepairChecksums(byte[] image)
    {
        foreach (int at in (ReadOnlySpan<int>)[0, image.Length - VhdFooter.Bytes])
        {
            if (at >= 0 && image.Length - at >= VhdFooter.Bytes)
            {
                VhdFooter.WriteChecksum(image.AsSpan(at, VhdFooter.Bytes), 64);
            }
        }
        if (image.Length >= 1536)
        {
            VhdFooter.WriteChecksum(image.AsSpan(512, 1024), 36);
        }
    }

    private static void Use(DiskImage disk, Random random)
    {
        byte[] buffer = new byte[70_000];
        for (int n = 0; n < Accesses; n++)
        {
            int count = (int)Math.Min(random.Next(1, buffer.Length), disk.Length);
            long offset = random.NextInt64(Math.Min(disk.Length, n % 2 == 0 ? disk.Length : DiskBytes) - count + 1 is var most && most > 0 ? most : 1);
            try
            {
                switch (random.Next(6))
                {
                    case 0:
                        disk.Map(offset, count);
                        break;
                    case < 3 when !disk.IsReadOnly:
                        disk.Write(offset, buffer.AsSpan(0, count));
                        break;
                    case 3:
                        disk.Flush();
                        break;
                    case 4 when disk is Qcow2Image qcow2:
                        qcow2.Check(disk.IsReadOnly ? CheckRepair.None : (CheckRepair)random.Next(3));
                        break;
                    default:
                        disk.Read(offset, buffer.AsSpan(0, count));
                        break;
                }
            }
            catch (IOException)
            {
                // The guest gets an error, and goes on.
            }
        }
    }

    private static byte[] Qcow2(Qcow2Header header, bool compress = false) => Filled(
        f => Qcow2Creator.Create(f, header),
        f => Qcow2Image.Open(f, (_, _) => Below("", null)),
        compress ? (disk, at, data) => ((Qcow2Image)disk).WriteCompressed(at & ~4095, data) : null);

    private static byte[] Filled(Action<IImageStorage> create, Func<IImageStorage, DiskImage> open, Action<DiskImage, long, byte[]>? write = null)
    {
        var storage = new MemoryStorage([]);
        create(storage);
        using var disk = open(storage);
        for (int n = 0; n < 20; n++)
        {
            byte[] data = new byte[4096];
            data.AsSpan().Fill((byte)n);
            (write ?? ((d, at, bytes) => d.Write(at, bytes)))(disk, n * 9999L, data);
        }
        disk.Flush();
        return storage.Contents;
    }
}

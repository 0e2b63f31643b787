using Emulator.Bench.Fuzz;
using Emulator.Remote.Block;
using Emulator.Remote.Block.Qcow2;
using Emulator.Remote.Block.Vdi;
using Emulator.Remote.Block.Vhd;
using Xunit;

namespace Emulator.Tests.Block;

/// <summary>The host's disk is full at any write: the same request again, once there is room, and nothing is lost or damaged.</summary>
public sealed class FullHostDiskTests
{
    private const int DiskBytes = 392 * 512, NoSpace = 28;

    public static TheoryData<string> Formats => ["qcow2-9", "qcow2-12", "qcow2-v2", "vpc", "vdi"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_request_that_failed_can_be_repeated(string format)
    {
        int failed = 0;
        for (int fail = 0; ; fail += 7)
        {
            var storage = new MemoryStorage([]);
            Create(storage, format);
            var random = new Random(fail);
            byte[] expected = new byte[DiskBytes];
            bool hasFailed = false;
            using (DiskImage image = Open(storage, format))
            {
                int first = storage.Writes + fail, last = first + (fail % 3);
                storage.BeforeWrite = number =>
                {
                    if (number >= first && number <= last)
                    {
                        hasFailed = true;
                        throw new IOException("full", NoSpace);
                    }
                };
                for (int n = 0; n < 60; n++)
                {
                    byte[] data = new byte[random.Next(1, 9000)];
                    random.NextBytes(data);
                    int offset = random.Next(DiskBytes - data.Length);
                    UntilThereIsRoom(() => image.Write(offset, data));
                    data.CopyTo(expected, offset);
                    if (n % 7 == 6)
                    {
                        UntilThereIsRoom(image.Flush);
                    }
                }
                UntilThereIsRoom(image.Flush);
                Assert.Equal(expected, Contents(image));
            }
            using DiskImage again = Open(new MemoryStorage(storage.Contents, readOnly: true), format);
            Assert.Equal(expected, Contents(again));
            if (again is Qcow2Image qcow2)
            {
                var check = qcow2.Check(CheckRepair.None);
                Assert.Equal((0, 0), (check.Corruptions, check.Leaks));
            }
            if (!hasFailed)
            {
                break;
            }
            failed++;
        }
        Assert.InRange(failed, 5, 1000);
    }

    private static void UntilThereIsRoom(Action request)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                request();
                return;
            }
            catch (IOException) when (tries < 5)
            {
                // cont
            }
        }
    }

    private static void Create(MemoryStorage storage, string format)
    {
        switch (format)
        {
            case "vpc":
                VhdImage.Create(storage, VhdFooter.Make(VhdFooter.Dynamic, (DiskBytes + 511) / 512, true, DateTime.UnixEpoch.AddYears(50)));
                break;
            case "vdi":
                VdiImage.Create(storage, DiskBytes);
                break;
            default:
                Qcow2Creator.Create(storage, new() { Version = format == "qcow2-v2" ? 2 : 3, ClusterBits = format == "qcow2-12" ? 12 : 9, Size = DiskBytes });
                break;
        }
    }

    private static DiskImage Open(MemoryStorage storage, string format) => format switch
    {
        "vpc" => VhdImage.Open(storage),
        "vdi" => VdiImage.Open(storage),
        _ => Qcow2Image.Open(storage, null),
    };

    private static byte[] Contents(DiskImage image)
    {
        byte[] data = new byte[DiskBytes];
        image.Read(0, data);
        return data;
    }
}

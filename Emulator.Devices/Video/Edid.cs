using System.Buffers.Binary;
using System.Text;

namespace Emulator.Devices.Video;

/// <summary>
/// What the monitor says of itself (VESA E-EDID Standard, release A, EDID structure 1.3): 128 bytes that name the modes which the display takes,
/// 1280x800 first, as QEMU's display has it.
/// </summary>
public static class Edid
{
    /// <summary>Bytes of the structure.</summary>
    public const int Length = 128;

    // Width, height and the aspect ratio's code (0 16:10, 1 4:3, 2 5:4, 3 16:9), all at 60 Hz.
    private static readonly (int Width, int Height, int Aspect)[] StandardTimings =
    [
        (1920, 1200, 0), (1920, 1080, 3), (1680, 1050, 0), (1600, 1200, 1), (1440, 900, 0), (1400, 1050, 1), (1280, 1024, 2), (1280, 960, 1),
    ];

    /// <summary>Makes the structure.</summary>
    public static byte[] Build()
    {
        var edid = new byte[Length];
        ReadOnlySpan<byte> header = [0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00];
        header.CopyTo(edid);
        BinaryPrimitives.WriteUInt16BigEndian(edid.AsSpan(0x08), Manufacturer("EMU"));
        BinaryPrimitives.WriteUInt16LittleEndian(edid.AsSpan(0x0A), 0x1111);
        (edid[0x10], edid[0x11]) = (1, 2026 - 1990); // week and year of manufacture
        (edid[0x12], edid[0x13]) = (1, 3);
        // Analog, separate and composite syncs; 33 by 20 cm; gamma 2.2; colour, the first timing is preferred, others by GTF.
        (edid[0x14], edid[0x15], edid[0x16], edid[0x17], edid[0x18]) = (0x0C, 33, 20, 120, 0x0B);
        ReadOnlySpan<byte> srgb = [0xEE, 0x91, 0xA3, 0x54, 0x4C, 0x99, 0x26, 0x0F, 0x50, 0x54];
        srgb.CopyTo(edid.AsSpan(0x19));
        (edid[0x23], edid[0x24]) = (0x21, 0x08); // 640x480, 800x600 and 1024x768 at 60 Hz
        for (int n = 0; n < StandardTimings.Length; n++)
        {
            edid[0x26 + (n * 2)] = (byte)((StandardTimings[n].Width / 8) - 31);
            edid[0x27 + (n * 2)] = (byte)(StandardTimings[n].Aspect << 6);
        }
        // VESA DMT 1280x800 at 60 Hz: 83.5 MHz, 1680 by 831 in all, 325 by 203 mm.
        ReadOnlySpan<byte> timing = [0x9E, 0x20, 0x00, 0x90, 0x51, 0x20, 0x1F, 0x30, 0x48, 0x80, 0x36, 0x00, 0x45, 0xCB, 0x10, 0x00, 0x00, 0x1C];
        timing.CopyTo(edid.AsSpan(0x36));
        // Range limits: 50-125 Hz, 30-160 kHz, 310 MHz.
        ReadOnlySpan<byte> limits = [0x00, 0x00, 0x00, 0xFD, 0x00, 50, 125, 30, 160, 31, 0x00, 0x0A, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20];
        limits.CopyTo(edid.AsSpan(0x48));
        ReadOnlySpan<byte> name = [0x00, 0x00, 0x00, 0xFC, 0x00];
        name.CopyTo(edid.AsSpan(0x5A));
        Encoding.ASCII.GetBytes("emu VGA\n     ").CopyTo(edid, 0x5F);
        edid[0x6F] = 0x10; // the fourth descriptor is a dummy
        byte sum = 0;
        foreach (byte b in edid)
        {
            sum += b;
        }
        edid[0x7F] = (byte)-sum;
        return edid;
    }

    // Three letters of five bits.
    private static ushort Manufacturer(string id) => (ushort)((id[0] - '@') << 10 | (id[1] - '@') << 5 | (id[2] - '@'));
}

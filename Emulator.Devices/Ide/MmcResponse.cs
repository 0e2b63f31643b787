using System.Buffers.Binary;
using System.Text;

namespace Emulator.Devices.Ide;

/// <summary>
/// Builds what a CD-ROM drive returns as data (SPC-3, MMC-5). Each method fills <c>page</c> from its start and returns the length
/// in bytes, or 0 when the command asks for something that is not there.
/// </summary>
internal static class MmcResponse
{
    /// <summary>Profile of a CD-ROM and of a DVD-ROM.</summary>
    private const int CdRom = 0x0008, DvdRom = 0x0010;

    /// <summary>Sectors on the longest CD, 80 minutes; more make it a DVD.</summary>
    private const long LongestCd = 80 * 60 * 75;

    private const byte LeadOut = 0xAA;

    /// <summary>Fixed-format sense data (SPC-3 section 4.5.3).</summary>
    public static int Sense(Span<byte> page, ScsiSense sense)
    {
        page[..18].Clear();
        page[0] = 0x70;
        page[2] = sense.Key;
        page[7] = 10;
        page[12] = sense.Code;
        page[13] = sense.Qualifier;
        return 18;
    }

    /// <summary>Standard INQUIRY data (SPC-3 section 6.4.2): removable CD-ROM, ATAPI response format.</summary>
    public static int Inquiry(Span<byte> page, string vendor, string product, string revision)
    {
        page[..36].Clear();
        page[0] = 0x05;
        page[1] = 0x80;
        page[3] = 0x21;
        page[4] = 31;
        Text(page.Slice(8, 8), vendor);
        Text(page.Slice(16, 16), product);
        Text(page.Slice(32, 4), revision);
        return 36;
    }

    /// <summary>READ CAPACITY: last block and block length.</summary>
    public static int Capacity(Span<byte> page, long sectors)
    {
        BinaryPrimitives.WriteUInt32BigEndian(page, (uint)(sectors - 1));
        BinaryPrimitives.WriteUInt32BigEndian(page[4..], AtapiCdrom.SectorSize);
        return 8;
    }

    /// <summary>READ TOC/PMA/ATIP formats 0 to 2 of a disc with one data track in each session (MMC-5 section 6.26).</summary>
    /// <param name="page">Filled.</param>
    /// <param name="format">0 tracks, 1 first track of the last session, 2 raw lead-in.</param>
    /// <param name="msf">Addresses as minute, second, frame.</param>
    /// <param name="from">First track wanted (format 0) or session (format 2).</param>
    /// <param name="sessions">At least one.</param>
    public static int Toc(Span<byte> page, int format, bool msf, int from, IReadOnlyList<DiscSession> sessions)
    {
        int at = 4, count = sessions.Count;
        page[2] = 1;
        page[3] = (byte)count;
        switch (format)
        {
            case 0 when from <= count || from == LeadOut:
                for (int track = Math.Max(from, 1); track <= count; track++)
                {
                    at += TocEntry(page[at..], (byte)track, msf, sessions[track - 1].Start);
                }
                at += TocEntry(page[at..], LeadOut, msf, sessions[^1].End);
                break;
            case 1:
                at += TocEntry(page[at..], (byte)count, msf, sessions[^1].Start);
                break;
            case 2 when from <= count:
                for (int session = Math.Max(from, 1); session <= count; session++)
                {
                    byte track = (byte)session;
                    at += RawEntry(page[at..], track, 0xA0, track, 0, 0);
                    at += RawEntry(page[at..], track, 0xA1, track, 0, 0);
                    at += RawEntry(page[at..], track, 0xA2, sessions[session - 1].End);
                    at += RawEntry(page[at..], track, track, sessions[session - 1].Start);
                }
                break;
            default:
                return 0;
        }
        BinaryPrimitives.WriteUInt16BigEndian(page, (ushort)(at - 2));
        return at;
    }

    /// <summary>GET CONFIGURATION (MMC-5 section 6.6): profile list, core, removable medium, random readable, CD read, DVD read.</summary>
    /// <param name="page">Filled.</param>
    /// <param name="type">0 all features, 1 the current ones, 2 the one named.</param>
    /// <param name="from">First feature wanted.</param>
    /// <param name="sectors">Length of the disc, 0 without one.</param>
    public static int Configuration(Span<byte> page, int type, int from, long sectors)
    {
        int profile = sectors == 0 ? 0 : sectors > LongestCd ? DvdRom : CdRom;
        page[..8].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(page[6..], (ushort)profile);
        (int Code, int Version, bool Current, byte[] Data)[] features =
        [
            (0x0000, 0, true, [0, DvdRom, (byte)(profile == DvdRom ? 1 : 0), 0, 0, CdRom, (byte)(profile == CdRom ? 1 : 0), 0]),
            (0x0001, 2, true, [0, 0, 0, 2, 1, 0, 0, 0]),
            (0x0002, 1, true, [0, 0, 0, 0]),
            (0x0003, 0, true, [0x29, 0, 0, 0]),
            (0x0010, 0, profile != 0, [0, 0, 8, 0, 0, 16, 0, 0]),
            (0x001E, 2, profile == CdRom, [0, 0, 0, 0]),
            (0x001F, 0, profile == DvdRom, []),
        ];
        int at = 8;
        foreach ((int code, int version, bool current, byte[] data) in features)
        {
            if (type switch { 1 => code >= from && current, 2 => code == from, _ => code >= from })
            {
                BinaryPrimitives.WriteUInt16BigEndian(page[at..], (ushort)code);
                bool persistent = code < 0x10;
                page[at + 2] = (byte)(version << 2 | (persistent ? 2 : 0) | (current ? 1 : 0));
                page[at + 3] = (byte)data.Length;
                data.CopyTo(page[(at + 4)..]);
                at += 4 + data.Length;
            }
        }
        BinaryPrimitives.WriteUInt32BigEndian(page, (uint)(at - 4));
        return at;
    }

    /// <summary>One mode page for MODE SENSE, without header: 01 error recovery, 0E audio control, 2A capabilities (MMC-3 annex).</summary>
    public static int ModePage(Span<byte> page, int code, bool locked)
    {
        ReadOnlySpan<byte> data = code switch
        {
            0x01 => [0x01, 6, 0, 5, 0, 0, 0, 0],
            0x0E => [0x0E, 14, 4, 0, 0, 0, 0, 75, 1, 0xFF, 2, 0xFF, 0, 0, 0, 0],
            // Reads DVD-ROM; mode 2 forms 1 and 2, multi-session; lock, eject, tray; 706 kB/s (4x) at most and now.
            0x2A => [0x2A, 18, 0x08, 0, 0x30, 0, (byte)(0x29 | (locked ? 2 : 0)), 0, 2, 0xC2, 0, 2, 0, 64, 2, 0xC2, 0, 0, 0, 0],
            _ => [],
        };
        data.CopyTo(page);
        return data.Length;
    }

    /// <summary>READ DISC INFORMATION (MMC-5 section 6.22): finished sessions with one track each.</summary>
    public static int DiscInformation(Span<byte> page, int sessions)
    {
        page[..34].Clear();
        page[1] = 32;
        page[2] = 0x0E;
        page[3] = 1;
        page[4] = page[5] = page[6] = (byte)sessions;
        page[7] = 0x20;
        page[16..24].Fill(0xFF);
        return 34;
    }

    /// <summary>READ TRACK INFORMATION (MMC-5 section 6.27) of a session's data track.</summary>
    public static int TrackInformation(Span<byte> page, int track, DiscSession session)
    {
        page[..36].Clear();
        page[1] = 34;
        page[2] = page[3] = (byte)track;
        page[5] = 0x04;
        page[6] = 0x01;
        BinaryPrimitives.WriteUInt32BigEndian(page[8..], (uint)session.Start);
        BinaryPrimitives.WriteUInt32BigEndian(page[24..], (uint)(session.End - session.Start));
        return 36;
    }

    private static int TocEntry(Span<byte> entry, byte track, bool msf, long lba)
    {
        entry[..8].Clear();
        entry[1] = 0x14;
        entry[2] = track;
        if (msf)
        {
            Msf(entry[5..], lba);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(entry[4..], (uint)lba);
        }
        return 8;
    }

    private static int RawEntry(Span<byte> entry, byte session, byte point, byte minute, byte second, byte frame)
    {
        entry[..11].Clear();
        entry[0] = session;
        entry[1] = 0x14;
        entry[3] = point;
        (entry[8], entry[9], entry[10]) = (minute, second, frame);
        return 11;
    }

    private static int RawEntry(Span<byte> entry, byte session, byte point, long lba)
    {
        RawEntry(entry, session, point, 0, 0, 0);
        Msf(entry[8..], lba);
        return 11;
    }

    // Two seconds (150 frames) of pre-gap lie before LBA 0.
    private static void Msf(Span<byte> field, long lba)
    {
        long frames = lba + 150;
        (field[0], field[1], field[2]) = ((byte)(frames / (75 * 60)), (byte)(frames / 75 % 60), (byte)(frames % 75));
    }

    private static void Text(Span<byte> field, string text)
    {
        field.Fill((byte)' ');
        Encoding.ASCII.GetBytes(text.AsSpan(0, Math.Min(text.Length, field.Length)), field);
    }
}

namespace Emulator.Devices.Ide;

/// <content>The packet commands (SPC-3, MMC-5).</content>
public sealed partial class AtapiCdrom
{
    private void ExecutePacket()
    {
        byte opcode = packet[0];
        // These never report a unit attention, nor clear one (SPC-3, section 5.6); REQUEST SENSE returns it.
        bool always = opcode is 0x03 or 0x12 or 0x46 or 0x4A;
        if (unitAttention && !always)
        {
            unitAttention = false;
            Failed(ScsiSense.MediumChanged);
            return;
        }
        if (opcode != 0x03)
        {
            sense = ScsiSense.None;
        }
        if (LoadedMedium is null && NeedsMedium(opcode))
        {
            Failed(IsTrayOpen ? ScsiSense.NoMediumTrayOpen : ScsiSense.NoMedium);
            return;
        }
        switch (opcode)
        {
            case 0x00: // TEST UNIT READY
            case 0xBB: // SET CD SPEED
                Succeeded();
                break;
            case 0x03: // REQUEST SENSE
                RequestSense();
                break;
            case 0x12: // INQUIRY
                Inquiry();
                break;
            case 0x1A: // MODE SENSE(6)
                ModeSense(headerLength: 4, allocation: packet[4]);
                break;
            case 0x1B: // START STOP UNIT
                StartStop();
                break;
            case 0x1E: // PREVENT ALLOW MEDIUM REMOVAL
                IsLocked = (packet[4] & 1) != 0;
                Succeeded();
                break;
            case 0x25: // READ CAPACITY
                Reply(MmcResponse.Capacity(Buffer, Sectors), 8);
                break;
            case 0x28: // READ(10)
                Read(Number(packet, 2), Word(packet, 7));
                break;
            case 0x2B: // SEEK(10)
                Seek(Number(packet, 2));
                break;
            case 0x42: // READ SUB-CHANNEL
                ReadSubChannel();
                break;
            case 0x43: // READ TOC/PMA/ATIP
                ReadToc();
                break;
            case 0x46: // GET CONFIGURATION
                GetConfiguration();
                break;
            case 0x4A: // GET EVENT STATUS NOTIFICATION
                GetEventStatus();
                break;
            case 0x51: // READ DISC INFORMATION
                ReadDiscInformation();
                break;
            case 0x52: // READ TRACK INFORMATION
                ReadTrackInformation();
                break;
            case 0x5A: // MODE SENSE(10)
                ModeSense(headerLength: 8, allocation: Word(packet, 7));
                break;
            case 0xA8: // READ(12)
                Read(Number(packet, 2), Number(packet, 6));
                break;
            case 0xBD: // MECHANISM STATUS
                MechanismStatus();
                break;
            case 0xBE: // READ CD
                ReadCd();
                break;
            default:
                Failed(ScsiSense.InvalidCommand);
                break;
        }
    }

    private static bool NeedsMedium(byte opcode) =>
        opcode is 0x00 or 0x25 or 0x28 or 0x2B or 0x42 or 0x43 or 0x51 or 0x52 or 0xA8 or 0xBE;

    private void RequestSense()
    {
        ScsiSense reported = sense;
        if (unitAttention && sense == ScsiSense.None)
        {
            reported = ScsiSense.MediumChanged;
            unitAttention = false;
        }
        sense = ScsiSense.None;
        Reply(MmcResponse.Sense(Buffer, reported), packet[4]);
    }

    private void Inquiry()
    {
        if ((packet[1] & 1) != 0 || packet[2] != 0)
        {
            Failed(ScsiSense.InvalidField);
            return;
        }
        Reply(MmcResponse.Inquiry(Buffer, "EMU", model, "1.0"), packet[4]);
    }

    private void ModeSense(int headerLength, int allocation)
    {
        int control = packet[2] >> 6, code = packet[2] & 0x3F;
        if (control == 3)
        {
            Failed(ScsiSense.SavingNotSupported);
            return;
        }
        int length = headerLength;
        ReadOnlySpan<byte> wanted = code == 0x3F ? [0x01, 0x0E, 0x2A] : [(byte)code];
        Buffer[..headerLength].Clear();
        foreach (byte page in wanted)
        {
            int n = MmcResponse.ModePage(Buffer[length..], page, IsLocked);
            if (n > 0 && control == 1)
            {
                // Changeable values: none.
                Buffer.Slice(length + 2, n - 2).Clear();
            }
            length += n;
        }
        if (length == headerLength)
        {
            Failed(ScsiSense.InvalidField);
            return;
        }
        // Medium type: 01 data disc, 70 door closed without disc, 71 door open.
        byte mediumType = (byte)(LoadedMedium is not null ? 0x01 : IsTrayOpen ? 0x71 : 0x70);
        if (headerLength == 4)
        {
            Buffer[0] = (byte)(length - 1);
            Buffer[1] = mediumType;
        }
        else
        {
            Buffer[1] = (byte)(length - 2);
            Buffer[2] = mediumType;
        }
        Reply(length, allocation);
    }

    private void StartStop()
    {
        bool start = (packet[4] & 1) != 0, loadEject = (packet[4] & 2) != 0;
        if (loadEject && !start && IsLocked)
        {
            Failed(ScsiSense.RemovalPrevented);
            return;
        }
        if (loadEject && start == IsTrayOpen)
        {
            IsTrayOpen = !start;
            bool loaded = LoadedMedium is not null;
            unitAttention = loaded;
            mediaEvent = loaded ? EventNewMedia : medium is not null ? EventRemoval : mediaEvent;
        }
        Succeeded();
    }

    private void Read(long lba, long count)
    {
        if (lba + count > Sectors)
        {
            Failed(ScsiSense.BlockOutOfRange);
            return;
        }
        ReplyFromDisc(lba, count);
    }

    private void Seek(long lba)
    {
        if (lba >= Sectors)
        {
            Failed(ScsiSense.BlockOutOfRange);
            return;
        }
        Succeeded();
    }

    // Only the user data of a sector exist in an image.
    private void ReadCd()
    {
        long lba = Number(packet, 2), count = packet[6] << 16 | packet[7] << 8 | packet[8];
        switch (packet[9] & 0xF8)
        {
            case 0x00:
                Succeeded();
                break;
            case 0x10:
                Read(lba, count);
                break;
            default:
                Failed(ScsiSense.IllegalModeForTrack);
                break;
        }
    }

    private void ReadSubChannel()
    {
        // Audio status 15 (none); no sub-channel data, as no audio can be played.
        if ((packet[2] & 0x40) != 0 && packet[3] != 1)
        {
            Failed(ScsiSense.InvalidField);
            return;
        }
        Buffer[..16].Clear();
        Buffer[1] = 0x15;
        int length = 4;
        if ((packet[2] & 0x40) != 0)
        {
            (Buffer[3], Buffer[4], Buffer[5], Buffer[6], Buffer[7]) = (12, 1, 0x14, 1, 1);
            length = 16;
        }
        Reply(length, Word(packet, 7));
    }

    private void ReadToc()
    {
        // Old hosts put the format into the two high bits of the control byte (SFF-8020).
        int format = (packet[2] & 0x0F) is var modern && modern != 0 ? modern : packet[9] >> 6;
        int length = MmcResponse.Toc(Buffer, format, (packet[1] & 2) != 0, packet[6], sessions);
        if (length == 0)
        {
            Failed(ScsiSense.InvalidField);
            return;
        }
        Reply(length, Word(packet, 7));
    }

    private void GetConfiguration()
    {
        int type = packet[1] & 3;
        if (type == 3)
        {
            Failed(ScsiSense.InvalidField);
            return;
        }
        Reply(MmcResponse.Configuration(Buffer, type, Word(packet, 2), Sectors), Word(packet, 7));
    }

    private void GetEventStatus()
    {
        const int mediaClass = 4;
        if ((packet[1] & 1) == 0)
        {
            // Asynchronous operation is not supported.
            Failed(ScsiSense.InvalidField);
            return;
        }
        Span<byte> page = Buffer[..8];
        page.Clear();
        page[3] = 1 << mediaClass;
        if ((packet[4] & (1 << mediaClass)) == 0)
        {
            page[1] = 2;
            page[2] = 0x80;
            Reply(4, Word(packet, 7));
            return;
        }
        page[1] = 6;
        page[2] = mediaClass;
        page[4] = mediaEvent;
        page[5] = (byte)((LoadedMedium is not null ? 2 : 0) | (IsTrayOpen ? 1 : 0));
        mediaEvent = EventNone;
        Reply(8, Word(packet, 7));
    }

    private void ReadDiscInformation()
    {
        if ((packet[1] & 7) != 0)
        {
            Failed(ScsiSense.InvalidField);
            return;
        }
        Reply(MmcResponse.DiscInformation(Buffer, sessions.Count), Word(packet, 7));
    }

    // The number is an LBA, a track or a session; a session's one track has its number.
    private void ReadTrackInformation()
    {
        long number = Number(packet, 2);
        int track = (packet[1] & 3) switch
        {
            0 => sessions.Count(session => session.Start <= number),
            1 or 2 when number <= sessions.Count => (int)number,
            _ => 0,
        };
        if (track == 0)
        {
            Failed(ScsiSense.InvalidField);
            return;
        }
        Reply(MmcResponse.TrackInformation(Buffer, track, sessions[track - 1]), Word(packet, 7));
    }

    private void MechanismStatus()
    {
        Buffer[..8].Clear();
        Buffer[1] = (byte)(IsTrayOpen ? 0x10 : 0);
        Buffer[5] = 1;
        Reply(8, Word(packet, 8));
    }
}

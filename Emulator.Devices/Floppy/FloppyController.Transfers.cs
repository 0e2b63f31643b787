namespace Emulator.Devices.Floppy;

/// <content>READ, WRITE, FORMAT, VERIFY and READ ID (82077AA data sheet, sections 5.1 and 6).</content>
public sealed partial class FloppyController
{
    // First command byte
    private const byte MultiTrack = 0x80, Mfm = 0x40, Skip = 0x20;

    // ST1
    private const byte EndOfCylinder = 0x80, DataError = 0x20, Overrun = 0x10, NoData = 0x04, NotWritable = 0x02, MissingMark = 0x01;

    // ST2
    private const byte ControlMark = 0x40, DataFieldError = 0x20, WrongCylinder = 0x10;

    private const byte SizeCode512 = 2;

    private readonly byte[] sector = new byte[FloppyGeometry.SectorSize];
    private Operation operation;

    // The ID that is looked for, the last sector on the track (EOT), and the side that the head is on.
    private byte idCylinder, idHead, idSector, idSize, lastSector;
    private int side, sectorsLeft, sectorAt, sectorLength;
    private bool multiTrack, isCounted;

    private enum Operation
    {
        Read,
        ReadDeleted,
        ReadTrack,
        Write,
        Verify,
        Format,
        ScanEqual,
        ScanLowOrEqual,
        ScanHighOrEqual,
    }

    private bool IsScan => operation >= Operation.ScanEqual;

    private void BeginTransfer()
    {
        FinishPending();
        SetInterrupt(false);
        phase = Phase.Execution;
        side = CommandHead;
        idHead = (byte)side;
        idCylinder = (byte)presentCylinder[CommandDrive];
        multiTrack = (command[0] & MultiTrack) != 0;
        switch (command[0] & 0x1F)
        {
            case 0x0A:
                idSector = 1;
                idSize = SizeCode512;
                After(Pending.ReadId);
                return;
            case 0x0D:
                operation = Operation.Format;
                idSector = 1;
                idSize = command[2];
                sectorsLeft = lastSector = command[3];
                After(Pending.StartSector);
                return;
            case 0x02:
                operation = Operation.ReadTrack;
                multiTrack = false;
                break;
            case 0x06:
                operation = Operation.Read;
                break;
            case 0x0C:
                operation = Operation.ReadDeleted;
                break;
            case 0x16:
                operation = Operation.Verify;
                break;
            case 0x11:
                operation = Operation.ScanEqual;
                break;
            case 0x19:
                operation = Operation.ScanLowOrEqual;
                break;
            case 0x1D:
                operation = Operation.ScanHighOrEqual;
                break;
            default: // WRITE DATA, WRITE DELETED DATA: images hold no deleted marks
                operation = Operation.Write;
                break;
        }
        (idCylinder, idHead, idSector, idSize, lastSector) = (command[2], command[3], command[4], command[5], command[6]);
        // VERIFY with EC set counts sectors in the DTL byte.
        isCounted = operation == Operation.Verify && (command[1] & 0x80) != 0;
        sectorsLeft = isCounted ? command[8] : int.MaxValue;
        if (operation == Operation.ReadTrack)
        {
            idSector = 1;
        }
        After(Pending.BeginSectors);
    }

    private void BeginSectors()
    {
        if (HasImpliedSeek)
        {
            int drive = CommandDrive;
            Step(drive, idCylinder - presentCylinder[drive]);
            presentCylinder[drive] = idCylinder;
        }
        StartSector();
    }

    private void ReadId()
    {
        if (CanReadTrack())
        {
            idCylinder = (byte)(drives[CommandDrive]?.Cylinder ?? 0);
            EndTransfer(0, 0, 0);
        }
    }

    // A disk, the right data rate and density, and a formatted side; else no address mark passes the head.
    private bool CanReadTrack()
    {
        bool readable = drives[CommandDrive] is { Geometry: { } g } drive
            && (command[0] & Mfm) != 0
            && (g.DataRates >> dataRate & 1) != 0
            && side < g.Heads
            && drive.Cylinder < g.Cylinders;
        if (!readable)
        {
            EndTransfer(AbnormalEnd, MissingMark, 0);
        }
        return readable;
    }

    private bool FindSector(FloppyDrive drive)
    {
        if (idCylinder != drive.Cylinder)
        {
            EndTransfer(AbnormalEnd, NoData, WrongCylinder);
            return false;
        }
        if (idHead != side || idSector < 1 || idSector > drive.Geometry?.SectorsPerTrack || idSize != SizeCode512)
        {
            EndTransfer(AbnormalEnd, NoData, 0);
            return false;
        }
        return true;
    }

    // Sectors follow one another here until the command ends or, without DMA, the guest has to move the bytes.
    private void StartSector()
    {
        while (phase == Phase.Execution && CanReadTrack() && drives[CommandDrive] is { } drive)
        {
            bool writes = operation is Operation.Write or Operation.Format;
            if (writes && drive.IsWriteProtected)
            {
                EndTransfer(AbnormalEnd, NotWritable, 0);
                return;
            }
            if (operation != Operation.Format && !FindSector(drive))
            {
                return;
            }
            if (operation == Operation.Verify)
            {
                if (!TryRead(drive))
                {
                    return;
                }
                EndSector(terminalCount: false);
            }
            else if (writes || IsScan)
            {
                FetchSector(drive);
            }
            else if (!TryRead(drive))
            {
                return;
            }
            else if (operation == Operation.ReadDeleted && (command[0] & Skip) != 0)
            {
                // Normal data are skipped, and there are no others.
                EndSector(terminalCount: false);
            }
            else
            {
                DeliverSector();
            }
        }
    }

    private void DeliverSector()
    {
        if (nonDma)
        {
            sectorAt = 0;
            sectorLength = sector.Length;
            phase = Phase.ExecutionRead;
            SetInterrupt(true);
            return;
        }
        int n = dma.WriteToMemory(sector, out bool terminalCount);
        EndDma(n, sector.Length, terminalCount);
    }

    private void FetchSector(FloppyDrive drive)
    {
        sectorLength = operation == Operation.Format ? 4 : sector.Length;
        if (nonDma)
        {
            sectorAt = 0;
            phase = Phase.ExecutionWrite;
            SetInterrupt(true);
            return;
        }
        int n = dma.ReadFromMemory(sector.AsSpan(0, sectorLength), out bool terminalCount);
        // What TC cuts off is written as zeros.
        sector.AsSpan(n).Clear();
        if (n > 0 && !(operation == Operation.Format && n < 4) && !TryStore(drive))
        {
            return;
        }
        EndDma(n, sectorLength, terminalCount);
    }

    private void EndDma(int moved, int wanted, bool terminalCount)
    {
        if (moved < wanted && !terminalCount)
        {
            // Nobody answered the DMA request in time.
            EndTransfer(AbnormalEnd, Overrun, 0);
            return;
        }
        EndSector(terminalCount);
    }

    private byte ReadSectorByte()
    {
        byte value = sector[sectorAt++];
        if (sectorAt == sectorLength)
        {
            SetInterrupt(false);
            phase = Phase.Execution;
            EndSector(terminalCount: false);
            StartSector();
        }
        return value;
    }

    private void WriteSectorByte(byte value)
    {
        sector[sectorAt++] = value;
        if (sectorAt == sectorLength)
        {
            SetInterrupt(false);
            phase = Phase.Execution;
            if (drives[CommandDrive] is { } drive && TryStore(drive))
            {
                EndSector(terminalCount: false);
                StartSector();
            }
        }
    }

    private bool TryRead(FloppyDrive drive)
    {
        try
        {
            drive.Read(side, idSector, sector);
            return true;
        }
        catch (IOException)
        {
            EndTransfer(AbnormalEnd, DataError, DataFieldError);
            return false;
        }
    }

    private bool TryStore(FloppyDrive drive)
    {
        try
        {
            if (operation == Operation.Format)
            {
                Format(drive);
            }
            else if (IsScan)
            {
                Scan(drive);
            }
            else
            {
                drive.Write(side, idSector, sector);
            }
            return true;
        }
        catch (IOException)
        {
            EndTransfer(AbnormalEnd, DataError, DataFieldError);
            return false;
        }
    }

    // The guest gave the ID: only sectors of the disk's own format have a place in the image.
    private void Format(FloppyDrive drive)
    {
        (byte cylinder, byte head, byte id, byte size) = (sector[0], sector[1], sector[2], sector[3]);
        if (cylinder == drive.Cylinder && head == side && id >= 1 && id <= drive.Geometry?.SectorsPerTrack && size == SizeCode512)
        {
            sector.AsSpan().Fill(command[5]);
            drive.Write(side, id, sector);
        }
    }

    // After each sector: the ID register goes on, and the command ends at TC, at EOT or when the count is up.
    private void EndSector(bool terminalCount)
    {
        sectorsLeft--;
        if (operation == Operation.Format)
        {
            if (terminalCount || sectorsLeft <= 0)
            {
                EndTransfer(0, 0, 0);
            }
            return;
        }
        bool pastEnd = AdvanceId();
        if (IsScan)
        {
            EndScannedSector(terminalCount, pastEnd);
            return;
        }
        if (operation == Operation.ReadDeleted && (command[0] & Skip) == 0)
        {
            // A normal mark where a deleted one was wanted: the sector is read and the command ends.
            EndTransfer(0, 0, ControlMark);
        }
        else if (terminalCount || sectorsLeft == 0)
        {
            EndTransfer(0, 0, 0);
        }
        else if (pastEnd && operation == Operation.Verify)
        {
            // With a count (EC) there was more to verify than the cylinder holds.
            EndTransfer(isCounted ? AbnormalEnd : (byte)0, isCounted ? NoData : (byte)0, 0);
        }
        else if (pastEnd)
        {
            EndTransfer(AbnormalEnd, EndOfCylinder, 0);
        }
    }

    // Table 6-2 of the data sheet: what the result phase shows, which is also where a multi-track transfer goes on.
    private bool AdvanceId()
    {
        if (idSector != lastSector)
        {
            idSector++;
            return false;
        }
        idSector = 1;
        if (!multiTrack)
        {
            idCylinder++;
            return true;
        }
        idHead ^= 1;
        if (side == 0)
        {
            side = 1;
            return false;
        }
        idCylinder++;
        return true;
    }

    private void EndTransfer(byte st0, byte st1, byte st2)
    {
        byte place = (byte)(side << 2 | CommandDrive);
        EnterResult(raise: true, (byte)(st0 | place), st1, st2, idCylinder, idHead, idSector, idSize);
    }
}

namespace Emulator.Devices.Floppy;

/// <content>
/// SCAN EQUAL, SCAN LOW OR EQUAL, SCAN HIGH OR EQUAL (82077AA data sheet, section 5.1): the host's bytes are compared with a sector's, sector after
/// sector, until one satisfies the condition. A byte FF on either side satisfies it.
/// </content>
public sealed partial class FloppyController
{
    // ST2
    private const byte ScanEqualHit = 0x08, ScanNotSatisfied = 0x04;

    private const byte AnyByte = 0xFF;

    private readonly byte[] scanned = new byte[FloppyGeometry.SectorSize];
    private bool scanSatisfied, scanEqual;

    private void Scan(FloppyDrive drive)
    {
        drive.Read(side, idSector, scanned);
        scanSatisfied = scanEqual = true;
        for (int n = 0; n < scanned.Length; n++)
        {
            byte disk = scanned[n], host = sector[n];
            if (disk == host || disk == AnyByte || host == AnyByte)
            {
                continue;
            }
            scanEqual = false;
            scanSatisfied &= operation switch
            {
                Operation.ScanLowOrEqual => disk < host,
                Operation.ScanHighOrEqual => disk > host,
                _ => false,
            };
        }
    }

    private void EndScannedSector(bool terminalCount, bool pastEnd)
    {
        if (scanSatisfied)
        {
            EndTransfer(0, 0, scanEqual ? ScanEqualHit : (byte)0);
        }
        else if (terminalCount || pastEnd)
        {
            EndTransfer(0, 0, ScanNotSatisfied);
        }
        else if (command[8] == 2 && idSector < lastSector)
        {
            // STP 2 looks at every second sector.
            idSector++;
        }
    }
}

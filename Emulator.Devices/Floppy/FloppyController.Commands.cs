namespace Emulator.Devices.Floppy;

/// <content>The commands that move no data (82077AA data sheet, section 5).</content>
public sealed partial class FloppyController
{
    private const byte InvalidCommand = 0x80, Version = 0x90;

    // ST0
    private const byte AbnormalEnd = 0x40, SeekEnd = 0x20, EquipmentCheck = 0x10, ChangedReady = 0xC0;

    private const int RecalibrateSteps = 80;

    private readonly int[] presentCylinder = new int[4];

    // ST0 that SENSE INTERRUPT STATUS will return for each drive, 0 when its last seek has been asked for.
    private readonly byte[] seekStatus = new byte[4];
    private int pendingResetSenses;

    // The seek under way: its drive, and the cylinder or the distance.
    private int seekDrive, seekTarget;
    private byte specify1, specify2, perpendicular, configuration, precompensation;
    private bool locked, nonDma;

    private bool HasImpliedSeek => (configuration & 0x40) != 0;

    private int CommandDrive => command[1] & 3;

    private int CommandHead => command[1] >> 2 & 1;

    private static int LengthOf(byte first) => first switch
    {
        0x03 => 3,
        0x04 => 2,
        0x07 => 2,
        0x0F => 3,
        0x8F or 0xCF => 3,
        0x12 => 2,
        0x13 => 4,
        _ => (first & 0x1F) switch
        {
            0x02 or 0x05 or 0x06 or 0x09 or 0x0C or 0x11 or 0x16 or 0x19 or 0x1D => 9,
            0x0A => 2,
            0x0D => 6,
            _ => 1,
        },
    };

    private void Execute()
    {
        switch (command[0])
        {
            case 0x03: // SPECIFY
                specify1 = command[1];
                specify2 = command[2];
                nonDma = (command[2] & 1) != 0;
                phase = Phase.Idle;
                break;
            case 0x04: // SENSE DRIVE STATUS
                EnterResult(raise: false, DriveStatus());
                break;
            case 0x07: // RECALIBRATE
                BeginSeek(Pending.Recalibrate, 0);
                break;
            case 0x08: // SENSE INTERRUPT STATUS
                SenseInterrupt();
                break;
            case 0x0E: // DUMPREG
                DumpRegisters();
                break;
            case 0x0F: // SEEK
                BeginSeek(Pending.Seek, command[2]);
                break;
            case 0x8F or 0xCF: // RELATIVE SEEK, outward or inward
                BeginSeek(Pending.RelativeSeek, command[0] == 0xCF ? command[2] : -command[2]);
                break;
            case 0x10: // VERSION
                EnterResult(raise: false, Version);
                break;
            case 0x12: // PERPENDICULAR MODE
                bool overwrite = (command[1] & 0x80) != 0;
                perpendicular = (byte)((overwrite ? command[1] & 0x3C : perpendicular & 0x3C) | (command[1] & 3));
                phase = Phase.Idle;
                break;
            case 0x13: // CONFIGURE
                configuration = (byte)(command[2] & 0x7F);
                precompensation = command[3];
                phase = Phase.Idle;
                break;
            case 0x14 or 0x94: // UNLOCK, LOCK
                locked = command[0] == 0x94;
                EnterResult(raise: false, (byte)(locked ? 0x10 : 0));
                break;
            default:
                if (commandLength > 1)
                {
                    BeginTransfer();
                }
                else
                {
                    EnterResult(raise: false, InvalidCommand);
                }
                break;
        }
    }

    // ST3. READY and TWO SIDE are tied high in the 82077AA.
    private byte DriveStatus()
    {
        byte st3 = (byte)(0x28 | (command[1] & 7));
        if (drives[CommandDrive] is { } drive)
        {
            st3 |= (byte)((drive.IsWriteProtected ? 0x40 : 0) | (drive.Cylinder == 0 ? 0x10 : 0));
        }
        return st3;
    }

    private void BeginSeek(Pending step, int target)
    {
        FinishPending();
        (seekDrive, seekTarget) = (CommandDrive, target);
        pendingResetSenses = 0;
        SetInterrupt(false);
        busyDrives |= (byte)(1 << seekDrive);
        phase = Phase.Idle;
        After(step);
    }

    // Seeks of two drives overlap on the real controller; here the earlier one (or the reset) ends when the next command comes.
    private void FinishPending()
    {
        if (timer.IsArmed)
        {
            timer.Disarm();
            OnTimer();
        }
    }

    private void Seek(int drive, int target)
    {
        Step(drive, target - presentCylinder[drive]);
        presentCylinder[drive] = target & 0xFF;
        EndSeek(drive, SeekEnd);
    }

    // At most 80 steps outward; a drive that is not there never reports track 0.
    private void Recalibrate(int drive)
    {
        int cylinder = drives[drive]?.Cylinder ?? 0;
        Step(drive, -Math.Min(cylinder, RecalibrateSteps));
        presentCylinder[drive] = 0;
        EndSeek(drive, drives[drive] is { Cylinder: 0 } ? SeekEnd : AbnormalEnd | SeekEnd | EquipmentCheck);
    }

    private void Step(int drive, int distance)
    {
        if (distance != 0 && drives[drive] is { } target)
        {
            target.StepTo(target.Cylinder + distance);
        }
    }

    private void EndSeek(int drive, int status)
    {
        seekStatus[drive] = (byte)(status | drive);
        SetInterrupt(true);
    }

    private void SenseInterrupt()
    {
        if (pendingResetSenses > 0)
        {
            int drive = 4 - pendingResetSenses--;
            SetInterrupt(false);
            EnterResult(raise: false, (byte)(ChangedReady | drive), (byte)presentCylinder[drive]);
            return;
        }
        int ended = Array.FindIndex(seekStatus, status => status != 0);
        if (ended < 0)
        {
            EnterResult(raise: false, InvalidCommand);
            return;
        }
        byte st0 = seekStatus[ended];
        seekStatus[ended] = 0;
        busyDrives &= (byte)~(1 << ended);
        SetInterrupt(Array.Exists(seekStatus, status => status != 0));
        EnterResult(raise: false, st0, (byte)presentCylinder[ended]);
    }

    private void DumpRegisters() => EnterResult(
        raise: false,
        (byte)presentCylinder[0],
        (byte)presentCylinder[1],
        (byte)presentCylinder[2],
        (byte)presentCylinder[3],
        specify1,
        specify2,
        lastSector,
        (byte)((locked ? 0x80 : 0) | perpendicular),
        configuration,
        precompensation);
}

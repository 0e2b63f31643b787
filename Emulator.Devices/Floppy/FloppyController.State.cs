using Emulator.Core.State;

namespace Emulator.Devices.Floppy;

/// <content>Saved state. The disks themselves are not in it: the same ones must be in the drives.</content>
public sealed partial class FloppyController : IStateful
{
    private const int LastPhase = (int)Phase.Result, LastPending = (int)Pending.BeginSectors, LastOperation = (int)Operation.ScanHighOrEqual;

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        TransferController(state);
        TransferSeeks(state);
        TransferCommand(state);
        for (int n = 0; n < drives.Length; n++)
        {
            if (state.Bool(drives[n] is not null) != drives[n] is not null)
            {
                throw state.Wrong($"was saved {(drives[n] is null ? "with" : "without")} a floppy drive {(char)('A' + n)}");
            }
            drives[n]?.Transfer(state, $"floppy drive {(char)('A' + n)}");
        }
        state.Line(irq);
        state.Timer(timer);
    }

    private void TransferController(StateTransfer state)
    {
        dor = state.Byte(dor);
        dataRate = (byte)state.Int32(dataRate, 0, 3);
        tapeDrive = state.Byte(tapeDrive);
        interrupt = state.Bool(interrupt);
        specify1 = state.Byte(specify1);
        specify2 = state.Byte(specify2);
        perpendicular = state.Byte(perpendicular);
        configuration = state.Byte(configuration);
        precompensation = state.Byte(precompensation);
        locked = state.Bool(locked);
        nonDma = state.Bool(nonDma);
        phase = (Phase)state.Int32((int)phase, 0, LastPhase);
        next = (Pending)state.Int32((int)next, 0, LastPending);
    }

    private void TransferSeeks(StateTransfer state)
    {
        busyDrives = state.Byte(busyDrives);
        pendingResetSenses = state.Int32(pendingResetSenses, 0, 4);
        seekDrive = state.Int32(seekDrive, 0, drives.Length - 1);
        seekTarget = state.Int32(seekTarget, -byte.MaxValue, byte.MaxValue);
        state.Bytes(seekStatus);
        for (int n = 0; n < presentCylinder.Length; n++)
        {
            presentCylinder[n] = state.Int32(presentCylinder[n], 0, byte.MaxValue);
        }
    }

    private void TransferCommand(StateTransfer state)
    {
        state.Bytes(command);
        state.Bytes(result);
        commandLength = state.Int32(commandLength, 0, command.Length);
        commandCount = state.Int32(commandCount, 0, command.Length);
        resultCount = state.Int32(resultCount, 0, result.Length);
        resultAt = state.Int32(resultAt, 0, resultCount);
        operation = (Operation)state.Int32((int)operation, 0, LastOperation);
        idCylinder = state.Byte(idCylinder);
        idHead = state.Byte(idHead);
        idSector = state.Byte(idSector);
        idSize = state.Byte(idSize);
        lastSector = state.Byte(lastSector);
        side = state.Int32(side, 0, 1);
        sectorsLeft = state.Int32(sectorsLeft);
        sectorLength = state.Int32(sectorLength, 0, sector.Length);
        sectorAt = state.Int32(sectorAt, 0, sector.Length);
        multiTrack = state.Bool(multiTrack);
        isCounted = state.Bool(isCounted);
        scanSatisfied = state.Bool(scanSatisfied);
        scanEqual = state.Bool(scanEqual);
        state.Bytes(sector);
        state.Bytes(scanned);
        bool counts = (phase == Phase.Result && resultAt >= resultCount) || (phase == Phase.Command && commandCount >= commandLength)
            || (phase is Phase.ExecutionRead or Phase.ExecutionWrite && sectorAt >= sectorLength);
        if (counts)
        {
            throw state.Wrong("is in a phase that was over");
        }
    }
}

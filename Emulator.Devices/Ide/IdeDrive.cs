using System.Buffers.Binary;
using Emulator.Core.Backends;
using Emulator.Core.State;
using Emulator.Core.Time;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Devices.Ide;

/// <summary>
/// One drive on an IDE cable: task file, status, sector buffer and the PIO and DMA data phases that ATA and ATAPI share
/// (ATA/ATAPI-6, chapter 9). A command shows BSY for <see cref="CompletionDelayNs"/>, so that drivers which prepare for the
/// interrupt after writing the command register are ready for it; between the blocks of a PIO read nothing is waited for.
/// </summary>
public abstract class IdeDrive
{
    /// <summary>Virtual time from a command, or from the end of a block written, to its completion: ns.</summary>
    public const long CompletionDelayNs = 2_000;

    private protected const int BufferSize = 65536;

    private readonly IScheduler scheduler;
    private readonly ITimer timer;
    private readonly byte[] buffer = new byte[BufferSize];
    private int position, readEnd, writeEnd;
    private IdeStep continuation, blockDone, dmaTransfer;
    private IdeChannel? channel;

    private protected IdeDrive(IScheduler scheduler)
    {
        this.scheduler = scheduler;
        timer = scheduler.CreateTimer(GetType().Name, OnTimer);
    }

    /// <summary>What to do when the image cannot be read (true) or written. Where it says Stop, it has stopped the machine.</summary>
    public Func<IOException, bool, BlockErrorAction> ErrorAction { get; init; } = (_, _) => BlockErrorAction.Report;

    internal TaskFile Registers { get; } = new();

    internal AtaStatus Status { get; private set; }

    internal byte Error { get; set; }

    internal bool Intrq { get; private set; }

    internal bool IsSecondDrive { get; private set; }

    /// <summary>True while a command waits for the bus master to be started.</summary>
    internal bool WantsDma => dmaTransfer != IdeStep.None && !timer.IsArmed;

    private protected bool CanDma => channel?.BusMaster is not null;

    private protected Span<byte> Buffer => buffer;

    /// <summary>Status after reset and after a command without error.</summary>
    private protected abstract AtaStatus IdleStatus { get; }

    internal void Attach(IdeChannel owner, bool second)
    {
        channel = owner;
        IsSecondDrive = second;
        HardReset();
    }

    internal abstract void HardReset();

    /// <summary>SRST, EXECUTE DEVICE DIAGNOSTIC and DEVICE RESET: everything under way is dropped, the signature shows.</summary>
    internal virtual void SoftReset()
    {
        Stop();
        Registers.Clear();
        Error = 0x01;
        Status = IdleStatus;
        ShowSignature();
    }

    internal void HoldInReset()
    {
        Stop();
        Status = AtaStatus.Bsy;
    }

    internal abstract void Execute(byte command);

    internal void WriteCommand(byte command)
    {
        if ((Status & (AtaStatus.Bsy | AtaStatus.Drq)) != 0 && command != 0x08)
        {
            return;
        }
        SetIntrq(false);
        Error = 0;
        Execute(command);
    }

    internal void AcknowledgeInterrupt()
    {
        if (Intrq)
        {
            SetIntrq(false);
        }
    }

    internal uint ReadData(int size)
    {
        int at = position;
        if (at + size > readEnd)
        {
            return ReadDataTail(size);
        }
        uint value = size switch
        {
            2 => BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at)),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(at)),
            _ => buffer[at],
        };
        position = at + size;
        if (position == readEnd)
        {
            FinishBlock();
        }
        return value;
    }

    internal void WriteData(int size, uint value)
    {
        for (int i = 0; i < size && position < writeEnd; i++)
        {
            buffer[position++] = (byte)(value >> (8 * i));
            if (position == writeEnd)
            {
                FinishBlock();
            }
        }
    }

    /// <summary>The bus master was started while the drive wants DMA.</summary>
    internal void StartDmaTransfer() => timer.Arm(scheduler.NowNs + CompletionDelayNs);

    /// <summary>What the drive is, for saved state.</summary>
    internal abstract string Kind { get; }

    internal virtual void Transfer(StateTransfer state)
    {
        Registers.Transfer(state);
        Status = (AtaStatus)state.Byte((byte)Status);
        Error = state.Byte(Error);
        Intrq = state.Bool(Intrq);
        position = state.Int32(position, 0, BufferSize);
        readEnd = state.Int32(readEnd, 0, BufferSize);
        writeEnd = state.Int32(writeEnd, 0, BufferSize);
        continuation = TransferStep(state, continuation);
        blockDone = TransferStep(state, blockDone);
        dmaTransfer = TransferStep(state, dmaTransfer);
        state.Timer(timer);
        state.Bytes(buffer);
    }

    private protected abstract void ShowSignature();

    /// <summary>Goes on where <see cref="Later"/>, <see cref="StartRead"/> or <see cref="StartWrite"/> said.</summary>
    private protected virtual void Run(IdeStep step)
    {
        switch (step)
        {
            case IdeStep.Succeed:
                Complete();
                break;
            case IdeStep.Abort:
                Abort();
                break;
            case IdeStep.Identify:
                Identify();
                break;
            case IdeStep.EndIdentify:
                Complete(interrupt: false);
                break;
            case IdeStep.Diagnose:
                Diagnose();
                break;
        }
    }

    /// <summary>IDENTIFY DEVICE, IDENTIFY PACKET DEVICE: offers the drive's identity.</summary>
    private protected abstract void Identify();

    /// <summary>Moves the data that <see cref="StartDma"/> waited for.</summary>
    private protected abstract void RunDma(IdeStep step, IdeBusMaster busMaster);

    /// <summary>Goes on with <paramref name="next"/> after the completion delay, busy until then.</summary>
    private protected void Later(IdeStep next)
    {
        Status = AtaStatus.Bsy;
        continuation = next;
        timer.Arm(scheduler.NowNs + CompletionDelayNs);
    }

    /// <summary>Offers bytes [start, start + length) of the buffer to the data port; <paramref name="done"/> when they are read.</summary>
    private protected void StartRead(int start, int length, IdeStep done)
    {
        position = start;
        readEnd = start + length;
        writeEnd = 0;
        blockDone = done;
        Status = IdleStatus | AtaStatus.Drdy | AtaStatus.Drq;
        SetIntrq(true);
    }

    /// <summary>Takes <paramref name="length"/> bytes from the data port into the buffer; <paramref name="done"/> when they are there.</summary>
    private protected void StartWrite(int length, bool interrupt, IdeStep done)
    {
        position = 0;
        readEnd = 0;
        writeEnd = length;
        blockDone = done;
        Status = IdleStatus | AtaStatus.Drdy | AtaStatus.Drq;
        if (interrupt)
        {
            SetIntrq(true);
        }
    }

    /// <summary>
    /// Waits for the bus master and then runs <paramref name="transfer"/>, which ends the command. When the PRD table ends too
    /// early it must not: the drive goes on waiting, as a real one does, until it is reset.
    /// </summary>
    private protected void StartDma(IdeStep transfer)
    {
        Status = AtaStatus.Bsy;
        dmaTransfer = transfer;
        channel?.StartDmaIfReady();
    }

    /// <summary>
    /// Repeats <paramref name="step"/>, a transfer by bus master that has started, after the completion delay: the machine has been stopped, and virtual
    /// time goes on when it does.
    /// </summary>
    private protected void RetryDma(IdeStep step)
    {
        Status = AtaStatus.Bsy;
        dmaTransfer = step;
        timer.Arm(scheduler.NowNs + CompletionDelayNs);
    }

    /// <summary>Ends the command without error.</summary>
    private protected void Complete(bool interrupt = true)
    {
        Status = IdleStatus | AtaStatus.Drdy;
        if (interrupt)
        {
            SetIntrq(true);
        }
    }

    /// <summary>EXECUTE DEVICE DIAGNOSTIC: the status stays what <see cref="SoftReset"/> makes it; drive 0 interrupts for both.</summary>
    private protected void Diagnose()
    {
        SoftReset();
        if (!IsSecondDrive)
        {
            SetIntrq(true);
        }
    }

    /// <summary>Ends the command with ERR set.</summary>
    private protected void Fail(byte error, AtaStatus extra = 0)
    {
        readEnd = writeEnd = 0;
        Error = error;
        Status = IdleStatus | AtaStatus.Drdy | AtaStatus.Err | extra;
        SetIntrq(true);
    }

    private protected void Abort() => Fail((byte)AtaError.Abrt);

    private protected void Stop()
    {
        timer.Disarm();
        continuation = blockDone = dmaTransfer = IdeStep.None;
        position = readEnd = writeEnd = 0;
        SetIntrq(false);
    }

    private static IdeStep TransferStep(StateTransfer state, IdeStep step) => (IdeStep)state.Int32((int)step, 0, (int)IdeStep.SendByDma);

    private void SetIntrq(bool level)
    {
        Intrq = level;
        channel?.UpdateIntrq();
    }

    private void FinishBlock()
    {
        readEnd = writeEnd = 0;
        Status &= ~AtaStatus.Drq;
        IdeStep done = blockDone;
        blockDone = IdeStep.None;
        if (done != IdeStep.None)
        {
            Run(done);
        }
    }

    // An access wider than what is left of the block, or with no block at all: an idle data bus reads as ones.
    private uint ReadDataTail(int size)
    {
        uint value = ~0u;
        for (int i = 0; i < size && position < readEnd; i++)
        {
            value = (value & ~(0xFFu << (8 * i))) | (uint)buffer[position++] << (8 * i);
            if (position == readEnd)
            {
                FinishBlock();
                break;
            }
        }
        return value;
    }

    private void OnTimer()
    {
        if (dmaTransfer != IdeStep.None)
        {
            // The guest may have stopped the bus master meanwhile; the drive goes on waiting for it.
            if (channel?.BusMaster is { IsActive: true } busMaster)
            {
                IdeStep transfer = dmaTransfer;
                dmaTransfer = IdeStep.None;
                RunDma(transfer, busMaster);
            }
        }
        else if (continuation != IdeStep.None)
        {
            IdeStep next = continuation;
            continuation = IdeStep.None;
            Run(next);
        }
    }
}

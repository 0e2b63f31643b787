using Emulator.Core.State;
using Emulator.Core.Time;
using Emulator.Devices.Dma;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Devices.Audio;

/// <summary>
/// The DMA side of a Sound Blaster's DSP: takes (or, when it records, gives) a frame each sample period, and interrupts at the end of every block
/// (programming guide, chapter 3, "Digitized sound I/O"). What it took it gives to the mixer. It records silence.
/// </summary>
internal sealed class Sb16Transfer : IAudioSource
{
    private const long NsPerSecond = 1_000_000_000;
    private const int MostQueuedFrames = 1 << 16, NoChannel = -1;

    private readonly IScheduler scheduler;
    private readonly AudioMixer mixer;
    private readonly ITimer timer;
    private readonly Queue<(short Left, short Right)> queue = new();
    private readonly byte[] buffer = new byte[1024];
    private DmaChannel? channel;
    private Sb16Format format;
    private bool records, autoInitializes, endsAfterBlock, isRunning, isPaused;
    private int rate = 22050, blockFrames, framesLeft;

    // Frame 0 of the present stretch was due at startNs; framesDone of it have been moved, framesPlayed have been heard.
    private long startNs, framesDone, framesPlayed;

    /// <summary>Makes the engine and adds it to <paramref name="mixer"/>.</summary>
    public Sb16Transfer(IScheduler scheduler, AudioMixer mixer)
    {
        this.scheduler = scheduler;
        this.mixer = mixer;
        timer = scheduler.CreateTimer("sb16-block", mixer.BeforeChange);
        mixer.Add(this);
    }

    /// <summary>Called at the end of a block with true for a 16-bit one.</summary>
    public required Action<bool> BlockEnded { get; init; }

    /// <summary>Volume of the left and right output, 0 to 1.</summary>
    public (float Left, float Right) Gain { get; set; }

    /// <inheritdoc/>
    public bool IsAudible => !records && (isRunning || queue.Count > 0);

    /// <summary>True between the start of a transfer and its end, also while it is paused.</summary>
    public bool IsRunning => isRunning;

    /// <summary>Starts a transfer.</summary>
    /// <param name="on">The channel; null moves nothing.</param>
    /// <param name="how">Format of the data.</param>
    /// <param name="framesPerSecond">Rate, 1 to 200000.</param>
    /// <param name="frames">Length of a block, at least 1.</param>
    /// <param name="again">True goes on with the next block (auto-initialize).</param>
    /// <param name="input">True records.</param>
    public void Start(DmaChannel? on, Sb16Format how, int framesPerSecond, int frames, bool again, bool input)
    {
        mixer.BeforeChange();
        queue.Clear();
        Listen(on);
        format = how;
        rate = framesPerSecond;
        blockFrames = framesLeft = frames;
        autoInitializes = again;
        endsAfterBlock = isPaused = false;
        records = input;
        isRunning = true;
        Rebase();
    }

    /// <summary>Stops where it is.</summary>
    public void Stop()
    {
        mixer.BeforeChange();
        isRunning = isPaused = false;
        queue.Clear();
        timer.Disarm();
        Listen(null);
    }

    /// <summary>Pauses a transfer of the given width, or lets it go on.</summary>
    public void Pause(bool is16Bit, bool pauses)
    {
        mixer.BeforeChange();
        if (isRunning && format.Is16Bit == is16Bit && isPaused != pauses)
        {
            isPaused = pauses;
            Rebase();
        }
    }

    /// <summary>An auto-initialize transfer of the given width ends with its present block.</summary>
    public void EndAfterBlock(bool is16Bit) => endsAfterBlock |= isRunning && format.Is16Bit == is16Bit;

    /// <summary>An auto-initialize transfer of the given width goes on after its present block after all.</summary>
    public void GoOnAfterBlock(bool is16Bit) => endsAfterBlock &= format.Is16Bit != is16Bit;

    /// <summary>The length of the blocks from the next one on.</summary>
    public void SetBlock(int frames) => blockFrames = frames;

    /// <inheritdoc/>
    public void Advance(long nowNs)
    {
        while (isRunning && !isPaused)
        {
            long due = FramesAt(nowNs) - framesDone;
            if (due <= 0)
            {
                break;
            }
            int wanted = (int)Math.Min(Math.Min(due, framesLeft), buffer.Length / format.FrameBytes);
            int moved = Move(wanted);
            framesDone += moved;
            framesLeft -= moved;
            if (framesLeft == 0)
            {
                EndBlock();
            }
            else if (moved < wanted)
            {
                // The channel gives nothing now. The sound stands still until the guest makes it ready.
                timer.Disarm();
                return;
            }
        }
        Arm();
    }

    /// <inheritdoc/>
    public void Render(Span<float> frames, double startNs, double nsPerFrame)
    {
        for (int n = 0; n < frames.Length; n += 2)
        {
            // The frame that is being heard at this time: older ones are over.
            long at = (long)((startNs + (n / 2 * nsPerFrame) - this.startNs) * rate / NsPerSecond);
            while (framesPlayed < at && queue.Count > 0)
            {
                queue.Dequeue();
                framesPlayed++;
            }
            if (at >= 0 && queue.TryPeek(out var frame))
            {
                frames[n] += frame.Left * Gain.Left;
                frames[n + 1] += frame.Right * Gain.Right;
            }
        }
    }

    /// <summary>Saves or loads; <paramref name="channelOf"/> gives DMA channels 0-7.</summary>
    public void Transfer(StateTransfer state, Func<int, DmaChannel> channelOf)
    {
        int number = state.Int32(channel?.Number ?? NoChannel, NoChannel, 7);
        if (state.IsLoading)
        {
            channel?.BecameReady = null;
            channel = number == NoChannel ? null : channelOf(number);
            channel?.BecameReady = Resume;
        }
        format = new Sb16Format(state.Bool(format.Is16Bit), state.Bool(format.IsSigned), state.Bool(format.IsStereo));
        records = state.Bool(records);
        autoInitializes = state.Bool(autoInitializes);
        endsAfterBlock = state.Bool(endsAfterBlock);
        isRunning = state.Bool(isRunning);
        isPaused = state.Bool(isPaused);
        rate = state.Int32(rate, 1, 1_000_000);
        blockFrames = state.Int32(blockFrames, 0, 65536);
        framesLeft = state.Int32(framesLeft, 0, 65536);
        startNs = state.Int64(startNs);
        framesDone = state.Int64(framesDone);
        framesPlayed = state.Int64(framesPlayed);
        state.Items(queue, MostQueuedFrames, frame => ((short)state.UInt16((ushort)frame.Left), (short)state.UInt16((ushort)frame.Right)));
        state.Timer(timer);
        if (isRunning && (framesLeft == 0 || blockFrames == 0))
        {
            throw state.Wrong("has a block of no length");
        }
    }

    // A frame is taken when its time begins.
    private long FramesAt(long ns)
    {
        long passed = ns - startNs;
        return passed < 0 ? 0 : (passed / NsPerSecond * rate) + (passed % NsPerSecond * rate / NsPerSecond) + 1;
    }

    private int Move(int frames)
    {
        Span<byte> data = buffer.AsSpan(0, frames * format.FrameBytes);
        if (records)
        {
            data.Fill((byte)(format.IsSigned ? 0 : 0x80));
            if (format.Is16Bit && !format.IsSigned)
            {
                for (int n = 0; n < data.Length; n += 2)
                {
                    data[n] = 0;
                }
            }
            return (channel?.TransferToMemory(data) ?? 0) / format.FrameBytes;
        }
        int bytes = 0;
        // A channel in verify mode drives nothing, and the bus reads FF.
        data.Fill(0xFF);
        while (bytes < data.Length)
        {
            // At terminal count an auto-initialized channel begins again.
            int n = channel?.TransferFromMemory(data[bytes..]) ?? 0;
            if (n == 0)
            {
                break;
            }
            bytes += n;
        }
        int moved = bytes / format.FrameBytes, sampleBytes = format.Is16Bit ? 2 : 1;
        for (int n = 0; n < moved && queue.Count < MostQueuedFrames; n++)
        {
            Span<byte> frame = data[(n * format.FrameBytes)..];
            short left = format.Sample(frame);
            queue.Enqueue((left, format.IsStereo ? format.Sample(frame[sampleBytes..]) : left));
        }
        return moved;
    }

    private void EndBlock()
    {
        framesLeft = blockFrames;
        if (!autoInitializes || endsAfterBlock)
        {
            isRunning = false;
            timer.Disarm();
            Listen(null);
        }
        BlockEnded(format.Is16Bit);
    }

    private void Rebase()
    {
        // What is in the queue has been taken; it is heard no more than a frame late.
        startNs = scheduler.NowNs;
        framesDone = framesPlayed = 0;
        queue.Clear();
        Arm();
    }

    /// <summary>A block ends when its last frame is taken.</summary>
    private void Arm()
    {
        if (!isRunning || isPaused)
        {
            timer.Disarm();
            return;
        }
        long last = framesDone + framesLeft - 1;
        timer.Arm(startNs + (last / rate * NsPerSecond) + ((last % rate * NsPerSecond) + rate - 1) / rate);
    }

    private void Listen(DmaChannel? on)
    {
        channel?.BecameReady = null;
        channel?.Request = false;
        channel = on;
        channel?.BecameReady = Resume;
        channel?.Request = true;
    }

    private void Resume()
    {
        if (isRunning && !isPaused && FramesAt(scheduler.NowNs) > framesDone + 1)
        {
            Rebase();
        }
    }
}

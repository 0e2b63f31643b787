using Emulator.Core.Backends;
using Emulator.Core.State;
using Emulator.Core.Time;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Devices.Audio;

/// <summary>
/// Brings the sounds of the board's sources into the frames of one sink. It is behind virtual time by 10 ms at most, and works only while
/// something sounds; it catches up before each change of a source, so that changes take effect at their very frame.
/// </summary>
public sealed class AudioMixer : IStateful
{
    private const long TickNs = 10_000_000, NsPerSecond = 1_000_000_000;
    private const int Chunk = 512;

    private readonly IScheduler scheduler;
    private readonly IAudioSink sink;
    private readonly ITimer timer;
    private readonly List<IAudioSource> sources = [];
    private readonly float[] mix = new float[2 * Chunk];
    private readonly short[] samples = new short[2 * Chunk];
    private long nextFrame;
    private bool hasStarted;

    /// <summary>Makes a mixer for <paramref name="sink"/>.</summary>
    public AudioMixer(IScheduler scheduler, IAudioSink sink)
    {
        this.scheduler = scheduler;
        this.sink = sink;
        timer = scheduler.CreateTimer("audio-mixer", Tick);
        nextFrame = FrameAt(scheduler.NowNs);
    }

    /// <summary>Adds a source.</summary>
    public void Add(IAudioSource source) => sources.Add(source);

    /// <summary>A source is about to change: everything up to now sounds as it was.</summary>
    public void BeforeChange()
    {
        CatchUp();
        if (!timer.IsArmed)
        {
            timer.Arm(scheduler.NowNs + TickNs);
        }
    }

    /// <summary>Renders up to now.</summary>
    public void CatchUp()
    {
        long now = scheduler.NowNs, end = FrameAt(now);
        foreach (IAudioSource source in sources)
        {
            source.Advance(now);
        }
        if (end <= nextFrame)
        {
            return;
        }
        if (sources.Exists(source => source.IsAudible))
        {
            hasStarted = true;
            Render(end);
        }
        else if (hasStarted)
        {
            sink.WriteSilence(end - nextFrame);
        }
        nextFrame = end;
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        nextFrame = state.Int64(nextFrame);
        hasStarted = state.Bool(hasStarted);
        state.Timer(timer);
    }

    private void Render(long end)
    {
        double nsPerFrame = (double)NsPerSecond / sink.Rate;
        for (long frame = nextFrame; frame < end; frame += Chunk)
        {
            int count = 2 * (int)Math.Min(Chunk, end - frame);
            Span<float> frames = mix.AsSpan(0, count);
            frames.Clear();
            foreach (IAudioSource source in sources)
            {
                if (source.IsAudible)
                {
                    source.Render(frames, frame * nsPerFrame, nsPerFrame);
                }
            }
            for (int n = 0; n < count; n++)
            {
                samples[n] = (short)Math.Clamp(MathF.Round(frames[n]), short.MinValue, short.MaxValue);
            }
            sink.Write(samples.AsSpan(0, count));
        }
    }

    private void Tick()
    {
        CatchUp();
        if (sources.Exists(source => source.IsAudible))
        {
            timer.Arm(scheduler.NowNs + TickNs);
        }
    }

    private long FrameAt(long ns) => ns / NsPerSecond * sink.Rate + ns % NsPerSecond * sink.Rate / NsPerSecond;
}

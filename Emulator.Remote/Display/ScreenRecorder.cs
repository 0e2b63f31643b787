using Emulator.Core.Backends;
using Emulator.Core.Time;
using Emulator.Machine.Config;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Remote.Display;

/// <summary>
/// Keeps what a screen shows as an animation: looks at it at equal distances of the guest's time, and adds a frame when something has changed. Machine
/// thread.
/// </summary>
public sealed class ScreenRecorder : IDisposable
{
    /// <summary>How often the screen is looked at when nothing is said.</summary>
    public const int DefaultRate = 25;

    /// <summary>The most often.</summary>
    public const int HighestRate = 100;

    private const long NsPerSecond = 1_000_000_000, NsPerMs = 1_000_000;

    private readonly IScheduler scheduler;
    private readonly IScreen screen;
    private readonly TextWriter errors;
    private readonly string path;
    private readonly ApngFile file;
    private readonly ITimer timer;
    private readonly long startNs, intervalNs;
    private uint[] pixels = [];
    private long looks;
    private bool hasEnded;

    /// <summary>Makes or empties the file and takes the first picture.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rate">Looks in a second of guest time.</param>
    /// <param name="scheduler">The machine's time.</param>
    /// <param name="screen">What is recorded.</param>
    /// <param name="errors">Gets a sentence when the file cannot be written any more.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public ScreenRecorder(string path, int rate, IScheduler scheduler, IScreen screen, TextWriter errors)
    {
        this.path = path;
        this.scheduler = scheduler;
        this.screen = screen;
        this.errors = errors;
        // Not buffered: nothing is left that closing it could fail to write.
        file = new ApngFile(new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0));
        (startNs, intervalNs) = (scheduler.NowNs, NsPerSecond / rate);
        timer = scheduler.CreateTimer("screen-recorder", Look);
        Look();
    }

    /// <summary>Ends the recording, and the file with it.</summary>
    public void Dispose()
    {
        if (hasEnded)
        {
            return;
        }
        timer.Disarm();
        Guard(() => file.Finish(NowMs));
        hasEnded = true;
        file.Dispose();
    }

    private long NowMs => (scheduler.NowNs - startNs) / NsPerMs;

    private void Look()
    {
        (int width, int height) = screen.Size;
        if (pixels.Length < width * height)
        {
            pixels = new uint[width * height];
        }
        screen.Render(pixels);
        Guard(() => file.Show(pixels, width, height, NowMs));
        looks++;
        if (!hasEnded)
        {
            // After a pause no look is made up for.
            looks = Math.Max(looks, (scheduler.NowNs - startNs) / intervalNs + 1);
            timer.Arm(startNs + (looks * intervalNs));
        }
    }

    // A full disk ends the recording, not the guest.
    private void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (IOException e)
        {
            hasEnded = true;
            file.Dispose();
            errors.WriteLine($"emu: {path} cannot be written any more: {HostErrors.Describe(e)}; the animation ends here");
        }
    }
}

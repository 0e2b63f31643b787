namespace Emulator.Devices.Timers;

/// <summary>
/// The 1193182 Hz clock of the 8254: pulse number from time and back. Whole seconds and the rest are converted apart, so
/// that the results are exact in 64 bits at any time.
/// </summary>
public static class PitClock
{
    /// <summary>Frequency in Hz: the PC's 14.31818 MHz crystal divided by 12.</summary>
    public const long Frequency = 1193182;

    private const long NsPerSecond = 1_000_000_000;

    /// <summary>Number of clock pulses that have begun at <paramref name="ns"/>.</summary>
    public static long PulseAt(long ns) =>
        ns / NsPerSecond * Frequency + ns % NsPerSecond * Frequency / NsPerSecond;

    /// <summary>The first time (ns) at which <see cref="PulseAt"/> is <paramref name="pulse"/>.</summary>
    public static long TimeOf(long pulse) =>
        pulse / Frequency * NsPerSecond + (pulse % Frequency * NsPerSecond + Frequency - 1) / Frequency;
}

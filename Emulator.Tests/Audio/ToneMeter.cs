using Emulator.Core.Backends;

namespace Emulator.Tests.Audio;

/// <summary>Keeps what sounds, and measures it.</summary>
public sealed class ToneMeter : IAudioSink
{
    public int Rate => 44100;

    public List<short> Left { get; } = [];

    public List<short> Right { get; } = [];

    public void Write(ReadOnlySpan<short> samples)
    {
        for (int n = 0; n < samples.Length; n += 2)
        {
            Left.Add(samples[n]);
            Right.Add(samples[n + 1]);
        }
    }

    public void WriteSilence(long frames)
    {
        Left.AddRange(new short[frames]);
        Right.AddRange(new short[frames]);
    }

    /// <summary>Amplitude of the component of <paramref name="hertz"/> (Goertzel's algorithm, Hann window).</summary>
    public static double AmplitudeAt(IReadOnlyList<short> samples, double hertz, int rate = 44100)
    {
        double turn = 2 * Math.PI * hertz / rate, real = 0, imaginary = 0;
        for (int n = 0; n < samples.Count; n++)
        {
            double window = 1 - Math.Cos(2 * Math.PI * n / (samples.Count - 1));
            real += samples[n] * window * Math.Cos(turn * n);
            imaginary += samples[n] * window * Math.Sin(turn * n);
        }
        return 2 * Math.Sqrt(real * real + imaginary * imaginary) / samples.Count;
    }

    /// <summary>The loudest frequency between 50 Hz and 8 kHz, to one Hz.</summary>
    public static double Loudest(IReadOnlyList<short> samples)
    {
        double best = Enumerable.Range(1, 400).Select(n => n * 20.0).MaxBy(f => AmplitudeAt(samples, f));
        return Enumerable.Range(-20, 41).Select(n => best + n).MaxBy(f => AmplitudeAt(samples, f));
    }

    public void Dispose()
    {
    }
}

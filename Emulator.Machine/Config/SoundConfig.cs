namespace Emulator.Machine.Config;

/// <summary>What sounds, and where it is heard.</summary>
public sealed record SoundConfig
{
    /// <summary>Where sound can go, <c>-audiodev</c>.</summary>
    public IReadOnlyList<AudioDevConfig> Outputs { get; init; } = [];

    /// <summary>Output of the PC speaker, <c>-machine pcspk-audiodev=ID</c>; null is silence.</summary>
    public string? Speaker { get; init; }

    /// <summary>The Sound Blaster 16, <c>-device sb16</c>.</summary>
    public Sb16Config? Sb16 { get; init; }

    /// <summary>True when there is an OPL3 at 388 without a Sound Blaster, <c>-device adlib</c>.</summary>
    public bool HasAdLib { get; init; }

    /// <summary>Output of that OPL3; null is silence.</summary>
    public string? AdLib { get; init; }
}

/// <summary>An output of <c>-audiodev</c>.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Path">The WAV file; null is silence (driver <c>none</c>).</param>
/// <param name="Rate">Frames a second.</param>
public sealed record AudioDevConfig(string Id, string? Path, int Rate)
{
    /// <summary>QEMU's default rate.</summary>
    public const int DefaultRate = 44100;
}

/// <summary>A Sound Blaster 16.</summary>
/// <param name="IoBase">First port: 220, 240, 260 or 280.</param>
/// <param name="Irq">5, 7, 9 or 10.</param>
/// <param name="Dma">8-bit channel: 0, 1 or 3.</param>
/// <param name="Dma16">16-bit channel: 5, 6 or 7.</param>
/// <param name="AudioDev">Its output; null is silence.</param>
public sealed record Sb16Config(int IoBase, int Irq, int Dma, int Dma16, string? AudioDev);

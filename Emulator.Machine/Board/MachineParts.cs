using Emulator.Core.Backends;
using Emulator.Machine.Config;

namespace Emulator.Machine.Board;

/// <summary>What a board is connected to, opened by the caller, who also closes it.</summary>
public sealed record MachineParts
{
    /// <summary>Firmware image; null when a kernel starts directly and none was found.</summary>
    public byte[]? Bios { get; init; }

    /// <summary>Video BIOS image, or null.</summary>
    public byte[]? VideoBios { get; init; }

    /// <summary>Drives and their images.</summary>
    public IReadOnlyList<(DriveConfig Drive, IBlockBackend? Image)> Drives { get; init; } = [];

    /// <summary>COM ports; null where there is none.</summary>
    public IReadOnlyList<ICharBackend?> Serials { get; init; } = [];

    /// <summary>Printer ports; null where there is none.</summary>
    public IReadOnlyList<ICharBackend?> Parallels { get; init; } = [];

    /// <summary>Outputs of the sound by their ids.</summary>
    public IReadOnlyDictionary<string, IAudioSink> AudioOutputs { get; init; } = new Dictionary<string, IAudioSink>();

    /// <summary>Outputs of the debug consoles, in the configuration's order.</summary>
    public IReadOnlyList<ICharBackend> DebugCons { get; init; } = [];
}

namespace Emulator.Machine.Config;

/// <summary>Boot order and menu. Devices are letters: a, b floppy; c hard disk; d CD; n network.</summary>
public sealed record BootConfig
{
    /// <summary>Order of devices, e.g. <c>dc</c>; null is the board's own (<c>cad</c>).</summary>
    public string? Order { get; init; }

    /// <summary>Order of the first boot only; null when there is none.</summary>
    public string? Once { get; init; }

    /// <summary>True when the firmware offers a boot menu.</summary>
    public bool Menu { get; init; }

    /// <summary>How long the menu's prompt stays, ms; null is the firmware's own.</summary>
    public int? SplashTimeMs { get; init; }

    /// <summary>How long to wait before a new attempt when nothing boots, ms; null is the firmware's own, -1 never.</summary>
    public int? RebootTimeoutMs { get; init; }

    /// <summary>True when only devices of the order are tried.</summary>
    public bool Strict { get; init; }
}

namespace Emulator.Machine.Config;

/// <summary>What the real-time clock shows at power-on.</summary>
public enum RtcBase
{
    /// <summary>The host's time in UTC.</summary>
    Utc,

    /// <summary>The host's time in its own zone.</summary>
    LocalTime,

    /// <summary><see cref="RtcConfig.Start"/>.</summary>
    Date,
}

/// <summary>The real-time clock.</summary>
public sealed record RtcConfig
{
    /// <summary>What the clock shows at power-on.</summary>
    public RtcBase Base { get; init; }

    /// <summary>Date and time at power-on with <see cref="RtcBase.Date"/>.</summary>
    public DateTime Start { get; init; }

    /// <summary>The date and time the clock shows at power-on.</summary>
    /// <param name="hostUtc">The host's present time, UTC.</param>
    public DateTime AtPowerOn(DateTime hostUtc) => Base switch
    {
        RtcBase.Date => Start,
        RtcBase.LocalTime => hostUtc.ToLocalTime(),
        _ => hostUtc,
    };
}

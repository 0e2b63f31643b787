using System.Globalization;
using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>The value of <c>-rtc</c>.</summary>
public static class RtcParser
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd"];

    /// <summary>The clock of <c>base=utc|localtime|DATE</c>.</summary>
    /// <exception cref="UserErrorException">It is none of these.</exception>
    public static RtcConfig Parse(ConfigBuilder builder, string text)
    {
        var values = new KeyValues(text).Allow("base", "clock", "driftfix");
        if (values["clock"] is string clock and not ("host" or "vm"))
        {
            builder.Note(clock == "rt"
                ? "-rtc clock=rt: the clock runs with the machine, and stands while it is stopped"
                : throw new UserErrorException($"clock={clock} is none of host, rt and vm; leave it out"));
        }

        // No tick is lost here in any case (docs/decisions/0004).
        if (values["driftfix"] is string fix and not ("none" or "slew"))
        {
            throw new UserErrorException($"driftfix={fix} is none of none and slew; leave it out");
        }
        switch (values["base"])
        {
            case null or "utc":
                return new();
            case "localtime":
                return new() { Base = RtcBase.LocalTime };
            case string date when DateTime.TryParseExact(
                date, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var start):
                return new() { Base = RtcBase.Date, Start = start };
            case string other:
                throw new UserErrorException($"'{other}' is no date; use base=utc, base=localtime or base=2024-02-29T12:00:00");
        }
    }
}

using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>The value of <c>-boot</c>.</summary>
public static class BootParser
{
    private const int NoValue = int.MinValue;

    /// <summary>Adds <c>order=,once=,menu=,splash-time=,reboot-timeout=,strict=</c>, or just letters, to what <paramref name="builder"/> has.</summary>
    /// <exception cref="UserErrorException">A letter is no device, or a key is not known.</exception>
    public static BootConfig Parse(ConfigBuilder builder, string text)
    {
        BootConfig boot = builder.Config.Boot;
        var values = new KeyValues(text, "order").Allow("order", "once", "menu", "splash", "splash-time", "reboot-timeout", "strict");
        if (values["splash"] is not null)
        {
            builder.Note("-boot splash=: no picture is shown while the firmware starts");
        }
        int splash = (int)values.Number("splash-time", 0, ushort.MaxValue, NoValue);
        int reboot = (int)values.Number("reboot-timeout", -1, ushort.MaxValue, NoValue);
        return boot with
        {
            Order = values["order"] is string order ? Letters(order) : boot.Order,
            Once = values["once"] is string once ? Letters(once) : boot.Once,
            Menu = values.Flag("menu", boot.Menu),
            SplashTimeMs = splash == NoValue ? boot.SplashTimeMs : splash,
            RebootTimeoutMs = reboot == NoValue ? boot.RebootTimeoutMs : reboot,
            Strict = values.Flag("strict", boot.Strict),
        };
    }

    private static string Letters(string letters)
    {
        for (int i = 0; i < letters.Length; i++)
        {
            if (!"abcdn".Contains(letters[i]))
            {
                throw new UserErrorException($"'{letters[i]}' is no boot device; use a, b (floppy), c (hard disk), d (CD), n (network)");
            }
            if (letters.IndexOf(letters[i]) != i)
            {
                throw new UserErrorException($"boot device '{letters[i]}' is given twice; give each once");
            }
        }
        return letters;
    }
}

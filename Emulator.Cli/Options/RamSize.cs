using System.Globalization;
using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>The value of <c>-m</c>.</summary>
public static class RamSize
{
    /// <summary>Most RAM: what lies below 4 GiB beside the firmware and the devices.</summary>
    public const long MaxBytes = 3583L << 20;

    /// <summary>Least RAM.</summary>
    public const long MinBytes = 1L << 20;

    /// <summary>Bytes of <c>512</c> (MiB), <c>512M</c>, <c>1.5G</c>, <c>size=1G</c>; whole pages of 4096.</summary>
    /// <exception cref="UserErrorException">It is no size, or out of range.</exception>
    public static long Parse(string text)
    {
        var values = new KeyValues(text, "size").Allow("size", "slots", "maxmem");
        if (values["slots"] is not null || values["maxmem"] is not null)
        {
            throw new UserErrorException("memory cannot be plugged in later; leave slots= and maxmem= out");
        }
        decimal bytes = Parsed(values["size"] ?? "");
        if (bytes > MaxBytes)
        {
            throw new UserErrorException($"at most {MaxBytes >> 20}M of RAM fit below 4 GiB; give a smaller size, for example -m 512");
        }
        if (bytes < MinBytes)
        {
            throw new UserErrorException("at least 1M of RAM is needed; give a larger size, for example -m 512");
        }
        return (long)bytes & ~4095L;
    }

    /// <summary>Bytes of a size that is no machine's RAM; at most 2^62.</summary>
    /// <exception cref="UserErrorException">It is no size.</exception>
    public static long Bytes(string size) => (long)Math.Min(Parsed(size), 1L << 62);

    private static decimal Parsed(string size)
    {
        decimal unit = 1 << 20;
        string digits = size;
        if (size.Length > 0 && "bBkKmMgGtTpPeE".Contains(size[^1]))
        {
            digits = size[..^1];
            unit = char.ToUpperInvariant(size[^1]) switch
            {
                'B' => 1,
                'K' => 1L << 10,
                'M' => 1L << 20,
                'G' => 1L << 30,
                'T' => 1L << 40,
                'P' => 1L << 50,
                _ => 1L << 60,
            };
        }
        const NumberStyles Style = NumberStyles.AllowDecimalPoint;
        if (!decimal.TryParse(digits, Style, CultureInfo.InvariantCulture, out decimal number))
        {
            throw new UserErrorException("this is no size; give a number with K, M or G, for example -m 512M");
        }

        // A number too large for the product is out of range in any unit.
        return number > 1L << 62 ? number : number * unit;
    }
}

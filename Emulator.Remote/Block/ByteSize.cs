using System.Globalization;
using Emulator.Machine.Config;

namespace Emulator.Remote.Block;

/// <summary>Sizes in <c>qemu-img</c>'s spelling.</summary>
public static class ByteSize
{
    private const string Units = "bkmgtpe";

    /// <summary>Bytes of <c>512</c>, <c>64k</c>, <c>1.5G</c>.</summary>
    /// <param name="what">What it is the size of, for the message.</param>
    /// <param name="text">The size.</param>
    /// <exception cref="UserErrorException">It is no size.</exception>
    public static long Parse(string what, string text)
    {
        int unit = text.Length == 0 ? -1 : Units.IndexOf(char.ToLowerInvariant(text[^1]));
        string digits = unit < 0 ? text : text[..^1];
        decimal factor = unit < 0 ? 1 : 1L << (10 * unit);
        if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number) || number > long.MaxValue / factor)
        {
            throw new UserErrorException($"{what}: '{text}' is no size; give bytes, or a number with k, M, G, T, P or E");
        }
        return (long)(number * factor);
    }

    /// <summary>Three digits and a unit, as <c>qemu-img info</c> prints: <c>196 KiB</c>, <c>1.5 GiB</c>.</summary>
    public static string Format(long bytes)
    {
        // The unit changes at 1000, so that three digits are enough.
        string[] names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        int unit = 0;
        double value = bytes;
        while (value >= 1000 && unit < names.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
        return $"{Math.Round(value, decimals).ToString("0.###", CultureInfo.InvariantCulture)} {names[unit]}";
    }
}

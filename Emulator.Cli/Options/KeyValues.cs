using System.Globalization;
using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>
/// An option's value as <c>key=value,key=value</c>. A comma inside a value is written twice. A word without <c>=</c> is
/// the implied key's value when it comes first, else <c>word=on</c>.
/// </summary>
public sealed class KeyValues
{
    private readonly List<KeyValuePair<string, string>> pairs = [];

    /// <summary>Takes a value apart.</summary>
    /// <param name="text">The option's value.</param>
    /// <param name="impliedKey">Key of a first word without <c>=</c>; null when there is none.</param>
    /// <exception cref="UserErrorException">An item has no key.</exception>
    public KeyValues(string text, string? impliedKey = null)
    {
        bool first = true;
        foreach (string item in Split(text))
        {
            int equals = item.IndexOf('=');
            if (equals == 0 || (item.Length == 0 && !first))
            {
                throw new UserErrorException("an item between commas has no name; write name=value, and a comma in a value twice");
            }
            if (equals < 0 && first && impliedKey is not null)
            {
                pairs.Add(new(impliedKey, item));
            }
            else if (item.Length > 0)
            {
                pairs.Add(equals < 0 ? new(item, "on") : new(item[..equals], item[(equals + 1)..]));
            }
            first = false;
        }
    }

    /// <summary>All of it in the order given.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Pairs => pairs;

    /// <summary>The last value of the key, or null.</summary>
    public string? this[string key] => pairs.FindLast(p => p.Key == key).Value;

    /// <summary>Splits at single commas; a double one is a comma.</summary>
    public static IEnumerable<string> Split(string text)
    {
        var item = new System.Text.StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != ',')
            {
                item.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == ',')
            {
                item.Append(',');
                i++;
            }
            else
            {
                yield return item.ToString();
                item.Clear();
            }
        }
        yield return item.ToString();
    }

    /// <summary>Refuses keys that are not among <paramref name="known"/>.</summary>
    public KeyValues Allow(params string[] known)
    {
        foreach (var pair in pairs)
        {
            if (!known.Contains(pair.Key))
            {
                throw new UserErrorException($"'{pair.Key}' is not known here; known are {string.Join(", ", known)}");
            }
        }
        return this;
    }

    /// <summary>An <c>on</c>/<c>off</c> value.</summary>
    public bool Flag(string key, bool otherwise) => this[key] is not string value ? otherwise : ParseFlag(key, value);

    /// <summary>A whole number, decimal or 0x hexadecimal.</summary>
    public long Number(string key, long min, long max, long otherwise) =>
        this[key] is not string value ? otherwise : ParseNumber(key, value, min, max);

    /// <summary>Takes <c>on</c>, <c>yes</c>, <c>true</c>, <c>y</c> and their opposites.</summary>
    public static bool ParseFlag(string key, string value) => value switch
    {
        "on" or "yes" or "true" or "y" => true,
        "off" or "no" or "false" or "n" => false,
        _ => throw new UserErrorException($"'{key}' is on or off, not '{value}'"),
    };

    /// <summary>Takes a decimal or 0x hexadecimal number.</summary>
    public static long ParseNumber(string key, string value, long min, long max)
    {
        bool ok = value.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? long.TryParse(value.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long number)
            : long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
        if (!ok || number < min || number > max)
        {
            throw new UserErrorException($"'{key}' is a number from {min} to {max}, not '{value}'");
        }
        return number;
    }
}

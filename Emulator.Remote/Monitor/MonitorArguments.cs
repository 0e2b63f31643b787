namespace Emulator.Remote.Monitor;

/// <summary>The words behind a command as it declared them.</summary>
public sealed class MonitorArguments
{
    private readonly Dictionary<string, string> texts = [];
    private readonly Dictionary<string, long> numbers = [];

    /// <summary>The format, or the one used last.</summary>
    public MonitorFormat Format { get; set; } = MonitorFormat.Default;

    /// <summary>True when the parameter was given.</summary>
    public bool Has(string name) => texts.ContainsKey(name) || numbers.ContainsKey(name);

    /// <summary>A text that was given.</summary>
    public string Text(string name) => texts[name];

    /// <summary>A text, or null.</summary>
    public string? TextOrNull(string name) => texts.GetValueOrDefault(name);

    /// <summary>A number that was given.</summary>
    public long Number(string name) => numbers[name];

    /// <summary>A number, or what is meant without one.</summary>
    public long Number(string name, long otherwise) => numbers.GetValueOrDefault(name, otherwise);

    /// <summary>Enters a text.</summary>
    public void Set(string name, string value) => texts[name] = value;

    /// <summary>Enters a number.</summary>
    public void Set(string name, long value) => numbers[name] = value;
}

namespace Emulator.Remote.Monitor;

/// <summary>A row of the table of commands.</summary>
/// <param name="Name">Its names, separated by bars: <c>cont|c</c>.</param>
/// <param name="Arguments">The words behind it, for people.</param>
/// <param name="Help">What it does.</param>
/// <param name="Parameters">The words behind it.</param>
/// <param name="Run">Does it, on the machine thread.</param>
/// <exception cref="MonitorException">Thrown by <paramref name="Run"/> when it cannot.</exception>
public sealed record MonitorCommand(
    string Name, string Arguments, string Help, IReadOnlyList<MonitorParameter> Parameters, Action<MonitorArguments, TextWriter> Run)
{
    private readonly string[] names = Name.Split('|');

    /// <summary>The first of its names.</summary>
    public string FirstName => names[0];

    /// <summary>True when <paramref name="typed"/> is one of its names.</summary>
    public bool Answers(string typed) => names.Contains(typed);
}

namespace Emulator.BT.Translator.Il;

/// <summary>A region passes RyuJIT's limits: beyond them a method silently loses all optimisation.</summary>
public sealed class RegionLimitException(string message) : Exception(message);

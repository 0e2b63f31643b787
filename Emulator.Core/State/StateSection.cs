namespace Emulator.Core.State;

/// <summary>One section of a saved state, as read.</summary>
/// <param name="Version">Version of its list of fields.</param>
/// <param name="Payload">The fields.</param>
public sealed record StateSection(int Version, byte[] Payload);

namespace Emulator.BT.Translator;

/// <summary>One region at every stage between the guest's bytes and the host's, for people to read.</summary>
/// <param name="Blocks">Its blocks in the order in which they are emitted: RIP and bytes.</param>
/// <param name="Ir">What the semantics recorded.</param>
/// <param name="Folded">The same after the passes.</param>
/// <param name="Il">The IL that the IL back end makes of that.</param>
/// <param name="HostAddress">Address of the x86-64 back end's code, or 0: this host has it not.</param>
/// <param name="Host">That code.</param>
public sealed record RegionView(IReadOnlyList<(ulong Rip, byte[] Bytes)> Blocks, string Ir, string Folded, string Il, nint HostAddress, byte[] Host);

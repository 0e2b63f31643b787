namespace Emulator.Machine.Config;

/// <summary>A processor: <c>-cpu NAME,+feature,-feature</c>.</summary>
/// <param name="Model">Name, one of <see cref="BT.Model.CpuModel.All"/>.</param>
/// <param name="Features">Features switched on or off, in the order given; not validated here.</param>
public sealed record CpuConfig(string Model, IReadOnlyList<CpuFeature> Features);

/// <summary>One feature flag of <c>-cpu</c>.</summary>
/// <param name="Name">Feature name in QEMU's spelling, e.g. <c>sse2</c>.</param>
/// <param name="On">True for <c>+NAME</c> and <c>NAME=on</c>.</param>
public readonly record struct CpuFeature(string Name, bool On);

using Emulator.Core.Backends;
using Emulator.Machine.Config;
using Emulator.Remote.Chardev;

namespace Emulator.Remote.Monitor;

/// <summary>Puts the monitor on byte streams.</summary>
public static class MonitorSession
{
    /// <summary>A monitor on each of the streams that the configuration wants one on.</summary>
    /// <param name="config">Says which streams are shared.</param>
    /// <param name="streams">The opened streams, in the order of <see cref="MachineConfig.Monitors"/>.</param>
    /// <param name="monitor">What answers.</param>
    /// <returns>The monitors' lines, to say something on them.</returns>
    public static IReadOnlyList<LineEditor> AttachAll(MachineConfig config, IReadOnlyList<ICharBackend> streams, HumanMonitor monitor)
    {
        return [.. streams.Select((stream, n) => Attach(stream, monitor, IsShared(config, config.Monitors[n])))];
    }

    /// <summary>A monitor on one stream.</summary>
    /// <param name="stream">Where it reads and writes.</param>
    /// <param name="monitor">What answers.</param>
    /// <param name="waitsForFocus">True when another receiver of a shared stream has the focus first.</param>
    public static LineEditor Attach(ICharBackend stream, HumanMonitor monitor, bool waitsForFocus)
    {
        LineEditor? editor = null;
        return editor = new LineEditor(stream, HumanMonitor.Banner, HumanMonitor.Prompt, line => editor?.Print(monitor.Execute(line)))
        {
            WaitsForFocus = waitsForFocus,
            IsDone = () => monitor.IsEnding,
        };
    }

    private static bool IsShared(MachineConfig config, CharSpec spec) =>
        spec.Mux && config.Serials.Concat(config.DebugCons.Select(d => d.Output)).Any(other => other.Label == spec.Label);
}

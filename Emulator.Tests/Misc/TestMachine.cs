using Emulator.Core.Bus;

namespace Emulator.Tests.Misc;

/// <summary>Counts what devices ask of the machine.</summary>
public sealed class TestMachine : IMachineControl
{
    public int Resets { get; private set; }

    public int PowerOffs { get; private set; }

    public int? ExitCode { get; private set; }

    public void RequestReset() => Resets++;

    public void RequestPowerOff() => PowerOffs++;

    public void StopForIoError(string reason) => throw new InvalidOperationException();

    public void RequestExit(int exitCode) => ExitCode = exitCode;
}

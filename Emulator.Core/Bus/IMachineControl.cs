namespace Emulator.Core.Bus;

/// <summary>What a device may ask of the machine as a whole.</summary>
public interface IMachineControl
{
    /// <summary>Asks for a reset of the whole machine at the next instruction boundary.</summary>
    void RequestReset();

    /// <summary>Asks for power-off (ACPI S5); the process ends with exit code 0.</summary>
    void RequestPowerOff();

    /// <summary>Stops the guest because the host cannot do what a device needs; <c>cont</c> lets it go on.</summary>
    /// <param name="reason">A clause for the user: what failed, and what to do about it.</param>
    void StopForIoError(string reason);

    /// <summary>Ends the process with <paramref name="exitCode"/> (isa-debug-exit).</summary>
    void RequestExit(int exitCode);
}

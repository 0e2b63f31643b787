namespace Emulator.Firmware.Bios;

/// <summary>What the stub in the ROM does after a call into the VMM: its flags CF and ZF say it.</summary>
public enum BiosOutcome
{
    /// <summary>The service is done: the stub returns to its caller.</summary>
    Done,

    /// <summary>The service waits for an interrupt: the stub enables interrupts, halts, and calls again.</summary>
    Wait,

    /// <summary>The service waits for a device without an interrupt: the stub lets interrupts in, and calls again at once.</summary>
    Poll,
}

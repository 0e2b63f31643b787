namespace Emulator.Core.Bus;

/// <summary>
/// The processor's 32-bit general registers while it reads a port: for the one kind of device that takes its arguments there and
/// returns more than the port's value.
/// </summary>
public interface IRegisterWindow
{
    /// <summary>Register by its number in instructions: EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI. What the port returns goes to EAX afterwards.</summary>
    uint this[int register] { get; set; }
}

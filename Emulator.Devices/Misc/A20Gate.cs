using Emulator.Core.State;

namespace Emulator.Devices.Misc;

/// <summary>
/// The address line 20 gate. The keyboard controller's output port and port 92 set and show the same state, as on
/// chip sets that hold both.
/// </summary>
/// <param name="changed">Called with the new state when it changes; true passes address bit 20.</param>
public sealed class A20Gate(Action<bool> changed) : IStateful
{
    /// <summary>True while address bit 20 reaches memory.</summary>
    public bool IsOpen
    {
        get;
        set
        {
            if (field != value)
            {
                field = value;
                changed(value);
            }
        }
    } = true;

    /// <summary>Opens the gate, as a reset does.</summary>
    public void Reset() => IsOpen = true;

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state) => IsOpen = state.Bool(IsOpen);
}

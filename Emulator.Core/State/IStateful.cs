namespace Emulator.Core.State;

/// <summary>
/// A part of the machine that has state. Its fields are listed once, in <see cref="Transfer"/>, which serves saving and loading; what follows from
/// other fields, or from how the board is wired, is not among them but is made again when loading.
/// </summary>
public interface IStateful
{
    /// <summary>Version of the list of fields, from 1: raised with every change of it. Older ones are loaded, newer ones refused.</summary>
    int StateVersion { get; }

    /// <summary>
    /// Passes every field through <paramref name="state"/>: when saving it notes what it gets, when loading it returns what was noted. A part
    /// drives no line and asks no other part while it loads: those may not be loaded yet.
    /// </summary>
    /// <exception cref="StateException">Loading: the data are not what this part can be in.</exception>
    void Transfer(StateTransfer state);
}

namespace Emulator.Core.Backends;

/// <summary>What happens to a byte stream besides bytes.</summary>
public enum CharEvent
{
    /// <summary>Somebody is at the host's end now.</summary>
    Opened,

    /// <summary>Nobody is at the host's end any more.</summary>
    Closed,

    /// <summary>The host's end has caught up: <see cref="ICharBackend.CanSend"/> is true again.</summary>
    Drained,

    /// <summary>A serial break.</summary>
    Break,

    /// <summary>A shared stream gives its input to this receiver from now on.</summary>
    FocusIn,

    /// <summary>A shared stream gives its input to another receiver from now on.</summary>
    FocusOut,
}

/// <summary>A guest's end of a byte stream that wants to know about events; optional beside <see cref="ICharReceiver"/>.</summary>
public interface ICharEventReceiver
{
    /// <summary>Called on the machine thread, in order with the bytes.</summary>
    void OnCharEvent(CharEvent e);
}

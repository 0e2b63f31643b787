namespace Emulator.Core.Backends;

/// <summary>The host's end of a byte stream (serial line, debug port). All calls are on the machine thread.</summary>
public interface ICharBackend : IDisposable
{
    /// <summary>The guest's end; set by the device when it is wired.</summary>
    ICharReceiver? Receiver { get; set; }

    /// <summary>
    /// False while the host's end is far behind: a device with a handshake holds the guest back until <see cref="CharEvent.Drained"/>. Bytes that are
    /// sent all the same may be lost.
    /// </summary>
    bool CanSend => true;

    /// <summary>Bytes from the guest to the host. Never waits for the host.</summary>
    void Send(ReadOnlySpan<byte> data);

    /// <summary>The device has room again: bytes that were held back may be delivered.</summary>
    void AcceptInput();
}

/// <summary>The guest's end of a byte stream.</summary>
public interface ICharReceiver
{
    /// <summary>How many bytes <see cref="Receive"/> takes now; the backend keeps the rest.</summary>
    int Room { get; }

    /// <summary>Bytes from the host to the guest, at most <see cref="Room"/> of them.</summary>
    void Receive(ReadOnlySpan<byte> data);
}

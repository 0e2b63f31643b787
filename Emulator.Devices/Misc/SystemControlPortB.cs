using Emulator.Core.Bus;
using Emulator.Core.State;
using Emulator.Core.Time;
using Emulator.Devices.Timers;

namespace Emulator.Devices.Misc;

/// <summary>
/// Port 61, the NMI status and control register (82371 data sheet, "NMISC"): bit 0 gate of timer 2, 1 speaker data,
/// 2 and 3 mask the error NMIs (stored), 4 toggles with each refresh request, 5 timer 2's OUT, 6 and 7 errors (none).
/// </summary>
public sealed class SystemControlPortB(I8254 pit, IClock clock) : IPortDevice, IStateful
{
    private const byte Gate2 = 0x01, SpeakerData = 0x02, ErrorMasks = 0x0C, RefreshToggle = 0x10, Out2 = 0x20;

    // The firmware of every PC programs counter 1 for one request in 18 pulses (15.1 us).
    private const int PulsesPerRefresh = 18;

    private byte stored;

    /// <summary>True while the guest lets timer 2's tone through to the speaker.</summary>
    public bool SpeakerEnabled => (stored & SpeakerData) != 0;

    /// <summary>Called before <see cref="SpeakerEnabled"/> changes.</summary>
    public Action? SpeakerChanging { get; set; }

    /// <summary>Maps port 61.</summary>
    public void Wire(PortBus bus) => bus.Map("port61", 0x61, 1, this);

    /// <summary>State after power-on.</summary>
    public void Reset()
    {
        stored = 0;
        pit.Gate2 = false;
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        stored = state.Byte(stored);
    }

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size)
    {
        bool refresh = (PitClock.PulseAt(clock.NowNs) / PulsesPerRefresh & 1) != 0;
        return (uint)(stored | (pit.Gate2 ? Gate2 : 0) | (refresh ? RefreshToggle : 0) | (pit.Out2 ? Out2 : 0));
    }

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        if (((value ^ stored) & SpeakerData) != 0)
        {
            SpeakerChanging?.Invoke();
        }
        stored = (byte)(value & (SpeakerData | ErrorMasks));
        pit.Gate2 = (value & Gate2) != 0;
    }
}

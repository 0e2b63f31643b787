using Emulator.Core.State;
using Emulator.Core.Time;

namespace Emulator.Machine.Time;

/// <summary>The machine's clock as its run loop drives it.</summary>
public interface IMachineClock : IClock, IStateful
{
    /// <summary>False while the machine is stopped: time stands still.</summary>
    bool IsRunning { get; set; }

    /// <summary>Host time that virtual time is behind, ns; it is going to be caught up on.</summary>
    long OwedNs { get; }

    /// <summary>The most that was ever owed, ns.</summary>
    long MostOwedNs { get; }

    /// <summary>How many instructions to run before looking at the clock again, when the next event is due in so many ns.</summary>
    long SliceFor(long nanoseconds);

    /// <summary>The processor is idle: lets time pass to the deadline, or until <paramref name="wake"/> is set.</summary>
    void SleepUntil(long deadlineNs, WaitHandle wake);
}

using Emulator.Core.State;

namespace Emulator.Core.Time;

/// <summary>What a device sees of time: the clock, and timers that fire on the machine thread.</summary>
public interface IScheduler : IClock
{
    /// <summary>Makes a disarmed timer. <paramref name="name"/> is for people (monitor, logs).</summary>
    ITimer CreateTimer(string name, Action callback);
}

/// <summary>A one-shot timer on the machine's event heap; the callback may arm it again.</summary>
public interface ITimer
{
    /// <summary>True from <see cref="Arm"/> until the callback starts or <see cref="Disarm"/>.</summary>
    bool IsArmed { get; }

    /// <summary>Absolute virtual time at which the timer fires, ns; meaningful while armed.</summary>
    long DeadlineNs { get; }

    /// <summary>Fires at the absolute virtual time <paramref name="deadlineNs"/> (ns); replaces an earlier deadline.</summary>
    void Arm(long deadlineNs);

    /// <summary>Cancels the timer. Harmless when it is not armed.</summary>
    void Disarm();

    /// <summary>Takes or gives whether and when it fires, and its place among timers that fire at the same time.</summary>
    void Transfer(StateTransfer state);
}

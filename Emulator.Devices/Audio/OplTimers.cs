using Emulator.Core.State;

namespace Emulator.Devices.Audio;

/// <summary>
/// The two timers of an OPL (YMF262 data sheet, registers 02-04): 80 and 320 us a step. Guests poll them to find the chip, so they are worked out
/// when the status is read; their interrupt is not wired on sound cards.
/// </summary>
internal sealed class OplTimers
{
    private const long FirstStepNs = 80_000, SecondStepNs = 320_000;
    private const byte Interrupt = 0x80, FirstFlag = 0x40, SecondFlag = 0x20;

    private readonly int[] preset = new int[2];
    private readonly long?[] startNs = new long?[2];
    private byte masks;
    private byte flags;
    private long seenNs;

    /// <summary>State after reset.</summary>
    public void Reset()
    {
        Array.Clear(preset);
        Array.Clear(startNs);
        masks = flags = 0;
    }

    /// <summary>Registers 02 and 03: what the counters start from.</summary>
    public void WritePreset(int timer, byte data, long nowNs)
    {
        Update(nowNs);
        preset[timer] = data;
    }

    /// <summary>Register 04: bit 7 clears the flags and nothing else; bits 6 and 5 mask them, bits 1 and 0 start the timers.</summary>
    public void WriteControl(byte data, long nowNs)
    {
        Update(nowNs);
        if ((data & Interrupt) != 0)
        {
            flags = 0;
            return;
        }
        masks = (byte)(data & (FirstFlag | SecondFlag));
        flags &= (byte)~masks;
        for (int timer = 0; timer < startNs.Length; timer++)
        {
            startNs[timer] = (data >> timer & 1) == 0 ? null : startNs[timer] ?? nowNs;
        }
    }

    /// <summary>The status register.</summary>
    public byte Status(long nowNs)
    {
        Update(nowNs);
        return (byte)(flags != 0 ? flags | Interrupt : 0);
    }

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        for (int timer = 0; timer < preset.Length; timer++)
        {
            preset[timer] = state.Int32(preset[timer], 0, 255);
            startNs[timer] = state.Optional(startNs[timer]);
        }
        masks = state.Byte(masks);
        flags = state.Byte(flags);
        seenNs = state.Int64(seenNs);
    }

    private void Update(long nowNs)
    {
        SetFlag(0, FirstStepNs, FirstFlag, nowNs);
        SetFlag(1, SecondStepNs, SecondFlag, nowNs);
        seenNs = nowNs;
    }

    private void SetFlag(int timer, long stepNs, byte flag, long nowNs)
    {
        if (startNs[timer] is not { } start || (masks & flag) != 0)
        {
            return;
        }
        long period = (256 - preset[timer]) * stepNs;
        if ((nowNs - start) / period > (Math.Max(seenNs, start) - start) / period)
        {
            flags |= flag;
        }
    }
}

using System.Numerics;
using Emulator.Core.Bus;
using Emulator.Core.State;

namespace Emulator.Devices.Interrupts;

/// <summary>
/// One 8259A programmable interrupt controller (Intel data sheet 231468), in 8086 mode. Offset 0 takes ICW1, OCW2, OCW3
/// and reads IRR, ISR or the poll word; offset 1 takes ICW2-4 and OCW1 and reads IMR.
/// </summary>
/// <remarks>
/// An edge-triggered request stays latched when its input falls before it is acknowledged. The data sheet makes a
/// spurious IR7 of that; holding the latch is what later PCs and other virtual ones do, and it loses no pulse.
/// </remarks>
/// <param name="interrupt">The INT output; called when its level changes.</param>
/// <param name="slaveInputs">Inputs with a slave behind them (SP/EN high); 0 for a slave.</param>
public sealed class I8259(Action<bool> interrupt, byte slaveInputs) : IPortDevice
{
    private const byte Icw1Ic4 = 0x01, Icw1Sngl = 0x02, Icw1Ltim = 0x08, Icw1Select = 0x10;
    private const byte Icw4Aeoi = 0x02, Icw4Sfnm = 0x10;
    private const byte Ocw3Select = 0x08, Ocw3Ris = 0x01, Ocw3Rr = 0x02, Ocw3Poll = 0x04, Ocw3Smm = 0x20, Ocw3Esmm = 0x40;

    private enum Expecting
    {
        Ocw1,
        Icw2,
        Icw3,
        Icw4,
    }

    private Expecting expecting;
    private byte icw1, inputs, latched, elcr;
    private int lowest = 7;
    private bool automaticEoi, rotateOnAutomaticEoi, specialMask, poll;

    // The data sheet wants the initialization words before normal operation: until then, and while they are being written, INT is low.
    private bool isInitialized;

    /// <summary>Interrupt request register: one bit for each input that asks.</summary>
    public byte Irr => (byte)((inputs & LevelTriggered) | (latched & ~LevelTriggered));

    /// <summary>In-service register.</summary>
    public byte Isr { get; private set; }

    /// <summary>Interrupt mask register.</summary>
    public byte Imr { get; private set; }

    /// <summary>Edge/level control register (82371 data sheet, ELCR1/ELCR2): a set bit makes the input level-triggered.</summary>
    public byte Elcr
    {
        get => elcr;
        set
        {
            elcr = value;
            Update();
        }
    }

    /// <summary>Vector of input 0 (ICW2).</summary>
    public byte VectorBase { get; private set; }

    /// <summary>The input that has the highest priority now; 0 unless rotated.</summary>
    public int HighestPriority => (lowest + 1) & 7;

    /// <summary>True when offset 0 reads ISR, false when it reads IRR.</summary>
    public bool ReadsIsr { get; private set; }

    /// <summary>True in special fully nested mode (ICW4).</summary>
    public bool SpecialFullyNested { get; private set; }

    /// <summary>Level of the INT output.</summary>
    public bool Interrupting { get; private set; }

    private byte LevelTriggered => (icw1 & Icw1Ltim) != 0 ? (byte)0xFF : Elcr;

    /// <summary>Puts the chip in its state after power-on; the levels of its inputs are the sources' own.</summary>
    public void Reset()
    {
        expecting = Expecting.Ocw1;
        isInitialized = false;
        VectorBase = 0;
        Elcr = 0;
        Initialize(0);
    }

    /// <summary>Drives input <paramref name="ir"/> (0-7) to <paramref name="level"/>.</summary>
    public void SetInput(int ir, bool level)
    {
        byte bit = (byte)(1 << ir);
        if (level)
        {
            if ((inputs & bit) == 0)
            {
                latched |= bit;
            }
            inputs |= bit;
        }
        else
        {
            inputs &= (byte)~bit;
        }
        Update();
    }

    /// <summary>
    /// The processor's INTA sequence: the request of highest priority goes in service.
    /// </summary>
    /// <returns>The input acknowledged, or -1 when none asks any more (a spurious interrupt, which shows as input 7).</returns>
    public int Acknowledge()
    {
        int ir = HighestRequest();
        if (ir >= 0)
        {
            byte bit = (byte)(1 << ir);
            latched &= (byte)~bit;
            // INT falls with INTA and rises again for the next request: a master sees an edge for each.
            Drive(false);
            if (!automaticEoi)
            {
                Isr |= bit;
            }
            else if (rotateOnAutomaticEoi)
            {
                lowest = ir;
            }
        }
        Update();
        return ir;
    }

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size)
    {
        if (poll)
        {
            // The poll command makes the next read an acknowledge (data sheet, "Poll Command").
            poll = false;
            int ir = Acknowledge();
            return ir < 0 ? 0u : 0x80u | (uint)ir;
        }
        return (offset & 1) != 0 ? Imr : ReadsIsr ? Isr : Irr;
    }

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        byte data = (byte)value;
        if ((offset & 1) != 0)
        {
            WriteData(data);
        }
        else if ((data & Icw1Select) != 0)
        {
            expecting = Expecting.Icw2;
            isInitialized = false;
            Initialize(data);
        }
        else if ((data & Ocw3Select) != 0)
        {
            WriteOcw3(data);
        }
        else
        {
            WriteOcw2(data >> 5, data & 7);
        }
        Update();
    }

    /// <summary>Saves or loads.</summary>
    internal void Transfer(StateTransfer state)
    {
        expecting = (Expecting)state.Int32((int)expecting, 0, (int)Expecting.Icw4);
        icw1 = state.Byte(icw1);
        inputs = state.Byte(inputs);
        latched = state.Byte(latched);
        lowest = state.Int32(lowest, 0, 7);
        automaticEoi = state.Bool(automaticEoi);
        rotateOnAutomaticEoi = state.Bool(rotateOnAutomaticEoi);
        specialMask = state.Bool(specialMask);
        poll = state.Bool(poll);
        isInitialized = state.Bool(isInitialized);
        Isr = state.Byte(Isr);
        Imr = state.Byte(Imr);
        elcr = state.Byte(elcr);
        VectorBase = state.Byte(VectorBase);
        ReadsIsr = state.Bool(ReadsIsr);
        SpecialFullyNested = state.Bool(SpecialFullyNested);
        Interrupting = state.Bool(Interrupting);
    }

    private void Initialize(byte command)
    {
        icw1 = command;
        // The edge sense circuit is reset: an input must go high anew.
        latched = 0;
        Imr = 0;
        Isr = 0;
        lowest = 7;
        specialMask = false;
        ReadsIsr = false;
        poll = false;
        automaticEoi = false;
        SpecialFullyNested = false;
        rotateOnAutomaticEoi = false;
        Update();
    }

    private void WriteData(byte data)
    {
        if (expecting == Expecting.Ocw1)
        {
            Imr = data;
            return;
        }
        WriteInitialization(data);
        isInitialized = expecting == Expecting.Ocw1;
    }

    private void WriteInitialization(byte data)
    {
        switch (expecting)
        {
            case Expecting.Icw2:
                VectorBase = (byte)(data & 0xF8);
                expecting = (icw1 & Icw1Sngl) == 0 ? Expecting.Icw3 : AfterIcw3;
                break;
            case Expecting.Icw3:
                // The cascade is wired on a PC's board: what the guest says of it changes nothing.
                expecting = AfterIcw3;
                break;
            default:
                automaticEoi = (data & Icw4Aeoi) != 0;
                SpecialFullyNested = (data & Icw4Sfnm) != 0;
                expecting = Expecting.Ocw1;
                break;
        }
    }

    private Expecting AfterIcw3 => (icw1 & Icw1Ic4) != 0 ? Expecting.Icw4 : Expecting.Ocw1;

    private void WriteOcw3(byte data)
    {
        if ((data & Ocw3Esmm) != 0)
        {
            specialMask = (data & Ocw3Smm) != 0;
        }
        if ((data & Ocw3Poll) != 0)
        {
            poll = true;
        }
        else if ((data & Ocw3Rr) != 0)
        {
            ReadsIsr = (data & Ocw3Ris) != 0;
        }
    }

    /// <summary>OCW2: <paramref name="command"/> is R, SL, EOI as a number; <paramref name="level"/> is L2-L0.</summary>
    private void WriteOcw2(int command, int level)
    {
        const int ClearRotateInAeoi = 0, NonSpecificEoi = 1, SpecificEoi = 3, SetRotateInAeoi = 4,
            RotateOnNonSpecificEoi = 5, SetPriority = 6, RotateOnSpecificEoi = 7;
        switch (command)
        {
            case ClearRotateInAeoi:
            case SetRotateInAeoi:
                rotateOnAutomaticEoi = command == SetRotateInAeoi;
                break;
            case NonSpecificEoi:
            case RotateOnNonSpecificEoi:
                // In special mask mode a masked ISR bit is out of reach of the non-specific EOI.
                int highest = HighestOf(specialMask ? Isr & ~Imr : Isr);
                if (highest >= 0)
                {
                    Isr &= (byte)~(1 << highest);
                    lowest = command == RotateOnNonSpecificEoi ? highest : lowest;
                }
                break;
            case SpecificEoi:
            case RotateOnSpecificEoi:
                Isr &= (byte)~(1 << level);
                lowest = command == RotateOnSpecificEoi ? level : lowest;
                break;
            case SetPriority:
                lowest = level;
                break;
        }
    }

    private int HighestRequest()
    {
        int ir = isInitialized ? HighestOf(Irr & ~Imr) : -1;
        if (ir < 0)
        {
            return -1;
        }
        int serving = HighestOf(specialMask ? Isr & ~Imr : Isr);
        if (serving < 0 || Rank(ir) < Rank(serving))
        {
            return ir;
        }
        return SpecialFullyNested && ir == serving && (slaveInputs >> ir & 1) != 0 ? ir : -1;
    }

    private int HighestOf(int bits)
    {
        uint set = (uint)bits & 0xFF;
        if (set == 0)
        {
            return -1;
        }
        // Turned so that the highest priority is bit 0.
        uint turned = (set | set << 8) >> HighestPriority;
        return (BitOperations.TrailingZeroCount(turned) + HighestPriority) & 7;
    }

    private int Rank(int ir) => (ir - HighestPriority) & 7;

    private void Update() => Drive(HighestRequest() >= 0);

    private void Drive(bool level)
    {
        if (level != Interrupting)
        {
            Interrupting = level;
            interrupt(level);
        }
    }
}

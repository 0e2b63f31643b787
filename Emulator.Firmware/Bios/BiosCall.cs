namespace Emulator.Firmware.Bios;

/// <summary>
/// One call into the VMM: the caller's registers, its memory, and where its flags are. Changes take effect when the call ends
/// without a fault. For interrupts the stub has pushed eight bytes (<see cref="Scratch"/>) above the frame of IP, CS and FLAGS.
/// </summary>
/// <param name="memory">Memory as the caller sees it.</param>
public sealed class BiosCall(IBiosMemory memory)
{
    private const int FrameFlags = 12, CarryBit = 1, ZeroBit = 0x40;

    private readonly uint[] registers = new uint[8];

    /// <summary>Memory as the caller sees it.</summary>
    public IBiosMemory Memory => memory;

    /// <summary>EAX ECX EDX EBX ESP EBP ESI EDI.</summary>
    public Span<uint> Registers => registers;

    /// <summary>ES, CS, SS, DS as they are at the call.</summary>
    public BiosSegment Es { get; set; }

    /// <summary>See <see cref="Es"/>.</summary>
    public BiosSegment Cs { get; set; }

    /// <summary>See <see cref="Es"/>.</summary>
    public BiosSegment Ss { get; set; }

    /// <summary>See <see cref="Es"/>.</summary>
    public BiosSegment Ds { get; set; }

    /// <summary>FFFF, or FFFFFFFF with a 32-bit stack.</summary>
    public uint StackMask { get; set; } = 0xFFFF;

    /// <summary>True when flags go to the processor rather than to an interrupt's frame: entries that return by RET or RETF.</summary>
    public bool FlagsAreLive { get; set; }

    /// <summary>CF and ZF for the stub, when <see cref="FlagsAreLive"/>.</summary>
    public bool LiveCarry { get; set; }

    /// <summary>What the stub does next.</summary>
    public BiosOutcome Outcome { get; set; }

#pragma warning disable CS1591 // the registers' own names
    public uint Eax { get => registers[0]; set => registers[0] = value; }

    public uint Ecx { get => registers[1]; set => registers[1] = value; }

    public uint Edx { get => registers[2]; set => registers[2] = value; }

    public uint Ebx { get => registers[3]; set => registers[3] = value; }

    public uint Esp { get => registers[4]; set => registers[4] = value; }

    public uint Esi { get => registers[6]; set => registers[6] = value; }

    public uint Edi { get => registers[7]; set => registers[7] = value; }

    public ushort Ax { get => Low(0); set => SetLow(0, value); }

    public ushort Cx { get => Low(1); set => SetLow(1, value); }

    public ushort Dx { get => Low(2); set => SetLow(2, value); }

    public ushort Bx { get => Low(3); set => SetLow(3, value); }

    public ushort Bp { get => Low(5); set => SetLow(5, value); }

    public ushort Si { get => Low(6); set => SetLow(6, value); }

    public ushort Di { get => Low(7); set => SetLow(7, value); }

    public byte Al { get => (byte)registers[0]; set => SetByte(0, value); }

    public byte Ah { get => (byte)(registers[0] >> 8); set => SetHigh(0, value); }

    public byte Cl { get => (byte)registers[1]; set => SetByte(1, value); }

    public byte Ch { get => (byte)(registers[1] >> 8); set => SetHigh(1, value); }

    public byte Dl { get => (byte)registers[2]; set => SetByte(2, value); }

    public byte Dh { get => (byte)(registers[2] >> 8); set => SetHigh(2, value); }

    public byte Bl { get => (byte)registers[3]; set => SetByte(3, value); }

    public byte Bh { get => (byte)(registers[3] >> 8); set => SetHigh(3, value); }
#pragma warning restore CS1591

    /// <summary>CF as the caller gets it back.</summary>
    public bool Carry
    {
        get => (Flags & CarryBit) != 0;
        set => SetFlag(CarryBit, value);
    }

    /// <summary>ZF as the caller gets it back.</summary>
    public bool Zero
    {
        set => SetFlag(ZeroBit, value);
    }

    /// <summary>Eight bytes that last as long as the interrupt: 0 at the first call.</summary>
    public ulong Scratch
    {
        get => memory.Load(StackAddress(0), 4) | (ulong)memory.Load(StackAddress(4), 4) << 32;
        set
        {
            memory.Store(StackAddress(0), 4, (uint)value);
            memory.Store(StackAddress(4), 4, (uint)(value >> 32));
        }
    }

    /// <summary>FLAGS in the interrupt's frame.</summary>
    public ushort Flags
    {
        get => FlagsAreLive ? (ushort)(LiveCarry ? CarryBit : 0) : (ushort)memory.Load(StackAddress(FrameFlags), 2);
        set => memory.Store(StackAddress(FrameFlags), 2, value);
    }

    /// <summary>Linear address of DS:<paramref name="offset"/>.</summary>
    public uint InDs(ushort offset) => Ds.Base + offset;

    /// <summary>Linear address of ES:<paramref name="offset"/>.</summary>
    public uint InEs(ushort offset) => Es.Base + offset;

    /// <summary>Returns ES with a real-mode segment.</summary>
    public void SetEs(ushort segment) => Es = new BiosSegment(segment, (uint)segment << 4);

    /// <summary>Returns DS with a real-mode segment.</summary>
    public void SetDs(ushort segment) => Ds = new BiosSegment(segment, (uint)segment << 4);

    /// <summary>The frame returns to <paramref name="segment"/>:<paramref name="offset"/> with interrupts enabled.</summary>
    public void ReturnTo(ushort segment, ushort offset)
    {
        const int frameIp = 8, frameCs = 10, interruptsEnabled = 0x202;
        memory.Store(StackAddress(frameIp), 2, offset);
        memory.Store(StackAddress(frameCs), 2, segment);
        Flags = interruptsEnabled;
    }

    private uint StackAddress(uint offset) => Ss.Base + ((registers[4] + offset) & StackMask);

    private void SetFlag(int bit, bool value)
    {
        if (FlagsAreLive)
        {
            LiveCarry = bit == CarryBit ? value : LiveCarry;
            return;
        }
        ushort flags = Flags;
        Flags = (ushort)(value ? flags | bit : flags & ~bit);
    }

    private ushort Low(int n) => (ushort)registers[n];

    private void SetLow(int n, ushort value) => registers[n] = (registers[n] & 0xFFFF_0000) | value;

    private void SetByte(int n, byte value) => registers[n] = (registers[n] & 0xFFFF_FF00) | value;

    private void SetHigh(int n, byte value) => registers[n] = (registers[n] & 0xFFFF_00FF) | (uint)value << 8;
}

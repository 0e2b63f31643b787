using Emulator.BT.Decode;
using Iced.Intel;

namespace Emulator.BT.Translator.X64;

/// <summary>What the back end has to know of one guest instruction.</summary>
internal unsafe struct GuestInsn
{
    /// <summary>The six arithmetic flags.</summary>
    public const RflagsBits Arithmetic = RflagsBits.CF | RflagsBits.PF | RflagsBits.AF | RflagsBits.ZF | RflagsBits.SF | RflagsBits.OF;

    /// <summary>As Iced decodes it.</summary>
    public Instruction X;

    /// <summary>The interpreter's record.</summary>
    public Insn* Record;

    /// <summary>How it is done.</summary>
    public HostKind Kind;

    /// <summary>Undefined flags.</summary>
    public FlagFix Fix;

    /// <summary>Guest registers read and written, a bit each.</summary>
    public int Reads, Writes;

    /// <summary>Arithmetic flags read, and those that it may change.</summary>
    public RflagsBits FlagsRead, FlagsWritten;

    /// <summary>Undefined ones among the written.</summary>
    public RflagsBits FlagsUndefined;

    /// <summary>True when it always changes all six, whatever they were.</summary>
    public bool SetsAll;

    /// <summary>Bytes of the memory operand; 0: none.</summary>
    public int MemoryBytes;

    /// <summary>The memory operand is written (and perhaps read).</summary>
    public bool WritesMemory;

    /// <summary>Register file that it needs in the host's registers: one of <see cref="HostUnits"/>, or 0.</summary>
    public uint Unit;

    /// <summary>It sets the x87's last-instruction pointers (SDM Vol. 1, 8.1.8).</summary>
    public bool SetsPointers;

    /// <summary>The memory operand has to be aligned (#GP).</summary>
    public bool IsAligned;

    /// <summary>The count is CL: 0 changes nothing.</summary>
    public bool CountInCl;

    /// <summary>True when the guest can see the flags before it runs: it may fault, trap or leave.</summary>
    public readonly bool Observes => MemoryBytes != 0 || Kind is HostKind.Trap or HostKind.Divide or HostKind.Push or HostKind.Pop or HostKind.PushAll or HostKind.PopAll or HostKind.PushSegment or HostKind.Leave
        or HostKind.Call or HostKind.CallIndirect or HostKind.Return or HostKind.JumpIndirect or HostKind.StringOnce or HostKind.Repeat or HostKind.LoadSegment or HostKind.FlagControl or HostKind.PrivilegeChange;

    /// <summary>True when nothing is known of its registers; the flags are in the image before it and after it.</summary>
    public readonly bool IsOpaque => Kind is HostKind.Trap or HostKind.Repeat or HostKind.PrivilegeChange;

    /// <summary>True when it changes some flags, or perhaps none.</summary>
    public readonly bool SetsSome => FlagsWritten != 0 && !SetsAll;
}

namespace Emulator.BT.Translator.X64;

/// <summary>How the back end does a guest instruction.</summary>
internal enum HostKind
{
    /// <summary>The dispatcher runs the interpreter's handler and comes back: sensitive, rare or long.</summary>
    Trap,

    /// <summary>Nothing to do.</summary>
    Nop,

    /// <summary>The host runs the guest's own instruction, with the memory operand redirected.</summary>
    Copy,
#pragma warning disable CS1591 // instructions by their names
    Lea,
    Push,
    Pop,
    PushAll,
    PopAll,
    PushSegment,
    ReadSegment,
    Leave,
    Divide,
    Jcc,
    Jump,
    JumpIndirect,
    Call,
    CallIndirect,
    Return,
    Loop,
    StringOnce,
    Repeat,
    LoadSegment,
    FlagControl,
    PrivilegeChange,
    LoadControl,
#pragma warning restore CS1591
}

/// <summary>
/// What the manual leaves undefined in the flags after an instruction, and so has to be brought to the value that the semantics
/// define, where somebody may see it.
/// </summary>
internal enum FlagFix
{
    /// <summary>Nothing is undefined.</summary>
    None,

    /// <summary>SHL: AF is 0, OF is MSB xor CF.</summary>
    ShiftLeft,

    /// <summary>SHR: AF is 0, OF is the xor of the result's top bits.</summary>
    ShiftRight,

    /// <summary>SAR: AF and OF are 0.</summary>
    ShiftArithmetic,

    /// <summary>ROL, RCL: OF is MSB xor CF.</summary>
    RotateLeft,

    /// <summary>ROR, RCR: OF is the xor of the result's top bits.</summary>
    RotateRight,

    /// <summary>MUL, IMUL: SF ZF PF from the low half, AF 0.</summary>
    Multiply,

    /// <summary>BSF, BSR: SF ZF PF from the source, the others 0.</summary>
    Scan,

    /// <summary>SHLD, SHRD: AF is 0, OF says that the sign changed.</summary>
    DoubleShift,
}

namespace Emulator.BT.Translator;

/// <summary>Operations of the intermediate form. Values are 64 bits wide; W is the width a node carries.</summary>
public enum IrOp : byte
{
#pragma warning disable CS1591 // named like the members of IOps, which describe them
    Const,
    Add,
    Sub,
    Mul,
    And,
    Or,
    Xor,
    Not,
    Neg,
    Shl,
    Shr,
    Sar,
    Equal,
    LessUnsigned,
    LessSigned,
    MulHigh,
    MulHighSigned,
    LowestBit,
    HighestBit,
    DivUnsigned,
    DivSigned,
    Trunc,
    SignExtend,
    Select,
    If,
    EndIf,
    ReadRegister,
    WriteRegister,
    EffectiveAddress,
    Load,
    Store,
    BeginModify,
    EndModify,
    Require,
    CheckTarget,
    StackMask,
    FlagsAdd,
    FlagsSub,
    FlagsLogic,
    FlagsInc,
    FlagsDec,
    FlagsResult,
    FlagsCarryOverflow,
    SetCarry,
    Carry,
    Condition,
    LowFlags,
    SetLowFlags,
    SetDirection,
    NextRip,
    Jump,
    Branch,
#pragma warning restore CS1591

    /// <summary>Marks the start of a guest block; the immediate is its index in the plan.</summary>
    Block,

    /// <summary>Marks the start of a guest instruction; the immediate is its index in the block.</summary>
    Instruction,

    /// <summary>Calls a helper that both tiers share.</summary>
    Helper,
}

namespace Emulator.BT.Translator.Il;

/// <summary>
/// Where the flags are at a point of the region, in three parts that instructions set apart from each other: a setter's node, or
/// one of the constants.
/// </summary>
/// <param name="Result">What gives ZF, SF, PF and AF.</param>
/// <param name="Carry">What gives CF: another node after INC, DEC, rotates and bit tests.</param>
/// <param name="Overflow">What gives OF: another node after rotates.</param>
internal readonly record struct FlagState(int Result, int Carry, int Overflow)
{
    /// <summary>In the state.</summary>
    public const int InMemory = -1;

    /// <summary>In the record, as the block before left them.</summary>
    public const int AtHead = -2;

    /// <summary>All flags are in the state.</summary>
    public static readonly FlagState Memory = new(InMemory, InMemory, InMemory);

    /// <summary>All flags are in the record.</summary>
    public static readonly FlagState Head = new(AtHead, AtHead, AtHead);

    /// <summary>True when a part is in the record.</summary>
    public bool NeedsRecord => Result == AtHead || Carry == AtHead || Overflow == AtHead;

    /// <summary>The flags after a setter.</summary>
    public FlagState After(int node, IrOp op) => op switch
    {
        IrOp.FlagsInc or IrOp.FlagsDec => new FlagState(node, Carry, node),
        IrOp.FlagsCarryOverflow => new FlagState(Result, node, node),
        IrOp.SetCarry => this with { Carry = node },
        _ => new FlagState(node, node, node),
    };
}

namespace Emulator.BT.Translator.Il;

/// <summary>
/// Where the flags are at a point of the region: the node whose operands give all of them but CF, and the one that gives CF
/// (another one after INC and DEC).
/// </summary>
/// <param name="Result">A setter's node, or one of the constants.</param>
/// <param name="Carry">The same for CF.</param>
internal readonly record struct FlagState(int Result, int Carry)
{
    /// <summary>In the state.</summary>
    public const int InMemory = -1;

    /// <summary>In the record, as the block before left them.</summary>
    public const int AtHead = -2;

    /// <summary>All flags are in the state.</summary>
    public static readonly FlagState Memory = new(InMemory, InMemory);

    /// <summary>All flags are in the record.</summary>
    public static readonly FlagState Head = new(AtHead, AtHead);

    /// <summary>The flags after a setter.</summary>
    public FlagState After(int node, IrOp op) => new(node, op is IrOp.FlagsInc or IrOp.FlagsDec ? Carry : node);
}

namespace Emulator.BT.Translator.Passes;

/// <summary>
/// Decides by node whether its value is computed where it stands and kept in an IL local, or computed again inside its user's
/// expression. A value that only flags need costs nothing until something looks at the flags.
/// </summary>
public sealed class PlacePass
{
    private readonly IrNode[] nodes;
    private readonly bool[] removed;

    // By node: uses outside pending flags, the last place where they are computed, and whether pending flags need it.
    private readonly int[] uses;
    private readonly int[] lastUse;
    private readonly bool[] forFlags;

    private PlacePass(FoldPass folded)
    {
        nodes = folded.Nodes;
        removed = folded.Removed;
        uses = new int[nodes.Length];
        lastUse = new int[nodes.Length];
        forFlags = new bool[nodes.Length];
        InLocal = new bool[nodes.Length];
    }

    /// <summary>By node: its value goes to a local where it stands.</summary>
    public bool[] InLocal { get; }

    /// <summary>Places the values of a folded region.</summary>
    public static PlacePass Run(FoldPass folded)
    {
        var pass = new PlacePass(folded);
        for (int n = pass.nodes.Length - 1; n >= 0; n--)
        {
            if (!pass.removed[n])
            {
                pass.Place(n);
            }
        }
        return pass;
    }

    /// <summary>True for the setters that leave their operands pending.</summary>
    public static bool IsFlagSetter(IrOp op) => op is >= IrOp.FlagsAdd and <= IrOp.SetCarry;

    /// <summary>True for every node after which flags may differ.</summary>
    public static bool ChangesFlags(IrOp op) =>
        IsFlagSetter(op) || op is IrOp.SetLowFlags or IrOp.Helper;

    private void Place(int n)
    {
        ref IrNode node = ref nodes[n];
        if (IsFlagSetter(node.Op))
        {
            NeedForFlags(node.A);
            NeedForFlags(node.B);
            NeedForFlags(node.C);
            return;
        }
        switch (node.Op)
        {
            case IrOp.Const:
                return;
            case IrOp.ReadRegister or IrOp.EffectiveAddress or IrOp.Carry or IrOp.Condition or IrOp.LowFlags:
                InLocal[n] = forFlags[n] || (uses[n] > 0 && !StaysUntil(n, lastUse[n])) || (uses[n] > 1 && node.Op != IrOp.ReadRegister);
                return;
            case >= IrOp.Add and <= IrOp.SignExtend or IrOp.NextRip:
                if (uses[n] == 0 && !forFlags[n])
                {
                    return;
                }
                if (uses[n] == 0)
                {
                    NeedForFlags(node.A);
                    NeedForFlags(node.B);
                    return;
                }
                InLocal[n] = uses[n] > 1 || forFlags[n];
                break;
            case IrOp.Select or IrOp.Load or IrOp.BeginModify:
                InLocal[n] = uses[n] > 0 || forFlags[n];
                break;
            default:
                break;
        }
        int at = InLocal[n] || !IsPure(node.Op) ? n : lastUse[n];
        Use(node.A, at);
        Use(node.B, at);
        Use(node.C, at);
    }

    private static bool IsPure(IrOp op) => op is >= IrOp.Add and <= IrOp.SignExtend or IrOp.NextRip;

    private void Use(int n, int at)
    {
        if (n >= 0)
        {
            uses[n]++;
            lastUse[n] = Math.Max(lastUse[n], at);
        }
    }

    private void NeedForFlags(int n)
    {
        if (n >= 0)
        {
            forFlags[n] = true;
        }
    }

    // True when computing the leaf at 'until' gives what it gives at n.
    private bool StaysUntil(int n, int until)
    {
        ref IrNode leaf = ref nodes[n];
        for (int m = n + 1; m < until; m++)
        {
            ref IrNode node = ref nodes[m];
            if (removed[m])
            {
                continue;
            }
            bool changes = leaf.Op switch
            {
                IrOp.ReadRegister => node.Op == IrOp.WriteRegister && node.Imm >> 3 == leaf.Imm >> 3,
                IrOp.EffectiveAddress => node.Op == IrOp.WriteRegister && IsPartOfAddress(in leaf, node.Imm),
                _ => ChangesFlags(node.Op),
            };
            if (changes)
            {
                return false;
            }
        }
        return true;
    }

    private static unsafe bool IsPartOfAddress(in IrNode address, ulong register) =>
        register >> 3 == (ulong)address.Insn->Base >> 3 || register >> 3 == (ulong)address.Insn->Index >> 3;
}

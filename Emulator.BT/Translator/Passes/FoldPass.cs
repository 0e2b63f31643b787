namespace Emulator.BT.Translator.Passes;

/// <summary>
/// Constant and copy folding with known-zero bits. Operands of later nodes are redirected to what they are a copy of; code under
/// a constant <see cref="IrOp.If"/> is taken out or loses its condition; equal register reads become one.
/// </summary>
public sealed unsafe class FoldPass
{
    private readonly IrNode[] nodes;
    private readonly int[] copyOf;
    private readonly ulong wideMask;
    private readonly ulong stackMask;

    private FoldPass(ReadOnlySpan<IrNode> source, ulong wideMask, ulong stackMask)
    {
        nodes = source.ToArray();
        copyOf = new int[nodes.Length];
        Mask = new ulong[nodes.Length];
        Removed = new bool[nodes.Length];
        this.wideMask = wideMask;
        this.stackMask = stackMask;
    }

    /// <summary>The folded nodes; indices are those of the source.</summary>
    public IrNode[] Nodes => nodes;

    /// <summary>By node: the bits of its value that may be 1.</summary>
    public ulong[] Mask { get; }

    /// <summary>By node: true when nothing is left of it.</summary>
    public bool[] Removed { get; }

    /// <summary>Folds a region.</summary>
    /// <param name="source">Nodes as recorded.</param>
    /// <param name="wideMask">Bits that a whole general register may have in the code mode: 32 ones outside 64-bit mode.</param>
    /// <param name="stackMask">Value of <c>CpuState.StackMask</c> that the region is made for.</param>
    public static FoldPass Run(ReadOnlySpan<IrNode> source, ulong wideMask, ulong stackMask)
    {
        var pass = new FoldPass(source, wideMask, stackMask);
        pass.Walk();
        return pass;
    }

    // Folding and If removal are one walk: whether an If goes depends on the folds before it.
    private void Walk()
    {
        var open = new Stack<int>();
        for (int n = 0; n < nodes.Length; n++)
        {
            FoldNode(n);
            if (nodes[n].Op == IrOp.If)
            {
                ref IrNode condition = ref nodes[nodes[n].A];
                if (condition.Op == IrOp.Const && condition.Imm == 0)
                {
                    int end = n;
                    while (nodes[end].Op != IrOp.EndIf)
                    {
                        copyOf[end] = end;
                        Removed[end++] = true;
                    }
                    copyOf[end] = end;
                    Removed[end] = true;
                    n = end;
                    continue;
                }
                Removed[n] = condition.Op == IrOp.Const;
                open.Push(n);
            }
            else if (nodes[n].Op == IrOp.EndIf)
            {
                Removed[n] = Removed[open.Pop()];
            }
        }
    }

    private void FoldNode(int n)
    {
        ref IrNode node = ref nodes[n];
        copyOf[n] = n;
        node.A = node.A < 0 ? node.A : copyOf[node.A];
        node.B = node.B < 0 ? node.B : copyOf[node.B];
        node.C = node.C < 0 ? node.C : copyOf[node.C];
        Mask[n] = ~0ul;
        switch (node.Op)
        {
            case IrOp.Const: Mask[n] = node.Imm; break;
            case IrOp.ReadRegister: FoldRead(n); break;
            case IrOp.StackMask: SetConst(n, stackMask); break;
            case IrOp.EffectiveAddress: Mask[n] = ~0ul >> node.Insn->AddressShift; break;
            case IrOp.Load or IrOp.BeginModify: Mask[n] = WidthMask(node.Width); break;
            case IrOp.Equal or IrOp.LessUnsigned or IrOp.LessSigned or IrOp.Carry or IrOp.Condition: Mask[n] = 1; break;
            case IrOp.LowFlags: Mask[n] = 0xFF; break;
            case IrOp.LowestBit or IrOp.HighestBit: Mask[n] = 63; break;
            case IrOp.Select: FoldSelect(n); break;
            case IrOp.Trunc or IrOp.SignExtend or IrOp.Not or IrOp.Neg: FoldUnary(n); break;
            case >= IrOp.Add and <= IrOp.Xor or >= IrOp.Shl and <= IrOp.Sar: FoldBinary(n); break;
            default: break;
        }
        if (copyOf[n] == n && Mask[n] == 0 && node.Op is not (IrOp.Const or IrOp.Load or IrOp.BeginModify))
        {
            SetConst(n, 0);
        }
    }

    // An earlier read of the same register in the same instruction, with no write between, is the same value.
    private void FoldRead(int n)
    {
        ref IrNode node = ref nodes[n];
        Mask[n] = node.Width == 64 ? wideMask : WidthMask(node.Width);
        for (int m = n - 1; m >= 0; m--)
        {
            ref IrNode earlier = ref nodes[m];
            if (earlier.Op is IrOp.Instruction or IrOp.If or IrOp.EndIf
                || (earlier.Op == IrOp.WriteRegister && earlier.Imm >> 3 == node.Imm >> 3))
            {
                return;
            }
            if (earlier.Op == IrOp.ReadRegister && earlier.Imm == node.Imm && earlier.Width == node.Width && copyOf[m] == m)
            {
                SetCopy(n, m);
                return;
            }
        }
    }

    private void FoldSelect(int n)
    {
        ref IrNode node = ref nodes[n];
        if (nodes[node.A].Op == IrOp.Const)
        {
            SetCopy(n, nodes[node.A].Imm != 0 ? node.B : node.C);
            return;
        }
        Mask[n] = Mask[node.B] | Mask[node.C];
    }

    private void FoldUnary(int n)
    {
        ref IrNode node = ref nodes[n];
        ref IrNode a = ref nodes[node.A];
        ulong mask = Mask[node.A], width = WidthMask(node.Width);
        if (a.Op == IrOp.Const)
        {
            SetConst(n, node.Op switch
            {
                IrOp.Trunc => a.Imm & width,
                IrOp.SignExtend => (ulong)((long)(a.Imm << (64 - node.Width)) >> (64 - node.Width)),
                IrOp.Not => ~a.Imm,
                _ => 0 - a.Imm,
            });
        }
        else if (node.Op == IrOp.Trunc)
        {
            if ((mask & ~width) == 0)
            {
                SetCopy(n, node.A);
                return;
            }
            Mask[n] = mask & width;
        }
        else if (node.Op == IrOp.SignExtend && (node.Width == 64 || mask >> (node.Width - 1) == 0))
        {
            SetCopy(n, node.A);
        }
    }

    private void FoldBinary(int n)
    {
        ref IrNode node = ref nodes[n];
        ref IrNode a = ref nodes[node.A], b = ref nodes[node.B];
        bool constA = a.Op == IrOp.Const, constB = b.Op == IrOp.Const;
        ulong ma = Mask[node.A], mb = Mask[node.B];
        int shift = (int)b.Imm & 63;
        if (constA && constB)
        {
            SetConst(n, Compute(node.Op, a.Imm, b.Imm));
            return;
        }
        bool zeroB = constB && (node.Op >= IrOp.Shl ? shift == 0 : b.Imm == 0), zeroA = constA && a.Imm == 0;
        bool commutes = node.Op is IrOp.Add or IrOp.Or or IrOp.Xor;
        if (zeroB && node.Op is not (IrOp.And or IrOp.Mul))
        {
            SetCopy(n, node.A);
            return;
        }
        if (zeroA && commutes)
        {
            SetCopy(n, node.B);
            return;
        }
        switch (node.Op)
        {
            case IrOp.And when (constB && (ma & ~b.Imm) == 0) || node.A == node.B:
            case IrOp.Or when node.A == node.B:
                SetCopy(n, node.A);
                break;
            case IrOp.And when constA && (mb & ~a.Imm) == 0: SetCopy(n, node.B); break;
            case IrOp.And: Mask[n] = ma & mb; break;
            case IrOp.Xor when node.A == node.B: SetConst(n, 0); break;
            case IrOp.Or or IrOp.Xor: Mask[n] = ma | mb; break;
            case IrOp.Add: Mask[n] = BelowOrAt(Bits(Math.Max(ma, mb)) + 1); break;
            case IrOp.Mul: Mask[n] = BelowOrAt(Bits(ma) + Bits(mb)); break;
            case IrOp.Shl when constB: Mask[n] = ma << shift; break;
            case IrOp.Shr when constB: Mask[n] = ma >> shift; break;
            case IrOp.Shr: Mask[n] = BelowOrAt(Bits(ma)); break;
            case IrOp.Sar when (long)ma >= 0: Mask[n] = BelowOrAt(Bits(ma)); break;
            default: break;
        }
    }

    private static ulong Compute(IrOp op, ulong a, ulong b) => op switch
    {
        IrOp.Add => a + b,
        IrOp.Sub => a - b,
        IrOp.Mul => a * b,
        IrOp.And => a & b,
        IrOp.Or => a | b,
        IrOp.Xor => a ^ b,
        IrOp.Shl => a << (int)b,
        IrOp.Shr => a >> (int)b,
        _ => (ulong)((long)a >> (int)b),
    };

    private static ulong WidthMask(int width) => ~0ul >> (64 - width);

    private static int Bits(ulong mask) => 64 - System.Numerics.BitOperations.LeadingZeroCount(mask);

    private static ulong BelowOrAt(int bits) => bits >= 64 ? ~0ul : (1ul << bits) - 1;

    private void SetConst(int n, ulong value)
    {
        nodes[n] = new IrNode { Op = IrOp.Const, Width = 64, A = -1, B = -1, C = -1, Imm = value };
        Mask[n] = value;
    }

    private void SetCopy(int n, int of)
    {
        copyOf[n] = of;
        Mask[n] = Mask[of];
    }
}

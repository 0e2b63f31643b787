using System.Text;
using Emulator.BT.Decode;

namespace Emulator.BT.Translator;

/// <summary>The nodes of one region, in order of execution.</summary>
public sealed unsafe class IrBuilder
{
    private IrNode[] nodes = new IrNode[256];

    /// <summary>Number of nodes.</summary>
    public int Count { get; private set; }

    /// <summary>The nodes.</summary>
    public ReadOnlySpan<IrNode> Nodes => nodes.AsSpan(0, Count);

    /// <summary>Drops all nodes.</summary>
    public void Clear() => Count = 0;

    /// <summary>Appends a node.</summary>
    public Value Append(IrOp op, int width = 64, int a = -1, int b = -1, int c = -1, ulong imm = 0, Insn* insn = null)
    {
        if (Count == nodes.Length)
        {
            Array.Resize(ref nodes, Count * 2);
        }
        nodes[Count] = new IrNode { Op = op, Width = (byte)width, A = a, B = b, C = c, Imm = imm, Insn = insn };
        return new Value(Count++);
    }

    /// <summary>One line a node, for <c>-d ir</c> and tests.</summary>
    public string Dump() => Dump(nodes.AsSpan(0, Count), []);

    /// <summary>The same of other nodes, without the removed ones.</summary>
    public static string Dump(ReadOnlySpan<IrNode> nodes, ReadOnlySpan<bool> removed)
    {
        var text = new StringBuilder();
        for (int n = 0; n < nodes.Length; n++)
        {
            if (n < removed.Length && removed[n])
            {
                continue;
            }
            IrNode node = nodes[n];
            if (node.Op == IrOp.Block)
            {
                text.Append($"block {node.Imm}\n");
                continue;
            }
            if (node.Op == IrOp.Instruction)
            {
                text.Append($"---- +{node.Insn->Offset}\n");
                continue;
            }
            text.Append($"  v{n} = {node.Op}.{node.Width}");
            foreach (int operand in (ReadOnlySpan<int>)[node.A, node.B, node.C])
            {
                if (operand >= 0)
                {
                    text.Append($" v{operand}");
                }
            }
            text.Append(node.Imm == 0 && node.Op != IrOp.Const ? "\n" : $" #{node.Imm:x}\n");
        }
        return text.ToString();
    }
}

using Emulator.BT.Decode;
using Emulator.BT.Model;
using Iced.Intel;

namespace Emulator.Tests.Translator;

/// <summary>Random valid machine code: bytes drawn by the encoding's structure and kept when they decode to something usable.</summary>
internal sealed unsafe class RandomCode(Random random, bool is32, CpuModel model)
{
    private static readonly byte[] SegmentPrefixes = [0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65];

    /// <summary>A run of instructions of which only the last may end a block.</summary>
    /// <param name="count">Instructions.</param>
    /// <param name="loop">The last one branches back to the first.</param>
    public byte[] Block(int count, bool loop)
    {
        var code = new List<byte>();
        for (int n = 0; n < count - 1; n++)
        {
            code.AddRange(Instruction(BlockEnd.No));
        }
        code.AddRange(loop ? BackEdge(code.Count) : Instruction(random.Next(4) != 0 ? BlockEnd.Branch : BlockEnd.No));
        return [.. code];
    }

    /// <summary>Blocks that branch, loop, jump and call among each other.</summary>
    /// <param name="blocks">Blocks, each of 1 to <paramref name="most"/> instructions before its transfer.</param>
    /// <param name="most">Most instructions of a block.</param>
    public byte[] Program(int blocks, int most)
    {
        var bodies = new List<byte>[blocks];
        var starts = new int[blocks];
        int at = 0, transfer = is32 ? 6 : 4;
        for (int n = 0; n < blocks; n++)
        {
            bodies[n] = [];
            for (int k = random.Next(1, most + 1); k > 0; k--)
            {
                bodies[n].AddRange(Instruction(BlockEnd.No));
            }
            starts[n] = at;
            at += bodies[n].Count + transfer;
        }
        var code = new List<byte>();
        for (int n = 0; n < blocks; n++)
        {
            code.AddRange(bodies[n]);
            code.AddRange(Transfer(starts[random.Next(blocks)] - code.Count - transfer));
        }
        return [.. code];
    }

    // Always of the same length: a conditional or unconditional branch, a call, or a return.
    private byte[] Transfer(int distance)
    {
        byte[] to = is32 ? BitConverter.GetBytes(distance) : BitConverter.GetBytes((short)distance);
        return random.Next(8) switch
        {
            0 => [0x90, 0xE9, .. to],
            1 => [0x90, 0xE8, .. to],
            2 => [0xC3, 0x90, .. to],
            _ => [0x0F, (byte)(0x80 + random.Next(16)), .. to],
        };
    }

    /// <summary>One instruction that does this to its block.</summary>
    public byte[] Instruction(BlockEnd ends)
    {
        Span<byte> bytes = stackalloc byte[24];
        while (true)
        {
            random.NextBytes(bytes);
            int at = 0;
            bool operand = random.Next(5) == 0, address = random.Next(7) == 0;
            if (operand)
            {
                bytes[at++] = 0x66;
            }
            if (address)
            {
                bytes[at++] = 0x67;
            }
            if (random.Next(8) == 0)
            {
                bytes[at++] = SegmentPrefixes[random.Next(SegmentPrefixes.Length)];
            }
            if (random.Next(3) == 0)
            {
                bytes[at++] = 0x0F;
            }
            Decoder decoder = Decoder.Create(is32 ? 32 : 16, new ByteArrayCodeReader(bytes[..15].ToArray()));
            decoder.Decode(out Instruction x);
            if (x.IsInvalid)
            {
                continue;
            }
            var i = new Insn
            {
                Extra = (ushort)((operand != is32 ? InsnFlags.Operand32 : 0) | (address != is32 ? InsnFlags.Address32 : 0)),
            };
            Row row = InsnTable.Find(in x, model, ref i);
            // Helpers are shared by both tiers; but the x86-64 back end has the host run many of them.
            if (row.Ends == ends && (row.Emit != null || random.Next(4) == 0))
            {
                return bytes[..x.Length].ToArray();
            }
        }
    }

    private byte[] BackEdge(int length)
    {
        int opcode = random.Next(20);
        if (opcode < 16)
        {
            return length < 120
                ? [(byte)(0x70 + opcode), (byte)-(length + 2)]
                : is32
                    ? [0x0F, (byte)(0x80 + opcode), .. BitConverter.GetBytes(-(length + 6))]
                    : [0x0F, (byte)(0x80 + opcode), .. BitConverter.GetBytes((short)-(length + 4))];
        }
        return length < 120
            ? [(byte)(opcode == 19 ? 0xEB : 0xE0 + opcode - 16), (byte)-(length + 2)]
            : is32
                ? [0xE9, .. BitConverter.GetBytes(-(length + 5))]
                : [0xE9, .. BitConverter.GetBytes((short)-(length + 3))];
    }
}

using Iced.Intel;

namespace Emulator.Bench.Fuzz;

/// <summary>Random streams of valid instructions, rich in those that change the processor's modes and touch ports.</summary>
/// <param name="random">Source of all choices.</param>
/// <param name="bits">16 or 32: what the stream is decoded as.</param>
public sealed class FuzzCode(Random random, int bits)
{
    // First bytes of instructions that random bytes rarely hit.
    private static readonly byte[][] System =
    [
        [0x0F, 0x00], [0x0F, 0x01], [0x0F, 0x02], [0x0F, 0x03], [0x0F, 0x06], [0x0F, 0x08], [0x0F, 0x09], [0x0F, 0x20], [0x0F, 0x21], [0x0F, 0x22],
        [0x0F, 0x23], [0x0F, 0x30], [0x0F, 0x31], [0x0F, 0x32], [0x0F, 0x34], [0x0F, 0x35], [0x0F, 0xA0], [0x0F, 0xA1], [0x0F, 0xA2], [0x0F, 0xA8],
        [0x0F, 0xA9], [0x0F, 0xAE], [0x0F, 0xB2], [0x0F, 0xB4], [0x0F, 0xB5], [0x0F, 0xC7],
        [0x06], [0x07], [0x0E], [0x16], [0x17], [0x1E], [0x1F], [0x60], [0x61], [0x62], [0x63], [0x6C], [0x6D], [0x6E], [0x6F],
        [0x8C], [0x8E], [0x9A], [0x9B], [0x9C], [0x9D], [0xA4], [0xA5], [0xA6], [0xA7], [0xAA], [0xAB], [0xAC], [0xAD], [0xAE], [0xAF],
        [0xC4], [0xC5], [0xC8], [0xC9], [0xCA], [0xCB], [0xCC], [0xCD], [0xCE], [0xCF], [0xD8], [0xD9], [0xDA], [0xDB], [0xDC], [0xDD], [0xDE], [0xDF],
        [0xE4], [0xE5], [0xE6], [0xE7], [0xEA], [0xEC], [0xED], [0xEE], [0xEF], [0xF1], [0xFA], [0xFB], [0xFF],
    ];

    // Selectors that tables of FuzzRunner have, I/O ports of the board, and numbers at edges.
    private static readonly ushort[] Ports =
    [
        0x20, 0x21, 0xA0, 0xA1, 0x40, 0x42, 0x43, 0x60, 0x61, 0x64, 0x70, 0x71, 0x80, 0x92, 0x00, 0x08, 0x0B, 0x0D, 0x81, 0xC0, 0xD6, 0x1F0, 0x1F1, 0x1F2,
        0x1F3, 0x1F6, 0x1F7, 0x176, 0x177, 0x3F6, 0x376, 0x3F2, 0x3F4, 0x3F5, 0x3F7, 0x3F8, 0x3F9, 0x3FB, 0x3C0, 0x3C4, 0x3C5, 0x3C8, 0x3CE, 0x3CF,
        0x3D4, 0x3D5, 0x3DA, 0x1CE, 0x1CF, 0x402, 0x4D0, 0x510, 0x511, 0x514, 0x518, 0x600, 0x604, 0x608, 0xB2, 0xB3, 0xCF8, 0xCFC, 0xCFE, 0xC000, 0xC002,
        0xC004,
    ];

    private static readonly byte[] Prefixes = [0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3];

    /// <summary>Fills a span with instructions; the last one may be cut off.</summary>
    public void Fill(Span<byte> code)
    {
        Span<byte> bytes = stackalloc byte[24];
        int at = 0;
        while (at < code.Length)
        {
            int length = random.Next(24) == 0 ? PortAccess(bytes) : Instruction(bytes);
            length = Math.Min(length, code.Length - at);
            bytes[..length].CopyTo(code[at..]);
            at += length;
        }
    }

    // MOV DX, port; [MOV AL, value;] IN or OUT.
    private int PortAccess(Span<byte> bytes)
    {
        ushort port = Ports[random.Next(Ports.Length)];
        bytes[0] = 0xBA;
        bytes[1] = (byte)port;
        bytes[2] = (byte)(port >> 8);
        bytes[3] = bytes[4] = 0;
        int at = bits == 32 ? 5 : 3;
        bytes[at++] = 0xB0;
        bytes[at++] = (byte)random.Next(256);
        bytes[at++] = (byte)(0xEC + random.Next(4));
        return at;
    }

    private int Instruction(Span<byte> bytes)
    {
        while (true)
        {
            random.NextBytes(bytes);
            int at = 0;
            while (random.Next(4) == 0 && at < 5)
            {
                bytes[at++] = Prefixes[random.Next(Prefixes.Length)];
            }
            int choice = random.Next(10);
            if (choice < 3)
            {
                System[random.Next(System.Length)].CopyTo(bytes[at..]);
            }
            else if (choice < 5)
            {
                bytes[at] = 0x0F;
            }
            var decoder = Decoder.Create(bits, new ByteArrayCodeReader(bytes[..15].ToArray()));
            decoder.Decode(out Instruction x);
            // A few undefined ones too. HLT ends most guests early, so it is rarer than its share.
            if ((!x.IsInvalid || random.Next(50) == 0) && (x.Mnemonic != Mnemonic.Hlt || random.Next(20) == 0))
            {
                return x.IsInvalid ? 2 : x.Length;
            }
        }
    }
}

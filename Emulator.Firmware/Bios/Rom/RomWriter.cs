using System.Buffers.Binary;

namespace Emulator.Firmware.Bios.Rom;

/// <summary>A ROM in the making: bytes, near jumps, and the places that call into the VMM.</summary>
/// <param name="size">Bytes of the ROM.</param>
internal sealed class RomWriter(int size)
{
    private readonly byte[] bytes = new byte[size];
    private readonly bool[] used = new bool[size];

    /// <summary>Where the next byte goes.</summary>
    public int At { get; set; }

    /// <summary>Calls into the VMM by offset.</summary>
    public Dictionary<int, BiosEntry> Traps { get; } = [];

    /// <summary>The finished bytes.</summary>
    public byte[] Bytes => bytes;

    /// <summary>Puts bytes down and goes on behind them.</summary>
    /// <exception cref="InvalidOperationException">Something is there already.</exception>
    public RomWriter Emit(params ReadOnlySpan<byte> code)
    {
        for (int n = 0; n < code.Length; n++)
        {
            if (used[At + n])
            {
                throw new InvalidOperationException($"ROM offset {At + n:x4} is used twice");
            }
            used[At + n] = true;
        }
        code.CopyTo(bytes.AsSpan(At));
        At += code.Length;
        return this;
    }

    /// <summary>Moves on to <paramref name="offset"/>.</summary>
    public RomWriter Org(int offset)
    {
        At = offset;
        return this;
    }

    /// <summary>UD2, which the VMM takes as the call <paramref name="entry"/>.</summary>
    public RomWriter Trap(BiosEntry entry)
    {
        Traps[At] = entry;
        return Emit(0x0F, 0x0B);
    }

    /// <summary>JMP rel16.</summary>
    public RomWriter Jump(int target)
    {
        int distance = target - (At + 3);
        return Emit(0xE9, (byte)distance, (byte)(distance >> 8));
    }

    /// <summary>
    /// An interrupt's service: eight bytes of scratch on the stack, the call, and what its outcome asks for (<see cref="BiosOutcome"/>).
    /// </summary>
    /// <returns>The stub's offset.</returns>
    public int Service(BiosEntry entry)
    {
        int start = At;
        Emit(0x66, 0x6A, 0x00, 0x66, 0x6A, 0x00); // PUSH DWORD 0, twice
        Trap(entry);
        Emit(
            0x72, 0x04, // JC wait
            0x83, 0xC4, 0x08, // ADD SP, 8
            0xCF, // IRET
            0x74, 0x04, // wait: JZ poll
            0xFB, 0xF4, // STI, HLT
            0xEB, 0xF2, // JMP to the call
            0xFB, 0x90, 0xFA, // poll: STI, NOP, CLI
            0xEB, 0xED); // JMP to the call
        return start;
    }

    /// <summary>Sets a word that was left open.</summary>
    public void Patch16(int offset, int value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(offset), (ushort)value);

    /// <summary>Makes all bytes of [start, start + length) add up to 0 by the byte at <paramref name="offset"/>.</summary>
    public void SetChecksum(int start, int length, int offset)
    {
        bytes[offset] = 0;
        bytes[offset] = Checksum.For(bytes.AsSpan(start, length));
    }
}

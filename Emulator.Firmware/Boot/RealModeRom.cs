using System.Buffers.Binary;
using Emulator.Firmware.Bios.Rom;

namespace Emulator.Firmware.Boot;

/// <summary>
/// The option ROM that starts a kernel in real mode: what a BIOS calls at its end takes INT 19h over, and that lets fw_cfg's DMA put every
/// piece into its place and jumps to the setup. Form: Plug and Play BIOS Specification 1.0a, section 3, an expansion ROM without its header;
/// the DMA's structure is QEMU's (<c>docs/specs/fw_cfg</c>).
/// </summary>
internal static class RealModeRom
{
    private const int Size = 512, InitOffset = 0x20, TableOffset = 0x100, EntrySize = 16;
    private const uint Select = 8, Read = 2;

    /// <summary>The ROM for these pieces.</summary>
    /// <param name="parts">What it fetches.</param>
    /// <param name="setupAt">Where the setup is, a multiple of 16.</param>
    /// <param name="stack">SP in the setup's segment.</param>
    public static byte[] Build(IReadOnlyList<RealModePart> parts, uint setupAt, uint stack)
    {
        ushort segment = (ushort)(setupAt >> 4), entry = (ushort)(segment + 0x20);
        var rom = new RomWriter(Size);
        rom.Emit(0x55, 0xAA, Size / 512);
        rom.Jump(InitOffset);
        rom.Org(InitOffset).Emit(0x60, 0x1E, 0x31, 0xC0, 0x8E, 0xD8); // PUSHA, PUSH DS, DS = 0
        int vector = rom.At + 4;
        rom.Emit(0xC7, 0x06, 0x64, 0x00, 0x00, 0x00, 0x8C, 0x0E, 0x66, 0x00); // MOV WORD [64], boot, MOV [66], CS
        rom.Emit(0x1F, 0x61, 0xCB); // POP DS, POPA, RETF
        rom.Patch16(vector, rom.At);
        rom.Emit(0xFA, 0xFC, 0x66, 0x31, 0xC0, 0xBA, 0x14, 0x05, 0x66, 0xEF); // CLI, CLD, OUT 514, 0: the address' upper half
        rom.Emit(0xBA, 0x18, 0x05, 0x66, 0x31, 0xDB, 0x8C, 0xCB, 0x66, 0xC1, 0xE3, 0x04); // DX = 518, EBX = CS * 16
        rom.Emit(0x66, 0x81, 0xC3, TableOffset & 0xFF, TableOffset >> 8, 0x00, 0x00); // ADD EBX, table
        rom.Emit(0xB9, (byte)parts.Count, 0x00);
        rom.Emit(0x66, 0x89, 0xD8, 0x66, 0x0F, 0xC8, 0x66, 0xEF, 0x66, 0x83, 0xC3, EntrySize, 0xE2, 0xF2); // next: OUT 518, EBX as big-endian; ADD EBX, 16; LOOP
        rom.Emit(0xB8, (byte)segment, (byte)(segment >> 8), 0x8E, 0xD8, 0x8E, 0xC0, 0x8E, 0xE0, 0x8E, 0xE8, 0x8E, 0xD0); // all segments are the setup's
        rom.Emit(0x66, 0xBC, (byte)stack, (byte)(stack >> 8), 0x00, 0x00);
        rom.Emit(0x66, 0x31, 0xC0, 0x66, 0x31, 0xDB, 0x66, 0x31, 0xC9, 0x66, 0x31, 0xD2, 0x66, 0x31, 0xF6, 0x66, 0x31, 0xFF, 0x66, 0x31, 0xED); // all registers 0
        rom.Emit(0xEA, 0x00, 0x00, (byte)entry, (byte)(entry >> 8)); // JMP FAR setup + 200
        rom.Org(TableOffset);
        Span<byte> structure = stackalloc byte[EntrySize];
        foreach (RealModePart part in parts)
        {
            BinaryPrimitives.WriteUInt32BigEndian(structure, (uint)part.Key << 16 | Select | Read);
            BinaryPrimitives.WriteInt32BigEndian(structure[4..], part.Data.Length);
            BinaryPrimitives.WriteUInt64BigEndian(structure[8..], part.Address);
            rom.Emit(structure);
        }
        rom.SetChecksum(0, Size, Size - 1);
        return rom.Bytes;
    }
}

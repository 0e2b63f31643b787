using System.Buffers.Binary;

namespace Emulator.Firmware.Boot;

/// <summary>
/// An option ROM with a Plug and Play header whose bootstrap entry vector copies fw_cfg items into memory by DMA, turns
/// protected mode on and enters a kernel. Sources: Plug and Play BIOS Specification 1.0A (header, BEV), BIOS Boot
/// Specification 1.01, QEMU <c>docs/specs/fw_cfg</c> (DMA).
/// </summary>
internal static class KernelBootRom
{
    private const int BlockSize = 512, PnpOffset = 0x20, CodeOffset = 0x40;
    private const uint SelectAndRead = 0x0A;

    public static byte[] Build(IReadOnlyList<RomTransfer> transfers, KernelEntry entry)
    {
        // The code's length does not depend on the offsets in it, so a first pass measures it.
        int codeLength = Code(transfers.Count, 0, 0, 0, entry, out _).Length;
        int gdtr = CodeOffset + codeLength;
        int table = (gdtr + 6 + 3) & ~3;
        int strings = table + (16 * transfers.Count);
        Code(transfers.Count, table, gdtr, 0, entry, out int protectedPart);
        byte[] code = Code(transfers.Count, table, gdtr, CodeOffset + protectedPart, entry, out _);
        byte[] name = [.. "emu"u8, 0, .. "kernel given with -kernel"u8, 0];
        int size = (strings + name.Length + BlockSize - 1) / BlockSize * BlockSize;

        var rom = new byte[size];
        rom[0] = 0x55;
        rom[1] = 0xAA;
        rom[2] = (byte)(size / BlockSize);
        rom[3] = 0xCB; // initialisation: retf
        Put16(rom, 0x1A, PnpOffset);
        WritePnpHeader(rom, strings, strings + 4);
        code.CopyTo(rom, CodeOffset);
        Put16(rom, gdtr, entry.GdtLimit);
        BinaryPrimitives.WriteUInt32LittleEndian(rom.AsSpan(gdtr + 2), entry.GdtBase);
        for (int i = 0; i < transfers.Count; i++)
        {
            Span<byte> row = rom.AsSpan(table + (16 * i), 16);
            BinaryPrimitives.WriteUInt32BigEndian(row, ((uint)transfers[i].Key << 16) | SelectAndRead);
            BinaryPrimitives.WriteUInt32BigEndian(row[4..], transfers[i].Length);
            BinaryPrimitives.WriteUInt64BigEndian(row[8..], transfers[i].Address);
        }
        name.CopyTo(rom, strings);
        rom[size - 1] = Checksum.For(rom);
        return rom;
    }

    private static void WritePnpHeader(byte[] rom, int manufacturer, int product)
    {
        Span<byte> header = rom.AsSpan(PnpOffset, 0x20);
        "$PnP"u8.CopyTo(header);
        header[4] = 1; // structure revision
        header[5] = 2; // length in 16 bytes
        Put16(rom, PnpOffset + 0x0E, manufacturer);
        Put16(rom, PnpOffset + 0x10, product);
        Put16(rom, PnpOffset + 0x1A, CodeOffset); // bootstrap entry vector
        header[9] = Checksum.For(header);
    }

    // Real mode, entered with CS = the ROM's segment:
    //     ebp = linear address of the ROM
    //     for each row of the table: write its linear address, byte-swapped, to the fw_cfg DMA register
    //     open A20; load the kernel's GDT; set CR0.PE; return far to the 32-bit part
    // Protected mode: load segments and registers, go to the kernel.
    private static byte[] Code(int count, int table, int gdtr, int protectedOffset, KernelEntry entry, out int protectedPart)
    {
        ByteWriter code = new ByteWriter()
            .Bytes([0xFA]) //                               cli
            .Bytes([0xFC]) //                               cld
            .Bytes([0x66, 0x31, 0xC0]) //                   xor eax, eax
            .Bytes([0x8C, 0xC8]) //                         mov ax, cs
            .Bytes([0x66, 0xC1, 0xE0, 0x04]) //             shl eax, 4
            .Bytes([0x66, 0x89, 0xC5]) //                   mov ebp, eax
            .Bytes([0xBE]).U16(table) //                    mov si, table
            .Bytes([0xB9]).U16(count); //                   mov cx, count
        int loop = code.Length;
        code.Bytes([0xBA, 0x14, 0x05]) //                   mov dx, 514h
            .Bytes([0x66, 0x31, 0xC0]) //                   xor eax, eax
            .Bytes([0x66, 0xEF]) //                         out dx, eax        ; upper half of the address
            .Bytes([0x66, 0x0F, 0xB7, 0xC6]) //             movzx eax, si
            .Bytes([0x66, 0x01, 0xE8]) //                   add eax, ebp
            .Bytes([0x66, 0x0F, 0xC8]) //                   bswap eax
            .Bytes([0xB2, 0x18]) //                         mov dl, 18h
            .Bytes([0x66, 0xEF]) //                         out dx, eax        ; lower half: the transfer runs
            .Bytes([0x83, 0xC6, 0x10]); //                  add si, 16
        int afterLoop = code.Length + 2;
        code.Bytes([0xE2]).U8(loop - afterLoop) //          loop
            .Bytes([0xE4, 0x92, 0x0C, 0x02, 0xE6, 0x92]) // in al, 92h / or al, 2 / out 92h, al
            .Bytes([0x66, 0x6A]).U8(entry.Cs) //            push dword code selector
            .Bytes([0x66, 0x81, 0xC5]).U32((uint)protectedOffset) // add ebp, 32-bit part
            .Bytes([0x66, 0x55]) //                         push ebp
            .Bytes([0x2E, 0x66, 0x0F, 0x01, 0x16]).U16(gdtr) // o32 lgdt [cs:gdtr]
            .Bytes([0x0F, 0x20, 0xC0, 0x0C, 0x01, 0x0F, 0x22, 0xC0]) // mov eax, cr0 / or al, 1 / mov cr0, eax
            .Bytes([0x66, 0xCB]); //                        o32 retf
        protectedPart = code.Length;
        code.Bytes([0x66, 0xB8]).U16(entry.Ds) //           mov ax, data selector
            .Bytes([0x8E, 0xD8, 0x8E, 0xC0, 0x8E, 0xE0, 0x8E, 0xE8, 0x8E, 0xD0]) // mov ds/es/fs/gs/ss, ax
            .Bytes([0xBC]).U32(entry.Esp).Bytes([0x68]).U32(entry.Eip) // mov esp / push eip
            .Bytes([0xB8]).U32(entry.Eax).Bytes([0xB9]).U32(entry.Ecx).Bytes([0xBA]).U32(entry.Edx).Bytes([0xBB]).U32(entry.Ebx)
            .Bytes([0xBD]).U32(entry.Ebp).Bytes([0xBE]).U32(entry.Esi).Bytes([0xBF]).U32(entry.Edi)
            .Bytes([0xC3]); //                              ret
        return code.ToArray();
    }

    private static void Put16(byte[] rom, int offset, int value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(rom.AsSpan(offset), (ushort)value);
}

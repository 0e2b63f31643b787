using Emulator.Firmware.Bios.Rom;

namespace Emulator.Firmware.Bios.Video;

/// <summary>
/// The table and code that AX=4F0Ah hands out. Programs copy it into a segment of their own, so it is 32-bit code that needs nothing of the
/// ROM and reaches the adapter by its ports (VBE 3.0, "Return VBE Protected Mode Interface"). No ports or memory have to be mapped for it.
/// </summary>
internal static class VbeProtectedModeCode
{
    private const int TableBytes = 8;

    // In EAX: the register's index below, the value in the upper half for Write; the value for Read.
    private static readonly byte[] Read = [0x66, 0xBA, 0xCE, 0x01, 0x66, 0xEF, 0x66, 0x42, 0x66, 0xED, 0x0F, 0xB7, 0xC0, 0xC3];

    private static readonly byte[] Write = [0x66, 0xBA, 0xCE, 0x01, 0x66, 0xEF, 0x66, 0x42, 0xC1, 0xE8, 0x10, 0x66, 0xEF, 0xC3];

    private static readonly byte[] Success = [0x66, 0xB8, 0x4F, 0x00, 0xC3];

    /// <summary>Bytes of table and code.</summary>
    public static ushort Length => (ushort)Build().Length;

    /// <summary>Puts table and code at <see cref="VideoRom.VbeProtectedMode"/>.</summary>
    public static void Add(RomWriter rom) => rom.Org(VideoRom.VbeProtectedMode).Emit(Build());

    private static byte[] Build()
    {
        int read = TableBytes, write = read + Read.Length, window = write + Write.Length;
        byte[] windowCode = SetWindow(window, write);
        int start = window + windowCode.Length;
        byte[] startCode = SetDisplayStart(start, read, write);
        int palette = start + startCode.Length;
        return new ByteWriter().U16(window).U16(start).U16(palette).U16(0)
            .Bytes(Read).Bytes(Write).Bytes(windowCode).Bytes(startCode).Bytes(SetPalette()).ToArray();
    }

    // DX: the window's position in 64 KiB.
    private static byte[] SetWindow(int at, int write)
    {
        var code = new ByteWriter().Bytes([
            0x52, // PUSH EDX
            0x0F, 0xB7, 0xC2, 0xC1, 0xE0, 0x10, // MOVZX EAX, DX; SHL EAX, 16
            0xB0, VgaHardware.VbeBank]); // MOV AL, register
        Call(code, at, write);
        return code.U8(0x5A).Bytes(Success).ToArray(); // POP EDX
    }

    // DX:CX: the first pixel's address in units of four bytes.
    private static byte[] SetDisplayStart(int at, int read, int write)
    {
        var code = new ByteWriter().Bytes([
            0x53, 0x51, 0x52, 0x56, // PUSH EBX, ECX, EDX, ESI
            0xC1, 0xE2, 0x10, 0x0F, 0xB7, 0xC9, 0x09, 0xD1, 0xC1, 0xE1, 0x02, // ECX = DX:CX * 4
            0xB8, VgaHardware.VbeBpp, 0x00, 0x00, 0x00]);
        Call(code, at, read);
        code.Bytes([
            0x83, 0xC0, 0x07, 0xC1, 0xE8, 0x03, 0x89, 0xC3, // EBX = bytes of a pixel
            0xB8, VgaHardware.VbeVirtualWidth, 0x00, 0x00, 0x00]);
        Call(code, at, read);
        code.Bytes([
            0x0F, 0xAF, 0xC3, 0x89, 0xC6, // ESI = bytes of a line
            0x89, 0xC8, 0x31, 0xD2, 0xF7, 0xF6, // DIV ESI
            0x89, 0xC1, 0x89, 0xD0, 0x31, 0xD2, 0xF7, 0xF3, // ECX = line; EAX = pixel
            0xC1, 0xE0, 0x10, 0xB0, VgaHardware.VbeXOffset]);
        Call(code, at, write);
        code.Bytes([0x89, 0xC8, 0xC1, 0xE0, 0x10, 0xB0, VgaHardware.VbeYOffset]);
        Call(code, at, write);
        return code.Bytes([0x5E, 0x5A, 0x59, 0x5B]).Bytes(Success).ToArray();
    }

    // CX entries from DX on, at ES:EDI: blue, green, red, alignment.
    private static byte[] SetPalette() => new ByteWriter().Bytes([
        0x60, // PUSHAD
        0x88, 0xD0, 0x66, 0xBA, 0xC8, 0x03, 0xEE, 0x42, // MOV AL, DL; OUT 3C8, AL; EDX = 3C9
        0x0F, 0xB7, 0xC9, 0xE3, 0x13, // MOVZX ECX, CX; JECXZ
        0x26, 0x8A, 0x47, 0x02, 0xEE, 0x26, 0x8A, 0x47, 0x01, 0xEE, 0x26, 0x8A, 0x07, 0xEE, // red, green, blue
        0x83, 0xC7, 0x04, 0xE2, 0xED, // ADD EDI, 4; LOOP
        0x61]).Bytes(Success).ToArray();

    private static void Call(ByteWriter code, int at, int target) => code.U8(0xE8).U32((uint)(target - (at + code.Length + 4)));
}

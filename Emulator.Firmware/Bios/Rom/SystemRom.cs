using System.Text;

namespace Emulator.Firmware.Bios.Rom;

/// <summary>
/// The 64 KiB at F0000: stubs that call into the VMM, interrupt handlers that speak to the interrupt controllers themselves, and the
/// tables of <see cref="SystemTables"/>. Entry points lie where the PC/AT's BIOS had them, because programs jump there (IBM PC/AT
/// Technical Reference, BIOS listing).
/// </summary>
public sealed class SystemRom
{
    /// <summary>Bytes of the ROM, and its real-mode segment.</summary>
    public const int Size = 0x10000, Segment = 0xF000;

    /// <summary>Offset of an IRET: where unused vectors lead.</summary>
    public const ushort IretOffset = 0xFF53;

    /// <summary>The diskette parameter table, INT 1Eh, and the system configuration table, INT 15h AH=C0h.</summary>
    public const ushort DisketteTable = 0xEFC7, ConfigurationTable = 0xE6F5;

    private const int StubsStart = 0x1000, PostOffset = 0xE05B, IdtPointerOffset = 0x0F00;

    private readonly RomWriter rom = new(Size);
    private readonly ushort[] vectors = new ushort[256];

    private SystemRom()
    {
        Array.Fill(vectors, IretOffset);
        rom.Org(StubsStart);
        AddServices();
        AddMasterInterrupts();
        AddSlaveInterrupts();
        AddPost();
        AddProtectedModeEntries();
        SystemTables.Add(rom, this);
        rom.Org(IretOffset).Emit(0xCF);
        rom.Org(IdtPointerOffset).Emit(0xFF, 0x03, 0x00, 0x00, 0x00, 0x00);
        rom.Org(0xFFF0).Emit(0xEA, PostOffset & 0xFF, PostOffset >> 8, 0x00, 0xF0); // JMP FAR F000:E05B
        rom.Org(0xFFF5).Emit(Encoding.ASCII.GetBytes("01/01/26"));
        rom.Org(0xFFFE).Emit(0xFC); // model byte: AT
        rom.SetChecksum(0, Size, 0xFFFF);
        Traps = rom.Traps.ToDictionary(pair => (uint)(0xF0000 + pair.Key), pair => pair.Value);
    }

    /// <summary>The ROM, made once.</summary>
    public static SystemRom Instance { get; } = new();

    /// <summary>The image.</summary>
    public ReadOnlyMemory<byte> Image => rom.Bytes;

    /// <summary>Calls into the VMM by physical address.</summary>
    public IReadOnlyDictionary<uint, BiosEntry> Traps { get; }

    /// <summary>Offset in the F segment of each interrupt's handler.</summary>
    public IReadOnlyList<ushort> Vectors => vectors;

    /// <summary>Offsets of the entries for protected mode.</summary>
    public ushort ApmEntry { get; private set; }

    /// <summary>See <see cref="ApmEntry"/>.</summary>
    public ushort Bios32Entry { get; private set; }

    /// <summary>See <see cref="ApmEntry"/>.</summary>
    public ushort Pci32Entry { get; private set; }

    private void AddServices()
    {
        Vector(0x11, rom.Service(BiosEntry.Int11), 0xF84D);
        Vector(0x12, rom.Service(BiosEntry.Int12), 0xF841);
        Vector(0x13, rom.Service(BiosEntry.Int13), 0xE3FE);
        Vector(0x40, vectors[0x13], 0xEC59);
        Vector(0x14, rom.Service(BiosEntry.Int14), 0xE739);
        Vector(0x15, rom.Service(BiosEntry.Int15), 0xF859);
        Vector(0x16, rom.Service(BiosEntry.Int16), 0xE82E);
        Vector(0x17, rom.Service(BiosEntry.Int17), 0xEFD2);
        Vector(0x1A, rom.Service(BiosEntry.Int1A), 0xFE6E);
        int boot = rom.At;
        rom.Emit(
            0xFA, 0x31, 0xC0, // CLI, XOR AX, AX
            0x8E, 0xD0, 0xBC, 0x00, 0x7C, // MOV SS, AX, MOV SP, 7C00
            0x8E, 0xD8, 0x8E, 0xC0, // MOV DS, AX, MOV ES, AX
            0x9C, 0x0E, 0x6A, 0x00); // PUSHF, PUSH CS, PUSH 0: the frame that the service changes
        rom.Service(BiosEntry.Int19);
        Vector(0x19, boot, 0xE6F2);
        Vector(0x18, rom.At);
        rom.Emit(0xFA, 0x31, 0xC0, 0x8E, 0xD0, 0xBC, 0x00, 0x7C, 0x8E, 0xD8, 0x8E, 0xC0, 0x9C, 0x0E, 0x6A, 0x00);
        rom.Service(BiosEntry.Int18);
    }

    private void AddMasterInterrupts()
    {
        Vector(0x08, rom.At, 0xFEA5);
        rom.Emit(0x1E, 0x50, 0x52, 0xB8, 0x40, 0x00, 0x8E, 0xD8); // PUSH DS, AX, DX; DS = 40
        rom.Trap(BiosEntry.Timer);
        rom.Emit(0xCD, 0x1C, 0xFA, 0xB0, 0x20, 0xE6, 0x20, 0x5A, 0x58, 0x1F, 0xCF); // INT 1Ch, CLI, EOI, POP, IRET

        Vector(0x09, rom.At, 0xE987);
        rom.Emit(0x50, 0xE4, 0x60, 0xB4, 0x4F, 0xF9, 0xCD, 0x15); // PUSH AX, IN AL, 60, AH = 4F, STC, INT 15h
        rom.Emit(0x73, 0x04); // JNC: the key was taken
        rom.Trap(BiosEntry.Keyboard);
        rom.Emit(0xEB, 0x02, 0xB4, 0x00); // AH = 0 when it was taken, else what to do
        rom.Emit(0xFA, 0xB0, 0x20, 0xE6, 0x20); // CLI, EOI
        rom.Emit(0x80, 0xFC, 0x01, 0x75, 0x02, 0xCD, 0x1B); // 1: Ctrl-Break
        rom.Emit(0x80, 0xFC, 0x02, 0x75, 0x02, 0xCD, 0x05); // 2: Print Screen
        rom.Emit(0x80, 0xFC, 0x03, 0x75, 0x05, 0xB8, 0x00, 0x85, 0xCD, 0x15); // 3, 4: SysRq pressed, released
        rom.Emit(0x80, 0xFC, 0x04, 0x75, 0x05, 0xB8, 0x01, 0x85, 0xCD, 0x15);
        rom.Emit(0x80, 0xFC, 0x05, 0x75, 0x0E); // 5: Pause; waits until bit 3 of 40:18 is clear
        rom.Emit(0x1E, 0x6A, 0x40, 0x1F, 0xFB, 0xF4, 0xF6, 0x06, 0x18, 0x00, 0x08, 0x75, 0xF7, 0x1F);
        rom.Emit(0x58, 0xCF);

        Vector(0x0E, rom.At, 0xEF57);
        rom.Emit(0x50).Trap(BiosEntry.FloppyIrq).Emit(0xB0, 0x20, 0xE6, 0x20, 0x58, 0xCF);

        int spurious = rom.At;
        rom.Emit(0x50, 0xB0, 0x0B, 0xE6, 0x20, 0xE4, 0x20, 0x84, 0xC0, 0x74, 0x04, 0xB0, 0x20, 0xE6, 0x20, 0x58, 0xCF); // EOI if one is in service
        foreach (int vector in (ReadOnlySpan<int>)[0x0A, 0x0B, 0x0C, 0x0D, 0x0F])
        {
            Vector(vector, spurious);
        }
        Vector(0x05, IretOffset, 0xFF54);
    }

    private void AddSlaveInterrupts()
    {
        ReadOnlySpan<byte> endBoth = [0xB0, 0x20, 0xE6, 0xA0, 0xE6, 0x20];

        Vector(0x70, rom.At);
        rom.Emit(0x50).Trap(BiosEntry.RtcIrq).Emit(0x73, 0x02, 0xCD, 0x4A, 0xFA).Emit(endBoth).Emit(0x58, 0xCF); // CF: the alarm, INT 4Ah

        Vector(0x71, rom.At);
        rom.Emit(0x50, 0xB0, 0x20, 0xE6, 0xA0, 0x58, 0xCD, 0x0A, 0xCF); // IRQ 9 is what was IRQ 2: INT 0Ah

        Vector(0x74, rom.At);
        rom.Emit(0x60, 0x1E, 0x06, 0xE4, 0x60).Trap(BiosEntry.MouseIrq); // PUSHA, PUSH DS, PUSH ES, IN AL, 60
        rom.Emit(0x73, 0x10, 0x53, 0x51, 0x52, 0x6A, 0x00); // CF: PUSH status, X, Y, 0
        rom.Emit(0x68, ExtendedData.Segment & 0xFF, ExtendedData.Segment >> 8, 0x1F, 0xFF, 0x1E, (byte)ExtendedData.MouseHandler, 0x00); // CALL FAR [EBDA:22]
        rom.Emit(0x83, 0xC4, 0x08, 0xFA).Emit(endBoth).Emit(0x07, 0x1F, 0x61, 0xCF);

        Vector(0x75, rom.At);
        rom.Emit(0x50, 0x30, 0xC0, 0xE6, 0xF0).Emit(endBoth).Emit(0xCD, 0x02, 0x58, 0xCF); // FPU: clear its interrupt, then as the 8087 had it

        Vector(0x76, rom.At);
        Vector(0x77, rom.At);
        rom.Emit(0x50).Trap(BiosEntry.DiskIrq).Emit(endBoth).Emit(0x58, 0xCF);

        int spurious = rom.At;
        rom.Emit(0x50, 0xB0, 0x0B, 0xE6, 0xA0, 0xE4, 0xA0, 0x84, 0xC0, 0x74, 0x04, 0xB0, 0x20, 0xE6, 0xA0, 0xB0, 0x20, 0xE6, 0x20, 0x58, 0xCF);
        Vector(0x72, spurious);
        Vector(0x73, spurious);
    }

    private void AddPost()
    {
        int start = rom.At;
        rom.Emit(0xFA, 0xFC, 0x31, 0xC0, 0x8E, 0xD0, 0xBC, 0x00, 0x70, 0x8E, 0xD8, 0x8E, 0xC0); // CLI, CLD, SS:SP = 0:7000, DS = ES = 0
        rom.Emit(0x0F, 0x20, 0xC0, 0x66, 0x25, 0xFF, 0xFF, 0xFF, 0x9F, 0x0F, 0x22, 0xC0); // CR0: caches on
        rom.Emit(0x2E, 0x0F, 0x01, 0x1E, IdtPointerOffset & 0xFF, IdtPointerOffset >> 8); // LIDT CS:[...]: 0, limit 3FF
        rom.Trap(BiosEntry.Post);
        rom.Emit(0x73, 0x04, 0xFF, 0x2E, 0x67, 0x04); // CF: back to who reset the processor, JMP FAR [40:67]
        rom.Emit(0xFB);
        int roms = rom.At;
        rom.Trap(BiosEntry.OptionRoms);
        rom.Emit(0x73, 0x0A); // JNC: no more
        rom.Emit(0x68, ExtendedData.Segment & 0xFF, ExtendedData.Segment >> 8, 0x1F, 0xFF, 0x1E, (byte)ExtendedData.RomEntry, 0x00); // CALL FAR
        rom.Emit(0xEB, (byte)(roms - (rom.At + 2)));
        int menu = rom.At;
        rom.Trap(BiosEntry.PostDone);
        rom.Emit(0x73, 0x04, 0xFB, 0xF4, 0xEB, (byte)(menu - (rom.At + 6))); // CF: STI, HLT, again
        rom.Emit(0xCD, 0x19);
        int next = rom.At;
        rom.Org(PostOffset).Jump(start);
        rom.At = next;
    }

    private void AddProtectedModeEntries()
    {
        ApmEntry = FarEntry(BiosEntry.Apm32);
        Bios32Entry = FarEntry(BiosEntry.Bios32);
        Pci32Entry = FarEntry(BiosEntry.Pci32);
    }

    private ushort FarEntry(BiosEntry entry)
    {
        int start = rom.At;
        rom.Trap(entry).Emit(0xCB); // RETF, of the code segment's size
        return (ushort)start;
    }

    // The handler's vector, and a jump at the address where the AT had it.
    private void Vector(int vector, int handler, int fixedEntry = 0)
    {
        vectors[vector] = (ushort)handler;
        if (fixedEntry != 0 && handler != fixedEntry)
        {
            int back = rom.At;
            rom.Org(fixedEntry).Jump(handler);
            rom.At = back;
        }
    }
}

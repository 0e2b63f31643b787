namespace Emulator.Firmware.Bios;

/// <summary>The extended BIOS data area by offset. 22-2F lie where PS/2 BIOSes have the mouse's data; the rest is this BIOS's own.</summary>
/// <param name="memory">Memory as the caller sees it.</param>
public readonly struct ExtendedData(IBiosMemory memory)
{
    /// <summary>The mouse handler's far address, then flags and the packet that is being collected.</summary>
    public const ushort MouseHandler = 0x22, MouseCount = 0x26, MouseFlags = 0x27, MousePacket = 0x28;

    /// <summary>Parameter tables of the first two hard disks (INT 41h, INT 46h), 16 bytes each.</summary>
    public const ushort DiskTables = 0x3D;

    /// <summary>Fixed-disk parameter table extension that INT 13h AH=48h points to.</summary>
    public const ushort EddTable = 0x60;

    /// <summary>El Torito: drive number that a CD stands in for (FFh: none), and how.</summary>
    public const ushort CdEmulation = 0x80;

    /// <summary>Where the start-up stands: stage, index of the device, time limit.</summary>
    public const ushort BootStage = 0xB0, BootIndex = 0xB1, BootDeadline = 0xB8;

    /// <summary>Option ROM scan: the next address (in 512 bytes), far address of the entry.</summary>
    public const ushort RomNext = 0xC0, RomEntry = 0xC4;

    /// <summary>APM: what is connected.</summary>
    public const ushort ApmConnection = 0xD0;

    private const uint Address = Firmware.Memory.MemoryMap.EbdaStart;

    /// <summary>Real-mode segment of the area.</summary>
    public const ushort Segment = (ushort)(Address >> 4);

    /// <summary>Linear address of an offset.</summary>
    public static uint At(int offset) => Address + (uint)offset;

    /// <summary>A byte.</summary>
    public byte Byte(int offset) => (byte)memory.Load(At(offset), 1);

    /// <summary>A word.</summary>
    public ushort Word(int offset) => (ushort)memory.Load(At(offset), 2);

    /// <summary>A doubleword.</summary>
    public uint Dword(int offset) => memory.Load(At(offset), 4);

    /// <summary>Stores a byte.</summary>
    public void SetByte(int offset, int value) => memory.Store(At(offset), 1, (byte)value);

    /// <summary>Stores a word.</summary>
    public void SetWord(int offset, int value) => memory.Store(At(offset), 2, (ushort)value);

    /// <summary>Stores a doubleword.</summary>
    public void SetDword(int offset, uint value) => memory.Store(At(offset), 4, value);
}

namespace Emulator.Firmware.Bios;

/// <summary>The BIOS data area at 40:0 by offset (IBM PS/2 BIOS Interface Technical Reference, section 3).</summary>
/// <param name="memory">Memory as the caller sees it.</param>
public readonly struct BiosData(IBiosMemory memory)
{
#pragma warning disable CS1591 // named as in the reference
    public const ushort Serial = 0x00, Parallel = 0x08, EbdaSegment = 0x0E, Equipment = 0x10, MemorySize = 0x13, ShiftFlags = 0x17, ShiftFlags2 = 0x18,
        AltNumber = 0x19, BufferHead = 0x1A, BufferTail = 0x1C, SeekStatus = 0x3E, MotorStatus = 0x3F, MotorCount = 0x40, FloppyStatus = 0x41,
        VideoMode = 0x49, Columns = 0x4A, PageSize = 0x4C, PageStart = 0x4E, CursorPositions = 0x50, CursorShape = 0x60, Page = 0x62,
        CrtcPort = 0x63, ModeRegister = 0x65, CgaPalette = 0x66, Ticks = 0x6C, Midnight = 0x70, Break = 0x71, ResetFlag = 0x72,
        DiskStatus = 0x74, DiskCount = 0x75, PrinterTimeouts = 0x78, SerialTimeouts = 0x7C, BufferStart = 0x80, BufferEnd = 0x82, Rows = 0x84,
        CharacterHeight = 0x85, VideoInfo = 0x87, VideoSwitches = 0x88, VideoFlags = 0x89, DisplayCombination = 0x8A, DiskInterrupt = 0x8E,
        FloppyMedia = 0x90, FloppyCylinder = 0x94, KeyboardStatus3 = 0x96, KeyboardStatus = 0x97, WaitFlagPointer = 0x98, WaitCount = 0x9C,
        WaitActive = 0xA0, SavePointer = 0xA8;
#pragma warning restore CS1591

    private const uint Address = 0x400;

    /// <summary>A byte.</summary>
    public byte Byte(int offset) => (byte)memory.Load(Address + (uint)offset, 1);

    /// <summary>A word.</summary>
    public ushort Word(int offset) => (ushort)memory.Load(Address + (uint)offset, 2);

    /// <summary>A doubleword.</summary>
    public uint Dword(int offset) => memory.Load(Address + (uint)offset, 4);

    /// <summary>Stores a byte.</summary>
    public void SetByte(int offset, int value) => memory.Store(Address + (uint)offset, 1, (byte)value);

    /// <summary>Stores a word.</summary>
    public void SetWord(int offset, int value) => memory.Store(Address + (uint)offset, 2, (ushort)value);

    /// <summary>Stores a doubleword.</summary>
    public void SetDword(int offset, uint value) => memory.Store(Address + (uint)offset, 4, value);
}

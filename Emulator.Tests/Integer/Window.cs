namespace Emulator.Tests.Integer;

/// <summary>
/// Linear addresses that a host process in 32-bit code and the guest have alike. Code, data and stack are compared; stubs, the block
/// and the host's stack are the host's alone.
/// </summary>
internal static class Window
{
    public const uint Base = 0x1800_0000, Size = 0x15000;

    /// <summary>Where the 64-bit stub is entered.</summary>
    public const uint Enter = Base, Leave = Base + 0x100, Start32 = Base + 0x200, Finish32 = Base + 0x300, Handlers = Base + 0x400;

    /// <summary>Registers in and out, see <see cref="NativeBlock"/>.</summary>
    public const uint Block = Base + 0x1000;

    /// <summary>The program: one page.</summary>
    public const uint Code = Base + 0x2000, CodeSize = 0x1000;

    /// <summary>Top of the stack that the stubs use.</summary>
    public const uint HostStack = Base + 0xF000;

    /// <summary>Three pages of data, of which operands lie in the middle one; then two of stack.</summary>
    public const uint Data = Base + 0x10000, DataSize = 0x5000, Middle = Data + 0x1000, Stack = Data + 0x4000;

    /// <summary>Where programs keep ESP before they set it back to <see cref="Stack"/>.</summary>
    public const uint SavedStack = Stack + 0xF00;

    /// <summary>Base of the 64 KiB segment of programs with 16-bit addresses, and its selector.</summary>
    public const uint LocalBase = Data;

    /// <summary>Selector of a 16-bit code segment that is the program's page.</summary>
    public const ushort Code16Selector = 0x0F;

    /// <summary>Selectors of flat code, flat data, and the local segment, at CPL 3.</summary>
    public const ushort CodeSelector = 0x23, DataSelector = 0x2B, LocalSelector = 7;
}

namespace Emulator.Tests.Fpu;

/// <summary>
/// Runs one x87 instruction on the host from a full FRSTOR image to a full FNSAVE image. FNSAVE does not wait, so unmasked exceptions
/// show as status bits and never reach the process.
/// </summary>
// SAFETY: the block is this object's own array, pinned for its life; the code touches nothing else.
internal sealed unsafe class X87Host : IDisposable
{
    public const int SaveIn = 0, SaveOut = 0x80, FlagsIn = 0xF0, FlagsOut = 0xF8;

    private readonly byte[] block = GC.AllocateArray<byte>(0x400, pinned: true);
    private readonly NativeCode code;

    public X87Host(ReadOnlySpan<byte> instruction)
    {
        byte[] bytes =
        [
            0xDD, 0x27, // frstor [rdi]
            0xFF, 0xB7, FlagsIn, 0, 0, 0, 0x9D, // push qword [rdi+FlagsIn]; popfq
            .. instruction,
            0x9C, 0x8F, 0x87, FlagsOut, 0, 0, 0, // pushfq; pop qword [rdi+FlagsOut]
            0xDD, 0xB7, SaveOut, 0, 0, 0, // fnsave [rdi+SaveOut]
            0xC3,
        ];
        code = new NativeCode(bytes);
        // FXSAVE wants 16-byte alignment.
        Block = (byte*)(System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(block, 0) + 15 & ~(nint)15);
    }

    public byte* Block { get; }

    public void Run() => code.Run(Block);

    public void Dispose() => code.Dispose();
}

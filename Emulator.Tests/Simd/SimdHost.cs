using Emulator.Core.Cpu;

namespace Emulator.Tests.Simd;

/// <summary>Runs one MMX or SSE instruction on the host from a complete state to a complete state (<see cref="SimdBlock"/>).</summary>
// SAFETY: the block is this object's own array, pinned for its life; the code touches nothing else.
internal sealed unsafe class SimdHost : IDisposable
{
    private readonly byte[] block = GC.AllocateArray<byte>(SimdBlock.Size + 64, pinned: true);
    private readonly NativeCode code;
    private readonly FloatTrap trap;

    public SimdHost(ReadOnlySpan<byte> instruction)
    {
        byte[] before =
        [
            0x53, // push rbx
            0x0F, 0xAE, 0x0F, // fxrstor [rdi]
            0xFF, 0xB7, .. Disp(SimdBlock.RegistersIn + 32), 0x9D, // push qword [..]; popfq
            0x48, 0x8B, 0x87, .. Disp(SimdBlock.RegistersIn), // mov rax, [..]
            0x48, 0x8B, 0x8F, .. Disp(SimdBlock.RegistersIn + 8), // mov rcx, [..]
            0x48, 0x8B, 0x97, .. Disp(SimdBlock.RegistersIn + 16), // mov rdx, [..]
            0x48, 0x8B, 0x9F, .. Disp(SimdBlock.RegistersIn + 24), // mov rbx, [..]
            .. instruction,
        ];
        byte[] whole =
        [
            .. before,
            0x48, 0x89, 0x87, .. Disp(SimdBlock.RegistersOut), // mov [..], rax
            0x48, 0x89, 0x8F, .. Disp(SimdBlock.RegistersOut + 8), // mov [..], rcx
            0x48, 0x89, 0x97, .. Disp(SimdBlock.RegistersOut + 16), // mov [..], rdx
            0x48, 0x89, 0x9F, .. Disp(SimdBlock.RegistersOut + 24), // mov [..], rbx
            0x9C, 0x8F, 0x87, .. Disp(SimdBlock.RegistersOut + 32), // pushfq; pop qword [..]
            0x0F, 0xAE, 0x87, .. Disp(SimdBlock.StateOut), // fxsave [..]
            0xDB, 0xE3, // fninit
            0x0F, 0xAE, 0x97, .. Disp(SimdBlock.HostMxcsr), // ldmxcsr [..]
            0x5B, // pop rbx
            0xC3,
        ];
        code = new NativeCode([.. whole, .. FloatTrap.Handler(whole.Length, resumeAt: before.Length, SimdBlock.Trapped)]);
        trap = new FloatTrap(code.Address + whole.Length);
        Block = (byte*)(System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(block, 0) + 63 & ~(nint)63);
        *(uint*)(Block + SimdBlock.HostMxcsr) = Mxcsr.Initial;
    }

    public byte* Block { get; }

    /// <summary>Runs it; returns the vector of the exception that it raised, or 0.</summary>
    public int Run()
    {
        *(uint*)(Block + SimdBlock.Trapped) = 0;
        code.Run(Block);
        return *(int*)(Block + SimdBlock.Trapped);
    }

    public void Dispose()
    {
        trap.Dispose();
        code.Dispose();
    }

    private static byte[] Disp(int offset) => BitConverter.GetBytes(offset);
}

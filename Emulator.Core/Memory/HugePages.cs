using System.Runtime.InteropServices;

namespace Emulator.Core.Memory;

/// <summary>Large host pages for guest memory: a guest that wanders through its RAM then misses the host's TLB as seldom as on hardware of its own.</summary>
public static unsafe partial class HugePages
{
    /// <summary>Size of one, in bytes; memory aligned to it can be made of them.</summary>
    public const int Size = 2 << 20;

    private const int AdviceHugePage = 14;

    /// <summary>Asks the host to use them where memory gets touched. A host without them just stays as it is.</summary>
    public static void Ask(byte* memory, ulong bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Advise(memory, (nuint)bytes, AdviceHugePage);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(byte* address, nuint length, int advice);
}

namespace Emulator.BT.Translator.X64;

/// <summary>
/// What the host's registers hold in translated code, everywhere: the guest's eight registers under their own numbers (ESP in R15, since
/// RSP is the host's), upper halves 0. So regions go to each other without moving anything.
/// </summary>
internal static class HostRegister
{
#pragma warning disable CS1591 // the manual's own names
    public const int Rax = 0, Rcx = 1, Rdx = 2, Rbx = 3, Rsp = 4, Rbp = 5, Rsi = 6, Rdi = 7, R10 = 10;
#pragma warning restore CS1591

    /// <summary>Scratch: the linear address of the memory operand.</summary>
    public const int Linear = 8;

    /// <summary>Scratch: host minus linear address of the operand's page.</summary>
    public const int Delta = 9;

    /// <summary>Scratch.</summary>
    public const int Scratch = 10;

    /// <summary>The budget, 64 bits.</summary>
    public const int Budget = 11;

    /// <summary>Shadow table of writes.</summary>
    public const int WriteTable = 12;

    /// <summary>Shadow table of reads.</summary>
    public const int ReadTable = 13;

    /// <summary>The state's address plus <see cref="StateBias"/>, so that short displacements reach most fields.</summary>
    public const int State = 14;

    /// <summary>The guest's ESP.</summary>
    public const int GuestSp = 15;

    /// <summary>See <see cref="State"/>.</summary>
    public const int StateBias = 128;

    /// <summary>Host register of general register <paramref name="n"/> of the guest.</summary>
    public static int Of(int n) => n == 4 ? GuestSp : n;
}

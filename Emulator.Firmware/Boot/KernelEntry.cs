namespace Emulator.Firmware.Boot;

/// <summary>
/// The processor's state when a directly loaded kernel starts: protected mode, paging off, A20 open, interrupts disabled
/// (EFLAGS = 2), CS a flat 4 GiB 32-bit code segment, the others flat data segments. The descriptors stand in memory at
/// <paramref name="GdtBase"/>.
/// </summary>
/// <param name="Eip">First instruction.</param>
/// <param name="Esp">Stack pointer.</param>
/// <param name="Eax">EAX.</param>
/// <param name="Ebx">EBX.</param>
/// <param name="Ecx">ECX.</param>
/// <param name="Edx">EDX.</param>
/// <param name="Esi">ESI.</param>
/// <param name="Edi">EDI.</param>
/// <param name="Ebp">EBP.</param>
/// <param name="GdtBase">Linear address of the descriptor table.</param>
/// <param name="GdtLimit">Offset of its last byte.</param>
/// <param name="Cs">Code selector.</param>
/// <param name="Ds">Selector of DS, ES, FS, GS and SS.</param>
public sealed record KernelEntry(
    uint Eip, uint Esp, uint Eax, uint Ebx, uint Ecx, uint Edx, uint Esi, uint Edi, uint Ebp,
    uint GdtBase, ushort GdtLimit, ushort Cs, ushort Ds);

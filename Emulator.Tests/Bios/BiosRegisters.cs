namespace Emulator.Tests.Bios;

/// <summary>Registers before or after an interrupt.</summary>
internal sealed record BiosRegisters
{
    public uint Eax { get; init; }

    public uint Ebx { get; init; }

    public uint Ecx { get; init; }

    public uint Edx { get; init; }

    public uint Ebp { get; init; }

    public uint Esi { get; init; }

    public uint Edi { get; init; }

    public ushort Ds { get; init; }

    public ushort Es { get; init; }

    public ushort Flags { get; init; }

    public bool Carry => (Flags & 1) != 0;

    public bool Zero => (Flags & 0x40) != 0;

    public ushort Ax => (ushort)Eax;

    public ushort Bx => (ushort)Ebx;

    public ushort Cx => (ushort)Ecx;

    public ushort Dx => (ushort)Edx;

    public byte Al => (byte)Eax;

    public byte Ah => (byte)(Eax >> 8);
}

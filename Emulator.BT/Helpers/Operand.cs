using System.Runtime.CompilerServices;
using Emulator.BT.Decode;
using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Helpers;

/// <summary>Operands as helpers reach them.</summary>
public static unsafe class Operand
{
    /// <summary>Operand size in bytes: 2 or 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Size(Insn* i) => (i->Extra & InsnFlags.Operand32) != 0 ? 4 : 2;

    /// <summary>Offset part of the memory operand's address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Address(CpuState* cpu, Insn* i)
    {
        byte* state = (byte*)cpu;
        return Cut(i, *(ulong*)(state + i->Base) + (*(ulong*)(state + i->Index) << i->Scale) + (ulong)(long)i->Disp);
    }

    /// <summary>An offset cut to the address size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Cut(Insn* i, ulong offset) => offset & (~0ul >> i->AddressShift);

    /// <summary>Reads memory of 1-8 bytes, by the inline path where it can.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* cpu, Insn* i, int segment, ulong ea, int size, out ulong value)
    {
        byte* p = Access.TryRead(cpu, segment, ea, size);
        if (p != null)
        {
            value = size switch { 1 => *p, 2 => *(ushort*)p, 4 => *(uint*)p, _ => *(ulong*)p };
            return true;
        }
        cpu->SlowInsn = (nint)i;
        return SlowAccess.Load(cpu, segment, ea, size, out value);
    }

    /// <summary>Writes memory of 1-8 bytes, by the inline path where it can.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store(CpuState* cpu, Insn* i, int segment, ulong ea, int size, ulong value)
    {
        byte* p = Access.TryWrite(cpu, segment, ea, size);
        if (p == null)
        {
            cpu->SlowInsn = (nint)i;
            return SlowAccess.Store(cpu, segment, ea, size, value);
        }
        switch (size)
        {
            case 1: *p = (byte)value; break;
            case 2: *(ushort*)p = (ushort)value; break;
            case 4: *(uint*)p = (uint)value; break;
            default: *(ulong*)p = value; break;
        }
        return true;
    }

    /// <summary>Reads a general register or memory r/m operand of 1, 2 or 4 bytes.</summary>
    public static bool ReadRm(CpuState* cpu, Insn* i, int size, out ulong value)
    {
        if (i->IsMemory)
        {
            return Load(cpu, i, i->Segment, Address(cpu, i), size, out value);
        }
        value = *(ulong*)((byte*)cpu + i->Dst) & (~0ul >> (64 - (size * 8)));
        return true;
    }

    /// <summary>Writes a general register: 1 and 2 bytes merge, 4 clear the upper half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetRegister(CpuState* cpu, int offset, int size, ulong value)
    {
        byte* p = (byte*)cpu + offset;
        switch (size)
        {
            case 1: *p = (byte)value; break;
            case 2: *(ushort*)p = (ushort)value; break;
            case 4: *(ulong*)p = (uint)value; break;
            default: *(ulong*)p = value; break;
        }
    }

    /// <summary>Ends the block after the instruction: what every helper does whose effect the next block must see. Returns false.</summary>
    public static bool EndBlock(CpuState* cpu, Insn* i)
    {
        cpu->Rip = cpu->BlockRip + (ulong)i->NextOffset;
        return false;
    }
}

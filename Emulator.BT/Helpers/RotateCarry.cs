using Emulator.BT.Decode;
using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Helpers;

/// <summary>RCL and RCR: Sub is the operand size in bytes, bit 6 of Sub says RCR, bit 7 says that the count is in CL.</summary>
public static unsafe class RotateCarry
{
    /// <summary>Flag in Sub: rotate right.</summary>
    public const int Right = 0x40;

    /// <summary>Flag in Sub: the count is CL, not Imm.</summary>
    public const int CountInCl = 0x80;

    /// <summary>RCL, RCR.</summary>
    public static bool Run(CpuState* cpu, Insn* i)
    {
        int size = i->Sub & 15, bits = size * 8;
        int masked = (int)((i->Sub & CountInCl) != 0 ? cpu->Gpr[1] : (ulong)i->Imm) & 31, count = masked % (bits + 1);
        ulong a;
        byte* inline = null;
        if (i->IsMemory)
        {
            ulong ea = Operand.Address(cpu, i);
            inline = Access.TryWrite(cpu, i->Segment, ea, size);
            if (inline != null)
            {
                a = size switch { 1 => *inline, 2 => *(ushort*)inline, _ => *(uint*)inline };
            }
            else if (!SlowAccess.BeginModify(cpu, i->Segment, ea, size, out a))
            {
                return false;
            }
        }
        else
        {
            a = *(ulong*)((byte*)cpu + i->Dst) & (~0ul >> (64 - bits));
        }
        if (masked != 0)
        {
            a = Rotate(cpu, a, bits, count, (i->Sub & Right) != 0);
        }
        if (inline != null)
        {
            Buffer.MemoryCopy(&a, inline, size, size);
        }
        else if (i->IsMemory)
        {
            SlowAccess.EndModify(cpu, size, a);
        }
        else
        {
            Operand.SetRegister(cpu, i->Dst, size, a);
        }
        return true;
    }

    // OF, in the manual undefined for counts beyond 1, is computed alike for all: MSB xor CF (left), the top two bits differ (right).
    private static ulong Rotate(CpuState* cpu, ulong a, int bits, int count, bool right)
    {
        ulong carry = cpu->FlagsAux >> 63, mask = ~0ul >> (64 - bits);
        for (int n = 0; n < count; n++)
        {
            ulong next = right ? a & 1 : a >> (bits - 1);
            a = right ? a >> 1 | carry << (bits - 1) : (a << 1 | carry) & mask;
            carry = next;
        }
        ulong overflow = right ? (a >> (bits - 1) ^ a >> (bits - 2)) & 1 : a >> (bits - 1) ^ carry;
        cpu->FlagsAux = (cpu->FlagsAux & ~(3ul << 62)) | carry << 63 | (carry ^ overflow) << 62;
        return a;
    }
}

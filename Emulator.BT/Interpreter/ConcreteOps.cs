using BitOperations = System.Numerics.BitOperations;
using System.Runtime.CompilerServices;
using Emulator.BT.Decode;
using Emulator.BT.Semantics;
using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Interpreter;

/// <summary>
/// The computing value domain: semantics specialised over it are the interpreter's handlers. Lives in registers for one
/// instruction. <c>FlagsResult</c> and <c>FlagsAux</c> are described at <see cref="CpuState"/>.
/// </summary>
public unsafe struct ConcreteOps(CpuState* cpu, Insn* insn) : IOps<ulong>
{
    private const ulong CarryBit = 1ul << 63, OverflowBits = 3ul << 62, AuxCarryBit = 8;

    // Host address of the operand between BeginModify and EndModify; null when it took the slow path.
    private byte* modify;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Const(ulong value) => value;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Add(ulong a, ulong b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Sub(ulong a, ulong b) => a - b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Mul(ulong a, ulong b) => a * b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong And(ulong a, ulong b) => a & b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Or(ulong a, ulong b) => a | b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Xor(ulong a, ulong b) => a ^ b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Not(ulong a) => ~a;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Neg(ulong a) => 0 - a;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Shl(ulong a, ulong count) => a << (int)count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Shr(ulong a, ulong count) => a >> (int)count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Sar(ulong a, ulong count) => (ulong)((long)a >> (int)count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Equal(ulong a, ulong b) => a == b ? 1ul : 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong LessUnsigned(ulong a, ulong b) => a < b ? 1ul : 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong LessSigned(ulong a, ulong b) => (long)a < (long)b ? 1ul : 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong MulHigh(ulong a, ulong b) => Math.BigMul(a, b, out _);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong MulHighSigned(ulong a, ulong b) => (ulong)Math.BigMul((long)a, (long)b, out _);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong LowestBit(ulong a) => (ulong)BitOperations.TrailingZeroCount(a);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong HighestBit(ulong a) => (ulong)BitOperations.Log2(a);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Trunc<W>(ulong a)
        where W : struct, IWidth =>
        W.Bits switch { 8 => (byte)a, 16 => (ushort)a, 32 => (uint)a, _ => a };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong SignExtend<W>(ulong a)
        where W : struct, IWidth =>
        W.Bits switch { 8 => (ulong)(sbyte)a, 16 => (ulong)(short)a, 32 => (ulong)(int)a, _ => a };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Select(ulong condition, ulong a, ulong b) => condition != 0 ? a : b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool If(ulong condition) => condition != 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void EndIf()
    {
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Register<W>(int offset)
        where W : struct, IWidth => Read<W>((byte*)cpu + offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void SetRegister<W>(int offset, ulong value)
        where W : struct, IWidth
    {
        byte* p = (byte*)cpu + offset;
        if (W.Bits == 32)
        {
            *(ulong*)p = (uint)value;
        }
        else
        {
            Write<W>(p, value);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong EffectiveAddress(in Insn i)
    {
        byte* state = (byte*)cpu;
        ulong ea = *(ulong*)(state + i.Base) + (*(ulong*)(state + i.Index) << i.Scale) + (ulong)(long)i.Disp;
        return ea & (~0ul >> i.AddressShift);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Load<W>(int segment, ulong address, out ulong value)
        where W : struct, IWidth
    {
        byte* p = Access.TryRead(cpu, segment, address, W.Bits / 8);
        if (p != null)
        {
            value = Read<W>(p);
            return true;
        }
        cpu->SlowInsn = (nint)insn;
        return SlowAccess.Load(cpu, segment, address, W.Bits / 8, out value);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Store<W>(int segment, ulong address, ulong value)
        where W : struct, IWidth
    {
        byte* p = Access.TryWrite(cpu, segment, address, W.Bits / 8);
        if (p != null)
        {
            Write<W>(p, value);
            return true;
        }
        cpu->SlowInsn = (nint)insn;
        return SlowAccess.Store(cpu, segment, address, W.Bits / 8, value);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool BeginModify<W>(int segment, ulong address, out ulong value)
        where W : struct, IWidth
    {
        modify = Access.TryWrite(cpu, segment, address, W.Bits / 8);
        if (modify != null)
        {
            value = Read<W>(modify);
            return true;
        }
        cpu->SlowInsn = (nint)insn;
        return SlowAccess.BeginModify(cpu, segment, address, W.Bits / 8, out value);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void EndModify<W>(ulong value)
        where W : struct, IWidth
    {
        if (modify != null)
        {
            Write<W>(modify, value);
        }
        else
        {
            SlowAccess.EndModify(cpu, W.Bits / 8, value);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong StackMask() => cpu->StackMask;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void FlagsAdd<W>(ulong a, ulong b, ulong r)
        where W : struct, IWidth
    {
        cpu->FlagsResult = SignExtend<W>(r);
        cpu->FlagsAux = CarryVector<W>((a & b) | ((a | b) & ~r));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void FlagsSub<W>(ulong a, ulong b, ulong r)
        where W : struct, IWidth
    {
        cpu->FlagsResult = SignExtend<W>(r);
        cpu->FlagsAux = CarryVector<W>((~a & b) | ((~a | b) & r));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void FlagsLogic<W>(ulong r)
        where W : struct, IWidth
    {
        cpu->FlagsResult = SignExtend<W>(r);
        cpu->FlagsAux = 0;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void FlagsInc<W>(ulong r)
        where W : struct, IWidth
    {
        // OF when the result is the most negative number; AF when its low digit is 0.
        ulong overflow = Trunc<W>(r) == 1ul << (W.Bits - 1) ? 1ul << 62 : 0;
        FlagsStep<W>(r, overflow, (r & 0xF) == 0 ? AuxCarryBit : 0);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void FlagsDec<W>(ulong r)
        where W : struct, IWidth
    {
        ulong overflow = Trunc<W>(r) == (~0ul >> (64 - W.Bits)) >> 1 ? 1ul << 62 : 0;
        FlagsStep<W>(r, overflow, (r & 0xF) == 0xF ? AuxCarryBit : 0);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void FlagsResult<W>(ulong r, ulong carry, ulong overflow)
        where W : struct, IWidth
    {
        cpu->FlagsResult = SignExtend<W>(r);
        cpu->FlagsAux = carry << 63 | (carry ^ overflow) << 62;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void FlagsCarryOverflow(ulong carry, ulong overflow) =>
        cpu->FlagsAux = (cpu->FlagsAux & ~OverflowBits) | carry << 63 | (carry ^ overflow) << 62;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void SetCarry(ulong carry)
    {
        ulong change = (cpu->FlagsAux ^ (carry << 63)) & CarryBit;
        cpu->FlagsAux ^= change | change >> 1;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong DivUnsigned(ulong a, ulong b) => a / b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong DivSigned(ulong a, ulong b) => (ulong)((long)a / (long)b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Require(ulong condition, int vector) => condition != 0 || Helpers.Fault.Raise(cpu, vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Carry() => cpu->FlagsAux >> 63;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Condition(int code) => Flags.Condition(cpu, code) ? 1ul : 0;

    /// <inheritdoc/>
    public readonly ulong LowFlags() => (byte)cpu->GetEflags();

    /// <inheritdoc/>
    public readonly void SetLowFlags(ulong flags) => cpu->SetArithmeticFlags((cpu->GetEflags() & ~0xFFu) | (byte)flags);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void SetDirection(bool down) => cpu->FlagsOther = down ? cpu->FlagsOther | Eflags.DF : cpu->FlagsOther & ~(ulong)Eflags.DF;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong NextRip(in Insn i) => cpu->BlockRip + (ulong)i.NextOffset;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool CheckTarget<W>(ulong target)
        where W : struct, IWidth
    {
        if (Trunc<W>(target) <= cpu->Segments[Seg.CS].Limit)
        {
            return true;
        }
        cpu->FaultVector = Vector.GP;
        cpu->FaultErrorCode = 0;
        return false;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool CheckBranch<W>(ulong condition, in Insn i)
        where W : struct, IWidth => condition == 0 || CheckTarget<W>(cpu->BlockRip + (ulong)i.Imm);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Jump<W>(ulong target)
        where W : struct, IWidth
    {
        ulong rip = Trunc<W>(target);
        if (rip > cpu->Segments[Seg.CS].Limit)
        {
            cpu->FaultVector = Vector.GP;
            cpu->FaultErrorCode = 0;
        }
        else
        {
            cpu->Rip = rip;
        }
        return false;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Branch<W>(ulong condition, in Insn i)
        where W : struct, IWidth
    {
        if (condition != 0)
        {
            return Jump<W>(cpu->BlockRip + (ulong)i.Imm);
        }
        cpu->Rip = cpu->BlockRip + (ulong)i.NextOffset;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong CarryVector<W>(ulong vector)
        where W : struct, IWidth =>
        W.Bits == 64 ? vector & (OverflowBits | AuxCarryBit) : vector << (64 - W.Bits) & OverflowBits | vector & AuxCarryBit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void FlagsStep<W>(ulong r, ulong overflow, ulong auxCarry)
        where W : struct, IWidth
    {
        ulong carry = cpu->FlagsAux & CarryBit;
        cpu->FlagsResult = SignExtend<W>(r);
        cpu->FlagsAux = (carry | carry >> 1) ^ overflow | auxCarry;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read<W>(byte* p)
        where W : struct, IWidth =>
        W.Bits switch { 8 => *p, 16 => *(ushort*)p, 32 => *(uint*)p, _ => *(ulong*)p };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<W>(byte* p, ulong value)
        where W : struct, IWidth
    {
        switch (W.Bits)
        {
            case 8: *p = (byte)value; break;
            case 16: *(ushort*)p = (ushort)value; break;
            case 32: *(uint*)p = (uint)value; break;
            default: *(ulong*)p = value; break;
        }
    }
}

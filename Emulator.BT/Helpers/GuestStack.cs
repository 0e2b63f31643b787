using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Helpers;

/// <summary>
/// A stack being pushed to or popped from by a transfer that may still fault: nothing reaches the registers before
/// the transfer commits <see cref="Pointer"/>.
/// </summary>
public unsafe struct GuestStack
{
    private readonly CpuState* cpu;
    private readonly SegmentRegister segment;
    private readonly ulong mask;
    private readonly bool user;
    private readonly int faultVector;
    private readonly uint faultCode;

    /// <summary>The present stack.</summary>
    public GuestStack(CpuState* cpu)
        : this(cpu, cpu->Segments[Seg.SS], cpu->Gpr[4], cpu->StackMask, cpu->Cpl == 3, 0)
    {
    }

    /// <summary>A stack to switch to, with its error code for #SS.</summary>
    public GuestStack(CpuState* cpu, Descriptor descriptor, uint faultCode, ulong pointer, bool user)
        : this(cpu, FromDescriptor(descriptor), pointer, descriptor.IsBig ? 0xFFFF_FFFF : 0xFFFF, user, faultCode)
    {
    }

    private GuestStack(CpuState* cpu, SegmentRegister segment, ulong pointer, ulong mask, bool user, uint faultCode)
    {
        this.cpu = cpu;
        this.segment = segment;
        this.mask = mask;
        this.user = user;
        this.faultCode = faultCode;
        faultVector = Vector.SS;
        Pointer = pointer;
    }

    /// <summary>The stack pointer as it would be committed.</summary>
    public ulong Pointer { get; private set; }

    /// <summary>Checks the limit for <paramref name="count"/> pushes of <paramref name="size"/> bytes, before any of them.</summary>
    public readonly bool HasRoom(int count, int size)
    {
        for (int n = 1; n <= count; n++)
        {
            if (!Check((Pointer - (ulong)(n * size)) & mask, size))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Pushes <paramref name="size"/> (2 or 4) bytes.</summary>
    public bool Push(ulong value, int size)
    {
        ulong top = (Pointer - (ulong)size) & mask;
        if (!Check(top, size) || !SlowAccess.StoreLinear(cpu, segment.Base + top, size, user, value))
        {
            return false;
        }
        Pointer = (Pointer & ~mask) | top;
        return true;
    }

    /// <summary>Pops <paramref name="size"/> (2 or 4) bytes.</summary>
    public bool Pop(int size, out ulong value)
    {
        ulong top = Pointer & mask;
        value = 0;
        if (!Check(top, size) || !SlowAccess.LoadLinear(cpu, segment.Base + top, size, user, out value))
        {
            return false;
        }
        Skip(size);
        return true;
    }

    /// <summary>Releases bytes without reading them.</summary>
    public void Skip(int bytes) => Pointer = (Pointer & ~mask) | ((Pointer + (ulong)bytes) & mask);

    private static SegmentRegister FromDescriptor(Descriptor d)
    {
        var s = new SegmentRegister { Base = d.Base, Limit = d.Limit, Access = d.Access };
        s.UpdateLimits();
        return s;
    }

    private readonly bool Check(ulong offset, int size)
    {
        ulong last = offset + (ulong)(size - 1);
        bool expandDown = (segment.Access & (SegmentRegister.CodeBit | SegmentRegister.ExpandDownBit)) == SegmentRegister.ExpandDownBit;
        bool inside = expandDown && !cpu->UsesRealSegments ? offset > segment.Limit && last <= segment.UpperBound : last <= segment.Limit;
        return inside || Fault.Raise(cpu, faultVector, faultCode);
    }
}

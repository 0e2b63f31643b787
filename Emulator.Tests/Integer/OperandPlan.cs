using Iced.Intel;

namespace Emulator.Tests.Integer;

/// <summary>Registers that must hold something before an instruction, so that its memory operands lie in the window.</summary>
internal sealed class OperandPlan(Random random, bool local)
{
    private readonly uint?[] values = new uint?[8];

    /// <summary>Register values to set, by encoding; ESP is always known.</summary>
    public IEnumerable<(int Register, uint Value)> Values =>
        Enumerable.Range(0, 8).Where(n => values[n] is not null && n != 4).Select(n => (n, values[n]!.Value));

    /// <summary>Added to ESP before the address is formed: what POP releases first.</summary>
    public int StackBias { get; set; }

    /// <summary>Claims a register; false when it has a value already.</summary>
    public bool TryClaim(Register register, uint value)
    {
        int n = register - Register.EAX;
        if (n == 4 || values[n] is not null)
        {
            return false;
        }
        values[n] = value;
        return true;
    }

    /// <summary>The offset in DS of a linear address of the window.</summary>
    public uint Offset(uint linear) => local ? linear - Window.LocalBase : linear;

    /// <summary>Gives an instruction a memory operand at a linear address, in any addressing form.</summary>
    public void SetMemory(ref Instruction x, uint linear, bool moffs, bool free)
    {
        bool sixteen = (local || free) && random.Next(3) == 0;
        uint offset = Offset(linear);
        if (moffs)
        {
            (x.MemoryDisplSize, x.MemoryDisplacement64) = sixteen ? (2, (ushort)offset) : (4, offset);
        }
        else if (sixteen)
        {
            SetMemory16(ref x, (ushort)offset);
        }
        else
        {
            SetMemory32(ref x, offset);
        }
        SetSegment(ref x);
    }

    private void SetSegment(ref Instruction x)
    {
        if (x.Mnemonic == Mnemonic.Lea)
        {
            return;
        }
        bool stack = x.MemoryBase is Register.ESP or Register.EBP or Register.BP;
        if (local)
        {
            x.SegmentPrefix = stack || random.Next(4) == 0 ? DataSegment() : Register.None;
        }
        else if (random.Next(4) == 0)
        {
            x.SegmentPrefix = random.Next(3) == 0 ? Register.SS : DataSegment();
        }
    }

    private Register DataSegment() => random.Next(IntegerHost.HasFsGs ? 4 : 2) switch { 0 => Register.DS, 1 => Register.ES, 2 => Register.FS, _ => Register.GS };

    private void SetMemory32(ref Instruction x, uint offset)
    {
        Register @base = random.Next(6) == 0 ? Register.None : Register.EAX + random.Next(8);
        Register index = random.Next(2) == 0 ? Register.None : Register.EAX + random.Next(8);
        index = index == Register.ESP ? Register.None : index;
        int scale = index == Register.None ? 1 : 1 << random.Next(4);
        uint sum = 0;
        if (index != Register.None && index == @base && Known(index) is null)
        {
            TryClaim(index, (uint)random.Next(0x1000));
        }
        if (index != Register.None)
        {
            TryClaim(index, random.Next(2) == 0 ? (uint)random.Next() : (uint)random.Next(-64, 64));
            sum = Known(index)!.Value * (uint)scale;
        }
        uint displacement;
        if (@base != Register.None && Known(@base) is null)
        {
            displacement = random.Next(3) switch { 0 => 0, 1 => (uint)random.Next(-128, 128), _ => (uint)random.Next() };
            TryClaim(@base, offset - sum - displacement);
        }
        else
        {
            displacement = offset - sum - (@base == Register.None ? 0 : Known(@base)!.Value);
        }
        x.MemoryBase = @base;
        x.MemoryIndex = index;
        x.MemoryIndexScale = scale;
        x.MemoryDisplacement64 = displacement;
        bool small = (int)displacement is >= -128 and < 128;
        x.MemoryDisplSize = @base == Register.None ? 4 : displacement == 0 && @base != Register.EBP ? random.Next(4) == 0 ? 1 : 0 : small ? 1 : 4;
    }

    private void SetMemory16(ref Instruction x, ushort offset)
    {
        Register @base = random.Next(3) switch { 0 => Register.BX, 1 => Register.BP, _ => Register.None };
        Register index = random.Next(3) switch { 0 => Register.SI, 1 => Register.DI, _ => Register.None };
        int sum = 0;
        Register open = Register.None;
        foreach (Register r in (ReadOnlySpan<Register>)[@base, index])
        {
            Register full = r == Register.None ? r : r.GetFullRegister32();
            if (r == Register.None)
            {
                continue;
            }
            if (Known(full) is null && open == Register.None)
            {
                open = full;
                continue;
            }
            TryClaim(full, (uint)random.Next());
            sum += (ushort)Known(full)!.Value;
        }
        int displacement;
        if (open != Register.None)
        {
            displacement = random.Next(3) switch { 0 => 0, 1 => random.Next(-128, 128), _ => random.Next(0x10000) };
            TryClaim(open, (uint)random.Next(0x10000) << 16 | (ushort)(offset - sum - displacement));
        }
        else
        {
            displacement = (ushort)(offset - sum);
        }
        x.MemoryBase = @base;
        x.MemoryIndex = index;
        x.MemoryDisplacement64 = (ushort)displacement;
        bool none = @base == Register.None && index == Register.None, small = (short)displacement is >= -128 and < 128;
        bool plainBp = @base == Register.BP && index == Register.None;
        x.MemoryDisplSize = none ? 2 : (ushort)displacement == 0 && !plainBp ? random.Next(4) == 0 ? 1 : 0 : small ? 1 : 2;
    }

    private uint? Known(Register register) => register == Register.ESP ? Window.Stack + (uint)StackBias : values[register - Register.EAX];
}

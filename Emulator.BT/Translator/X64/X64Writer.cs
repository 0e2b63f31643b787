namespace Emulator.BT.Translator.X64;

/// <summary>
/// Writes x86-64 machine code: the few forms that the back end needs around the guest's own instructions. Register numbers are the
/// hardware's. A label is a number from <see cref="NewLabel"/>; jumps to it are 32 bits wide and are patched when it is bound. Addresses are
/// those where the code will run; it is written elsewhere (<see cref="CodeMemory"/>).
/// </summary>
internal sealed unsafe class X64Writer
{
    private readonly List<(int Label, int At)> fixups = [];
    private readonly List<int> labels = [];
    private byte* start;
    private byte* at;
    private byte* end;

    // From where a byte is written to where it will run.
    private nint toCode;

    /// <summary>Bytes written.</summary>
    public int Length => (int)(at - start);

    /// <summary>Where the next byte will run.</summary>
    public byte* Position => at + toCode;

    /// <summary>True when the memory was too small; what was written is then useless.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Starts at what code memory hands out next.</summary>
    public void Begin(CodeMemory memory)
    {
        start = at = memory.Next + memory.ToWritable;
        end = start + memory.Free;
        toCode = -memory.ToWritable;
        fixups.Clear();
        labels.Clear();
        Overflowed = false;
    }

    /// <summary>A label that is not bound yet.</summary>
    public int NewLabel()
    {
        labels.Add(-1);
        return labels.Count - 1;
    }

    /// <summary>Binds a label here.</summary>
    public void Bind(int label) => labels[label] = Length;

    /// <summary>Address of a bound label.</summary>
    public nint AddressOf(int label) => (nint)(start + labels[label]) + toCode;

    /// <summary>Patches all jumps.</summary>
    public void Finish()
    {
        foreach ((int label, int where) in fixups)
        {
            *(int*)(start + where) = labels[label] - where - 4;
        }
    }

    /// <summary>Writes one byte.</summary>
    public void Byte(int value)
    {
        if (at == end)
        {
            Overflowed = true;
            at = start;
        }
        *at++ = (byte)value;
    }

    /// <summary>Writes four bytes.</summary>
    public void Int(int value)
    {
        for (int n = 0; n < 4; n++)
        {
            Byte(value >> (8 * n));
        }
    }

    /// <summary>Opcode with two registers: reg is the ModR/M reg field, rm its r/m field.</summary>
    public void RegReg(int opcode, int reg, int rm, bool wide = false, bool bytes = false)
    {
        Prefix(opcode, reg, 0, rm, wide, bytes && (reg is >= 4 and < 8 || rm is >= 4 and < 8));
        Byte(0xC0 | (reg & 7) << 3 | (rm & 7));
    }

    /// <summary>Opcode with a register and [base + displacement].</summary>
    public void RegMem(int opcode, int reg, int baseRegister, int displacement, bool wide = false, bool bytes = false)
    {
        Prefix(opcode, reg, 0, baseRegister, wide, bytes && reg is >= 4 and < 8);
        bool small = displacement is >= -128 and < 128;
        int mod = displacement == 0 && (baseRegister & 7) != 5 ? 0 : small ? 1 : 2;
        Byte(mod << 6 | (reg & 7) << 3 | (baseRegister & 7));
        if ((baseRegister & 7) == 4)
        {
            Byte(0x24);
        }
        Displacement(mod, displacement);
    }

    /// <summary>The same in GS, with the 32-bit address base + displacement.</summary>
    public void RegWindow(int opcode, int reg, int baseRegister, int displacement)
    {
        Byte(0x65);
        Byte(0x67);
        RegMem(opcode, reg, baseRegister, displacement, bytes: true);
    }

    /// <summary>Opcode with a register and [base + index * 2^scale + displacement]; base -1: none.</summary>
    public void RegIndexed(int opcode, int reg, int baseRegister, int index, int scale, int displacement, bool wide = false)
    {
        Prefix(opcode, reg, index, Math.Max(baseRegister, 0), wide, false);
        bool small = displacement is >= -128 and < 128;
        int mod = baseRegister < 0 ? 0 : displacement == 0 && (baseRegister & 7) != 5 ? 0 : small ? 1 : 2;
        Byte(mod << 6 | (reg & 7) << 3 | 4);
        Byte(scale << 6 | (index & 7) << 3 | (baseRegister < 0 ? 5 : baseRegister & 7));
        if (baseRegister < 0)
        {
            Int(displacement);
        }
        else
        {
            Displacement(mod, displacement);
        }
    }

    /// <summary>Group 1 (ADD OR ADC SBB AND SUB XOR CMP by <paramref name="group"/>) with an immediate.</summary>
    public void RegImm(int group, int rm, int value, bool wide = false)
    {
        bool small = value is >= -128 and < 128;
        RegReg(small ? 0x83 : 0x81, group, rm, wide);
        Immediate(small, value);
    }

    /// <summary>Group 1 on memory.</summary>
    public void MemImm(int group, int baseRegister, int displacement, int value, bool wide = false)
    {
        bool small = value is >= -128 and < 128;
        RegMem(small ? 0x83 : 0x81, group, baseRegister, displacement, wide);
        Immediate(small, value);
    }

    /// <summary>MOV register, register.</summary>
    public void Move(int to, int from, bool wide = false) => RegReg(0x89, from, to, wide);

    /// <summary>MOV register, [base + displacement].</summary>
    public void Load(int to, int baseRegister, int displacement, bool wide = false) => RegMem(0x8B, to, baseRegister, displacement, wide);

    /// <summary>MOV [base + displacement], register.</summary>
    public void Store(int baseRegister, int displacement, int from, bool wide = false) => RegMem(0x89, from, baseRegister, displacement, wide);

    /// <summary>MOV r32, imm32.</summary>
    public void MoveImmediate(int to, uint value)
    {
        if (to >= 8)
        {
            Byte(0x41);
        }
        Byte(0xB8 | (to & 7));
        Int((int)value);
    }

    /// <summary>MOV r64, imm64.</summary>
    public void MovePointer(int to, nint value)
    {
        if ((ulong)value <= uint.MaxValue)
        {
            MoveImmediate(to, (uint)value);
            return;
        }
        Byte(to >= 8 ? 0x49 : 0x48);
        Byte(0xB8 | (to & 7));
        Int((int)value);
        Int((int)(value >> 32));
    }

    /// <summary>LEA, 64 bits or 32.</summary>
    public void Lea(int to, int baseRegister, int displacement, bool wide = false) => RegMem(0x8D, to, baseRegister, displacement, wide);

    /// <summary>SHR register, count.</summary>
    public void ShiftRight(int rm, int count, bool wide = false)
    {
        RegReg(0xC1, 5, rm, wide);
        Byte(count);
    }

    /// <summary>Jcc.</summary>
    public void JumpIf(int condition, int label)
    {
        Byte(0x0F);
        Byte(0x80 | condition);
        Fixup(label);
    }

    /// <summary>JMP.</summary>
    public void Jump(int label)
    {
        Byte(0xE9);
        Fixup(label);
    }

    /// <summary>LEA r64, the address of a label.</summary>
    public void LeaLabel(int to, int label)
    {
        Byte(to >= 8 ? 0x4C : 0x48);
        Byte(0x8D);
        Byte((to & 7) << 3 | 5);
        Fixup(label);
    }

    /// <summary>JMP to code elsewhere in the code memory.</summary>
    public void JumpTo(nint target)
    {
        Byte(0xE9);
        Int((int)(target - (nint)Position - 4));
    }

    /// <summary>CALL of code elsewhere in the code memory.</summary>
    public void CallTo(nint target)
    {
        Byte(0xE8);
        Int((int)(target - (nint)Position - 4));
    }

    /// <summary>Jcc to code elsewhere in the code memory.</summary>
    public void JumpToIf(int condition, nint target)
    {
        Byte(0x0F);
        Byte(0x80 | condition);
        Int((int)(target - (nint)Position - 4));
    }

    /// <summary>JMP [base + displacement].</summary>
    public void JumpMemory(int baseRegister, int displacement) => RegMem(0xFF, 4, baseRegister, displacement);

    private void Prefix(int opcode, int reg, int index, int rm, bool wide, bool force)
    {
        int escape = opcode >> 8;
        if (escape >= 0x6600 || escape is 0x66)
        {
            Byte(0x66);
        }
        int rex = (wide ? 8 : 0) | (reg >= 8 ? 4 : 0) | (index >= 8 ? 2 : 0) | (rm >= 8 ? 1 : 0);
        if (rex != 0 || force)
        {
            Byte(0x40 | rex);
        }
        if ((escape & 0xFF) == 0x0F)
        {
            Byte(0x0F);
        }
        Byte(opcode);
    }

    private void Displacement(int mod, int displacement)
    {
        if (mod == 1)
        {
            Byte(displacement);
        }
        else if (mod == 2)
        {
            Int(displacement);
        }
    }

    private void Immediate(bool small, int value)
    {
        if (small)
        {
            Byte(value);
        }
        else
        {
            Int(value);
        }
    }

    private void Fixup(int label)
    {
        fixups.Add((label, Length));
        Int(0);
    }
}

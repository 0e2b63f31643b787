using System.Buffers.Binary;
using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class X87
{
    /// <summary>Bytes of an environment image: 14 or 28.</summary>
    public static int EnvironmentSize(EnvironmentLayout layout) => layout >= EnvironmentLayout.Protected32 ? 28 : 14;

    /// <summary>Bytes of an FNSAVE image: 94 or 108.</summary>
    public static int SaveSize(EnvironmentLayout layout) => EnvironmentSize(layout) + 80;

    /// <summary>FNSTENV's image. After it is stored the caller calls <see cref="MaskExceptions"/>.</summary>
    public static void WriteEnvironment(FpuState* f, Span<byte> image, EnvironmentLayout layout)
    {
        bool real = layout is EnvironmentLayout.Real16 or EnvironmentLayout.Real32;
        // Real mode has linear addresses in place of selector and offset.
        uint ip = (uint)f->InstructionPointer + (real ? (uint)f->InstructionSelector << 4 : 0);
        uint dp = (uint)f->DataPointer + (real ? (uint)f->DataSelector << 4 : 0);
        uint opcode = f->Opcode & 0x7FFu;
        if (EnvironmentSize(layout) == 28)
        {
            Write32(image, 0, 0xFFFF_0000 | f->Control);
            Write32(image, 4, 0xFFFF_0000 | GetStatus(f));
            Write32(image, 8, 0xFFFF_0000 | GetTags(f));
            Write32(image, 12, real ? 0xFFFF_0000 | (ip & 0xFFFF) : ip);
            Write32(image, 16, real ? (ip & 0xFFFF_0000) >> 4 | opcode : f->InstructionSelector | opcode << 16);
            Write32(image, 20, real ? 0xFFFF_0000 | (dp & 0xFFFF) : dp);
            Write32(image, 24, real ? (dp & 0xFFFF_0000) >> 4 : 0xFFFF_0000 | f->DataSelector);
            return;
        }
        Write16(image, 0, f->Control);
        Write16(image, 2, GetStatus(f));
        Write16(image, 4, GetTags(f));
        Write16(image, 6, ip);
        Write16(image, 8, real ? (ip >> 4 & 0xF000) | opcode : f->InstructionSelector);
        Write16(image, 10, dp);
        Write16(image, 12, real ? dp >> 4 & 0xF000 : f->DataSelector);
    }

    /// <summary>FLDENV from an image.</summary>
    public static void ReadEnvironment(FpuState* f, ReadOnlySpan<byte> image, EnvironmentLayout layout)
    {
        bool real = layout is EnvironmentLayout.Real16 or EnvironmentLayout.Real32;
        int word = EnvironmentSize(layout) == 28 ? 4 : 2;
        uint low = Read16(image, 3 * word), high = Read16(image, 4 * word);
        uint dataLow = Read16(image, 5 * word), dataHigh = Read16(image, 6 * word);
        if (word == 4)
        {
            low = real ? low | (Read32(image, 16) << 4 & 0xFFFF_0000) : Read32(image, 12);
            dataLow = real ? dataLow | (Read32(image, 24) << 4 & 0xFFFF_0000) : Read32(image, 20);
        }
        else if (real)
        {
            low |= (high & 0xF000) << 4;
            dataLow |= (dataHigh & 0xF000) << 4;
        }
        f->InstructionPointer = low;
        f->DataPointer = dataLow;
        f->InstructionSelector = real ? (ushort)0 : (ushort)high;
        f->DataSelector = real ? (ushort)0 : (ushort)dataHigh;
        if (real)
        {
            f->Opcode = (ushort)(high & 0x7FF);
        }
        else if (word == 4)
        {
            f->Opcode = (ushort)(Read16(image, 18) & 0x7FF);
        }
        f->Control = (ushort)((Read16(image, 0) & FpuControl.Writable) | FpuControl.AlwaysOne);
        SetStatus(f, Read16(image, word));
        uint tags = Read16(image, 2 * word);
        int empty = 0;
        for (int i = 0; i < 8; i++)
        {
            empty |= (tags >> 2 * i & 3) == 3 ? 1 << i : 0;
        }
        f->EmptyMask = (byte)empty;
    }

    /// <summary>Second half of FNSTENV: all exceptions masked.</summary>
    public static void MaskExceptions(FpuState* f)
    {
        f->Control |= (ushort)FpuStatus.Exceptions;
        UpdateSummary(f);
    }

    /// <summary>FNSAVE's image. After it is stored the caller calls <see cref="Initialize"/>.</summary>
    public static void WriteSave(FpuState* f, Span<byte> image, EnvironmentLayout layout)
    {
        WriteEnvironment(f, image, layout);
        Span<byte> registers = image[EnvironmentSize(layout)..];
        for (int i = 0; i < 8; i++)
        {
            Float80* a = Register(f, i);
            BinaryPrimitives.WriteUInt64LittleEndian(registers[(10 * i)..], a->Significand);
            Write16(registers, 10 * i + 8, a->SignExponent);
        }
    }

    /// <summary>FRSTOR from an image.</summary>
    public static void ReadSave(FpuState* f, ReadOnlySpan<byte> image, EnvironmentLayout layout)
    {
        ReadEnvironment(f, image, layout);
        ReadOnlySpan<byte> registers = image[EnvironmentSize(layout)..];
        for (int i = 0; i < 8; i++)
        {
            SoftFloat80.Set(Register(f, i), Read16(registers, 10 * i + 8), BinaryPrimitives.ReadUInt64LittleEndian(registers[(10 * i)..]));
        }
    }

    /// <summary>
    /// The x87 part of an FXSAVE image (SDM Vol. 1, table 10-2): bytes 0-23 and 32-159. MXCSR, its mask and the XMM registers are the
    /// caller's. <paramref name="wide"/> is the form with 64-bit pointers.
    /// </summary>
    public static void WriteFx(FpuState* f, Span<byte> image, bool wide)
    {
        Write16(image, 0, f->Control);
        Write16(image, 2, GetStatus(f));
        Write16(image, 4, (byte)~f->EmptyMask);
        Write16(image, 6, f->Opcode & 0x7FFu);
        BinaryPrimitives.WriteUInt64LittleEndian(image[8..], wide ? f->InstructionPointer
            : (uint)f->InstructionPointer | (ulong)f->InstructionSelector << 32);
        BinaryPrimitives.WriteUInt64LittleEndian(image[16..], wide ? f->DataPointer : (uint)f->DataPointer | (ulong)f->DataSelector << 32);
        for (int i = 0; i < 8; i++)
        {
            Float80* a = Register(f, i);
            BinaryPrimitives.WriteUInt64LittleEndian(image[(32 + 16 * i)..], a->Significand);
            BinaryPrimitives.WriteUInt64LittleEndian(image[(40 + 16 * i)..], a->SignExponent);
        }
    }

    /// <summary>The x87 part of FXRSTOR.</summary>
    public static void ReadFx(FpuState* f, ReadOnlySpan<byte> image, bool wide)
    {
        f->Control = (ushort)((Read16(image, 0) & FpuControl.Writable) | FpuControl.AlwaysOne);
        SetStatus(f, Read16(image, 2));
        f->EmptyMask = (byte)~image[4];
        f->Opcode = (ushort)(Read16(image, 6) & 0x7FF);
        ulong ip = BinaryPrimitives.ReadUInt64LittleEndian(image[8..]), dp = BinaryPrimitives.ReadUInt64LittleEndian(image[16..]);
        f->InstructionPointer = wide ? ip : (uint)ip;
        f->InstructionSelector = wide ? (ushort)0 : (ushort)(ip >> 32);
        f->DataPointer = wide ? dp : (uint)dp;
        f->DataSelector = wide ? (ushort)0 : (ushort)(dp >> 32);
        for (int i = 0; i < 8; i++)
        {
            SoftFloat80.Set(Register(f, i), Read16(image, 40 + 16 * i), BinaryPrimitives.ReadUInt64LittleEndian(image[(32 + 16 * i)..]));
        }
    }

    /// <summary>The 16-bit tag word: 0 = valid, 1 = zero, 2 = special, 3 = empty, two bits a physical register.</summary>
    public static ushort GetTags(FpuState* f)
    {
        uint tags = 0;
        for (int i = 0; i < 8; i++)
        {
            Float80* a = (Float80*)f + i;
            uint exponent = a->SignExponent & SoftFloat80.ExponentMask;
            bool normal = exponent != 0 && exponent != SoftFloat80.ExponentMask && (long)a->Significand < 0;
            uint tag = (f->EmptyMask >> i & 1) != 0 ? 3u : normal ? 0u : SoftFloat80.IsZero(a) ? 1u : 2u;
            tags |= tag << 2 * i;
        }
        return (ushort)tags;
    }

    private static void SetStatus(FpuState* f, uint value)
    {
        f->Top = (int)(value >> 11 & 7);
        f->Status = (ushort)(value & ~0x3800u);
        UpdateSummary(f);
    }

    private static void Write16(Span<byte> image, int offset, uint value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(image[offset..], (ushort)value);

    private static void Write32(Span<byte> image, int offset, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(image[offset..], value);

    private static uint Read16(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image[offset..]);

    private static uint Read32(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(image[offset..]);
}

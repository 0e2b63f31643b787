using Emulator.BT.Semantics;
using Iced.Intel;
using MemoryOperand = Emulator.BT.Semantics.MemoryOperand;

namespace Emulator.BT.Decode;

/// <summary>Picks the width and operand forms of a semantics for an instruction as Iced decoded it.</summary>
internal static class Forms
{
    /// <summary>Two operands of one width: register or memory first; register, memory or immediate second.</summary>
    public static Row Binary<S>(in Instruction x)
        where S : struct, IBinary => Width(in x, 0) switch
        {
            8 => Binary<S, W8>(in x),
            16 => Binary<S, W16>(in x),
            _ => Binary<S, W32>(in x),
        };

    /// <summary>One operand.</summary>
    public static Row Unary<S>(in Instruction x)
        where S : struct, IUnary
    {
        bool memory = x.Op0Kind == OpKind.Memory;
        return Width(in x, 0) switch
        {
            8 => memory ? Row.Of<Unary<S, W8, MemoryOperand>>() : Row.Of<Unary<S, W8, DstRegister>>(),
            16 => memory ? Row.Of<Unary<S, W16, MemoryOperand>>() : Row.Of<Unary<S, W16, DstRegister>>(),
            _ => memory ? Row.Of<Unary<S, W32, MemoryOperand>>() : Row.Of<Unary<S, W32, DstRegister>>(),
        };
    }

    /// <summary>Shift or rotate by an immediate or CL.</summary>
    public static Row Shift<S>(in Instruction x)
        where S : struct, IBinary => Width(in x, 0) switch
        {
            8 => Shift<S, W8>(in x),
            16 => Shift<S, W16>(in x),
            _ => Shift<S, W32>(in x),
        };

    /// <summary>MOVZX, MOVSX.</summary>
    public static Row Extend<F>(in Instruction x)
        where F : struct, IFlag
    {
        bool memory = x.Op1Kind == OpKind.Memory;
        return (Width(in x, 0), Width(in x, 1)) switch
        {
            (16, 8) => memory ? Row.Of<Extend<W16, W8, MemoryOperand, F>>() : Row.Of<Extend<W16, W8, SrcRegister, F>>(),
            (16, _) => memory ? Row.Of<Extend<W16, W16, MemoryOperand, F>>() : Row.Of<Extend<W16, W16, SrcRegister, F>>(),
            (_, 8) => memory ? Row.Of<Extend<W32, W8, MemoryOperand, F>>() : Row.Of<Extend<W32, W8, SrcRegister, F>>(),
            _ => memory ? Row.Of<Extend<W32, W16, MemoryOperand, F>>() : Row.Of<Extend<W32, W16, SrcRegister, F>>(),
        };
    }

    /// <summary>An instruction that finds its operands itself, by the width of its first operand.</summary>
    public static Row Plain<S>(in Instruction x, BlockEnd ends = BlockEnd.No)
        where S : struct, IPlain => Plain<S>(Width(in x, 0), ends);

    /// <summary>The same with a given width.</summary>
    public static Row Plain<S>(int width, BlockEnd ends = BlockEnd.No)
        where S : struct, IPlain => width switch
        {
            8 => Row.Of<Plain<S, W8>>(ends),
            16 => Row.Of<Plain<S, W16>>(ends),
            _ => Row.Of<Plain<S, W32>>(ends),
        };

    /// <summary>PUSH of general operands.</summary>
    public static Row Push(in Instruction x, int width)
    {
        bool wide = width == 32;
        return x.Op0Kind switch
        {
            OpKind.Register => wide ? Row.Of<Push<W32, DstRegister>>() : Row.Of<Push<W16, DstRegister>>(),
            OpKind.Memory => wide ? Row.Of<Push<W32, MemoryOperand>>() : Row.Of<Push<W16, MemoryOperand>>(),
            _ => wide ? Row.Of<Push<W32, Immediate>>() : Row.Of<Push<W16, Immediate>>(),
        };
    }

    /// <summary>BT, BTS, BTR, BTC.</summary>
    public static Row Bit<S>(in Instruction x)
        where S : struct, IBinary =>
        x.Op0Kind == OpKind.Memory && x.Op1Kind == OpKind.Register ? Plain<BitString<S>>(Width(in x, 1)) : Binary<S>(in x);

    /// <summary>Width in bits of an operand.</summary>
    public static int Width(in Instruction x, int operand) =>
        x.GetOpKind(operand) == OpKind.Register
            ? x.GetOpRegister(operand).GetSize() * 8
            : x.GetOpKind(operand) == OpKind.Memory ? x.MemorySize.GetSize() * 8 : 0;

    private static Row Binary<S, W>(in Instruction x)
        where S : struct, IBinary
        where W : struct, IWidth
    {
        if (x.Op0Kind == OpKind.Memory)
        {
            return x.Op1Kind == OpKind.Register
                ? Shape<S, W, MemoryOperand, SrcRegister>()
                : Shape<S, W, MemoryOperand, Immediate>();
        }
        return x.Op1Kind switch
        {
            OpKind.Register => Shape<S, W, DstRegister, SrcRegister>(),
            OpKind.Memory => Shape<S, W, DstRegister, MemoryOperand>(),
            _ => Shape<S, W, DstRegister, Immediate>(),
        };
    }

    private static Row Shape<S, W, A, B>()
        where S : struct, IBinary
        where W : struct, IWidth
        where A : struct, IOperand
        where B : struct, IOperand =>
        !S.ReadsFirst ? Row.Of<Assign<S, W, A, B>>() : S.WritesFirst ? Row.Of<Modify<S, W, A, B>>() : Row.Of<Compare<S, W, A, B>>();

    private static Row Shift<S, W>(in Instruction x)
        where S : struct, IBinary
        where W : struct, IWidth
    {
        bool memory = x.Op0Kind == OpKind.Memory, immediate = x.Op1Kind != OpKind.Register;
        return (memory, immediate) switch
        {
            (true, true) => Row.Of<Shift<S, W, MemoryOperand, Immediate>>(),
            (true, false) => Row.Of<Shift<S, W, MemoryOperand, SrcRegister>>(),
            (false, true) => Row.Of<Shift<S, W, DstRegister, Immediate>>(),
            _ => Row.Of<Shift<S, W, DstRegister, SrcRegister>>(),
        };
    }
}

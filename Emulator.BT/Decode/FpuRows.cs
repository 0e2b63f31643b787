using System.Runtime.CompilerServices;
using Emulator.BT.Fpu;
using Emulator.BT.Helpers;
using Emulator.BT.Model;
using Emulator.Core.Cpu;
using Iced.Intel;

namespace Emulator.BT.Decode;

/// <summary>Rows of the x87 instructions, straight from the escape byte and ModR/M (SDM Vol. 2D, B.17), which Imm holds.</summary>
internal static unsafe class FpuRows
{
    /// <summary>The row of an x87 instruction, or null when it is none or not defined.</summary>
    public static Row? Find(in Instruction x, CpuModel model, ref Insn i)
    {
        if (x.Mnemonic == Mnemonic.Wait)
        {
            return InsnTable.Helper(&FpuInsns.Wait);
        }
        if (!i.IsEscape || !model.Has(CpuFeatures.Fpu))
        {
            return null;
        }
        int escape = (int)i.Imm >> 8, modRm = (int)i.Imm & 0xFF, reg = (modRm >> 3) & 7;
        return modRm < 0xC0 ? FindMemory(escape, reg, ref i) : FindRegister(escape, reg, modRm, model, ref i);
    }

    private static Row? FindMemory(int escape, int reg, ref Insn i) => (escape, reg) switch
    {
        (0, _) => Row(ref i, reg << 4 | MemoryFormat.Single, &FpuInsns.ArithmeticMemory),
        (4, _) => Row(ref i, reg << 4 | MemoryFormat.Double, &FpuInsns.ArithmeticMemory),
        (2, _) => Row(ref i, reg << 4 | MemoryFormat.Int32, &FpuInsns.ArithmeticMemory),
        (6, _) => Row(ref i, reg << 4 | MemoryFormat.Int16, &FpuInsns.ArithmeticMemory),
        (1, 0) => Row(ref i, MemoryFormat.Single, &FpuInsns.LoadMemory),
        (1, 2) => Row(ref i, MemoryFormat.Single, &FpuInsns.StoreMemory),
        (1, 3) => Row(ref i, MemoryFormat.Single | FpuInsns.Pop, &FpuInsns.StoreMemory),
        (1, 4) => Row(ref i, 0, &FpuInsns.LoadImage),
        (1, 5) => Row(ref i, 0, &FpuInsns.LoadControl),
        (1, 6) => Row(ref i, 0, &FpuInsns.StoreImage),
        (1, 7) => Row(ref i, 0, &FpuInsns.StoreWord),
        (3, 0) => Row(ref i, MemoryFormat.Int32, &FpuInsns.LoadMemory),
        (3, 2) => Row(ref i, MemoryFormat.Int32, &FpuInsns.StoreMemory),
        (3, 3) => Row(ref i, MemoryFormat.Int32 | FpuInsns.Pop, &FpuInsns.StoreMemory),
        (3, 5) => Row(ref i, 0, &FpuInsns.LoadTenBytes),
        (3, 7) => Row(ref i, 0, &FpuInsns.StoreTenBytes),
        (5, 0) => Row(ref i, MemoryFormat.Double, &FpuInsns.LoadMemory),
        (5, 2) => Row(ref i, MemoryFormat.Double, &FpuInsns.StoreMemory),
        (5, 3) => Row(ref i, MemoryFormat.Double | FpuInsns.Pop, &FpuInsns.StoreMemory),
        (5, 4) => Row(ref i, 1, &FpuInsns.LoadImage),
        (5, 6) => Row(ref i, 1, &FpuInsns.StoreImage),
        (5, 7) => Row(ref i, 1, &FpuInsns.StoreWord),
        (7, 0) => Row(ref i, MemoryFormat.Int16, &FpuInsns.LoadMemory),
        (7, 2) => Row(ref i, MemoryFormat.Int16, &FpuInsns.StoreMemory),
        (7, 3) => Row(ref i, MemoryFormat.Int16 | FpuInsns.Pop, &FpuInsns.StoreMemory),
        (7, 4) => Row(ref i, 1, &FpuInsns.LoadTenBytes),
        (7, 5) => Row(ref i, MemoryFormat.Int64, &FpuInsns.LoadMemory),
        (7, 6) => Row(ref i, 1, &FpuInsns.StoreTenBytes),
        (7, 7) => Row(ref i, MemoryFormat.Int64 | FpuInsns.Pop, &FpuInsns.StoreMemory),
        _ => null,
    };

    private static Row? FindRegister(int escape, int reg, int modRm, CpuModel model, ref Insn i) => (escape, reg) switch
    {
        (0, _) => Row(ref i, reg, &FpuInsns.ArithmeticTop),
        (4, 2 or 3) => Row(ref i, reg, &FpuInsns.ArithmeticTop),
        (4, _) => Row(ref i, reg, &FpuInsns.ArithmeticOther),
        (6, 2) => Row(ref i, 3, &FpuInsns.ArithmeticTop),
        (6, 3) => modRm == 0xD9 ? Row(ref i, 8, &FpuInsns.Register) : null,
        (6, _) => Row(ref i, reg | FpuInsns.Pop, &FpuInsns.ArithmeticOther),
        (1, 0) => Row(ref i, 0, &FpuInsns.Register),
        (1, 1) or (5, 1) or (7, 1) => Row(ref i, 1, &FpuInsns.Register),
        (1, 2) => modRm == 0xD0 ? Row(ref i, 0, &FpuInsns.Nop) : null,
        (1, 3) => Row(ref i, 10, &FpuInsns.Register),
        (5, 3) or (7, 2 or 3) => Row(ref i, 5, &FpuInsns.Register),
        (1, _) => modRm is 0xE2 or 0xE3 or 0xE6 or 0xE7 or 0xEF ? null : Row(ref i, modRm - 0xE0, &FpuInsns.Top),
        // FCMOVB, E, BE, U and their opposites: codes 2, 4, 6, 10 and one more.
        (2, < 4) => model.Has(CpuFeatures.Cmov) ? Row(ref i, MoveCondition(reg), &FpuInsns.MoveIf) : null,
        (2, 5) => modRm == 0xE9 ? Row(ref i, 9, &FpuInsns.Register) : null,
        (3, < 4) => model.Has(CpuFeatures.Cmov) ? Row(ref i, MoveCondition(reg) + 1, &FpuInsns.MoveIf) : null,
        (3, 4) => modRm switch
        {
            0xE0 or 0xE1 or 0xE4 => Row(ref i, 0, &FpuInsns.Legacy),
            0xE2 => Row(ref i, 0, &FpuInsns.ClearExceptions),
            0xE3 => Row(ref i, 0, &FpuInsns.Init),
            _ => null,
        },
        (3, 5) => CompareToFlags(model, ref i, 1),
        (3, 6) => CompareToFlags(model, ref i, 0),
        (5, 0) => Row(ref i, 2, &FpuInsns.Register),
        (5, 2) => Row(ref i, 4, &FpuInsns.Register),
        (5, 4) => Row(ref i, 6, &FpuInsns.Register),
        (5, 5) => Row(ref i, 7, &FpuInsns.Register),
        (7, 0) => Row(ref i, 3, &FpuInsns.Register),
        (7, 4) => modRm == 0xE0 ? Row(ref i, 0, &FpuInsns.StatusToAx) : null,
        (7, 5) => CompareToFlags(model, ref i, 1 | FpuInsns.Pop),
        (7, 6) => CompareToFlags(model, ref i, FpuInsns.Pop),
        _ => null,
    };

    private static int MoveCondition(int reg) => reg == 3 ? 10 : 2 + (reg * 2);

    private static Row? CompareToFlags(CpuModel model, ref Insn i, int sub) =>
        model.Has(CpuFeatures.Cmov) ? Row(ref i, sub, &FpuInsns.CompareToFlags) : null;

    private static Row Row(ref Insn i, int sub, delegate*<CpuState*, Insn*, bool> helper, [CallerArgumentExpression(nameof(helper))] string name = "")
    {
        InsnTable.SetSub(ref i, sub);
        return InsnTable.Helper(helper, name);
    }
}

using System.Reflection;
using System.Reflection.Emit;

namespace Emulator.BT.Translator.Il;

/// <summary>
/// Writes the IL of one region and counts what RyuJIT has limits for: beyond them a method silently loses all optimisation.
/// </summary>
/// <param name="il">Where it goes.</param>
/// <param name="listing">Gets a line for each instruction; null: nobody wants to read it.</param>
internal sealed class IlWriter(ILGenerator il, List<string>? listing = null)
{
    /// <summary>RyuJIT's limits (jitconfigvalues.h, DEFAULT_MIN_OPTS_*).</summary>
    public const int MaxBytes = 60_000, MaxBlocks = 2_000, MaxLocals = 2_000, MaxLocalReferences = 8_000, MaxInstructions = 20_000;

    private readonly Dictionary<Label, int> labelNumbers = [];
    private int instructions;

    /// <summary>IL bytes so far.</summary>
    public int Bytes => il.ILOffset;

    /// <summary>Locals so far.</summary>
    public int Locals { get; private set; }

    /// <summary>Reads and writes of locals and arguments so far.</summary>
    public int LocalReferences { get; private set; }

    /// <summary>Upper bound of basic blocks so far: labels and branches.</summary>
    public int Blocks { get; private set; }

    public LocalBuilder Local(Type type)
    {
        Locals++;
        return il.DeclareLocal(type);
    }

    public void Load(LocalBuilder local)
    {
        LocalReferences++;
        instructions++;
        il.Emit(OpCodes.Ldloc, local);
        Note("ldloc", $"V_{local.LocalIndex}");
    }

    public void Store(LocalBuilder local)
    {
        LocalReferences++;
        instructions++;
        il.Emit(OpCodes.Stloc, local);
        Note("stloc", $"V_{local.LocalIndex}");
    }

    public void AddressOf(LocalBuilder local)
    {
        LocalReferences++;
        instructions++;
        il.Emit(OpCodes.Ldloca, local);
        Note("ldloca", $"V_{local.LocalIndex}");
    }

    /// <summary>The CpuState pointer.</summary>
    public void Cpu()
    {
        LocalReferences++;
        instructions++;
        il.Emit(OpCodes.Ldarg_0);
        Note("ldarg.0");
    }

    /// <summary>The slot that the region was entered by.</summary>
    public void Slot()
    {
        LocalReferences++;
        instructions++;
        il.Emit(OpCodes.Ldarg_1);
        Note("ldarg.1");
    }

    public void Switch(Label[] labels)
    {
        Blocks += labels.Length;
        instructions++;
        il.Emit(OpCodes.Switch, labels);
        Note("switch", string.Join(", ", labels.Select(Name)));
    }

    /// <summary>Calls an interpreter's handler: state, instruction and its address are on the stack.</summary>
    public void CallHandler()
    {
        instructions++;
        il.EmitCalli(OpCodes.Calli, CallingConventions.Standard, typeof(bool), [typeof(nint), typeof(nint)], null);
        Note("calli", "bool (CpuState*, Insn*)");
    }

    /// <summary>Goes to another region: state, slot and its code are on the stack.</summary>
    public void TailCallRegion()
    {
        instructions += 3;
        il.Emit(OpCodes.Tailcall);
        il.EmitCalli(OpCodes.Calli, CallingConventions.Standard, typeof(int), [typeof(nint), typeof(nint)], null);
        il.Emit(OpCodes.Ret);
        Note("tail. calli", "int (CpuState*, Slot*)");
        Note("ret");
    }

    public void Op(OpCode op)
    {
        instructions++;
        il.Emit(op);
        Note(op.Name!);
    }

    public void Int(int value)
    {
        instructions++;
        if (value is >= -128 and < 128)
        {
            il.Emit(OpCodes.Ldc_I4_S, (sbyte)value);
        }
        else
        {
            il.Emit(OpCodes.Ldc_I4, value);
        }
        Note("ldc.i4", $"0x{value:x}");
    }

    public void Long(ulong value)
    {
        if (value <= int.MaxValue || (long)value is < 0 and >= int.MinValue)
        {
            Int((int)value);
            Op(OpCodes.Conv_I8);
            return;
        }
        instructions++;
        il.Emit(OpCodes.Ldc_I8, (long)value);
        Note("ldc.i8", $"0x{value:x}");
    }

    public void Pointer(nint value)
    {
        Long((ulong)value);
        Op(OpCodes.Conv_I);
    }

    public void Call(MethodInfo method)
    {
        instructions++;
        il.Emit(OpCodes.Call, method);
        Note("call", $"{method.DeclaringType?.Name}.{method.Name}");
    }

    /// <summary>Address of a field of the state.</summary>
    public void StateAddress(int offset)
    {
        Cpu();
        Int(offset);
        Op(OpCodes.Add);
    }

    /// <summary>A field of the state.</summary>
    public void LoadState(int offset, OpCode load)
    {
        StateAddress(offset);
        Op(load);
    }

    public Label Label()
    {
        Blocks++;
        return il.DefineLabel();
    }

    public void Mark(Label label)
    {
        il.MarkLabel(label);
        listing?.Add($"{Name(label)}:");
    }

    public void Branch(OpCode op, Label target)
    {
        Blocks++;
        instructions++;
        il.Emit(op, target);
        Note(op.Name!, Name(target));
    }

    /// <summary>A line between instructions.</summary>
    public void Comment(string text) => listing?.Add($"// {text}");

    private void Note(string op, string operand = "") => listing?.Add(operand.Length == 0 ? $"    {op}" : $"    {op,-9} {operand}");

    private string Name(Label label)
    {
        if (!labelNumbers.TryGetValue(label, out int number))
        {
            labelNumbers.Add(label, number = labelNumbers.Count);
        }
        return $"L_{number}";
    }

    /// <summary>Refuses a method that RyuJIT would not optimise.</summary>
    /// <exception cref="RegionLimitException">A limit is passed: the region was formed too large.</exception>
    public void CheckLimits()
    {
        if (Bytes > MaxBytes || Blocks > MaxBlocks || Locals > MaxLocals || LocalReferences > MaxLocalReferences || instructions > MaxInstructions)
        {
            throw new RegionLimitException(
                $"region beyond RyuJIT's limits: {Bytes} IL bytes, {Blocks} blocks, {Locals} locals, {LocalReferences} references, {instructions} instructions");
        }
    }
}

using System.Reflection.Emit;
using Emulator.BT.Translator.Passes;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.Il;

/// <summary>
/// The life of a region: recorded nodes, folding, placing, IL, a dynamic method. RyuJIT compiles at the first call.
/// </summary>
public static unsafe class IlCompiler
{
    /// <summary>Compiles recorded nodes.</summary>
    /// <exception cref="InvalidOperationException">The region passes RyuJIT's limits.</exception>
    public static CompiledRegion Compile(IrBuilder ir, in RegionShape shape)
    {
        var method = new DynamicMethod("region", typeof(RegionExit), [typeof(CpuState*)], typeof(IlCompiler).Module, skipVisibility: true)
        {
            InitLocals = false,
        };
        var il = new IlWriter(method.GetILGenerator(1024));
        ulong wide = shape.CodeMode == CodeMode.Bits64 ? ulong.MaxValue : uint.MaxValue;
        FoldPass folded = FoldPass.Run(ir.Nodes, wide, shape.StackMask);
        RegionEmitter emitter = RegionEmitter.Emit(il, folded, in shape);
        il.CheckLimits();
        return new CompiledRegion(method.CreateDelegate<RegionCode>(), il.Bytes, il.Locals, emitter.Loops);
    }
}

/// <summary>What came of compiling a region.</summary>
/// <param name="Code">Its code.</param>
/// <param name="IlBytes">Bytes of IL.</param>
/// <param name="Locals">IL locals.</param>
/// <param name="Loops">True when it branches back to its own start.</param>
public sealed record CompiledRegion(RegionCode Code, int IlBytes, int Locals, bool Loops);

using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emulator.BT.Translator.Passes;
using Emulator.BT.Translator.Regions;

namespace Emulator.BT.Translator.Il;

/// <summary>The second half of a region's life: recorded nodes, folding, placing, IL, a dynamic method, host code.</summary>
internal static unsafe class IlCompiler
{
    /// <summary>More exits than this a region does not have: each block has two at most.</summary>
    private const int MostExits = 2 * RegionFormer.MaxBlocks;

    // Host code, its unwind and GC data, and the runtime's records come to about this for each byte of IL (measured).
    private const int HostBytesPerIlByte = 5;

    // What DynamicMethod keeps to itself: the handle by which RyuJIT is asked for the code now, and for its address.
    private static readonly MethodInfo GetDescriptor =
        typeof(DynamicMethod).GetMethod("GetMethodDescriptor", BindingFlags.NonPublic | BindingFlags.Instance)!;

    /// <summary>The IL of recorded nodes as text, a line an instruction. Nothing is compiled.</summary>
    public static List<string> List(ReadOnlySpan<IrNode> nodes, RegionPlan plan)
    {
        var method = new DynamicMethod("region", typeof(int), [typeof(nint), typeof(nint)], typeof(IlCompiler).Module, skipVisibility: true);
        List<string> listing = [];
        // SAFETY: only their addresses go into the text.
        var slots = (Slot*)NativeMemory.AllocZeroed(MostExits, (nuint)sizeof(Slot));
        RegionEmitter.Emit(new IlWriter(method.GetILGenerator(4096), listing), Fold(nodes, plan), plan, slots);
        NativeMemory.Free(slots);
        return listing;
    }

    /// <summary>Folds recorded nodes by what a plan's key says.</summary>
    public static FoldPass Fold(ReadOnlySpan<IrNode> nodes, RegionPlan plan)
    {
        ulong wide = RegionKey.CodeMode(plan.Key) == Core.Cpu.CodeMode.Bits64 ? ulong.MaxValue : uint.MaxValue;
        return FoldPass.Run(nodes, wide, RegionKey.StackMask(plan.Key));
    }

    /// <summary>Compiles recorded nodes.</summary>
    /// <exception cref="RegionLimitException">The region passes RyuJIT's limits.</exception>
    public static CompiledRegion Compile(ReadOnlySpan<IrNode> nodes, RegionPlan plan)
    {
        var method = new DynamicMethod("region", typeof(int), [typeof(nint), typeof(nint)], typeof(IlCompiler).Module, skipVisibility: true)
        {
            InitLocals = false,
        };
        var il = new IlWriter(method.GetILGenerator(4096));
        FoldPass folded = Fold(nodes, plan);
        // SAFETY: goes to the region with the code that names its addresses, and is freed with it.
        var slots = (Slot*)NativeMemory.AllocZeroed(MostExits, (nuint)sizeof(Slot));
        try
        {
            RegionEmitter emitter = RegionEmitter.Emit(il, folded, plan, slots);
            il.CheckLimits();
            var handle = (RuntimeMethodHandle)GetDescriptor.Invoke(method, null)!;
            RuntimeHelpers.PrepareMethod(handle);
            nint entry = handle.GetFunctionPointer();
            var code = new CompiledRegion
            {
                Owner = method,
                EntryCodes = [.. emitter.Entries.Select(_ => entry)],
                Bytes = il.Bytes * HostBytesPerIlByte,
                ExitSlots = slots,
                Entries = emitter.Entries,
                Exits = emitter.Exits,
            };
            slots = null;
            return code;
        }
        finally
        {
            NativeMemory.Free(slots);
        }
    }
}

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

    // What DynamicMethod keeps to itself: the handle by which RyuJIT is asked for the code now, and for its address.
    private static readonly MethodInfo GetDescriptor =
        typeof(DynamicMethod).GetMethod("GetMethodDescriptor", BindingFlags.NonPublic | BindingFlags.Instance)!;

    /// <summary>Compiles recorded nodes.</summary>
    /// <exception cref="RegionLimitException">The region passes RyuJIT's limits.</exception>
    public static CompiledRegion Compile(ReadOnlySpan<IrNode> nodes, RegionPlan plan)
    {
        var method = new DynamicMethod("region", typeof(int), [typeof(nint), typeof(nint)], typeof(IlCompiler).Module, skipVisibility: true)
        {
            InitLocals = false,
        };
        var il = new IlWriter(method.GetILGenerator(4096));
        ulong wide = RegionKey.CodeMode(plan.Key) == Core.Cpu.CodeMode.Bits64 ? ulong.MaxValue : uint.MaxValue;
        FoldPass folded = FoldPass.Run(nodes, wide, RegionKey.StackMask(plan.Key));
        // SAFETY: goes to the region with the code that names its addresses, and is freed with it.
        var slots = (Slot*)NativeMemory.AllocZeroed(MostExits, (nuint)sizeof(Slot));
        try
        {
            RegionEmitter emitter = RegionEmitter.Emit(il, folded, plan, slots);
            il.CheckLimits();
            var handle = (RuntimeMethodHandle)GetDescriptor.Invoke(method, null)!;
            RuntimeHelpers.PrepareMethod(handle);
            var code = new CompiledRegion(method, handle.GetFunctionPointer(), il.Bytes, slots, emitter.Entries, emitter.Exits);
            slots = null;
            return code;
        }
        finally
        {
            NativeMemory.Free(slots);
        }
    }
}

/// <summary>What came of compiling a region.</summary>
/// <param name="method">Keeps the code alive.</param>
/// <param name="code">Its address.</param>
/// <param name="ilBytes">Bytes of IL.</param>
/// <param name="exitSlots">The slots of its exits, allocated for it.</param>
/// <param name="exits">RIPs of the exits.</param>
/// <param name="entries">Blocks that code outside may come in at.</param>
internal sealed unsafe class CompiledRegion(DynamicMethod method, nint code, int ilBytes, Slot* exitSlots, List<int> entries, List<ulong> exits)
{
    /// <summary>Keeps the code alive.</summary>
    public DynamicMethod Method { get; } = method;

    /// <summary>Address of the code: <c>int (CpuState*, Slot*)</c>.</summary>
    public nint Code { get; } = code;

    /// <summary>Bytes of IL.</summary>
    public int IlBytes { get; } = ilBytes;

    /// <summary>The exits' slots; whoever takes the code frees them.</summary>
    public Slot* ExitSlots { get; } = exitSlots;

    /// <summary>Index in the plan of each entry's block.</summary>
    public List<int> Entries { get; } = entries;

    /// <summary>RIP of each exit.</summary>
    public List<ulong> Exits { get; } = exits;
}

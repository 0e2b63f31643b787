using System.Reflection;
using Emulator.BT.Semantics;

namespace Emulator.BT.Translator.Il;

/// <summary>The static methods that translated code calls, looked up once.</summary>
internal static class Methods
{
    public static readonly MethodInfo Resolve = Runtime(nameof(RegionRuntime.Resolve)),
        Unlinked = Runtime(nameof(RegionRuntime.Unlinked)),
        KeyHolds = Runtime(nameof(RegionRuntime.KeyHolds)),
        LeaveAfter = Runtime(nameof(RegionRuntime.LeaveAfter)),
        AfterHelper = Runtime(nameof(RegionRuntime.AfterHelper)),
        StringDone = Runtime(nameof(RegionRuntime.StringDone)),
        ApplyRecord = typeof(FlagKind).GetMethod(nameof(FlagKind.ApplyRecord))!,
        FaultGeneralProtection = Runtime(nameof(RegionRuntime.FaultGeneralProtection)),
        SetCarry = Runtime(nameof(RegionRuntime.SetCarry)),
        FlagsCarryOverflow = Runtime(nameof(RegionRuntime.FlagsCarryOverflow)),
        LowFlags = Runtime(nameof(RegionRuntime.LowFlags)),
        SetLowFlags = Runtime(nameof(RegionRuntime.SetLowFlags)),
        SetDirection = Runtime(nameof(RegionRuntime.SetDirection)),
        Condition = Runtime(nameof(RegionRuntime.Condition)),
        EvenParity = Runtime(nameof(RegionRuntime.EvenParity)),
        MulHigh = Runtime(nameof(RegionRuntime.MulHigh)),
        MulHighSigned = Runtime(nameof(RegionRuntime.MulHighSigned)),
        LowestBit = Runtime(nameof(RegionRuntime.LowestBit)),
        HighestBit = Runtime(nameof(RegionRuntime.HighestBit));

    private static readonly Dictionary<(IrOp Op, int Width, bool Cold), MethodInfo> Setters = FindSetters();

    /// <summary>The method that brings the flags of a setter into the state.</summary>
    public static MethodInfo FlagSetter(IrOp op, int width, bool cold) => Setters[(op, width, cold)];

    private static MethodInfo Runtime(string name) => typeof(RegionRuntime).GetMethod(name)!;

    private static Dictionary<(IrOp Op, int Width, bool Cold), MethodInfo> FindSetters()
    {
        var found = new Dictionary<(IrOp Op, int Width, bool Cold), MethodInfo>();
        foreach ((IrOp op, string name) in new[]
        {
            (IrOp.FlagsAdd, nameof(LazyFlags.Add)), (IrOp.FlagsSub, nameof(LazyFlags.Sub)), (IrOp.FlagsLogic, nameof(LazyFlags.Logic)),
            (IrOp.FlagsInc, nameof(LazyFlags.Inc)), (IrOp.FlagsDec, nameof(LazyFlags.Dec)), (IrOp.FlagsResult, nameof(LazyFlags.Result)),
        })
        {
            foreach ((int width, Type type) in new[] { (8, typeof(W8)), (16, typeof(W16)), (32, typeof(W32)), (64, typeof(W64)) })
            {
                found[(op, width, false)] = typeof(LazyFlags).GetMethod(name)!.MakeGenericMethod(type);
                found[(op, width, true)] = typeof(LazyFlags.Cold).GetMethod(name)!.MakeGenericMethod(type);
            }
        }
        return found;
    }
}

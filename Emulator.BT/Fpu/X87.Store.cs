using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

// A store has two halves, because a guest fault on the write must leave the FPU as it was: Prepare... computes the value and an
// outcome and changes nothing; the caller writes the value if MayStore is in the outcome; FinishStore then records the outcome.
public static unsafe partial class X87
{
    /// <summary>Bit of a store's outcome: the value is to be written.</summary>
    public const uint MayStore = 1 << 16;

    private const uint StorePreventing = FpuStatus.IE | FpuStatus.OE | FpuStatus.UE;

    /// <summary>FST, FSTP, FIST, FISTP: ST(0) in a <see cref="MemoryFormat"/>.</summary>
    public static uint PrepareStore(FpuState* f, int format, ulong* value)
    {
        if (IsEmpty(f, 0))
        {
            *value = format switch
            {
                MemoryFormat.Single => 0xFFC0_0000,
                MemoryFormat.Double => 0xFFF8_0000_0000_0000,
                MemoryFormat.Int16 => 0x8000,
                MemoryFormat.Int32 => 0x8000_0000,
                _ => 0x8000_0000_0000_0000,
            };
            return Outcome(f, FpuStatus.IE | FpuStatus.SF);
        }
        Float80* a = Register(f, 0);
        uint control = f->Control;
        return Outcome(f, format switch
        {
            MemoryFormat.Single => SoftFloat80.ToSingle(a, control, value),
            MemoryFormat.Double => SoftFloat80.ToDouble(a, control, value),
            MemoryFormat.Int16 => SoftFloat80.ToInteger(a, 16, control, value),
            MemoryFormat.Int32 => SoftFloat80.ToInteger(a, 32, control, value),
            _ => SoftFloat80.ToInteger(a, 64, control, value),
        });
    }

    /// <summary>FSTP m80.</summary>
    public static uint PrepareStoreExtended(FpuState* f, Float80* value)
    {
        if (IsEmpty(f, 0))
        {
            SoftFloat80.SetIndefinite(value);
            return Outcome(f, FpuStatus.IE | FpuStatus.SF);
        }
        *value = *Register(f, 0);
        return MayStore;
    }

    /// <summary>FBSTP: the low 64 bits of the image in the significand, the high 16 in the other field.</summary>
    public static uint PrepareStoreBcd(FpuState* f, Float80* image)
    {
        if (IsEmpty(f, 0))
        {
            SoftFloat80.Set(image, 0xFFFF, 0xC000_0000_0000_0000);
            return Outcome(f, FpuStatus.IE | FpuStatus.SF);
        }
        return Outcome(f, SoftFloat80.ToBcd(Register(f, 0), f->Control, image));
    }

    /// <summary>Second half of a store, after the value has reached memory or was not to.</summary>
    public static void FinishStore(FpuState* f, uint outcome, bool pop)
    {
        Raise(f, outcome & ~MayStore);
        if (pop && (outcome & MayStore) != 0)
        {
            Pop(f);
        }
    }

    /// <summary>FST ST(i), FSTP ST(i).</summary>
    public static void StoreRegister(FpuState* f, int i, bool pop)
    {
        if (IsEmpty(f, 0))
        {
            StackUnderflow(f, i, pop);
            return;
        }
        *Register(f, i) = *Register(f, 0);
        MarkValid(f, i);
        Finish(f, 0, pop);
    }

    /// <summary>D9 D8+i, which no manual names: FSTP that only pops when ST(0) is empty, without an exception (as Intel's chips do).</summary>
    public static void StoreRegisterUnchecked(FpuState* f, int i)
    {
        if (IsEmpty(f, 0))
        {
            Finish(f, 0, pop: true);
            return;
        }
        StoreRegister(f, i, pop: true);
    }

    private static uint Outcome(FpuState* f, uint flags)
    {
        uint prevented = flags & ~(uint)f->Control & StorePreventing;
        // A store that does not happen is not inexact either.
        return prevented == 0 ? flags | MayStore : flags & ~(FpuStatus.PE | FpuStatus.C1);
    }
}

using Emulator.Core.Cpu;
using Emulator.Core.State;

namespace Emulator.BT.Model;

/// <summary>Model-specific registers (SDM Vol. 4): the P6's that guests touch. MTRRs and PAT are storage: memory has one type here.</summary>
public sealed class MsrBank(CpuModel model)
{
    private const int VariableRanges = 8;
    private const ulong MtrrPhysicalMask = 0xF_FFFF_FFFF;

    private static readonly uint[] FixedMtrrs = [0x250, 0x258, 0x259, 0x268, 0x269, 0x26A, 0x26B, 0x26C, 0x26D, 0x26E, 0x26F];

    private readonly ulong[] variable = new ulong[VariableRanges * 2];
    private readonly ulong[] fixedRanges = new ulong[FixedMtrrs.Length];
    private readonly MachineCheck machineCheck = new(model);
    private ulong pat = 0x0007_0406_0007_0406;
    private ulong mtrrDefault;
    private ulong apicBase;
    private ulong microcode;

#pragma warning disable CS1591 // the manual's own names
    public ulong SysenterCs { get; private set; }

    public ulong SysenterEsp { get; private set; }

    public ulong SysenterEip { get; private set; }
#pragma warning restore CS1591

    /// <summary>Reads an MSR; false when this processor has none of that number (#GP).</summary>
    public unsafe bool TryRead(CpuState* cpu, uint number, Func<ulong> timeStamp, out ulong value)
    {
        value = 0;
        switch (number)
        {
            case 0x10: value = timeStamp(); return true;
            case 0x17: return model.Family == 6;
            case 0x1B when model.Family == 6: value = apicBase; return true;
            case 0x8B when model.Family == 6: value = microcode; return true;
            case 0xFE when model.Has(CpuFeatures.Mtrr): value = 0x500 | VariableRanges; return true;
            case 0x174 when model.Has(CpuFeatures.Sep): value = SysenterCs; return true;
            case 0x175 when model.Has(CpuFeatures.Sep): value = SysenterEsp; return true;
            case 0x176 when model.Has(CpuFeatures.Sep): value = SysenterEip; return true;
            case 0x277 when model.Has(CpuFeatures.Pat): value = pat; return true;
            case 0x2FF when model.Has(CpuFeatures.Mtrr): value = mtrrDefault; return true;
            case >= 0x200 and < 0x200 + (VariableRanges * 2) when model.Has(CpuFeatures.Mtrr): value = variable[number - 0x200]; return true;
            default:
                int n = Array.IndexOf(FixedMtrrs, number);
                value = n >= 0 ? fixedRanges[n] : 0;
                return (n >= 0 && model.Has(CpuFeatures.Mtrr)) || machineCheck.TryRead(number, out value);
        }
    }

    /// <summary>Writes an MSR; false for #GP.</summary>
    public bool TryWrite(uint number, ulong value)
    {
        switch (number)
        {
            case 0x17: return false;
            case 0x1B when model.Family == 6: apicBase = value & 0xF_FFFF_F900; return true;
            case 0x79 when model.Family == 6: return true;
            case 0x8B when model.Family == 6: microcode = value; return true;
            case 0xFE: return false;
            case 0x174 when model.Has(CpuFeatures.Sep): SysenterCs = value & 0xFFFF; return true;
            case 0x175 when model.Has(CpuFeatures.Sep): SysenterEsp = value; return true;
            case 0x176 when model.Has(CpuFeatures.Sep): SysenterEip = value; return true;
            case 0x277 when model.Has(CpuFeatures.Pat): return SetPat(value);
            case 0x2FF when model.Has(CpuFeatures.Mtrr): return SetMtrrDefault(value);
            case >= 0x200 and < 0x200 + (VariableRanges * 2) when model.Has(CpuFeatures.Mtrr):
                variable[number - 0x200] = value & MtrrPhysicalMask;
                return true;
            default:
                int n = Array.IndexOf(FixedMtrrs, number);
                if (n < 0 || !model.Has(CpuFeatures.Mtrr))
                {
                    return machineCheck.TryWrite(number, value);
                }
                fixedRanges[n] = value;
                return true;
        }
    }

    /// <summary>Saves or loads.</summary>
    internal void Transfer(StateTransfer state)
    {
        for (int n = 0; n < variable.Length; n++)
        {
            variable[n] = state.UInt64(variable[n]);
        }
        for (int n = 0; n < fixedRanges.Length; n++)
        {
            fixedRanges[n] = state.UInt64(fixedRanges[n]);
        }
        machineCheck.Transfer(state);
        pat = state.UInt64(pat);
        mtrrDefault = state.UInt64(mtrrDefault);
        apicBase = state.UInt64(apicBase);
        microcode = state.UInt64(microcode);
        SysenterCs = state.UInt64(SysenterCs);
        SysenterEsp = state.UInt64(SysenterEsp);
        SysenterEip = state.UInt64(SysenterEip);
    }

    private static bool IsMemoryType(ulong type) => type is 0 or 1 or 4 or 5 or 6;

    private bool SetMtrrDefault(ulong value)
    {
        if (!IsMemoryType(value & 0xFF))
        {
            return false;
        }
        mtrrDefault = value & 0xCFF;
        return true;
    }

    private bool SetPat(ulong value)
    {
        for (int n = 0; n < 64; n += 8)
        {
            ulong type = (value >> n) & 0xFF;
            if (!IsMemoryType(type) && type != 7)
            {
                return false;
            }
        }
        pat = value;
        return true;
    }
}

using Emulator.BT.Decode;
using Emulator.BT.Model;
using Emulator.Core.Cpu;
using Emulator.Tests.Simd;
using Xunit;

namespace Emulator.Tests.Cpu;

/// <summary>What CPUID.1:EDX announces works, and what it does not announce raises #UD, in every model.</summary>
public sealed unsafe class CpuModelTests
{
    // An instruction of each feature that has some.
    private static readonly (CpuFeatures Feature, string Code)[] Instructions =
    [
        (CpuFeatures.Fpu, "D9E8"), // fld1
        (CpuFeatures.Tsc, "0F31"), // rdtsc
        (CpuFeatures.Msr, "0F32"), // rdmsr
        (CpuFeatures.Cx8, "0FC70F"), // cmpxchg8b [edi]
        (CpuFeatures.Sep, "0F34"), // sysenter
        (CpuFeatures.Cmov, "0F44C1"), // cmove eax, ecx
        (CpuFeatures.Cmov | CpuFeatures.Fpu, "DBF1"), // fcomi st1
        (CpuFeatures.Cmov | CpuFeatures.Fpu, "DAC1"), // fcmovb st1
        (CpuFeatures.Clflush, "0FAE3F"), // clflush [edi]
        (CpuFeatures.Mmx, "0FFCC1"), // paddb mm0, mm1
        (CpuFeatures.Fxsr, "0FAE07"), // fxsave [edi]
        (CpuFeatures.Sse, "0F58C1"), // addps xmm0, xmm1
        (CpuFeatures.Sse, "0FAE17"), // ldmxcsr [edi]
        (CpuFeatures.Sse | CpuFeatures.Mmx, "0FE0C1"), // pavgb mm0, mm1
        (CpuFeatures.Sse2, "660F58C1"), // addpd xmm0, xmm1
        (CpuFeatures.Sse2, "0FD4C1"), // paddq mm0, mm1
        (CpuFeatures.Sse2, "0FC307"), // movnti [edi], eax
    ];

    // Of processors after these: SSE3, SSSE3, SSE4, POPCNT, LZCNT's kin, MOVBE, RDRAND, RDTSCP, MONITOR, VMCALL, 3DNow!, AVX (LES here).
    private static readonly string[] Later =
    [
        "F20F12C1", "660F3800C1", "660F3810C1", "F30FB8C1", "0F38F007", "0FC7F0", "0F01F9", "0F01C8", "0F01C1", "0F0FC19E", "0F0B", "0FAA",
    ];

    public static TheoryData<string> Models() => new(CpuModel.All.Select(m => m.Name));

    [Theory]
    [MemberData(nameof(Models))]
    public void WhatIsNotAnnouncedIsUndefinedAndWhatIsRuns(string name)
    {
        CpuModel model = CpuModel.Find(name)!;
        foreach ((CpuFeatures feature, string code) in Instructions)
        {
            Assert.True(model.Has(feature) != IsUndefined(model, code), $"{name}: {code} of {feature}");
        }
        foreach (string code in Later)
        {
            Assert.True(IsUndefined(model, code), $"{name}: {code} is not #UD");
        }
        // RDPMC came with the Pentium with MMX and the Pentium Pro, and has no bit. The NOPs with operands came with the Pentium Pro.
        Assert.Equal(name == "486", IsUndefined(model, "0F33"));
        Assert.Equal(model.Family < 6, IsUndefined(model, "0F1F00"));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void ControlBitsGoWithTheirFeatures(string name)
    {
        CpuModel model = CpuModel.Find(name)!;
        using var rig = new SimdRig(model);
        foreach ((CpuFeatures feature, ulong bit) in new[]
        {
            (CpuFeatures.Vme, Cr4.VME), (CpuFeatures.Tsc, Cr4.TSD), (CpuFeatures.De, Cr4.DE), (CpuFeatures.Pse, Cr4.PSE),
            (CpuFeatures.Mce, Cr4.MCE), (CpuFeatures.Pge, Cr4.PGE), (CpuFeatures.Fxsr, Cr4.OSFXSR), (CpuFeatures.Sse, Cr4.OSXMMEXCPT),
        })
        {
            rig.State->Gpr[0] = bit;
            rig.State->FaultVector = -1;
            Assert.True(model.Has(feature) == (BT.Helpers.SystemRegisters.WriteControl(rig.State, Write(rig)) | rig.State->FaultVector < 0), $"{name}: {feature}");
        }
    }

    private static bool IsUndefined(CpuModel model, string code)
    {
        byte[] bytes = Convert.FromHexString(code);
        Array.Resize(ref bytes, 16);
        fixed (byte* p = bytes)
        {
            new InsnDecoder(model).Decode(p, bytes.Length, CodeMode.Bits32, 0, 0, out Insn i, out _);
            return (nint)i.Handler == (nint)InsnTable.Undefined.Interpret;
        }
    }

    private static Insn* Write(SimdRig rig)
    {
        // mov cr4, eax
        var insn = (Insn*)(rig.Memory + 0x30_0000);
        *insn = new Insn { Dst = 4, Src = CpuState.GprOffset(0), Length = 3 };
        return insn;
    }
}

using Emulator.BT.Helpers;
using Emulator.BT.Model;
using Emulator.Core.Cpu;
using Xunit;

namespace Emulator.Tests.Cpu;

/// <summary>CPUID tells the truth, for every model and feature: what it names works, what it does not name faults.</summary>
public sealed unsafe class CpuidTruthTests
{
    private const uint Code = 0x1000, Handlers = 0x2000, Hypervisor = 1u << 31;

    // An instruction of each feature that has some; #UD without it.
    private static readonly (CpuFeatures Feature, string Bytes)[] Instructions =
    [
        (CpuFeatures.Fpu, "D9 E8"), // FLD1
        (CpuFeatures.Tsc, "0F 31"), // RDTSC
        (CpuFeatures.Msr, "B9 10 00 0F 32"), // MOV CX, 10; RDMSR
        (CpuFeatures.Cx8, "0F C7 0E 00 50"), // CMPXCHG8B [5000]
        (CpuFeatures.Cmov, "0F 44 C3"), // CMOVE AX, BX
        (CpuFeatures.Mmx, "0F FC C1"), // PADDB MM0, MM1
        (CpuFeatures.Fxsr, "0F AE 06 00 50"), // FXSAVE [5000]
        (CpuFeatures.Sse, "0F 58 C1"), // ADDPS XMM0, XMM1
        (CpuFeatures.Sse2, "66 0F 58 C1"), // ADDPD XMM0, XMM1
        (CpuFeatures.Clflush, "0F AE 3E 00 50"), // CLFLUSH [5000]
    ];

    // A bit of CR4 that each feature brings; #GP without it.
    private static readonly (CpuFeatures Feature, uint Bits)[] Cr4Bits =
    [
        (CpuFeatures.Vme, (uint)Cr4.VME), (CpuFeatures.Vme, (uint)Cr4.PVI), (CpuFeatures.Tsc, (uint)Cr4.TSD), (CpuFeatures.De, (uint)Cr4.DE),
        (CpuFeatures.Pse, (uint)Cr4.PSE), (CpuFeatures.Pae, (uint)Cr4.PAE), (CpuFeatures.Mce, (uint)Cr4.MCE), (CpuFeatures.Pge, (uint)Cr4.PGE),
        (CpuFeatures.Fxsr, (uint)Cr4.OSFXSR), (CpuFeatures.Sse, (uint)Cr4.OSXMMEXCPT),
    ];

    // A register of each feature; #GP without it.
    private static readonly (CpuFeatures Feature, ushort Number)[] Registers =
    [
        (CpuFeatures.Sep, 0x174), (CpuFeatures.Mtrr, 0xFE), (CpuFeatures.Mtrr, 0x2FF), (CpuFeatures.Pat, 0x277), (CpuFeatures.Mce, 0x01), (CpuFeatures.Mca, 0x179),
    ];

    public static TheoryData<string> Models => [.. CpuModel.All.Select(m => m.Name)];

    [Fact]
    public void ARefusedMtrrDefaultTypeIsNotStored()
    {
        using var cpu = new TestCpu();
        MsrBank msrs = cpu.Vcpu.Msrs;
        Assert.True(msrs.TryWrite(0x2FF, 0xC06));
        Assert.False(msrs.TryWrite(0x2FF, 0xC02));
        Assert.True(msrs.TryRead(cpu.State, 0x2FF, () => 0, out ulong value));
        Assert.Equal(0xC06ul, value);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void CpuidNamesTheModel(string name)
    {
        CpuModel model = CpuModel.Find(name)!;
        using TestCpu cpu = Run(model, [0x66, 0xB8, 0x01, 0x00, 0x00, 0x00, 0x0F, 0xA2, 0xF4]);
        Assert.Equal((model.Signature, (uint)model.Features), ((uint)cpu.State->Gpr[0], (uint)cpu.State->Gpr[2]));
        Assert.Equal(Hypervisor, (uint)cpu.State->Gpr[1]);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void InstructionsOfAFeatureAreThereWithIt(string name)
    {
        CpuModel model = CpuModel.Find(name)!;
        foreach ((CpuFeatures feature, string bytes) in Instructions)
        {
            using TestCpu cpu = Run(model, [.. Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)), 0xF4]);
            Expect(cpu, model.Has(feature) ? -1 : Vector.UD, $"{name}: {bytes}");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void BitsOfCr4AreThereWithTheirFeature(string name)
    {
        CpuModel model = CpuModel.Find(name)!;
        foreach ((CpuFeatures feature, uint bits) in Cr4Bits)
        {
            // MOV EAX, bits; MOV CR4, EAX; HLT
            using TestCpu cpu = Run(model, [0x66, 0xB8, .. BitConverter.GetBytes(bits), 0x0F, 0x22, 0xE0, 0xF4]);
            Expect(cpu, model.Has(feature) ? -1 : Vector.GP, $"{name}: CR4 {bits:x}");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void RegistersAreThereWithTheirFeature(string name)
    {
        CpuModel model = CpuModel.Find(name)!;
        foreach ((CpuFeatures feature, ushort number) in Registers.Where(_ => model.Has(CpuFeatures.Msr)))
        {
            // MOV ECX, number; RDMSR; HLT
            using TestCpu cpu = Run(model, [0x66, 0xB9, .. BitConverter.GetBytes((uint)number), 0x0F, 0x32, 0xF4]);
            Expect(cpu, model.Has(feature) ? -1 : Vector.GP, $"{name}: MSR {number:x}");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void SysenterIsThereWithItsFeature(string name)
    {
        CpuModel model = CpuModel.Find(name)!;
        // In real mode it is #GP where it exists.
        using TestCpu cpu = Run(model, [0x0F, 0x34, 0xF4]);
        Expect(cpu, model.Has(CpuFeatures.Sep) ? Vector.GP : Vector.UD, name);
    }

    // What no model advertises. (0F 0D is a NOP on a P6, and LZCNT and TZCNT are BSR and BSF.)
    [Theory]
    [InlineData("F2 0F F0 06 00 50")] // LDDQU
    [InlineData("F2 0F 7C C1")] // HADDPS
    [InlineData("0F 38 00 C1")] // PSHUFB
    [InlineData("66 0F 38 10 C1")] // PBLENDVB
    [InlineData("F3 0F B8 C1")] // POPCNT
    [InlineData("0F 38 F0 06 00 50")] // MOVBE
    [InlineData("F2 0F 38 F0 C1")] // CRC32
    [InlineData("0F 01 F9")] // RDTSCP
    [InlineData("0F 01 C1")] // VMCALL
    [InlineData("0F 01 D9")] // VMMCALL
    [InlineData("0F 01 C8")] // MONITOR
    [InlineData("0F 01 D0")] // XGETBV
    [InlineData("0F 05")] // SYSCALL
    [InlineData("0F C7 F0")] // RDRAND
    [InlineData("0F 0F C1 9E")] // PFADD (3DNow!)
    public void WhatNoModelHasIsUndefined(string bytes)
    {
        using TestCpu cpu = Run(CpuModel.Max, [.. Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)), 0xF4]);
        Expect(cpu, Vector.UD, bytes);
    }

    private static void Expect(TestCpu cpu, int vector, string what)
    {
        int seen = cpu.State->Rip is > Handlers and <= Handlers + 32 ? (int)(cpu.State->Rip - Handlers - 1) : -1;
        Assert.True(vector == seen, $"{what}: vector {seen}, expected {vector}");
    }

    // Real mode, the code at 0000:1000, every vector to a HLT of its own.
    private static TestCpu Run(CpuModel model, byte[] code)
    {
        var cpu = new TestCpu(1 << 20, model);
        for (int n = 0; n < 6; n++)
        {
            Segmentation.SetReal(cpu.State, n, 0);
        }
        for (uint vector = 0; vector < 32; vector++)
        {
            cpu.Memory.WriteValue(vector * 4, 4, Handlers + vector);
            cpu.Memory.WriteValue(Handlers + vector, 1, 0xF4);
        }
        cpu.Memory.Write(Code, code);
        cpu.State->Cr4 = model.Cr4Mask & Cr4.OSFXSR;
        cpu.State->Gpr[4] = 0x8000;
        cpu.State->Rip = Code;
        cpu.Vcpu.Run(100);
        return cpu;
    }
}

using Emulator.Tests.Integer;
using Emulator.Tests.Simd;
using Iced.Intel;

namespace Emulator.Tests.Coverage;

/// <summary>Which suite proves an instruction form.</summary>
internal static class Proofs
{
    private static readonly HashSet<Code> Integer = [.. IntegerForms.All], Simd = [.. SimdForms.Codes()];

    // One-byte opcodes without files in the 80286 suite: prefixes, undefined ones, HLT's neighbours.
    private static readonly HashSet<uint> NotIn286 =
        [0x0F, 0x26, 0x2E, 0x36, 0x3E, 0x63, 0x64, 0x65, 0x66, 0x67, 0xC8, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF, 0xF0, 0xF1, 0xF2, 0xF3];

    /// <summary>The suites, most telling first; empty for none.</summary>
    public static string Of(OpCodeInfo info)
    {
        var proofs = new List<string>();
        CpuidFeature[] features = info.Code.CpuidFeatures();
        if (Integer.Contains(info.Code) || info.Mnemonic is Mnemonic.Nop or Mnemonic.Prefetchnta or Mnemonic.Prefetcht0 or Mnemonic.Prefetcht1 or Mnemonic.Prefetcht2)
        {
            proofs.Add("host, integer");
        }
        if (Simd.Contains(info.Code))
        {
            proofs.Add("host, SIMD");
        }
        if (features.Any(f => f is CpuidFeature.FPU or CpuidFeature.FPU287 or CpuidFeature.FPU387) || info.Mnemonic is Mnemonic.Fcmovb)
        {
            proofs.Add("host, x87");
        }
        if (info.Mode16 && info.OperandSize != 32 && info.Table == OpCodeTableKind.Normal && info.OpCode < 0x100 && !NotIn286.Contains(info.OpCode)
            && info.MandatoryPrefix == MandatoryPrefix.None && !info.Code.ToString().Contains("r32", StringComparison.Ordinal))
        {
            proofs.Add("80286");
        }
        if (Rom(info) is { } rom)
        {
            proofs.Add(rom);
        }
        return string.Join("; ", proofs);
    }

    private static string? Rom(OpCodeInfo info) => info.Mnemonic switch
    {
        Mnemonic.Jmp or Mnemonic.Call when info.OpCount == 1 && IsFar(info) => "ROM gates, tasks",
        Mnemonic.Jmp or Mnemonic.Call or Mnemonic.Ret => "tiers, random",
        Mnemonic.Retf => "ROM gates",
        Mnemonic.Int or Mnemonic.Iret or Mnemonic.Iretd => "ROM gates, v86, tasks",
        Mnemonic.Int3 or Mnemonic.Into or Mnemonic.Bound or Mnemonic.Ud2 => "ROM gates",
        Mnemonic.Int1 => "ROM debug",
        Mnemonic.Cli or Mnemonic.Sti => "ROM segments, v86, system",
        Mnemonic.Hlt => "ROM segments, system",
        Mnemonic.In or Mnemonic.Out => "ROM segments, debug",
        Mnemonic.Insb or Mnemonic.Insw or Mnemonic.Insd or Mnemonic.Outsb or Mnemonic.Outsw or Mnemonic.Outsd => "Debian's boot (IDE)",
        Mnemonic.Mov when HasSystemRegister(info) => "ROM paging, debug, system",
        Mnemonic.Mov or Mnemonic.Pop or Mnemonic.Push when HasSegmentRegister(info) => "ROM segments",
        Mnemonic.Lfs or Mnemonic.Lgs or Mnemonic.Lss or Mnemonic.Lds or Mnemonic.Les => "test386 06",
        Mnemonic.Lgdt or Mnemonic.Lidt or Mnemonic.Sgdt or Mnemonic.Sidt => "ROM segments, paging",
        Mnemonic.Lldt or Mnemonic.Ltr or Mnemonic.Sldt or Mnemonic.Str or Mnemonic.Smsw or Mnemonic.Lmsw or Mnemonic.Clts or Mnemonic.Invd
            or Mnemonic.Wbinvd => "ROM segments",
        Mnemonic.Lar or Mnemonic.Lsl or Mnemonic.Verr or Mnemonic.Verw or Mnemonic.Arpl => "ROM segments",
        Mnemonic.Invlpg => "ROM paging",
        Mnemonic.Cpuid or Mnemonic.Rdtsc or Mnemonic.Rdmsr or Mnemonic.Wrmsr or Mnemonic.Sysenter or Mnemonic.Sysexit => "ROM system",
        Mnemonic.Fxsave or Mnemonic.Fxrstor => "SimdRuleTests",
        Mnemonic.Jo or Mnemonic.Jno or Mnemonic.Jb or Mnemonic.Jae or Mnemonic.Je or Mnemonic.Jne or Mnemonic.Jbe or Mnemonic.Ja or Mnemonic.Js
            or Mnemonic.Jns or Mnemonic.Jp or Mnemonic.Jnp or Mnemonic.Jl or Mnemonic.Jge or Mnemonic.Jle or Mnemonic.Jg => "tiers, random",
        Mnemonic.Loop or Mnemonic.Loope or Mnemonic.Loopne or Mnemonic.Jcxz or Mnemonic.Jecxz => "test386 01",
        Mnemonic.Enter => "test386 1A",
        Mnemonic.Cmpxchg8b => "ROM gates, paging",
        Mnemonic.Wait => "ROM system",
        _ => null,
    };

    private static bool IsFar(OpCodeInfo info) =>
        info.GetOpKind(0) is OpCodeOperandKind.farbr2_2 or OpCodeOperandKind.farbr4_2 || info.Code is Code.Jmp_m1616 or Code.Jmp_m1632 or Code.Call_m1616 or Code.Call_m1632;

    private static bool HasSystemRegister(OpCodeInfo info) => Enumerable.Range(0, info.OpCount).Any(n =>
        info.GetOpKind(n) is OpCodeOperandKind.cr_reg or OpCodeOperandKind.dr_reg);

    private static bool HasSegmentRegister(OpCodeInfo info) => Enumerable.Range(0, info.OpCount).Any(n =>
        info.GetOpKind(n) is OpCodeOperandKind.seg_reg or OpCodeOperandKind.es or OpCodeOperandKind.cs or OpCodeOperandKind.ss or OpCodeOperandKind.ds
            or OpCodeOperandKind.fs or OpCodeOperandKind.gs);
}

using System.Globalization;
using System.Runtime.Intrinsics;
using System.Text;
using Emulator.Core.Cpu;

namespace Emulator.Remote.Monitor;

/// <summary>The registers in the layout that people and scripts know from QEMU.</summary>
public static unsafe class RegisterDump
{
    private static readonly string[] SegmentNames = ["ES", "CS", "SS", "DS", "FS", "GS"];

    // System segment types (SDM Vol. 3A, table 3-2).
    private static readonly string[] SystemTypes =
    [
        "Reserved", "TSS16-avl", "LDT", "TSS16-busy", "CallGate16", "TaskGate", "IntGate16", "TrapGate16",
        "Reserved", "TSS32-avl", "Reserved", "TSS32-busy", "CallGate32", "Reserved", "IntGate32", "TrapGate32",
    ];

    /// <summary>The lines, each with a line feed.</summary>
    /// <param name="cpu">The processor.</param>
    /// <param name="a20">True while the A20 gate is open.</param>
    /// <param name="withFpu">False for the short form, without x87 and SSE.</param>
    public static string Format(CpuState* cpu, bool a20, bool withFpu)
    {
        var text = new StringBuilder();
        uint flags = cpu->GetEflags();
        Line(text, $"EAX={Reg(cpu, 0)} EBX={Reg(cpu, 3)} ECX={Reg(cpu, 1)} EDX={Reg(cpu, 2)}");
        Line(text, $"ESI={Reg(cpu, 6)} EDI={Reg(cpu, 7)} EBP={Reg(cpu, 5)} ESP={Reg(cpu, 4)}");
        int shadow = Bit(cpu->AttentionFlags, Attention.InterruptShadow), halted = Bit(cpu->AttentionFlags, Attention.Halted);
        string eflags = $"{flags:x8} [{Letters(flags)}]";
        Line(text, $"EIP={(uint)cpu->Rip:x8} EFL={eflags} CPL={cpu->Cpl} II={shadow} A20={(a20 ? 1 : 0)} SMM=0 HLT={halted}");
        for (int n = 0; n < SegmentNames.Length; n++)
        {
            Segment(text, cpu, SegmentNames[n], cpu->Segments[n]);
        }
        Segment(text, cpu, "LDT", cpu->Ldtr);
        Segment(text, cpu, "TR", cpu->Tr);
        Line(text, $"GDT=     {(uint)cpu->Gdtr.Base:x8} {cpu->Gdtr.Limit:x8}");
        Line(text, $"IDT=     {(uint)cpu->Idtr.Base:x8} {cpu->Idtr.Limit:x8}");
        Line(text, $"CR0={(uint)cpu->Cr0:x8} CR2={(uint)cpu->Cr2:x8} CR3={(uint)cpu->Cr3:x8} CR4={(uint)cpu->Cr4:x8}");
        Line(text, $"DR0={(uint)cpu->Dr[0]:x8} DR1={(uint)cpu->Dr[1]:x8} DR2={(uint)cpu->Dr[2]:x8} DR3={(uint)cpu->Dr[3]:x8} ");
        Line(text, $"DR6={(uint)cpu->Dr[6]:x8} DR7={(uint)cpu->Dr[7]:x8}");
        Line(text, $"EFER={cpu->Efer:x16}");
        if (withFpu)
        {
            Fpu(text, ref cpu->Fpu, cpu->Mxcsr);
            Xmm(text, cpu);
        }
        return text.ToString();
    }

    private static void Fpu(StringBuilder text, ref FpuState fpu, uint mxcsr)
    {
        int status = fpu.Status | (fpu.Top << 11);
        Line(text, $"FCW={fpu.Control:x4} FSW={status:x4} [ST={fpu.Top}] FTW={(byte)~fpu.EmptyMask:x2} MXCSR={mxcsr:x8}");
        for (int n = 0; n < 8; n += 2)
        {
            Float80 even = fpu.R[n], odd = fpu.R[n + 1];
            Line(text, $"FPR{n}={even.Significand:x16} {even.SignExponent:x4} FPR{n + 1}={odd.Significand:x16} {odd.SignExponent:x4}");
        }
    }

    private static void Xmm(StringBuilder text, CpuState* cpu)
    {
        for (int n = 0; n < 8; n += 2)
        {
            Vector128<ulong> even = cpu->Xmm[n].AsUInt64(), odd = cpu->Xmm[n + 1].AsUInt64();
            Line(text, $"XMM{n:d2}={even[1]:x16} {even[0]:x16} XMM{n + 1:d2}={odd[1]:x16} {odd[0]:x16}");
        }
    }

    private static void Segment(StringBuilder text, CpuState* cpu, string name, in SegmentRegister s)
    {
        // The second dword of the descriptor without its base: access, limit 16-19, flags.
        uint limit = (s.Access & SegmentRegister.GBit) != 0 ? s.Limit >> 12 : s.Limit;
        uint flags = (uint)(s.Access & 0xFF) << 8 | (limit & 0xF0000) | (uint)(s.Access & 0xF000) << 8;
        text.Append(CultureInfo.InvariantCulture, $"{name,-3}={s.Selector:x4} {(uint)s.Base:x8} {s.Limit:x8} {flags:x8}");
        if (cpu->IsProtected && s.IsPresent)
        {
            text.Append(CultureInfo.InvariantCulture, $" DPL={s.Dpl} {TypeOf(s)}");
        }
        text.Append('\n');
    }

    private static string TypeOf(in SegmentRegister s)
    {
        char accessed = Letter(s, SegmentRegister.AccessedBit, 'A');
        if ((s.Access & SegmentRegister.SBit) == 0)
        {
            return SystemTypes[s.Access & 15];
        }
        if (s.IsCode)
        {
            string size = (s.Access & SegmentRegister.LBit) != 0 ? "CS64" : s.IsBig ? "CS32" : "CS16";
            return $"{size} [{Letter(s, SegmentRegister.ConformingBit, 'C')}{Letter(s, SegmentRegister.ReadableBit, 'R')}{accessed}]";
        }
        string width = s.IsBig ? "DS  " : "DS16";
        return $"{width} [{Letter(s, SegmentRegister.ExpandDownBit, 'E')}{Letter(s, SegmentRegister.WritableBit, 'W')}{accessed}]";
    }

    private static char Letter(in SegmentRegister s, int bit, char letter) => (s.Access & bit) != 0 ? letter : '-';

    private static string Letters(uint flags)
    {
        ReadOnlySpan<(uint Bit, char Letter)> all =
            [(Eflags.DF, 'D'), (Eflags.OF, 'O'), (Eflags.SF, 'S'), (Eflags.ZF, 'Z'), (Eflags.AF, 'A'), (Eflags.PF, 'P'), (Eflags.CF, 'C')];
        Span<char> letters = stackalloc char[all.Length];
        for (int n = 0; n < all.Length; n++)
        {
            letters[n] = (flags & all[n].Bit) != 0 ? all[n].Letter : '-';
        }
        return new string(letters);
    }

    private static string Reg(CpuState* cpu, int n) => ((uint)cpu->Gpr[n]).ToString("x8", CultureInfo.InvariantCulture);

    private static int Bit(int flags, int bit) => (flags & bit) != 0 ? 1 : 0;

    private static void Line(StringBuilder text, FormattableString line) => text.Append(FormattableString.Invariant(line)).Append('\n');
}

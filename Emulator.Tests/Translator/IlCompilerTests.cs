using Emulator.BT.Translator;
using Emulator.BT.Translator.Il;
using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;
using Emulator.Tests.Cpu;
using Xunit;
using CodeBlock = Emulator.BT.Decode.Block;

namespace Emulator.Tests.Translator;

/// <summary>What random programs reach seldom or never: operations by themselves, limits, regions that don't fit, code that writes itself.</summary>
public sealed unsafe class IlCompilerTests : IDisposable
{
    private const int CodeAddress = 0x8000;

    private readonly TestCpu cpu = new(1 << 17, translation: Tiers.Options(Tiers.Il));

    public static TheoryData<IrOp, ulong, ulong, ulong> Values => new()
    {
        { IrOp.Add, 5, 7, 12 },
        { IrOp.Sub, 5, 7, ~1ul },
        { IrOp.Mul, 1ul << 40, 1ul << 30, 0 },
        { IrOp.And, 0xF0F0, 0xFF00, 0xF000 },
        { IrOp.Or, 0xF0F0, 0x0F00, 0xFFF0 },
        { IrOp.Xor, 0xFF, 0x0F, 0xF0 },
        { IrOp.Not, 0, 0, ~0ul },
        { IrOp.Neg, 1, 0, ~0ul },
        { IrOp.Shl, 1, 65, 2 },
        { IrOp.Shr, 1ul << 63, 63, 1 },
        { IrOp.Sar, 1ul << 63, 63, ~0ul },
        { IrOp.Equal, 3, 3, 1 },
        { IrOp.LessUnsigned, 1, ~0ul, 1 },
        { IrOp.LessSigned, 1, ~0ul, 0 },
        { IrOp.MulHigh, ~0ul, ~0ul, ~1ul },
        { IrOp.MulHighSigned, ~0ul, 1, ~0ul },
        { IrOp.LowestBit, 0x50, 0, 4 },
        { IrOp.HighestBit, 0x50, 0, 6 },
        { IrOp.DivUnsigned, ~0ul, 3, 0x5555_5555_5555_5555 },
        { IrOp.DivSigned, ~6ul, 2, ~2ul },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void AnOperationComputesWhatItsDescriptionSays(IrOp op, ulong a, ulong b, ulong expected)
    {
        bool unary = op is IrOp.Not or IrOp.Neg or IrOp.LowestBit or IrOp.HighestBit;
        Assert.Equal(expected, Evaluate(b, ir => ir.Append(op, 64, Read(ir, 0).Id, unary ? -1 : Read(ir, 8).Id), a));
        // And the same when the operands are constants: folding agrees.
        Assert.Equal(expected, Evaluate(b, ir => ir.Append(op, 64, Constant(ir, a), unary ? -1 : Constant(ir, b)), a));
    }

    [Theory]
    [InlineData(8, 0x80, 0xFFFF_FFFF_FFFF_FF80)]
    [InlineData(16, 0x8000, 0xFFFF_FFFF_FFFF_8000)]
    [InlineData(32, 0x8000_0000, 0xFFFF_FFFF_8000_0000)]
    public void WidthsCutAndExtend(int width, ulong cut, ulong extended)
    {
        ulong value = extended;
        Assert.Equal(cut, Evaluate(0, ir => ir.Append(IrOp.Trunc, width, Read(ir, 0).Id), value));
        Assert.Equal(extended, Evaluate(0, ir => ir.Append(IrOp.SignExtend, width, Read(ir, 0).Id), value));
    }

    [Fact]
    public void SelectTakesEitherSide()
    {
        static Value Choose(IrBuilder ir) => ir.Append(IrOp.Select, 64, Read(ir, 0).Id, Read(ir, 8).Id, ir.Append(IrOp.Const, imm: 9).Id);
        Assert.Equal(77ul, Evaluate(77, Choose, 2));
        Assert.Equal(9ul, Evaluate(77, Choose, 0));
    }

    [Fact]
    public void ARegionBeyondTheLimitsOfRyuJitIsRefused()
    {
        Prepare([0x90]);
        using RegionPlan plan = Plan(0);
        var ir = new IrBuilder();
        RecordStart(ir, plan);
        for (int n = 0; n < 3000; n++)
        {
            ir.Append(IrOp.WriteRegister, 64, ir.Append(IrOp.Add, 64, Read(ir, 0).Id, Read(ir, 8).Id).Id, imm: 0);
        }
        Assert.Throws<RegionLimitException>(() => IlCompiler.Compile(ir.Nodes, plan));
    }

    [Fact]
    public void ALoopStaysInsideUntilItsBudgetIsGone()
    {
        // inc eax; jmp to it
        Prepare([0x40, 0xEB, 0xFD]);
        cpu.Vcpu.Run(100);
        Assert.Equal(50ul, cpu.State->Gpr[0]);
        Assert.Equal((ulong)CodeAddress, cpu.State->Rip);
        Assert.Equal(1, cpu.Vcpu.Translator!.Compiled);
        Assert.Equal(1, cpu.Vcpu.Translator.Exits.Sum());
    }

    [Fact]
    public void ARegionThatTheStateDoesNotFitIsNotRun()
    {
        // mov eax, [1000h]; jmp to it
        Prepare([0xA1, 0x00, 0x10, 0x00, 0x00, 0xEB, 0xF9]);
        cpu.Memory.Machine(0x1000, 1)[0] = 1;
        cpu.Memory.Machine(0x1100, 1)[0] = 2;
        cpu.Vcpu.Run(10);
        Assert.Equal(1ul, cpu.State->Gpr[0] & 0xFF);
        cpu.State->Segments[Seg.DS].Base = 0x100;
        cpu.State->RegionKey = 0;
        cpu.Vcpu.Run(10);
        Assert.Equal(2ul, cpu.State->Gpr[0] & 0xFF);
    }

    [Fact]
    public void AStoreIntoTheRunningCodeIsSeenByTheNextInstruction()
    {
        // mov byte [8007h], 40h; nop (becomes inc eax); jmp to itself
        Prepare([0xC6, 0x05, 0x07, 0x80, 0x00, 0x00, 0x40, 0x90, 0xEB, 0xFE]);
        cpu.Vcpu.Run(20);
        Assert.Equal(1ul, cpu.State->Gpr[0]);
        Assert.Equal(0x40, cpu.Memory.Machine(CodeAddress + 7, 1)[0]);
        Assert.True(cpu.Vcpu.Translator!.Invalidated > 0);
    }

    [Fact]
    public void ACallAndItsReturnStayInOneRegion()
    {
        // l: call f; dec ecx; jnz l; s: jmp s; f: inc eax; ret
        Prepare([0xE8, 0x05, 0x00, 0x00, 0x00, 0x49, 0x75, 0xF8, 0xEB, 0xFE, 0x40, 0xC3]);
        cpu.State->Gpr[1] = 1000;
        cpu.Vcpu.Run(100);
        // By now every block is decoded: a region made of them has no need to leave.
        cpu.Vcpu.Translator!.Drop();
        cpu.Vcpu.Run(100_000);
        Assert.Equal(1000ul, cpu.State->Gpr[0]);
        Assert.True(cpu.Vcpu.Translator.Exits.Sum() < 100, $"{cpu.Vcpu.Translator.Exits.Sum()} exits");
    }

    [Fact]
    public void ACallThatPushesOverItsOwnBlockStillReachesItsTarget()
    {
        // call 8100h, with the stack on top of the call, in both tiers
        Prepare([0xE8, 0xFB, 0x00, 0x00, 0x00]);
        cpu.State->Gpr[4] = CodeAddress + 4;
        cpu.Vcpu.Run(1);
        Assert.Equal(0x8100ul, cpu.State->Rip);
        Assert.Equal((ulong)CodeAddress, cpu.State->Gpr[4]);
    }

    public void Dispose() => cpu.Dispose();

    private static Value Read(IrBuilder ir, int offset) => ir.Append(IrOp.ReadRegister, 64, imm: (ulong)offset);

    private static int Constant(IrBuilder ir, ulong value) => ir.Append(IrOp.Const, imm: value).Id;

    private static void RecordStart(IrBuilder ir, RegionPlan plan)
    {
        ir.Append(IrOp.Block);
        ir.Append(IrOp.Instruction, insn: plan.Blocks[0].Insns);
    }

    // A plan of the one block at the start of the code.
    private RegionPlan Plan(int codeMode)
    {
        CodeBlock* block = TwinCpus.BlockAt(cpu, CodeAddress);
        var plan = new RegionPlan { Key = RegionKey.Of(cpu.State) & ~3 | codeMode, CsLimit = uint.MaxValue };
        plan.Add(block, CodeAddress, cpu.Memory.Host + CodeAddress, 0);
        plan.Blocks[0].IsEntry = true;
        return plan;
    }

    // A region that puts a value into RDX, run with RAX = a and RCX = b; all 64 bits of registers count.
    private ulong Evaluate(ulong b, Func<IrBuilder, Value> value, ulong a)
    {
        Prepare([0x90]);
        using RegionPlan plan = Plan(CodeMode.Bits64);
        var ir = new IrBuilder();
        RecordStart(ir, plan);
        ir.Append(IrOp.WriteRegister, 64, value(ir).Id, imm: 2 * 8);
        cpu.State->Gpr[0] = a;
        cpu.State->Gpr[1] = b;
        using var region = new Region(plan, IlCompiler.Compile(ir.Nodes, plan), 1, RegionRuntime.UnlinkedCode);
        Assert.Equal((int)RegionExit.Unlinked, ((delegate*<CpuState*, Slot*, int>)region.Entries->Code)(cpu.State, region.Entries));
        return cpu.State->Gpr[2];
    }

    // Flat 32-bit protected mode without paging.
    private void Prepare(byte[] code)
    {
        CpuState* s = cpu.State;
        cpu.Vcpu.Reset();
        s->Cr0 = Cr0.PE;
        s->CodeMode = CodeMode.Bits32;
        s->StackMask = uint.MaxValue;
        for (int n = 0; n < 6; n++)
        {
            s->Segments[n] = new SegmentRegister { Limit = uint.MaxValue, Access = (ushort)((n == Seg.CS ? 0x9B : 0x93) | SegmentRegister.DBit) };
            s->Segments[n].UpdateLimits();
        }
        s->Rip = CodeAddress;
        s->Gpr[0] = 0;
        s->Gpr[4] = 0x4000;
        s->Budget = 100;
        code.CopyTo(cpu.Memory.Machine(CodeAddress, code.Length));
    }
}

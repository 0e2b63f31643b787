using Emulator.BT.Translator;
using Emulator.BT.Translator.Il;
using Emulator.Core.Cpu;
using Emulator.Tests.Cpu;
using Xunit;
using CodeBlock = Emulator.BT.Decode.Block;

namespace Emulator.Tests.Translator;

/// <summary>What random blocks reach seldom or never: operations by themselves, limits, refusal, code that writes itself.</summary>
public sealed unsafe class IlCompilerTests : IDisposable
{
    private const int CodeAddress = 0x8000;

    private readonly TestCpu cpu = new(1 << 17);

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
        var ir = new IrBuilder();
        RecordStart(ir);
        for (int n = 0; n < 3000; n++)
        {
            ir.Append(IrOp.WriteRegister, 64, ir.Append(IrOp.Add, 64, Read(ir, 0).Id, Read(ir, 8).Id).Id, imm: 0);
        }
        Assert.Throws<InvalidOperationException>(() => IlCompiler.Compile(ir, Shape()));
    }

    [Fact]
    public void AStateThatTheRegionWasNotMadeForIsRefusedUntouched()
    {
        // mov eax, [1000h]
        using TranslatedRegion region = Translate([0xA1, 0x00, 0x10, 0x00, 0x00]);
        cpu.State->Segments[Seg.DS].Base = 0x100;
        cpu.State->Gpr[0] = 0x1234;
        Assert.Equal(RegionExit.Refused, region.Run(cpu.State));
        Assert.Equal(0x1234ul, cpu.State->Gpr[0]);
        Assert.Equal((ulong)CodeAddress, cpu.State->Rip);
        Assert.Equal(100, cpu.State->Budget);
        cpu.State->Segments[Seg.DS].Base = 0;
        Assert.Equal(RegionExit.Left, region.Run(cpu.State));
    }

    [Fact]
    public void ALoopStaysInsideUntilItsBudgetIsGone()
    {
        // inc eax; jmp to it
        using TranslatedRegion region = Translate([0x40, 0xEB, 0xFD]);
        Assert.True(region.Compiled.Loops);
        Assert.Equal(RegionExit.Left, region.Run(cpu.State));
        Assert.Equal(50ul, cpu.State->Gpr[0]);
        Assert.Equal(0, cpu.State->Budget);
        Assert.Equal((ulong)CodeAddress, cpu.State->Rip);
    }

    [Fact]
    public void ALoopLeavesAtItsBackEdgeWhenSomethingWantsAttention()
    {
        using TranslatedRegion region = Translate([0x40, 0xEB, 0xFD]);
        cpu.State->AttentionFlags = Attention.Interrupt;
        Assert.Equal(RegionExit.Left, region.Run(cpu.State));
        Assert.Equal(1ul, cpu.State->Gpr[0]);
        Assert.Equal(98, cpu.State->Budget);
    }

    [Fact]
    public void AStoreIntoTheRunningCodeLeavesAfterIt()
    {
        // mov byte [8007h], 90h; inc eax; hlt
        using TranslatedRegion region = Translate([0xC6, 0x05, 0x07, 0x80, 0x00, 0x00, 0x90, 0x40, 0xF4]);
        Assert.Equal(RegionExit.Left, region.Run(cpu.State));
        Assert.Equal((ulong)CodeAddress + 7, cpu.State->Rip);
        Assert.Equal(0ul, cpu.State->Gpr[0]);
        Assert.Equal(99, cpu.State->Budget);
        Assert.Equal(0x90, cpu.Memory.Machine(CodeAddress + 7, 1)[0]);
    }

    [Fact]
    public void ACallThatPushesOverItsOwnBlockStillReachesItsTarget()
    {
        // call 8100h, with the stack on top of the call, in the interpreter
        Prepare([0xE8, 0xFB, 0x00, 0x00, 0x00]);
        cpu.State->Gpr[4] = CodeAddress + 4;
        TwinCpus.BlockAt(cpu, CodeAddress);
        cpu.Vcpu.Run(1);
        Assert.Equal(0x8100ul, cpu.State->Rip);
        Assert.Equal((ulong)CodeAddress, cpu.State->Gpr[4]);
    }

    public void Dispose() => cpu.Dispose();

    private static Value Read(IrBuilder ir, int offset) => ir.Append(IrOp.ReadRegister, 64, imm: (ulong)offset);

    private static int Constant(IrBuilder ir, ulong value) => ir.Append(IrOp.Const, imm: value).Id;

    private static void RecordStart(IrBuilder ir) => ir.Append(IrOp.Instruction);

    private RegionShape Shape() => new((nint)TwinCpus.BlockAt(cpu, CodeAddress), 1, 1, CodeMode.Bits64, ulong.MaxValue, 0, 0);

    // A region that puts a value into RDX, run with RAX = a and RCX = b.
    private ulong Evaluate(ulong b, Func<IrBuilder, Value> value, ulong a)
    {
        Prepare([0x90]);
        var ir = new IrBuilder();
        RecordStart(ir);
        ir.Append(IrOp.WriteRegister, 64, value(ir).Id, imm: 2 * 8);
        RegionShape shape = Shape();
        cpu.State->StackMask = ulong.MaxValue;
        cpu.State->Gpr[0] = a;
        cpu.State->Gpr[1] = b;
        Assert.Equal(RegionExit.Left, IlCompiler.Compile(ir, in shape).Code(cpu.State));
        return cpu.State->Gpr[2];
    }

    private TranslatedRegion Translate(byte[] code)
    {
        Prepare(code);
        CodeBlock* block = TwinCpus.BlockAt(cpu, CodeAddress);
        return new BlockTranslator(cpu.Vcpu.Model, cpu.Memory).Translate(block, cpu.State)!;
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

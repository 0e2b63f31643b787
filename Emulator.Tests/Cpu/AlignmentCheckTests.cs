using Emulator.BT.Helpers;
using Emulator.Core.Cpu;
using Xunit;

namespace Emulator.Tests.Cpu;

/// <summary>#AC at CPL 3 with CR0.AM and EFLAGS.AC (SDM Vol. 3A, 6.15, interrupt 17).</summary>
public sealed unsafe class AlignmentCheckTests
{
    private const uint Code = 0x10000, Data = 0x5000, Handler = 0x6000, Gdt = 0x800, Idt = 0x1000, Tss = 0x2000, InnerStack = 0x8000;

    [Theory]
    [InlineData(true, true, 3, 1, true)]
    [InlineData(true, true, 3, 2, true)]
    [InlineData(true, true, 3, 4, false)]
    [InlineData(false, true, 3, 1, false)]
    [InlineData(true, false, 3, 1, false)]
    [InlineData(true, true, 0, 1, false)]
    public void AMisalignedReadFaultsWhenAllThreeSaySo(bool am, bool ac, int cpl, uint offset, bool faults)
    {
        using TestCpu cpu = Make(cpl, am, ac, 0x8B, 0x06, 0xEB, 0xFE); // MOV EAX, [ESI]; JMP $
        // Once aligned, so that the page is known.
        cpu.State->Gpr[6] = Data;
        cpu.Vcpu.Run(1);
        cpu.State->Rip = Code;
        cpu.State->Gpr[6] = Data + offset;
        cpu.Vcpu.Run(20);
        Assert.Equal(faults ? 1 : 0, cpu.Vcpu.Delivered[Vector.AC]);
        if (faults)
        {
            Assert.Equal((0ul, Code), (cpu.Memory.ReadValue(InnerStack - 24, 4), (uint)cpu.Memory.ReadValue(InnerStack - 20, 4)));
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x88, 0x06 }, false)] // MOV [ESI], AL
    [InlineData(new byte[] { 0x66, 0x89, 0x06 }, true)] // MOV [ESI], AX
    [InlineData(new byte[] { 0x01, 0x06 }, true)] // ADD [ESI], EAX
    [InlineData(new byte[] { 0xFF, 0x36 }, true)] // PUSH DWORD [ESI]
    [InlineData(new byte[] { 0xAD }, true)] // LODSD
    [InlineData(new byte[] { 0xDD, 0x06 }, true)] // FLD QWORD [ESI]
    [InlineData(new byte[] { 0xDD, 0x36 }, false)] // FNSAVE [ESI]: bytes here
    [InlineData(new byte[] { 0xF3, 0xA4 }, false)] // REP MOVSB
    public void EveryOperandCounts(byte[] instruction, bool faults)
    {
        using TestCpu cpu = Make(3, am: true, ac: true, [.. instruction, 0xEB, 0xFE]);
        cpu.State->Gpr[6] = Data + 1;
        cpu.State->Gpr[7] = Data + 0x101;
        cpu.State->Gpr[1] = 9;
        cpu.Vcpu.Run(20);
        Assert.Equal(faults ? 1 : 0, cpu.Vcpu.Delivered[Vector.AC]);
    }

    [Fact]
    public void TheHandlersOwnAccessesAreNotChecked()
    {
        using TestCpu cpu = Make(3, am: true, ac: true, 0x8B, 0x06);
        cpu.Memory.Write(Handler, [0x8B, 0x1D, 0x01, 0x50, 0x00, 0x00, 0xEB, 0xFE]); // MOV EBX, [5001]; JMP $
        cpu.Memory.WriteValue(Data + 1, 4, 0x1234_5678);
        cpu.State->Gpr[6] = Data + 3;
        cpu.Vcpu.Run(50);
        Assert.Equal((1, 0x1234_5678ul), ((int)cpu.Vcpu.Delivered[Vector.AC], cpu.State->Gpr[3]));
    }

    // Flat protected mode without paging; interrupt 17 leads to a JMP $.
    private static TestCpu Make(int cpl, bool am, bool ac, params byte[] code)
    {
        var cpu = new TestCpu(1 << 20);
        ulong[] gdt = [0, 0x00CF_9B00_0000_FFFF, 0x00CF_9300_0000_FFFF, 0x00CF_FB00_0000_FFFF, 0x00CF_F300_0000_FFFF];
        for (int n = 0; n < gdt.Length; n++)
        {
            cpu.Memory.WriteValue(Gdt + ((uint)n * 8), 8, gdt[n]);
        }
        cpu.Memory.WriteValue(Idt + (Vector.AC * 8), 8, Handler | 8ul << 16 | 0x8Eul << 40);
        cpu.Memory.WriteValue(Tss + 4, 4, InnerStack);
        cpu.Memory.WriteValue(Tss + 8, 4, 0x10);
        cpu.Memory.Write(Handler, [0xEB, 0xFE]);
        cpu.Memory.Write(Code, code);
        CpuState* s = cpu.State;
        s->Gdtr = new TableRegister { Base = Gdt, Limit = 0x27 };
        s->Idtr = new TableRegister { Base = Idt, Limit = 0x7FF };
        SystemRegisters.LoadCr0(s, Cr0.PE | Cr0.ET | (am ? Cr0.AM : 0));
        Segmentation.SetSystem(ref s->Tr, 0x28, new Descriptor(0x67ul | (ulong)Tss << 16 | 0x8Bul << 40));
        foreach (int segment in (ReadOnlySpan<int>)[Seg.ES, Seg.SS, Seg.DS, Seg.FS, Seg.GS])
        {
            Segmentation.Set(s, segment, cpl == 0 ? 0x10 : 0x23, new Descriptor(gdt[cpl == 0 ? 2 : 4]));
        }
        Segmentation.Set(s, Seg.CS, cpl == 0 ? 8 : 0x1B, new Descriptor(gdt[cpl == 0 ? 1 : 3]));
        Segmentation.SetCpl(s, cpl);
        s->SetEflags(ac ? Eflags.AC : 0);
        cpu.Vcpu.FlagsChanged();
        s->Gpr[4] = 0x9000;
        s->Rip = Code;
        return cpu;
    }
}

using Emulator.Core.Cpu;
using Xunit;

namespace Emulator.Tests.Monitor;

public sealed class InfoCommandTests : IDisposable
{
    private readonly MonitorRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void Clock_shows_what_is_owed() => Assert.Matches(
        "^clock: host\nguest time: [0-9]+\\.[0-9]{3} s\nowed: 0\\.000 s \\(at most 0\\.000 s\\)\n$", rig.Do("info clock"));

    [Theory]
    [InlineData(Eflags.CF, "------C")]
    [InlineData(Eflags.PF, "-----P-")]
    [InlineData(Eflags.AF, "----A--")]
    [InlineData(Eflags.ZF, "---Z---")]
    [InlineData(Eflags.SF, "--S----")]
    [InlineData(Eflags.OF, "-O-----")]
    [InlineData(Eflags.DF, "D------")]
    public unsafe void Registers_name_each_flag_by_its_letter(uint flag, string letters)
    {
        rig.Cpu->SetEflags(flag | Eflags.Fixed1);
        Assert.Contains($" [{letters}] CPL=", rig.Do("info registers"));
    }

    [Fact]
    public void Registers_after_reset() => Assert.Equal(
        """

        CPU#0
        EAX=00000000 EBX=00000000 ECX=00000000 EDX=00000663
        ESI=00000000 EDI=00000000 EBP=00000000 ESP=00000000
        EIP=0000fff0 EFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=0
        ES =0000 00000000 0000ffff 00009300
        CS =f000 ffff0000 0000ffff 00009300
        SS =0000 00000000 0000ffff 00009300
        DS =0000 00000000 0000ffff 00009300
        FS =0000 00000000 0000ffff 00009300
        GS =0000 00000000 0000ffff 00009300
        LDT=0000 00000000 0000ffff 00008200
        TR =0000 00000000 0000ffff 00008b00
        GDT=     00000000 0000ffff
        IDT=     00000000 0000ffff
        CR0=60000010 CR2=00000000 CR3=00000000 CR4=00000000
        DR0=00000000 DR1=00000000 DR2=00000000 DR3=00000000 
        DR6=ffff0ff0 DR7=00000400
        EFER=0000000000000000
        FCW=037f FSW=0000 [ST=0] FTW=00 MXCSR=00001f80
        FPR0=0000000000000000 0000 FPR1=0000000000000000 0000
        FPR2=0000000000000000 0000 FPR3=0000000000000000 0000
        FPR4=0000000000000000 0000 FPR5=0000000000000000 0000
        FPR6=0000000000000000 0000 FPR7=0000000000000000 0000
        XMM00=0000000000000000 0000000000000000 XMM01=0000000000000000 0000000000000000
        XMM02=0000000000000000 0000000000000000 XMM03=0000000000000000 0000000000000000
        XMM04=0000000000000000 0000000000000000 XMM05=0000000000000000 0000000000000000
        XMM06=0000000000000000 0000000000000000 XMM07=0000000000000000 0000000000000000

        """, rig.Do("info registers"));

    [Fact]
    public unsafe void Registers_in_protected_mode()
    {
        CpuState* cpu = rig.Cpu;
        cpu->Cr0 |= Cr0.PE;
        cpu->SetEflags(0x10897); // RF OF SF AF PF CF
        cpu->Cpl = 3;
        cpu->Segments[Seg.CS] = new SegmentRegister { Selector = 0x73, Limit = 0xFFFFFFFF, Access = 0xC0FB };
        cpu->Segments[Seg.SS] = new SegmentRegister { Selector = 0x7B, Limit = 0xFFFFFFFF, Access = 0xC0F3 };
        cpu->Segments[Seg.DS] = new SegmentRegister { Selector = 0x08, Base = 0x1BF83000, Limit = 0xABCDE, Access = 0x1096 };
        cpu->Segments[Seg.ES] = new SegmentRegister { Selector = 0x10, Limit = 0xFFFF, Access = 0x009D };
        cpu->Segments[Seg.GS] = default;
        cpu->Ldtr = new SegmentRegister { Access = 0x0082, Limit = 0x17 };
        cpu->Tr = new SegmentRegister { Selector = 0x80, Base = 0xFF406000, Limit = 0x407B, Access = 0x008B };
        cpu->Fpu.Top = 6;
        cpu->Fpu.Status = 0x4100;
        cpu->Fpu.EmptyMask = 0x3F;
        cpu->Fpu.R[7] = new Float80 { Significand = 0x8000000000000000, SignExponent = 0x3FFF };
        string text = rig.Do("info registers -a");
        string[] lines =
        [
            "EIP=0000fff0 EFL=00010897 [-OS-APC] CPL=3 II=0 A20=1 SMM=0 HLT=0",
            "ES =0010 00000000 0000ffff 00009d00 DPL=0 CS16 [C-A]",
            "CS =0073 00000000 ffffffff 00cffb00 DPL=3 CS32 [-RA]",
            "SS =007b 00000000 ffffffff 00cff300 DPL=3 DS   [-WA]",
            "DS =0008 1bf83000 000abcde 001a9600 DPL=0 DS16 [EW-]",
            "GS =0000 00000000 00000000 00000000",
            "LDT=0000 00000000 00000017 00008200 DPL=0 LDT",
            "TR =0080 ff406000 0000407b 00008b00 DPL=0 TSS32-busy",
            "FCW=037f FSW=7100 [ST=6] FTW=c0 MXCSR=00001f80",
            "FPR6=0000000000000000 0000 FPR7=8000000000000000 3fff",
        ];
        Assert.All(lines, line => Assert.Contains($"\n{line}\n", text));
    }

    [Fact]
    public void Pic_shows_both_controllers()
    {
        rig.Do("o/b 0x20 0x11", "o/b 0x21 0x30", "o/b 0x21 4", "o/b 0x21 1", "o/b 0x21 0xfb", "o/b 0x4d1 0x0c");
        Assert.Equal(
            "pic1: irr=00 imr=00 isr=00 hprio=0 irq_base=00 rr_sel=0 elcr=0c fnm=0\n" +
            "pic0: irr=00 imr=fb isr=00 hprio=0 irq_base=30 rr_sel=0 elcr=00 fnm=0\n", rig.Do("info pic"));
    }

    [Fact]
    public void Pci_lists_functions_with_their_BARs()
    {
        Assert.Contains("      BAR2: 32 bit memory at 0xffffffffffffffff [0x00000ffe].\n", rig.Do("info pci"));

        // BAR0 of the display to FD000000, memory decoding on; I/O of the bus master to C000.
        rig.Do("o/w 0xcf8 0x80001010", "o/w 0xcfc 0xfd000000", "o/w 0xcf8 0x80001004", "o/w 0xcfc 2");
        rig.Do("o/w 0xcf8 0x80000920", "o/w 0xcfc 0xc000", "o/w 0xcf8 0x80000904", "o/w 0xcfc 1");
        string text = rig.Do("info pci");
        Assert.StartsWith(
            "  Bus  0, device   0, function 0:\n    Host bridge: PCI device 8086:1237\n      PCI subsystem 1af4:1100\n      id \"\"\n" +
            "  Bus  0, device   1, function 0:\n    ISA bridge: PCI device 8086:7000\n", text);
        Assert.Contains(
            "    IDE controller: PCI device 8086:7010\n      PCI subsystem 1af4:1100\n      BAR4: I/O at 0xc000 [0xc00f].\n", text);
        Assert.Contains("    Bridge: PCI device 8086:7113\n      PCI subsystem 1af4:1100\n      IRQ 9, pin A\n", text);
        Assert.Contains("      BAR0: 32 bit prefetchable memory at 0xfd000000 [0xfdffffff].\n", text);
    }

    [Fact]
    public void Traps_counts_deliveries_by_vector()
    {
        rig.Machine.Board.Cpu.Delivered[0x0E] = 14;
        rig.Machine.Board.Cpu.Exceptions[0x0E] = 12;
        rig.Machine.Board.Cpu.Delivered[0x30] = 3456;
        string[] lines = rig.Do("info traps").Split('\n');
        Assert.Contains("0e #PF             12              2", lines);
        Assert.Contains("30                  0           3456", lines);
        Assert.Contains("all                12           3458", lines);
        Assert.DoesNotContain(lines, l => l.StartsWith("0d", StringComparison.Ordinal));
    }

    [Fact]
    public void Memory_tree_has_ports_and_memory()
    {
        string text = rig.Do("info mtree");
        Assert.Contains("    0000000000000020-0000000000000021 (prio 0, i/o): pic", text);
        Assert.Contains("    00000000000a0000-00000000000bffff (prio 1, i/o): vga\n", text);
        Assert.Contains("    00000000ffff0000-00000000ffffffff (prio 0, rom): bios\n", text);
        Assert.Contains("addr=00000000ffff0000 size=0x010000 mem=rom name=\"bios\"\n", rig.Do("info roms"));
    }

    [Fact]
    public void Name_uuid_and_cpus()
    {
        Assert.Equal("rig\n", rig.Do("info name"));
        Assert.Equal("00000000-0000-0000-0000-000000000000\n", rig.Do("info uuid"));
        Assert.StartsWith("* CPU #0: thread_id=", rig.Do("info cpus"));
    }
}

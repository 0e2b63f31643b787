using Emulator.BT.Helpers;
using Emulator.Core.Cpu;
using Emulator.Tests.Cpu;

namespace Emulator.Tests.Integer;

/// <summary>
/// A virtual processor that runs the same program in the same window at CPL 3, with paging, Linux's descriptors, and an IDT whose
/// handlers halt.
/// </summary>
internal sealed unsafe class IntegerGuest : IDisposable
{
    private const uint Directory = 0x1000, LowTable = 0x2000, WindowTable = 0x3000, Gdt = 0x4000, Idt = 0x5000, Handlers = 0x6000, Tss = 0x7000, Ldt = 0x8000,
        RingStack = 0x9000, CodePage = 0x10000, DataPages = 0x20000;

    private const ulong KernelCode = 0x00CF_9B00_0000_FFFF, KernelData = 0x00CF_9300_0000_FFFF, UserCode = 0x00CF_FB00_0000_FFFF, UserData = 0x00CF_F300_0000_FFFF;
    private const ulong Local = 0x0040_F300_0000_FFFF | (Window.LocalBase & 0xFF_FFFFul) << 16 | (Window.LocalBase & 0xFF00_0000ul) << 32;
    private const ulong Code16 = 0x0000_FB00_0000_0FFF | (Window.Code & 0xFF_FFFFul) << 16 | (Window.Code & 0xFF00_0000ul) << 32;
    private const int End = 0x80;

    private readonly TestCpu cpu;

    public IntegerGuest(string tier)
    {
        Tier = tier;
        cpu = new TestCpu(1 << 20, translation: Tiers.Options(tier));
        Put(Directory, LowTable | 7);
        Put(Directory + ((Window.Base >> 22) * 4), WindowTable | 7);
        for (uint n = 0; n < 256; n++)
        {
            Put(LowTable + (n * 4), n << 12 | 3);
        }
        Put(WindowTable + ((Window.Code >> 12 & 1023) * 4), CodePage | 7);
        for (uint n = 0; n < Window.DataSize >> 12; n++)
        {
            Put(WindowTable + (((Window.Data >> 12 & 1023) + n) * 4), DataPages + (n << 12) | 7);
        }
        ulong[] descriptors = [0, KernelCode, KernelData, 0, UserCode, UserData];
        for (uint n = 0; n < descriptors.Length; n++)
        {
            cpu.Memory.WriteValue(Gdt + (n * 8), 8, descriptors[n]);
        }
        for (uint v = 0; v <= End; v++)
        {
            cpu.Memory.WriteValue(Idt + (v * 8), 8, 0x0000_EE00_0008_0000ul | (Handlers + (v * 4)));
            cpu.Memory.WriteValue(Handlers + (v * 4), 1, 0xF4);
        }
        cpu.Memory.WriteValue(Ldt, 8, Local);
        cpu.Memory.WriteValue(Ldt + 8, 8, Code16);
        Put(Tss + 4, RingStack);
        Put(Tss + 8, 0x10);
        CpuState* s = cpu.State;
        s->Cr0 = Cr0.PE | Cr0.PG | Cr0.WP | Cr0.NE;
        s->Cr3 = Directory;
        s->Gdtr = new TableRegister { Base = Gdt, Limit = 0x7F };
        s->Idtr = new TableRegister { Base = Idt, Limit = 0x7FF };
        s->Ldtr = new SegmentRegister { Base = Ldt, Limit = 15, Access = 0x82, Selector = 0x48 };
        s->Tr = new SegmentRegister { Base = Tss, Limit = 0x67, Access = 0x8B, Selector = 0x40 };
        cpu.Vcpu.Mmu.FlushAll();
    }

    /// <summary>How it runs.</summary>
    public string Tier { get; }

    /// <summary>The data and stack that programs see.</summary>
    public Span<byte> Data => cpu.Memory.Machine(DataPages, (int)Window.DataSize);

    /// <summary>The processor, for its counts.</summary>
    public BT.Vcpu Vcpu => cpu.Vcpu;

    /// <summary>Puts a program in its page; it ends with INT 80.</summary>
    public void SetCode(ReadOnlySpan<byte> code)
    {
        cpu.Vcpu.Cache.Reset();
        code.CopyTo(cpu.Memory.Machine(CodePage, (int)Window.CodeSize));
    }

    /// <summary>Runs the program; null when it does not end.</summary>
    public Outcome? Run(ReadOnlySpan<uint> registers, uint flags, bool local, int bits)
    {
        CpuState* s = cpu.State;
        for (int n = 0; n < 8; n++)
        {
            s->Gpr[n] = registers[n];
        }
        s->AttentionFlags = 0;
        s->FaultVector = -1;
        s->SetEflags(flags | Eflags.IF);
        Segmentation.SetCpl(s, 3);
        Segmentation.Set(s, Seg.CS, bits == 16 ? Window.Code16Selector : Window.CodeSelector, new Descriptor(bits == 16 ? Code16 : UserCode));
        Segmentation.Set(s, Seg.SS, Window.DataSelector, new Descriptor(UserData));
        foreach (int segment in (ReadOnlySpan<int>)[Seg.DS, Seg.ES, Seg.FS, Seg.GS])
        {
            Segmentation.Set(s, segment, local ? Window.LocalSelector : Window.DataSelector, new Descriptor(local ? Local : UserData));
        }
        s->Rip = bits == 16 ? 0 : Window.Code;
        cpu.Vcpu.Run(20_000);
        if ((s->AttentionFlags & Attention.Halted) == 0)
        {
            return null;
        }
        // SS ESP EFLAGS CS EIP, from the top of the stack.
        uint vector = ((uint)s->Rip - 1 - Handlers) / 4;
        var outcome = new Outcome { Vector = vector == End ? Outcome.NoException : vector, Eip = Get(RingStack - 20), Flags = Get(RingStack - 12) };
        for (int n = 0; n < 8; n++)
        {
            outcome.Registers[n] = n == 4 ? Get(RingStack - 8) : (uint)s->Gpr[n];
        }
        return outcome;
    }

    public void Dispose() => cpu.Dispose();

    private void Put(uint address, uint value) => cpu.Memory.WriteValue(address, 4, value);

    private uint Get(uint address) => (uint)cpu.Memory.ReadValue(address, 4);
}

using Emulator.BT.Translator;
using Emulator.Core.Cpu;
using Emulator.Tests.Cpu;
using Iced.Intel;
using Xunit;
using static Iced.Intel.AssemblerRegisters;

namespace Emulator.Tests.Translator;

/// <summary>Pages with translated code that are mapped at several linear addresses, as a library is in every process that has it.</summary>
public sealed unsafe class SlidingCodeTests : IDisposable
{
    private const uint Directory = 0x1000, FirstTable = 0x2000, SecondTable = 0x3000, Stack = 0x9000, Loop = 0x1_0000, Callee = 0x1_1000, OtherCallee = 0x1_2000;

    // In the first page: where its first call returns to, and the function that is called through a register.
    private const uint FirstReturn = 14, ThroughRegister = 0x200;

    // Linear addresses at which the loop lies, with its callee in the next page: a foreign one at the third.
    private const uint Here = 0x40_0000, There = 0x7F_E000, WithOther = 0x50_0000;

    private readonly TestCpu interpreter = Make(null);
    private TestCpu translated = Make(null);

    [NativeFact]
    public void ASecondAddressRunsTheFirstOnesCode() => BothAddresses(HostCode(WindowUse.Off));

    [NativeFact]
    public void ASecondAddressRunsTheFirstOnesCodeInTheWindowToo() => BothAddresses(HostCode(WindowUse.On));

    [Fact]
    public void ASecondAddressRunsTheFirstOnesIlToo() => BothAddresses(new TranslatorOptions { Threshold = 0, BackEnd = TranslatorBackEnd.Il });

    [Fact]
    public void TheNextPageIsLookedAtByIlToo() => WithAnotherNextPage(new TranslatorOptions { Threshold = 0, BackEnd = TranslatorBackEnd.Il });

    [NativeFact]
    public void TheNextPageIsLookedAtWhereTheCodeLiesNow() => WithAnotherNextPage(HostCode(WindowUse.Off));

    private void WithAnotherNextPage(TranslatorOptions options)
    {
        Translate(options);
        foreach (uint at in (ReadOnlySpan<uint>)[Here, WithOther, There, WithOther, Here])
        {
            Compare(at);
        }
    }

    [NativeFact]
    public void CodeOfBothAddressesDiesOfOneWrite()
    {
        Translate(HostCode(WindowUse.Off));
        Compare(Here);
        Compare(There);
        foreach (TestCpu cpu in (ReadOnlySpan<TestCpu>)[interpreter, translated])
        {
            // Of the callee's ADD EAX, 3.
            cpu.Memory.Write(Callee + 2, [9]);
        }
        Compare(There);
        Compare(Here);
    }

    public void Dispose()
    {
        interpreter.Dispose();
        translated.Dispose();
    }

    private void BothAddresses(TranslatorOptions options)
    {
        Translate(options);
        for (int n = 0; n < 3; n++)
        {
            // Until what runs once each time is hot too.
            Compare(Here);
        }
        long compiled = translated.Vcpu.Translator!.Compiled, beside = translated.Vcpu.InterpretedBesideRegion;
        Assert.True(compiled > 1, "nothing to share");
        for (int n = 0; n < 3; n++)
        {
            Compare(There);
            Compare(Here);
        }
        Assert.Equal((compiled, beside), (translated.Vcpu.Translator.Compiled, translated.Vcpu.InterpretedBesideRegion));
    }

    private static TranslatorOptions HostCode(WindowUse window) => new() { Threshold = 2, BackEnd = TranslatorBackEnd.X64, Window = window };

    private void Translate(TranslatorOptions options)
    {
        translated.Dispose();
        translated = Make(options);
    }

    // Runs the loop at an address in both, to its end.
    private void Compare(uint at)
    {
        foreach (TestCpu cpu in (ReadOnlySpan<TestCpu>)[interpreter, translated])
        {
            CpuState* s = cpu.State;
            s->AttentionFlags = 0;
            s->Gpr[4] = Stack;
            s->Rip = at;
            // In one slice: regions in which several end are made anew.
            cpu.Vcpu.Run(1_000_000);
            Assert.NotEqual(0, s->AttentionFlags & Attention.Halted);
        }
        Assert.Equal(Registers(interpreter), Registers(translated));
    }

    private static string Registers(TestCpu cpu) => string.Join(' ', Enumerable.Range(0, 8).Select(n => $"{cpu.State->Gpr[n]:x}")) + $" {cpu.State->Rip:x} {cpu.State->GetEflags():x}";

    private static TestCpu Make(TranslatorOptions? options)
    {
        var cpu = new TestCpu(1 << 20, translation: options);
        void Set(uint address, uint value) => cpu.Memory.Write(address, BitConverter.GetBytes(value));
        Set(Directory, FirstTable | 7);
        Set(Directory + 4, SecondTable | 7);
        for (uint n = 0; n < 256; n++)
        {
            Set(FirstTable + (4 * n), (n << 12) | 7);
        }
        foreach ((uint linear, uint callee) in ((uint, uint)[])[(Here, Callee), (There, Callee), (WithOther, OtherCallee)])
        {
            Set(SecondTable + ((linear - 0x40_0000) >> 10), Loop | 7);
            Set(SecondTable + ((linear - 0x40_0000) >> 10) + 4, callee | 7);
        }
        cpu.Memory.Write(Loop, Code(Body));
        cpu.Memory.Write(Loop + ThroughRegister, Code(c => Function(c, 7)));
        cpu.Memory.Write(Callee, Code(c => Function(c, 3)));
        cpu.Memory.Write(OtherCallee, Code(c => Function(c, 5)));
        CpuState* s = cpu.State;
        s->Cr0 = Cr0.PE | Cr0.PG;
        s->Cr3 = Directory;
        for (int n = 0; n < 6; n++)
        {
            s->Segments[n] = new SegmentRegister { Limit = uint.MaxValue, Access = (ushort)(n == Seg.CS ? 0xC09B : 0xC093) };
            s->Segments[n].UpdateLimits();
        }
        s->CodeMode = CodeMode.Bits32;
        s->StackMask = uint.MaxValue;
        s->RegionKey = 0;
        s->SetEflags(Eflags.Fixed1);
        cpu.Vcpu.Mmu.SelectPrivilege();
        cpu.Vcpu.Mmu.FlushAll();
        return cpu;
    }

    // Calls into the next page, calls through a register, port accesses that leave to the interpreter, and what they push.
    private static void Body(Assembler c)
    {
        Label next = c.CreateLabel(), again = c.CreateLabel(), skip = c.CreateLabel(), near = c.CreateLabel(), end = c.CreateLabel();
        c.mov(ecx, 300);
        c.xor(eax, eax);
        c.xor(edx, edx);
        c.call(next);
        c.Label(ref next);
        c.pop(ebx);
        c.Label(ref again);
        c.call(Callee - Loop);
        c.lea(esi, __[ebx + (int)(ThroughRegister - FirstReturn)]);
        c.call(esi);
        c.@in(al, 0x80);
        c.call(near);
        c.test(ecx, 3);
        c.jz(skip);
        c.add(edi, __[esp - 4]);
        c.Label(ref skip);
        c.dec(ecx);
        c.jnz(again);
        c.jmp(end);
        c.Label(ref near);
        c.add(edx, __[esp]);
        c.rol(edx, 1);
        c.ret();
        c.Label(ref end);
        c.hlt();
    }

    private static void Function(Assembler c, int step)
    {
        c.add(eax, step);
        c.add(edx, __[esp]);
        c.ret();
    }

    private static byte[] Code(Action<Assembler> write)
    {
        var assembler = new Assembler(32);
        write(assembler);
        var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), 0);
        return stream.ToArray();
    }
}

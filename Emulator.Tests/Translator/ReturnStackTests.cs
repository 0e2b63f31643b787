using Emulator.BT.Translator;
using Emulator.Core.Cpu;
using Emulator.Tests.Cpu;
using Iced.Intel;
using Xunit;
using static Iced.Intel.AssemblerRegisters;

namespace Emulator.Tests.Translator;

/// <summary>RET goes to where the CALL that it belongs to was translated only while that is still what the guest has there.</summary>
public sealed unsafe class ReturnStackTests : IDisposable
{
    // The other caller's page takes the caller's place.
    private const uint Directory = 0x1000, Table = 0x2000, Stack = 0x9000, Caller = 0x1_0000, Function = 0x1_1000, OtherCaller = 0x1_2000, Halt = 0x1_3000;
    private const int Hot = 50;

    private readonly TestCpu interpreter = Make(null), translated = Make(new TranslatorOptions { Threshold = 2, BackEnd = TranslatorBackEnd.X64, Window = WindowUse.Off });

    [NativeFact]
    public void CodeThatChangedMeanwhileRunsAsItIsNow()
    {
        Load(Caller, c => Loop(c, 1));
        // At the last call the ADD behind it becomes ADD EDX, 40h.
        Load(Function, c =>
        {
            Label end = c.CreateLabel();
            c.cmp(ecx, 1);
            c.jne(end);
            c.mov(ebx, __dword_ptr[esp]);
            c.mov(__byte_ptr[ebx + 2], 0x40);
            c.Label(ref end);
            c.ret();
        });
        Compare(paths: 1);
        Assert.Equal(Hot - 1 + 0x40u, (uint)translated.State->Gpr[2]);
    }

    [NativeFact]
    public void AnotherPageInTheCallersPlaceRunsAsItIs()
    {
        Load(Caller, c => Loop(c, 1));
        Load(OtherCaller, c => Loop(c, 0x30));
        Load(Function, c =>
        {
            Label end = c.CreateLabel();
            c.cmp(ecx, 1);
            c.jne(end);
            c.mov(__dword_ptr[Table + (Caller >> 10)], OtherCaller | 7);
            c.invlpg(__byte_ptr[Caller]);
            c.Label(ref end);
            c.ret();
        });
        Compare();
        Assert.Equal(Hot - 1 + 0x30u, (uint)translated.State->Gpr[2]);
    }

    [NativeFact]
    public void ReturnsThatBelongToNoCallFindTheirWay()
    {
        Load(Caller, c => Loop(c, 1));
        // Every other time it goes back by way of a RET of its own making, to behind the ADD; once it goes 300 calls deep.
        Load(Function, c =>
        {
            Label deep = c.CreateLabel(), enough = c.CreateLabel(), even = c.CreateLabel(), flat = c.CreateLabel();
            c.cmp(ecx, 7);
            c.jne(flat);
            c.mov(esi, 300);
            c.call(deep);
            c.Label(ref flat);
            c.test(cl, 1);
            c.jz(even);
            c.pop(ebx);
            c.add(ebx, 3);
            c.push(ebx);
            c.Label(ref even);
            c.ret();
            c.Label(ref deep);
            c.dec(esi);
            c.jz(enough);
            c.call(deep);
            c.inc(edi);
            c.Label(ref enough);
            c.ret();
        });
        Compare();
        Assert.Equal((Hot / 2, 299u), ((int)translated.State->Gpr[2], (uint)translated.State->Gpr[7]));
    }

    [NativeFact]
    public void WhatARegionNotedAfterItDiedGoesWithIt()
    {
        Load(Caller, c => Loop(c, 1));
        Load(Function, c => c.ret());
        Compare();
        // Of the ADD behind the CALL.
        translated.Memory.Write(Caller + 0xE + 2, [0x40]);
        translated.State->ReturnStack[1] = 1;
        CallFunction(translated, 0);
        Assert.Equal(0ul, translated.State->ReturnStack[1]);
    }

    public void Dispose()
    {
        interpreter.Dispose();
        translated.Dispose();
    }

    private static void Loop(Assembler c, sbyte step)
    {
        Label again = c.CreateLabel();
        c.mov(ecx, Hot);
        c.xor(edx, edx);
        c.xor(edi, edi);
        c.Label(ref again);
        c.call(Function - Caller);
        c.add(edx, step);
        c.dec(ecx);
        c.jnz(again);
        c.hlt();
    }

    private void Load(uint address, Action<Assembler> write)
    {
        var assembler = new Assembler(32);
        write(assembler);
        var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), 0);
        foreach (TestCpu cpu in (ReadOnlySpan<TestCpu>)[interpreter, translated])
        {
            cpu.Memory.Write(address, stream.ToArray());
        }
    }

    // The function from nowhere.
    private static void CallFunction(TestCpu cpu, uint count)
    {
        cpu.Memory.Write(Halt, [0xF4]);
        cpu.Memory.Write(Stack, BitConverter.GetBytes(Halt));
        cpu.State->Gpr[1] = count;
        RunFrom(cpu, Function);
    }

    private static void RunFrom(TestCpu cpu, uint rip)
    {
        cpu.State->AttentionFlags = 0;
        cpu.State->Gpr[4] = Stack;
        cpu.State->Rip = rip;
        cpu.Vcpu.Run(1_000_000);
        Assert.NotEqual(0, cpu.State->AttentionFlags & Attention.Halted);
    }

    private void Compare(uint paths = 0)
    {
        foreach (TestCpu cpu in (ReadOnlySpan<TestCpu>)[interpreter, translated])
        {
// The function gets a region of its own first: the caller's ends at it.
            for (uint n = 0; n < 16; n++)
            {
                CallFunction(cpu, n & paths);
            }
            RunFrom(cpu, Caller);
        }
        Assert.True(translated.Vcpu.Translator!.Compiled > 1, "translated code ran");
        Assert.Equal(Registers(interpreter), Registers(translated));
    }

    private static string Registers(TestCpu cpu) => string.Join(' ', Enumerable.Range(0, 8).Select(n => $"{cpu.State->Gpr[n]:x}")) + $" {cpu.State->Rip:x} {cpu.State->GetEflags():x}";

    private static TestCpu Make(TranslatorOptions? options)
    {
        var cpu = new TestCpu(1 << 20, translation: options);
        cpu.Memory.Write(Directory, BitConverter.GetBytes(Table | 7));
        for (uint n = 0; n < 256; n++)
        {
            cpu.Memory.Write(Table + (4 * n), BitConverter.GetBytes((n << 12) | 7));
        }
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
}

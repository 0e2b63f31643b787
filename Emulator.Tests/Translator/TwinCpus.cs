using System.Text;
using Emulator.BT.Translator;
using Emulator.Core.Cpu;
using Emulator.Tests.Cpu;
using Iced.Intel;
using CodeBlock = Emulator.BT.Decode.Block;
using Decoder = Iced.Intel.Decoder;

namespace Emulator.Tests.Translator;

/// <summary>
/// Two processors with equal state and memory: one interprets, the other translates every block before it runs. 128 KiB of RAM each;
/// with paging on, every linear page leads to one of its pages, some of them read-only, supervisor or not present.
/// </summary>
internal sealed unsafe class TwinCpus : IDisposable
{
    public const int RamBytes = 128 << 10, Directory = 0x1000, Tables = 0x2000, FirstData = 0x4000, Code = 0x1C000;

    private readonly byte[] image = new byte[RamBytes];
    private readonly List<uint> codeLinear = [];
    private CpuState initial;

    public TwinCpus(TranslatorBackEnd backEnd, WindowUse window = WindowUse.Off)
    {
        Translated = new TestCpu(RamBytes, translation: new TranslatorOptions { Threshold = 0, BackEnd = backEnd, Window = window });
        Interpreter.Vcpu.ExactBudget = Translated.Vcpu.ExactBudget = true;
    }

    /// <summary>One of the linear addresses of the code where paging is on: it lies in many places.</summary>
    public uint CodeLinear(Random random) => codeLinear[random.Next(codeLinear.Count)] + ((uint)random.Next(512) << 23);

    /// <summary>Where a linear address leads, whatever its rights.</summary>
    public uint MachineAddress(bool paged, uint linear) =>
        paged ? (BitConverter.ToUInt32(image, Tables + (int)((linear >> 12) % 2048 * 4)) & ~0xFFFu) | (linear & 0xFFF) : linear;

    public TestCpu Interpreter { get; } = new(RamBytes);

    public TestCpu Translated { get; }

    /// <summary>Fills memory and page tables, and puts code at a machine address.</summary>
    public void SetMemory(Random random, ReadOnlySpan<byte> code, int codeAddress)
    {
        random.NextBytes(image);
        Span<uint> words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(image.AsSpan());
        for (int n = 0; n < 1024; n++)
        {
            words[(Directory / 4) + n] = (uint)(Tables + (n & 1) * 0x1000) | (random.Next(100) == 0 ? 0u : 7u);
        }
        codeLinear.Clear();
        for (int n = 0; n < 2048; n++)
        {
            int page = random.Next(40) == 0 ? codeAddress : random.Next(FirstData, Code);
            uint rights = (random.Next(50) == 0 ? 0u : 1) | (random.Next(40) == 0 ? 0u : 2) | (random.Next(40) == 0 ? 0u : 4);
            if (page == codeAddress)
            {
                codeLinear.Add(((uint)n << 12) + ((uint)codeAddress & 0xFFF));
            }
            words[(Tables / 4) + n] = ((uint)page & ~0xFFFu) | rights | ((uint)random.Next(4) << 5);
        }
        code.CopyTo(image.AsSpan(codeAddress));
        Interpreter.Vcpu.Cache.Reset();
        Translated.Vcpu.Cache.Reset();
    }

    /// <summary>Gives both processors the memory image and a state that a test makes of a reset one.</summary>
    public void SetState(Random random, Action<Random, TestCpu> make)
    {
        foreach (TestCpu cpu in (ReadOnlySpan<TestCpu>)[Interpreter, Translated])
        {
            Restore(cpu);
        }
        Interpreter.Vcpu.Reset();
        make(random, Interpreter);
        CpuState* to = Translated.State;
        Translated.Vcpu.Reset();
        CpuState own = *to;
        *to = *Interpreter.State;
        (to->Owner, to->Mmu, to->JumpCache, to->FxImage, to->HostMxcsr, to->Window, to->WindowIsStale) = (own.Owner, own.Mmu, own.JumpCache, own.FxImage, own.HostMxcsr, own.Window, own.WindowIsStale);
        to->SystemView = own.SystemView;
        to->UserView = own.UserView;
        Array.Clear(Interpreter.Vcpu.Delivered);
        Array.Clear(Translated.Vcpu.Delivered);
        foreach (TestCpu cpu in (ReadOnlySpan<TestCpu>)[Interpreter, Translated])
        {
            cpu.Vcpu.Mmu.SelectPrivilege();
            cpu.Vcpu.Mmu.FlushAll();
        }
        initial = *Interpreter.State;
    }

    /// <summary>The block at a machine address, decoded for the processor's present state.</summary>
    public static CodeBlock* BlockAt(TestCpu cpu, int machineAddress)
    {
        int mode = cpu.State->CodeMode;
        CodeBlock* block = cpu.Vcpu.Cache.Find((ulong)machineAddress, mode);
        return block != null ? block : cpu.Vcpu.Cache.Decode(cpu.State, (ulong)machineAddress, mode);
    }

    /// <summary>Runs both for so many instructions and compares everything.</summary>
    /// <returns>Null, or what differs.</returns>
    public string? Run(int instructions)
    {
        Interpreter.Vcpu.Run(instructions);
        Translated.Vcpu.Run(instructions);
        CpuState a = *Interpreter.State, b = *Translated.State;
        string? difference = null;
        Neutralise(ref a);
        Neutralise(ref b);
        if (!new ReadOnlySpan<byte>(&a, sizeof(CpuState)).SequenceEqual(new ReadOnlySpan<byte>(&b, sizeof(CpuState))))
        {
            difference = Describe(in a, in b);
        }
        if (!Interpreter.Vcpu.Delivered.AsSpan().SequenceEqual(Translated.Vcpu.Delivered))
        {
            difference += "the counts of delivered exceptions differ\n";
        }
        Span<byte> memory = Interpreter.Memory.Machine(0, RamBytes), other = Translated.Memory.Machine(0, RamBytes);
        if (!memory.SequenceEqual(other))
        {
            int at = memory.CommonPrefixLength(other);
            difference += $"memory at {at:x}: interpreted {memory[at]:x2}, translated {other[at]:x2}\n";
        }
        return difference == null ? null : $"{difference}now: rip {a.Rip:x} budget {a.Budget} cr2 {a.Cr2:x} exceptions {string.Join(' ', Interpreter.Vcpu.Delivered.Select((n, v) => n > 0 ? $"{v}:{n}" : "").Where(t => t.Length > 0))} attention {a.AttentionFlags:x}\n";
    }

    /// <summary>The code of a block as text, with the state that it started from.</summary>
    public string Listing(int codeAddress, int length, bool is32)
    {
        var text = new StringBuilder();
        Decoder decoder = Decoder.Create(is32 ? 32 : 16, image.AsSpan(codeAddress, length).ToArray());
        var formatter = new NasmFormatter();
        while (decoder.IP < (ulong)length)
        {
            decoder.Decode(out Instruction x);
            var output = new StringOutput();
            formatter.Format(x, output);
            text.Append($"+{x.IP:d2}  {output.ToString()}\n");
        }
        text.Append("start: ");
        for (int n = 0; n < 8; n++)
        {
            text.Append($"{initial.Gpr[n]:x8} ");
        }
        for (int n = 0; n < 6; n++)
        {
            text.Append($"\nsegment {n}: base {initial.Segments[n].Base:x} limit {initial.Segments[n].Limit:x} access {initial.Segments[n].Access:x}");
        }
        return text.Append($"\nrip {initial.Rip:x} flags {initial.GetEflags():x} budget {initial.Budget} cs limit {initial.Segments[Seg.CS].Limit:x}\n").ToString();
    }

    /// <summary>What the interpreter runs from a state on, instruction by instruction.</summary>
    public string Trace(CpuState from, int instructions)
    {
        CpuState* s = Interpreter.State;
        Restore(Interpreter);
        Interpreter.Vcpu.Reset();
        (nint owner, nint mmu, nint jumps) = (s->Owner, s->Mmu, s->JumpCache);
        *s = from;
        (s->Owner, s->Mmu, s->JumpCache) = (owner, mmu, jumps);
        Interpreter.Vcpu.Mmu.SelectPrivilege();
        Interpreter.Vcpu.Mmu.FlushAll();
        var text = new StringBuilder();
        var formatter = new NasmFormatter();
        Span<byte> bytes = stackalloc byte[15];
        for (int n = 0; n < instructions; n++)
        {
            ulong rip = s->Rip;
            for (int b = 0; b < bytes.Length; b++)
            {
                bool known = Interpreter.Vcpu.Mmu.Translate((uint)(s->Segments[Seg.CS].Base + rip + (ulong)b), write: false, user: false, out ulong pa);
                bytes[b] = known ? (byte)Interpreter.Memory.ReadValue(pa, 1) : (byte)0;
                s->FaultVector = -1;
            }
            Decoder decoder = Decoder.Create(s->CodeMode == CodeMode.Bits32 ? 32 : 16, bytes.ToArray());
            decoder.Decode(out Instruction x);
            var output = new StringOutput();
            formatter.Format(x, output);
            Interpreter.Vcpu.Step();
            text.Append($"{rip:x8}  {output.ToString(),-40} flags {s->GetEflags():x}\n");
        }
        return text.ToString();
    }

    /// <summary>The state that both started from.</summary>
    public CpuState Initial => initial;

    public void Dispose()
    {
        Interpreter.Dispose();
        Translated.Dispose();
    }

    // Only what changed is written: code that did not stays decoded and translated.
    private void Restore(TestCpu cpu)
    {
        for (int at = 0; at < RamBytes; at += 64)
        {
            if (!cpu.Memory.Machine((ulong)at, 64).SequenceEqual(image.AsSpan(at, 64)))
            {
                cpu.Memory.Write((ulong)at, image.AsSpan(at, 64));
            }
        }
    }

    // What may differ: handles and tables, and traces of how an instruction was done.
    private static void Neutralise(ref CpuState s)
    {
        s.Owner = s.Mmu = s.SlowInsn = s.JumpCache = s.PendingSlot = s.FxImage = 0;
        s.LiveUnits = s.UsableUnits = s.HostMxcsr = s.FlagsStash = 0;
        s.Window = s.WindowIsStale = 0;
        s.CodeSlide = 0;
        // Behind the last byte of 4 GiB the next look-up makes it 0.
        s.Rip = (uint)s.Rip;
        s.SystemView = s.UserView = default;
        s.HostFault = default;
        s.Sysenter = s.Sysexit = default;
        s.GateCalls = default;
        s.OuterReturn = default;
        s.InnerReturn = default;
        s.InnerReturnSelector = 0;
        s.LoadedSegments = default;
        s.HostSpill[0] = s.HostSpill[1] = s.HostSpill[2] = s.HostSpill[3] = 0;
        s.ReadTable = s.WriteTable = s.TracedTable = null;
        s.RegionKey = 0;
        s.SetArithmeticFlags(s.GetEflags());
        s.FlagsImage = 0;
        s.BlockRip = s.ModifyAddress = 0;
        s.FaultErrorCode = 0;
        // A processor that shut down on the way into an exception may have another one noted.
        s.FaultVector = (s.AttentionFlags & Attention.Shutdown) != 0 ? -1 : s.FaultVector;
    }

    private static string Describe(in CpuState a, in CpuState b)
    {
        var text = new StringBuilder();
        for (int n = 0; n < 8; n++)
        {
            Compare(text, $"gpr {n}", a.Gpr[n], b.Gpr[n]);
        }
        Compare(text, "rip", a.Rip, b.Rip);
        Compare(text, "eflags", a.GetEflags(), b.GetEflags());
        Compare(text, "budget", (ulong)a.Budget, (ulong)b.Budget);
        Compare(text, "fault", (ulong)a.FaultVector, (ulong)b.FaultVector);
        Compare(text, "cr2", a.Cr2, b.Cr2);
        Compare(text, "attention", (ulong)a.AttentionFlags, (ulong)b.AttentionFlags);
        fixed (CpuState* pa = &a, pb = &b)
        {
            for (int n = 0; text.Length == 0 && n < sizeof(CpuState); n++)
            {
                Compare(text, $"byte {n} of the state (FPU at {(byte*)&pa->Fpu - (byte*)pa})", ((byte*)pa)[n], ((byte*)pb)[n]);
            }
        }
        return text.ToString();
    }

    private static void Compare(StringBuilder text, string name, ulong a, ulong b)
    {
        if (a != b)
        {
            text.Append($"{name}: interpreted {a:x}, translated {b:x}\n");
        }
    }
}

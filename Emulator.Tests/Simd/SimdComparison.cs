using System.Runtime.Intrinsics;
using System.Text;
using Emulator.BT.Decode;
using Emulator.BT.Fpu;
using Emulator.BT.Simd;
using Emulator.Core.Cpu;
using Emulator.Tests.Cpu;
using CodeBlock = Emulator.BT.Decode.Block;

namespace Emulator.Tests.Simd;

/// <summary>Runs forms on the host and on a virtual processor from equal states and compares everything that they may change.</summary>
internal sealed unsafe class SimdComparison : IDisposable
{
    private const uint CodeAddress = 0x10_0000, DataAddress = 0x20_0000, RegistersFirst = 160, RegistersEnd = 288;

    private readonly TestCpu cpu = new();
    private readonly SimdRandom random;
    private readonly byte* data;

    public SimdComparison(ulong seed)
    {
        random = new SimdRandom(seed);
        CpuState* s = cpu.State;
        s->Cr0 = Cr0.PE | Cr0.NE;
        s->Cr4 = Cr4.OSFXSR | Cr4.OSXMMEXCPT;
        s->CodeMode = CodeMode.Bits32;
        s->StackMask = uint.MaxValue;
        for (int n = 0; n < 6; n++)
        {
            s->Segments[n] = new SegmentRegister { Limit = uint.MaxValue, Access = (ushort)((n == Seg.CS ? 0x9B : 0x93) | SegmentRegister.DBit) };
            s->Segments[n].UpdateLimits();
        }
        s->Rip = CodeAddress;
        s->Gpr[7] = DataAddress;
        data = cpu.Memory.Host + DataAddress;
    }

    /// <summary>Descriptions of the first cases that differed.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Cases that differed.</summary>
    public long FailureCount { get; private set; }

    /// <summary>Cases that were run.</summary>
    public long Cases { get; private set; }

    /// <summary>Cases that raised #XM or #MF.</summary>
    public long Traps { get; private set; }

    /// <summary>Compares one form in a number of states.</summary>
    public void Run(SimdForm form, long cases)
    {
        using var host = new SimdHost(form.Bytes);
        Insn* insn = Decode(form);
        int failures = 0;
        for (long n = 0; n < cases; n++)
        {
            Draw(host.Block, form);
            new Span<byte>(host.Block, SimdBlock.Size).CopyTo(new Span<byte>(data, SimdBlock.Size));
            SetState();
            int theirs = host.Run(), ours = insn->Handler(cpu.State, insn) ? 0 : cpu.State->FaultVector;
            Cases++;
            Traps += theirs != 0 ? 1 : 0;
            string? difference = ours == theirs ? Difference(host.Block) : $" exception {ours} host {theirs}";
            cpu.State->FaultVector = -1;
            if (difference != null)
            {
                FailureCount++;
                if (failures++ < 2 && Failures.Count < 40)
                {
                    Failures.Add($"{form.Name} ({Convert.ToHexString(form.Bytes)}):{difference}\n  before{Describe(host.Block)}");
                }
            }
        }
    }

    public void Dispose() => cpu.Dispose();

    private Insn* Decode(SimdForm form)
    {
        cpu.Vcpu.Cache.Reset();
        form.Bytes.CopyTo(cpu.Memory.Machine(CodeAddress, 16));
        // A return ends the block.
        cpu.Memory.Machine(CodeAddress + (ulong)form.Bytes.Length, 1)[0] = 0xC3;
        CodeBlock* block = cpu.Vcpu.Cache.Decode(cpu.State, CodeAddress, CodeMode.Bits32);
        return block->First;
    }

    private void Draw(byte* block, SimdForm form)
    {
        var image = new Span<byte>(block, 512);
        FpuState fpu = default;
        uint bits = (uint)random.Next();
        bool pending = (bits & 0xF0_0000) == 0;
        fpu.Control = (ushort)(pending ? 0x37B : 0x37F);
        fpu.Status = (ushort)((bits & (FpuStatus.Conditions | 0x7F)) | (pending ? FpuStatus.ZE | FpuStatus.Summary : 0));
        fpu.Top = random.Next(8);
        fpu.EmptyMask = (byte)random.Next();
        var registers = (ulong*)(block + RegistersFirst);
        ulong* before = stackalloc ulong[2] { random.Next(), random.Next() };
        for (int n = 0; n < 8; n++)
        {
            fpu.R[n].Significand = random.Next();
            random.Fill(registers + (2 * n), 2, before);
            before = registers + (2 * n);
            ulong low = *before;
            if (random.Next(2) == 0)
            {
                random.Fill(&low, 1, &low);
                fpu.R[n].Significand = low;
            }
            fpu.R[n].SignExponent = (ushort)random.Next();
        }
        X87.WriteFx(&fpu, image, wide: false);
        uint masks = random.Next(3) == 0 ? (uint)random.Next() & 0x1F80 : 0x1F80;
        uint control = masks | (random.Next(2) == 0 ? (uint)random.Next(4) << 13 : 0) | (random.Next(4) == 0 ? (uint)random.Next() & 0x8040 : 0);
        *(uint*)(block + 24) = control | (random.Next(2) == 0 ? 0x20u : random.Next(2) == 0 ? (uint)random.Next() & 0x3F : 0);
        random.Fill((ulong*)(block + SimdBlock.Memory), SimdBlock.MemoryBytes / 8, (ulong*)(block + RegistersFirst));
        if (random.Next(2) == 0)
        {
            // Close to a register.
            random.Fill((ulong*)(block + SimdBlock.Operand), 2, (ulong*)(block + RegistersFirst + (16 * random.Next(8))));
        }
        if (random.Next(4) == 0)
        {
            // Small counts for shifts.
            *(ulong*)(block + SimdBlock.Operand) = (ulong)random.Next(80);
            ((ulong*)(block + RegistersFirst))[2 * random.Next(8)] = (ulong)random.Next(80);
        }
        if (form.Code == Iced.Intel.Code.Ldmxcsr_m32)
        {
            *(uint*)(block + SimdBlock.Operand) &= 0xFFFF;
        }
        for (int n = 0; n < 4; n++)
        {
            ((ulong*)(block + SimdBlock.RegistersIn))[n] = (uint)(random.Next() >> random.Next(40));
        }
        *(ulong*)(block + SimdBlock.RegistersIn + 32) = (random.Next() & Eflags.Arithmetic) | Eflags.IF | Eflags.Fixed1;
    }

    private void SetState()
    {
        CpuState* s = cpu.State;
        X87.ReadFx(&s->Fpu, new ReadOnlySpan<byte>(data, 512), wide: false);
        s->Mxcsr = *(uint*)(data + 24);
        for (int n = 0; n < 8; n++)
        {
            s->Xmm[n] = ((Vector128<byte>*)(data + RegistersFirst))[n];
        }
        var registers = (ulong*)(data + SimdBlock.RegistersIn);
        for (int n = 0; n < 4; n++)
        {
            s->Gpr[n] = registers[n];
        }
        s->SetEflags((uint)registers[4]);
    }

    private string? Difference(byte* block)
    {
        CpuState* s = cpu.State;
        Span<byte> image = stackalloc byte[512];
        X87.WriteFx(&s->Fpu, image, wide: false);
        byte* host = block + SimdBlock.StateOut;
        StringBuilder? text = null;
        void Note(string name, ulong ours, ulong theirs)
        {
            if (ours != theirs)
            {
                (text ??= new StringBuilder()).Append($" {name} {ours:x} host {theirs:x}");
            }
        }
        Note("mxcsr", s->Mxcsr, *(uint*)(host + 24));
        fixed (byte* ours = image)
        {
            Note("fsw", *(ushort*)(ours + 2), *(ushort*)(host + 2));
            Note("ftw", ours[4], host[4]);
            for (int n = 0; n < 8; n++)
            {
                Note($"st{n}", *(ulong*)(ours + 32 + (16 * n)), *(ulong*)(host + 32 + (16 * n)));
                Note($"st{n} exponent", *(ushort*)(ours + 40 + (16 * n)), *(ushort*)(host + 40 + (16 * n)));
            }
        }
        for (int n = 0; n < 8; n++)
        {
            Vector128<ulong> ours = s->Xmm[n].AsUInt64(), theirs = ((Vector128<ulong>*)(host + RegistersFirst))[n];
            if (ours != theirs)
            {
                (text ??= new StringBuilder()).Append($" xmm{n} {ours[1]:x16}{ours[0]:x16} host {theirs[1]:x16}{theirs[0]:x16}");
            }
        }
        var registers = (ulong*)(block + SimdBlock.RegistersOut);
        for (int n = 0; n < 4; n++)
        {
            Note($"gpr{n}", s->Gpr[n], registers[n]);
        }
        Note("eflags", s->GetEflags() & Eflags.Arithmetic, registers[4] & Eflags.Arithmetic);
        if (!new Span<byte>(block, 16).SequenceEqual(new Span<byte>(data, 16))
            || !new Span<byte>(block + SimdBlock.Memory, SimdBlock.MemoryBytes).SequenceEqual(new Span<byte>(data + SimdBlock.Memory, SimdBlock.MemoryBytes)))
        {
            (text ??= new StringBuilder()).Append(" memory");
        }
        return text?.ToString();
    }

    private static string Describe(byte* block)
    {
        var text = new StringBuilder($" mxcsr {*(uint*)(block + 24):x4} memory {Hex(block + SimdBlock.Operand)}");
        for (uint at = RegistersFirst; at < RegistersEnd; at += 16)
        {
            text.Append($"\n    xmm{(at - RegistersFirst) / 16} {Hex(block + at)}");
        }
        return text.ToString();
    }

    private static string Hex(byte* p) => $"{*(ulong*)(p + 8):x16}{*(ulong*)p:x16}";
}

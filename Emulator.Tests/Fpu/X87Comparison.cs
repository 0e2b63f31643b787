using System.Text;
using Emulator.BT.Fpu;
using Emulator.Core.Cpu;

namespace Emulator.Tests.Fpu;

/// <summary>Draws states for one instruction, runs it on both sides and compares everything FNSAVE shows, memory and EFLAGS.</summary>
internal sealed unsafe class X87Comparison(X87Instruction instruction, ulong seed)
{
    private const uint ArithmeticFlags = Eflags.Arithmetic;

    private readonly X87Random random = new(seed);

    /// <summary>Cases whose result differed by one unit in the last place (transcendentals only).</summary>
    public long OneUlp { get; private set; }

    /// <summary>Descriptions of the first cases that differed.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>How many cases differed.</summary>
    public long FailureCount { get; private set; }

    public void Run(long cases)
    {
        using var host = new X87Host(instruction.Code);
        var state = new CpuState();
        byte* memory = stackalloc byte[16], image = stackalloc byte[108];
        for (long i = 0; i < cases; i++)
        {
            Draw(&state, memory);
            X87.WriteSave(&state.Fpu, new Span<byte>(host.Block + X87Host.SaveIn, 108), EnvironmentLayout.Protected32);
            *(ulong*)(host.Block + X87Host.FlagsIn) = state.GetEflags() | Eflags.IF;
            Buffer.MemoryCopy(memory, host.Block + X87Instruction.BlockMemory, 16, 16);
            CpuState before = state;
            host.Run();
            instruction.Run(&state, memory);
            X87.WriteSave(&state.Fpu, new Span<byte>(image, 108), EnvironmentLayout.Protected32);
            string? difference = Difference(&state, image, memory, host.Block);
            if (difference != null)
            {
                FailureCount++;
                if (Failures.Count < 12)
                {
                    string operand = Hex(host.Block + X87Instruction.BlockMemory);
                    Failures.Add($"{instruction.Name}: {difference}\n  before {Describe(&before)} memory {operand}");
                }
            }
        }
    }

    private void Draw(CpuState* s, byte* memory)
    {
        FpuState* f = &s->Fpu;
        uint bits = (uint)random.Next();
        uint masks = (bits & 3) == 0 ? bits >> 8 & 0x3F : 0x3F;
        uint precision = (bits & 0x4) != 0 ? FpuControl.PrecisionMask : bits >> 16 & FpuControl.PrecisionMask;
        f->Control = (ushort)(FpuControl.AlwaysOne | masks | precision | (bits & 0x1C00));
        // Old flags only where they are masked, or they would hit the host.
        f->Status = (ushort)((random.Next() & FpuStatus.Conditions) | ((bits & 0x70) == 0 ? random.Next() & (masks | FpuStatus.SF) : 0));
        f->Top = random.Next(8);
        f->EmptyMask = (byte)((bits & 0x3800_0000) == 0 ? random.Next() : 0);
        if ((bits & 0x3800_0000) != 0)
        {
            int empty = instruction.Kind is X87Kind.Exact && instruction.Name[..4] is not "fxtr" and not "fld " ? 0 : 0xF0;
            f->EmptyMask = (byte)(empty << f->Top | empty >> (8 - f->Top));
        }
        Float80 last = default;
        for (int i = 0; i < 8; i++)
        {
            last = random.Operand(last);
            f->R[(f->Top + i) & 7] = last;
        }
        if (instruction.Kind == X87Kind.Transcendental && (bits & 0x80) != 0)
        {
            f->R[f->Top] = random.Moderate(instruction.Low, instruction.High);
            f->R[(f->Top + 1) & 7] = random.Moderate(-20, 20);
            if (instruction.Name == "fpatan" && (bits & 0x100) != 0)
            {
                f->R[(f->Top + 1) & 7].SignExponent = (ushort)(f->R[f->Top].SignExponent + random.Next(16) - 8);
            }
            else if (instruction.Name == "fyl2x")
            {
                f->R[f->Top].SignExponent &= 0x7FFF;
            }
        }
        s->SetEflags((uint)random.Next() & ArithmeticFlags);
        *(ulong*)memory = random.Raw();
        *(ulong*)(memory + 8) = random.Next();
        if (instruction.Kind == X87Kind.Bcd)
        {
            (*(ulong*)memory, *(ulong*)(memory + 8)) = random.Bcd();
        }
        else if (instruction.Name == "fld m80")
        {
            *(Float80*)memory = random.Operand(last);
        }
    }

    private string? Difference(CpuState* s, byte* ours, byte* memory, byte* block)
    {
        byte* host = block + X87Host.SaveOut;
        uint status = *(ushort*)(ours + 4), hostStatus = *(ushort*)(host + 4);
        var text = new StringBuilder();
        bool wide = instruction.Kind == X87Kind.Transcendental && (hostStatus & FpuStatus.PE) != 0;
        if (((status ^ hostStatus) & (wide ? ~FpuStatus.C1 : ~0u)) != 0)
        {
            text.Append($" status {status:X4} host {hostStatus:X4}");
        }
        if (*(ushort*)ours != *(ushort*)host)
        {
            text.Append($" control {*(ushort*)ours:X4} host {*(ushort*)host:X4}");
        }
        if (*(ushort*)(ours + 8) != *(ushort*)(host + 8))
        {
            text.Append($" tags {*(ushort*)(ours + 8):X4} host {*(ushort*)(host + 8):X4}");
        }
        for (int i = 0; i < 8; i++)
        {
            byte* a = ours + 28 + 10 * i, b = host + 28 + 10 * i;
            if (*(ulong*)a != *(ulong*)b || *(ushort*)(a + 8) != *(ushort*)(b + 8))
            {
                if (wide && i < 2 && IsNext(a, b))
                {
                    OneUlp++;
                    continue;
                }
                text.Append($" st{i} {*(ushort*)(a + 8):X4}:{*(ulong*)a:X16} host {*(ushort*)(b + 8):X4}:{*(ulong*)b:X16}");
            }
        }
        if (*(ulong*)memory != *(ulong*)(block + X87Instruction.BlockMemory)
            || *(ulong*)(memory + 8) != *(ulong*)(block + X87Instruction.BlockMemory + 8))
        {
            text.Append($" memory {Hex(memory)} host {Hex(block + X87Instruction.BlockMemory)}");
        }
        uint flags = s->GetEflags(), hostFlags = (uint)*(ulong*)(block + X87Host.FlagsOut);
        if (((flags ^ hostFlags) & ArithmeticFlags) != 0)
        {
            text.Append($" eflags {flags & ArithmeticFlags:X} host {hostFlags & ArithmeticFlags:X}");
        }
        return text.Length == 0 ? null : text.ToString();
    }

    /// <summary>True for neighbours of the same sign.</summary>
    private static bool IsNext(byte* a, byte* b)
    {
        int x = *(ushort*)(a + 8), y = *(ushort*)(b + 8);
        ulong m = *(ulong*)a, n = *(ulong*)b;
        if (x == y)
        {
            return m - n == 1 || n - m == 1;
        }
        (x, y, m, n) = x < y ? (x, y, m, n) : (y, x, n, m);
        return y == x + 1 && m == ulong.MaxValue && n == 1ul << 63;
    }

    private static string Hex(byte* memory) => $"{*(ulong*)(memory + 8):X16}{*(ulong*)memory:X16}";

    private static string Describe(CpuState* s)
    {
        FpuState* f = &s->Fpu;
        var text = new StringBuilder($"cw {f->Control:X4} sw {X87.GetStatus(f):X4} empty {f->EmptyMask:X2} eflags {s->GetEflags():X}");
        for (int i = 0; i < 8; i++)
        {
            Float80 a = f->R[(f->Top + i) & 7];
            text.Append($" {a.SignExponent:X4}:{a.Significand:X16}");
        }
        return text.ToString();
    }
}

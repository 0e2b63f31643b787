using System.Diagnostics;
using System.Globalization;
using Emulator.BT.Decode;
using Emulator.BT.Translator;
using Emulator.Bench.Fuzz;

namespace Emulator.Bench;

/// <summary>
/// Measures both tiers on small guest loops: <c>dotnet run -c Release --project Emulator.Bench [-- tiers|compile]</c>. Prints medians.
/// <c>-- guest</c> measures a kernel of the benchmark corpus; <c>-- fuzz-boot</c> runs random guests, <c>-- fuzz-devices</c> random
/// accesses, <c>-- fuzz-images</c> damaged disk images; <c>-- move-state</c> moves a running guest from machine to machine.
/// </summary>
internal static unsafe class Program
{
    private const int Repeats = 60;

    private static int Main(string[] arguments)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        string what = arguments.Length == 0 ? "all" : arguments[0];
        if (what == "fuzz-boot")
        {
            return FuzzCommand.Run(arguments[1..]);
        }
        if (what == "guest")
        {
            return GuestSpeed.Run(arguments[1..]);
        }
        if (what == "fuzz-devices")
        {
            return DeviceFuzzCommand.Run(arguments[1..]);
        }
        if (what == "fuzz-images")
        {
            return ImageFuzzCommand.Run(arguments[1..]);
        }
        if (what == "move-state")
        {
            return MoveState.Run(arguments[1..]);
        }
        if (what is not ("all" or "tiers" or "compile"))
        {
            Console.Error.WriteLine($"unknown measurement '{what}': tiers, compile, nothing for both, guest, fuzz-boot, fuzz-devices, fuzz-images, or move-state");
            return 1;
        }
        if (what is "all" or "tiers")
        {
            Tiers("7 ALU", Kernels.Alu());
            Tiers("fifteen", Kernels.Fifteen());
            Tiers("memory", Kernels.Memory());
        }
        if (what is "all" or "compile")
        {
            Compile();
        }
        return 0;
    }

    private static void Tiers(string name, byte[] code)
    {
        using var interpreter = new BenchCpu();
        using var translator = new BenchCpu(new TranslatorOptions { Threshold = 0 });
        interpreter.Load(code);
        translator.Load(code);
        int count = interpreter.CodeBlock()->Count;
        double interpreted = Least(() => Run(interpreter, 2_000_000)), translated = Least(() => Run(translator, 10_000_000));
        Console.WriteLine($"{name,-10} {count,3} insns  interpreter {1e3 / interpreted,7:f0} MIPS {interpreted,5:f2} ns/insn   "
            + $"translated {1e3 / translated,7:f0} MIPS {translated,5:f2} ns/insn   ratio {interpreted / translated,5:f1}   {translator.Vcpu.Translator!.CodeBytes} bytes");
    }

    // Nanoseconds per guest instruction.
    private static double Run(BenchCpu cpu, long instructions)
    {
        cpu.State->Rip = BenchCpu.CodeAddress;
        cpu.State->Gpr[1] = uint.MaxValue;
        long start = Stopwatch.GetTimestamp();
        cpu.Vcpu.Run(instructions);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / instructions;
    }

    // Emit, delegate and first call of blocks of several lengths, each compiled many times.
    private static void Compile()
    {
        foreach (bool memory in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (int count in (ReadOnlySpan<int>)[1, 5, 15, 30, 60])
            {
                CompileOne(memory ? Kernels.Fifteen() : Kernels.Alu(), memory ? 14 : 5, memory ? "fifteen" : "ALU", count);
            }
        }
    }

    // 'count' instructions, from repeating the first 'unit' of a kernel, and a RET.
    private static void CompileOne(byte[] kernel, int unit, string name, int count)
    {
        using var cpu = new BenchCpu(new TranslatorOptions { Threshold = 0 });
        cpu.Load(kernel);
        Block* block = cpu.CodeBlock();
        int wholeKernel = block->First[unit].Offset, bytes = 0;
        var code = new List<byte>();
        for (int n = 0; n < count; n += unit)
        {
            int take = Math.Min(unit, count - n);
            bytes = take == unit ? wholeKernel : block->First[take].Offset;
            code.AddRange(kernel.AsSpan(0, bytes));
        }
        code.Add(0xC3);
        cpu.Load(code.ToArray());
        block = cpu.CodeBlock();
        int instructions = block->Count;
        const int regions = 150;
        var whole = new double[regions];
        for (int n = 0; n < regions; n++)
        {
            cpu.Vcpu.Translator!.Drop();
            cpu.State->Rip = BenchCpu.CodeAddress;
            cpu.State->Gpr[4] = BenchCpu.CodeAddress - 16;
            cpu.CodeBlock()->Heat = 0;
            long start = Stopwatch.GetTimestamp();
            cpu.Vcpu.Run(instructions);
            whole[n] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
        Array.Sort(whole);
        double total = whole[regions / 2];
        Console.WriteLine($"compile {name,-8} {instructions,3} insns  {total,7:f0} us (least {whole[0]:f0}) a region ({total / instructions,5:f1} us/insn); {cpu.Vcpu.Translator!.CodeBytes} bytes");
    }

    // The least of many short runs: what other work on the host does only adds time.
    private static double Least(Func<double> measure)
    {
        double least = measure();
        for (int n = 0; n < Repeats; n++)
        {
            least = Math.Min(least, measure());
        }
        return least;
    }
}

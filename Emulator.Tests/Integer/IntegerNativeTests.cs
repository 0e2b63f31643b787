using System.Diagnostics;
using System.Globalization;
using System.Text;
using Emulator.Core.Cpu;
using Emulator.Tests.Coverage;
using Iced.Intel;
using Xunit;
using Xunit.Abstractions;

namespace Emulator.Tests.Integer;

/// <summary>
/// Every integer instruction form of user code, in random programs, on the host's own processor, in the interpreter and in each back end's code: registers, EFLAGS
/// (what the manual defines), exceptions with their EIP, data and stack. EMU_INTEGER_CASES and EMU_INTEGER_SEED ask for
/// another run, EMU_INTEGER_IL=1 for the IL back end on every program.
/// </summary>
public sealed unsafe class IntegerNativeTests(ITestOutputHelper output)
{
    // RyuJIT takes far longer over a program than everything else: the IL back end gets one of so many.
    private const int StatesPerProgram = 60, DefaultPrograms = 1100, MostForms = 8, IlEvery = 8;
    private const uint ComparedFlags = Eflags.Arithmetic | Eflags.DF | Eflags.IF | Eflags.IOPL | Eflags.NT | Eflags.ID;

    private readonly byte[] pool = new byte[1 << 20];
    private readonly HashSet<(Code, int)> made = [];
    private readonly FormRecord record = new("host integer");
    private long cases, exceptions;

    [NativeFact(segments: true)]
    public void ProgramsEndAlikeOnTheHostAndInBothTiers()
    {
        int programs = Number("EMU_INTEGER_CASES") is { } asked ? Math.Max(1, asked / StatesPerProgram) : DefaultPrograms;
        int seed = Number("EMU_INTEGER_SEED") ?? 1;
        var random = new Random(seed);
        random.NextBytes(pool);
        using var host = new IntegerHost();
        using var interpreter = new IntegerGuest(Tiers.Interpreter);
        using var translator = new IntegerGuest(Tiers.Usual);
        using var il = new IntegerGuest(Tiers.Il);
        int ilEvery = Number("EMU_INTEGER_IL") ?? IlEvery;
        var time = Stopwatch.StartNew();
        Queue<Code>[] queues = [new(), new()];
        for (int n = 0; n < programs; n++)
        {
            int programSeed = random.Next();
            IntegerGuest[] guests = n % ilEvery == 0 ? [interpreter, translator, il] : [interpreter, translator];
            Program(host, guests, new Random(programSeed), queues, $"seed {seed}, program {n}");
        }
        output.WriteLine($"{programs} programs, {cases} cases, {exceptions} with exceptions, {made.Count} forms of {IntegerForms.All.Length} in 32-bit and {IntegerForms.All16.Length} in 16-bit code, "
            + $"{translator.Vcpu.Translator!.Compiled} and (il) {il.Vcpu.Translator!.Compiled} regions, {time.Elapsed.TotalSeconds:f1} s");
        (Code, int)[] missing = [.. IntegerForms.All.Select(c => (c, 32)).Concat(IntegerForms.All16.Select(c => (c, 16))).Where(c => !made.Contains(c))];
        Assert.True(missing.Length == 0, $"never generated: {string.Join(' ', missing)}");
        Assert.True(exceptions > cases / 50, $"only {exceptions} exceptions");
        Assert.True(translator.Vcpu.Translator.Compiled > programs, "hardly anything was translated");
        record.Save();
    }

    private static int? Number(string name) => Environment.GetEnvironmentVariable(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private void Program(IntegerHost host, IntegerGuest[] guests, Random random, Queue<Code>[] queues, string name)
    {
        int bits = random.Next(2) == 0 ? 16 : 32;
        Queue<Code> queue = queues[bits / 32];

        var wanted = new List<Code>();
        for (int n = random.Next(1, MostForms + 1); n > 0; n--)
        {
            if (queue.Count == 0)
            {
                Array.ForEach([.. (bits == 16 ? IntegerForms.All16 : IntegerForms.All).OrderBy(_ => random.Next())], queue.Enqueue);
            }
            wanted.Add(queue.Dequeue());
        }
        var program = new IntegerProgram(random, wanted, bits);
        program.Forms.ForEach(form => made.Add((form, bits)));
        program.Forms.ForEach(record.Note);
        // Forms that this kind of program can't have wait for the next.
        wanted.Where(form => !program.Forms.Contains(form)).ToList().ForEach(queue.Enqueue);
        IntegerHost.SetCode(program.ForHost());
        Array.ForEach(guests, g => g.SetCode(program.ForGuest()));
        Span<uint> registers = stackalloc uint[8];
        for (int n = 0; n < StatesPerProgram; n++)
        {
            for (int r = 0; r < 8; r++)
            {
                registers[r] = r == 4 ? Window.Stack : RandomValues.Next(random);
            }
            uint flags = ((uint)random.Next() & (Eflags.Arithmetic | Eflags.DF | Eflags.ID)) | Eflags.Fixed1;
            ReadOnlySpan<byte> memory = pool.AsSpan(random.Next(pool.Length - (int)Window.DataSize), (int)Window.DataSize);
            memory.CopyTo(IntegerHost.Data);
            Outcome expected = host.Run(registers, flags, program.Local, bits);
            exceptions += expected.Vector != Outcome.NoException ? 1 : 0;
            cases++;
            foreach (IntegerGuest guest in guests)
            {
                memory.CopyTo(guest.Data);
                Outcome? actual = guest.Run(registers, flags, program.Local, bits);
                string? difference = actual is { } end ? Compare(in expected, in end, guest) : "does not end";
                if (difference is not null)
                {
                    Assert.Fail($"{name}, state {n}, {guest.Tier}, {bits} bits: {difference}\n{Describe(registers, flags)}\n{program.Listing()}");
                }
            }
        }
    }

    private static string? Compare(in Outcome host, in Outcome guest, IntegerGuest memory)
    {
        // An exception that a division raises leaves all arithmetic flags undefined.
        uint mask = ComparedFlags & (host.Vector == Vector.DE ? ~Eflags.Arithmetic : ~0u);
        if (host.Vector != guest.Vector || (host.Vector != Outcome.NoException && host.Eip != guest.Eip))
        {
            return $"host ends with vector {(int)host.Vector} at {host.Eip:x}, guest with {(int)guest.Vector} at {guest.Eip:x}";
        }
        for (int n = 0; n < 8; n++)
        {
            if (host.Registers[n] != guest.Registers[n])
            {
                return $"{Register.EAX + n}: host {host.Registers[n]:x8}, guest {guest.Registers[n]:x8}";
            }
        }
        if (((host.Flags ^ guest.Flags) & mask) != 0)
        {
            return $"flags: host {host.Flags & mask:x6}, guest {guest.Flags & mask:x6}";
        }
        int same = IntegerHost.Data.CommonPrefixLength(memory.Data);
        return same == Window.DataSize ? null : $"memory at {Window.Data + same:x}: host {IntegerHost.Data[same]:x2}, guest {memory.Data[same]:x2}";
    }

    private static string Describe(ReadOnlySpan<uint> registers, uint flags)
    {
        var text = new StringBuilder();
        for (int n = 0; n < 8; n++)
        {
            text.Append($"{Register.EAX + n} {registers[n]:x8} ");
        }
        return text.Append($"flags {flags:x6}").ToString();
    }
}

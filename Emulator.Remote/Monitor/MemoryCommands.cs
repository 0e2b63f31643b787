using System.Globalization;
using Emulator.BT;
using Emulator.BT.Translator;
using Emulator.Machine;
using static Emulator.Remote.Monitor.MonitorParameterKind;

namespace Emulator.Remote.Monitor;

/// <summary>Commands that look at memory, ports and registers.</summary>
internal sealed class MemoryCommands(VirtualMachine machine, GuestView view, MemoryDump dump)
{
    private const int PieceBytes = 64 << 10;

    public IEnumerable<MonitorCommand> Make() =>
    [
        new("gva2gpa", "addr", "print the guest physical address corresponding to a guest virtual address",
            [new("addr", Number)], Translate),
        new("i", "/fmt addr", "I/O port read", [new("fmt", Format), new("addr", Number32)], ReadPort),
        new("memsave", "addr size file", "save to disk virtual memory dump starting at 'addr' of size 'size'",
            [new("addr", Number), new("size", Number32), new("file", FileName)], (a, _) => Save(a, isPhysical: false)),
        new("o", "/fmt addr value", "I/O port write", [new("fmt", Format), new("addr", Number32), new("value", Number32)], WritePort),
        new("pmemsave", "addr size file", "save to disk physical memory dump starting at 'addr' of size 'size'",
            [new("addr", Number), new("size", Number32), new("file", FileName)], (a, _) => Save(a, isPhysical: true)),
        new("print|p", "/fmt expr", "print expression value (use $reg for CPU register access)",
            [new("fmt", Format), new("expr", Number)], Print),
        new("translate", "[addr]", "show what the translator makes of the code at 'addr' (an offset in CS; else where the CPU is): guest code, intermediate forms, IL, host code",
            [new("addr", Number, IsOptional: true)], ShowTranslation),
        new("x", "/fmt addr", "virtual memory dump starting at 'addr'", [new("fmt", Format), new("addr", Number)],
            (a, output) => dump.Write(output, a.Format, (ulong)a.Number("addr"), isPhysical: false)),
        new("xp", "/fmt addr", "physical memory dump starting at 'addr'", [new("fmt", Format), new("addr", Number)],
            (a, output) => dump.Write(output, a.Format, (ulong)a.Number("addr"), isPhysical: true)),
    ];

    private void Translate(MonitorArguments arguments, TextWriter output) =>
        output.Write(
            view.TryTranslate((uint)arguments.Number("addr"), out ulong physical) ? Invariant($"gpa: 0x{physical:x}\n") : "Unmapped\n");

    private unsafe void ShowTranslation(MonitorArguments arguments, TextWriter output)
    {
        Vcpu cpu = machine.Board.Cpu;
        ulong rip = (uint)arguments.Number("addr", (long)cpu.State->Rip);
        if (cpu.Translator is not { } translator)
        {
            output.Write("The machine runs with -accel interp: nothing is translated\n");
        }
        else if (translator.Show(rip) is { } region)
        {
            TranslationReport.Write(output, region, cpu.State->CodeMode, []);
        }
        else
        {
            output.Write(Invariant($"No code has run at 0x{rip:x} in the present mode, or it is none for the translator\n"));
        }
    }

    private static void Print(MonitorArguments arguments, TextWriter output)
    {
        long value = arguments.Number("expr");
        output.Write(arguments.Format.Letter switch
        {
            'o' => MemoryDump.Octal((ulong)value),
            'u' => ((ulong)value).ToString(CultureInfo.InvariantCulture),
            'd' => value.ToString(CultureInfo.InvariantCulture),
            'c' => MemoryDump.Character((uint)value),
            _ => value == 0 ? "0" : Invariant($"0x{value:x}"),
        });
        output.Write('\n');
    }

    private void ReadPort(MonitorArguments arguments, TextWriter output)
    {
        ushort port = (ushort)arguments.Number("addr");
        (int size, char suffix) = PortAccess(arguments.Format.Size);
        string value = machine.Board.Ports.Read(port, size).ToString("x" + (arguments.Format.Size * 2), CultureInfo.InvariantCulture);
        output.Write(Invariant($"port{suffix}[0x{port:x4}] = 0x{value}\n"));
    }

    private void WritePort(MonitorArguments arguments, TextWriter output) =>
        machine.Board.Ports.Write(
            (ushort)arguments.Number("addr"), PortAccess(arguments.Format.Size).Size, (uint)arguments.Number("value"));

    // Ports have no 64-bit accesses: those are bytes.
    private static (int Size, char Suffix) PortAccess(int size) => size switch { 2 => (2, 'w'), 4 => (4, 'l'), _ => (1, 'b') };

    private void Save(MonitorArguments arguments, bool isPhysical)
    {
        ulong address = (ulong)arguments.Number("addr");
        long size = (uint)arguments.Number("size");
        HostFiles.Write(arguments.Text("file"), "Could not open", file =>
        {
            byte[] piece = new byte[PieceBytes];
            for (long left = size, done = 0; left > 0;)
            {
                Span<byte> part = piece.AsSpan(0, (int)Math.Min(left, PieceBytes));
                part.Clear();
                if (isPhysical)
                {
                    machine.Board.Memory.Read(address + (ulong)done, part);
                }
                else if (view.ReadLinear((uint)(address + (ulong)done), part) < part.Length)
                {
                    throw new MonitorException(Invariant($"Error: Invalid addr 0x{address:x16}/size {size} specified"));
                }
                file.Write(part);
                done += part.Length;
                left -= part.Length;
            }
        });
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

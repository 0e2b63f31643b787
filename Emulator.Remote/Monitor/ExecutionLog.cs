using System.Globalization;
using Emulator.BT;
using Emulator.Core.Cpu;
using Emulator.Core.Diagnostics;
using Emulator.Machine;

namespace Emulator.Remote.Monitor;

/// <summary>
/// The log items <c>in_asm</c>, <c>out_asm</c>, <c>ir</c>, <c>il</c>, <c>exec</c> and <c>cpu</c>: watches the processor while one of them is on. A processor that is
/// not watched pays nothing.
/// </summary>
public sealed unsafe class ExecutionLog
{
    private readonly VirtualMachine machine;
    private readonly GuestView view;
    private readonly Disassembler disassembler = new();

    /// <summary>Starts to watch for what the log asks for now.</summary>
    public ExecutionLog(VirtualMachine machine)
    {
        this.machine = machine;
        view = new GuestView(machine);
        Update();
    }

    /// <summary>The log's items have changed.</summary>
    public void Update()
    {
        Vcpu cpu = machine.Board.Cpu;
        cpu.Cache.BlockDecoded = machine.Log.Has(LogItems.InAsm) ? WriteBlock : null;
        if (cpu.Translator is { } translator)
        {
            translator.RegionCompiled = machine.Log.Has(LogItems.OutAsm) ? WriteHostCode : null;
            translator.RegionLowered = machine.Log.Has(LogItems.Il) ? WriteIl : null;
            translator.RegionRecorded = machine.Log.Has(LogItems.Ir) ? WriteRecord : null;
        }
        cpu.BeforeBlock = machine.Log.Has(LogItems.Exec | LogItems.Cpu) ? WriteState : null;
    }

    // RIP is that of the block: it is decoded when it is about to run.
    private void WriteBlock(ulong machineAddress, int length)
    {
        CpuState* cpu = view.Cpu;
        uint linear = view.LinearPc;
        bool mapped = view.TryTranslate(linear, out ulong physical);
        TextWriter output = machine.Log.Writer;
        output.Write("----------------\nIN: ");
        output.Write(mapped && physical != linear ? string.Create(CultureInfo.InvariantCulture, $"[physical 0x{physical:x8}]\n") : "\n");
        Span<byte> code = new byte[length];
        code = code[..view.ReadLinear(linear, code)];
        for (int done = 0; done < code.Length;)
        {
            int n = disassembler.Write(output, unchecked(linear + (uint)done), cpu->Rip + (ulong)done, code[done..], cpu->CodeMode);
            if (n == 0)
            {
                break;
            }
            done += n;
        }
        output.Write('\n');
    }

    private void WriteRecord(ulong rip, string record) =>
        machine.Log.Writer.Write(string.Create(CultureInfo.InvariantCulture, $"----------------\nIR: [region at 0x{rip:x8}]\n{record}\n"));

    private void WriteIl(ulong rip, string il) =>
        machine.Log.Writer.Write(string.Create(CultureInfo.InvariantCulture, $"----------------\nIL: [region at 0x{rip:x8}]\n{il}\n"));

    private void WriteHostCode(ulong rip, nint start, int length)
    {
        TextWriter output = machine.Log.Writer;
        output.Write(string.Create(CultureInfo.InvariantCulture, $"----------------\nOUT: [region at 0x{rip:x8}, size={length}]\n"));
        // SAFETY: the code was written just now and stays until the next region is made.
        var code = new ReadOnlySpan<byte>((void*)start, length);
        for (int done = 0; done < length;)
        {
            int n = disassembler.Write(output, unchecked((uint)(start + done)), (ulong)(start + done), code[done..], CodeMode.Bits64);
            if (n == 0)
            {
                break;
            }
            done += n;
        }
        output.Write('\n');
    }

    private void WriteState()
    {
        CpuState* cpu = view.Cpu;
        if (machine.Log.Has(LogItems.Exec))
        {
            machine.Log.Write(LogItems.Exec, string.Create(
                CultureInfo.InvariantCulture,
                $"Trace 0: [{(uint)cpu->Segments[Seg.CS].Base:x8}/{view.LinearPc:x8}/{cpu->GetEflags():x8}/{cpu->Cpl}]"));
        }
        if (machine.Log.Has(LogItems.Cpu))
        {
            machine.Log.Writer.Write(RegisterDump.Format(cpu, machine.Board.Memory.A20, withFpu: false));
        }
    }
}

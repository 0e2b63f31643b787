using System.Globalization;
using Emulator.BT;
using Emulator.Core.Cpu;
using Emulator.Core.Diagnostics;
using Emulator.Machine;

namespace Emulator.Remote.Monitor;

/// <summary>
/// The log items <c>in_asm</c>, <c>out_asm</c>, <c>ir</c>, <c>il</c>, <c>exec</c>, <c>cpu</c>, <c>fpu</c>, <c>mmu</c> and <c>pcall</c>: watches the processor while one of them is on. A processor that is
/// not watched pays nothing.
/// </summary>
public sealed unsafe class ExecutionLog
{
    private readonly VirtualMachine machine;
    private readonly GuestView view;
    private readonly Disassembler disassembler = new();
    private (ulong Cr0, ulong Cr3, ulong Cr4, bool A20) lastPaging;
    private ushort lastCode;

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
        cpu.BeforeBlock = machine.Log.Has(LogItems.Exec | LogItems.Cpu | LogItems.Mmu | LogItems.FarCalls) ? WriteState : null;
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

    // A block ends at every instruction that changes one of these, so what was changed is seen before anything runs under it.
    private void WriteChanges(CpuState* cpu)
    {
        var paging = (Cr0: cpu->Cr0, Cr3: cpu->Cr3, Cr4: cpu->Cr4, machine.Board.Memory.A20);
        if (paging != lastPaging && machine.Log.Has(LogItems.Mmu))
        {
            machine.Log.Write(LogItems.Mmu, string.Create(
                CultureInfo.InvariantCulture, $"MMU: CR0={paging.Cr0:x8} CR3={paging.Cr3:x8} CR4={paging.Cr4:x8} a20={(paging.A20 ? 1 : 0)} pc={view.LinearPc:x8}"));
        }
        lastPaging = paging;
        ushort selector = cpu->Segments[Seg.CS].Selector;
        if (selector != lastCode && (cpu->Cr0 & 1) != 0 && machine.Log.Has(LogItems.FarCalls))
        {
            machine.Log.Write(LogItems.FarCalls, string.Create(
                CultureInfo.InvariantCulture, $"far transfer {lastCode:x4} -> {selector:x4}:{cpu->Rip:x8} cpl={cpu->Cpl} sp={cpu->Segments[Seg.SS].Selector:x4}"));
        }
        lastCode = selector;
    }

    private void WriteState()
    {
        CpuState* cpu = view.Cpu;
        WriteChanges(cpu);
        if (machine.Log.Has(LogItems.Exec))
        {
            machine.Log.Write(LogItems.Exec, string.Create(
                CultureInfo.InvariantCulture,
                $"Trace 0: [{(uint)cpu->Segments[Seg.CS].Base:x8}/{view.LinearPc:x8}/{cpu->GetEflags():x8}/{cpu->Cpl}]"));
        }
        if (machine.Log.Has(LogItems.Cpu))
        {
            machine.Log.Writer.Write(RegisterDump.Format(cpu, machine.Board.Memory.A20, withFpu: machine.Log.Has(LogItems.Fpu)));
        }
    }
}

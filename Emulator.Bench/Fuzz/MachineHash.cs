using System.Numerics;
using System.Runtime.InteropServices;
using Emulator.Core.Cpu;
using Emulator.Machine;

namespace Emulator.Bench.Fuzz;

/// <summary>A number that is equal for equal machines: registers, instructions run, virtual time, RAM.</summary>
public static unsafe class MachineHash
{
    /// <summary>The hash now. Machine thread.</summary>
    public static ulong Of(VirtualMachine machine)
    {
        CpuState* cpu = machine.Board.Cpu.State;
        ulong hash = 0;
        for (int n = 0; n < 8; n++)
        {
            Add(cpu->Gpr[n]);
            Add(cpu->Dr[n]);
        }
        Add(cpu->Rip);
        Add(cpu->GetEflags());
        Add(cpu->Cr0);
        Add(cpu->Cr2);
        Add(cpu->Cr3);
        Add((ulong)machine.Board.Cpu.InstructionsRetired);
        Add((ulong)machine.NowNs);
        const int piece = 1 << 20;
        for (ulong at = 0; at < machine.Board.Memory.RamSize; at += piece)
        {
            int length = (int)Math.Min(piece, machine.Board.Memory.RamSize - at);
            foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(machine.Board.Memory.Machine(at, length)))
            {
                Add(word);
            }
        }
        return hash;

        // Multiplication by the golden ratio, as in Fibonacci hashing.
        void Add(ulong value) => hash = BitOperations.RotateLeft(hash ^ value, 29) * 0x9E37_79B9_7F4A_7C15;
    }
}

using System.Buffers.Binary;
using System.Text;
using Emulator.BT.Decode;
using Emulator.BT.Model;
using Emulator.Core.Cpu;

namespace Emulator.BT.Helpers;

/// <summary>CPUID, RDMSR, WRMSR, RDTSC, RDPMC.</summary>
public static unsafe class Identification
{
    private const string Vendor = "GenuineIntel", Brand = "emu virtual CPU", HypervisorName = "emuemuemuemu";

    // CPUID.1:ECX.31 and the leaf behind it: the guest runs under a virtual machine monitor.
    private const uint Hypervisor = 1u << 31, HypervisorLeaf = 0x4000_0000;

    /// <summary>CPUID.</summary>
    public static bool Cpuid(CpuState* cpu, Insn* i)
    {
        CpuModel model = Vcpu.From(cpu).Model;
        uint leaf = (uint)cpu->Gpr[0];
        uint maxBasic = model.Family == 6 ? 2u : 1;
        if (leaf < 0x8000_0000 && leaf > maxBasic && leaf != HypervisorLeaf)
        {
            leaf = maxBasic;
        }
        switch (leaf)
        {
            case 0:
                // EBX, EDX, ECX: the vendor's name is the one text that is not in the registers' order.
                SetText(cpu, maxBasic, Vendor);
                (cpu->Gpr[1], cpu->Gpr[2]) = (cpu->Gpr[2], cpu->Gpr[1]);
                break;
            // EBX 8-15: the line that CLFLUSH flushes, in eight bytes.
            case 1: Set(cpu, model.Signature, model.Has(CpuFeatures.Clflush) ? 8u << 8 : 0, Hypervisor, (uint)model.Features); break;
            // One descriptor byte, 40: no second-level cache is described.
            case 2: Set(cpu, 0x4000_0001, 0, 0, 0); break;
            case HypervisorLeaf: SetText(cpu, HypervisorLeaf, HypervisorName); break;
            case 0x8000_0000: Set(cpu, 0x8000_0004, 0, 0, 0); break;
            case 0x8000_0001: Set(cpu, 0, 0, 0, 0); break;
            case >= 0x8000_0002 and <= 0x8000_0004:
                byte[] brand = Encoding.ASCII.GetBytes(Brand.PadRight(48, '\0'));
                ReadOnlySpan<byte> part = brand.AsSpan((int)(leaf - 0x8000_0002) * 16, 16);
                Set(cpu, BinaryPrimitives.ReadUInt32LittleEndian(part), BinaryPrimitives.ReadUInt32LittleEndian(part[4..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(part[8..]), BinaryPrimitives.ReadUInt32LittleEndian(part[12..]));
                break;
            default: Set(cpu, 0, 0, 0, 0); break;
        }
        return true;
    }

    /// <summary>RDTSC.</summary>
    public static bool Rdtsc(CpuState* cpu, Insn* i)
    {
        if ((cpu->Cr4 & Cr4.TSD) != 0 && cpu->Cpl != 0)
        {
            return Fault.GP(cpu);
        }
        ulong tsc = Vcpu.From(cpu).TimeStamp();
        cpu->Gpr[0] = (uint)tsc;
        cpu->Gpr[2] = tsc >> 32;
        return Operand.EndBlock(cpu, i);
    }

    /// <summary>RDPMC: no counter has a number, so it is #GP with CR4.PCE too.</summary>
    public static bool Rdpmc(CpuState* cpu, Insn* i) => Fault.GP(cpu);

    /// <summary>RDMSR.</summary>
    public static bool Rdmsr(CpuState* cpu, Insn* i)
    {
        Vcpu vcpu = Vcpu.From(cpu);
        if (cpu->Cpl != 0 || !vcpu.Msrs.TryRead(cpu, (uint)cpu->Gpr[1], vcpu.TimeStamp, out ulong value))
        {
            return Fault.GP(cpu);
        }
        cpu->Gpr[0] = (uint)value;
        cpu->Gpr[2] = value >> 32;
        return Operand.EndBlock(cpu, i);
    }

    /// <summary>WRMSR.</summary>
    public static bool Wrmsr(CpuState* cpu, Insn* i)
    {
        Vcpu vcpu = Vcpu.From(cpu);
        ulong value = cpu->Gpr[2] << 32 | (uint)cpu->Gpr[0];
        uint number = (uint)cpu->Gpr[1];
        if (cpu->Cpl != 0)
        {
            return Fault.GP(cpu);
        }
        if (number == 0x10)
        {
            vcpu.SetTimeStamp(value);
            return Operand.EndBlock(cpu, i);
        }
        cpu->ForgetCopies();
        return vcpu.Msrs.TryWrite(number, value) ? Operand.EndBlock(cpu, i) : Fault.GP(cpu);
    }

    // A text of twelve characters in EBX, ECX and EDX.
    private static void SetText(CpuState* cpu, uint eax, string text)
    {
        ReadOnlySpan<byte> bytes = Encoding.ASCII.GetBytes(text);
        Set(cpu, eax, BinaryPrimitives.ReadUInt32LittleEndian(bytes), BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
    }

    private static void Set(CpuState* cpu, uint eax, uint ebx, uint ecx, uint edx)
    {
        cpu->Gpr[0] = eax;
        cpu->Gpr[3] = ebx;
        cpu->Gpr[1] = ecx;
        cpu->Gpr[2] = edx;
    }
}

using Emulator.BT;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;
using Emulator.Firmware.Bios;
using Emulator.Mmu;

namespace Emulator.Machine.Bios;

/// <summary>Linear memory with the rights of the code that the processor runs. The first fault stays recorded in the processor's state.</summary>
internal sealed unsafe class CallerMemory(Vcpu cpu, PhysicalMemory physical) : IBiosMemory
{
    /// <summary>True after a fault; the next call clears it.</summary>
    public bool HasFaulted { get; set; }

    private bool IsUser => cpu.State->Cpl == 3;

    /// <inheritdoc/>
    public uint Load(uint linear, int size)
    {
        if (HasFaulted)
        {
            return 0;
        }
        HasFaulted = !SlowAccess.LoadLinear(cpu.State, linear, size, IsUser, out ulong value);
        return HasFaulted ? 0 : (uint)value;
    }

    /// <inheritdoc/>
    public void Store(uint linear, int size, uint value)
    {
        if (!HasFaulted)
        {
            HasFaulted = !SlowAccess.StoreLinear(cpu.State, linear, size, IsUser, value & (uint)(~0ul >> (64 - (size * 8))));
        }
    }

    /// <inheritdoc/>
    public void Read(uint linear, Span<byte> destination)
    {
        while (!destination.IsEmpty && !HasFaulted)
        {
            int part = PartOf(linear, destination.Length);
            if (!cpu.Mmu.Translate(linear, write: false, IsUser, out ulong pa))
            {
                HasFaulted = true;
                return;
            }
            if (physical.TryReadPage(pa, out _))
            {
                physical.Read(pa, destination[..part]);
            }
            else
            {
                for (int n = 0; n < part; n++)
                {
                    destination[n] = (byte)Load(linear + (uint)n, 1);
                }
            }
            destination = destination[part..];
            linear += (uint)part;
        }
    }

    /// <inheritdoc/>
    public void Write(uint linear, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty && !HasFaulted)
        {
            int part = PartOf(linear, source.Length);
            if (!cpu.Mmu.Translate(linear, write: true, IsUser, out ulong pa))
            {
                HasFaulted = true;
                return;
            }
            if (physical.TryWritePage(pa, out _))
            {
                physical.Write(pa, source[..part]);
            }
            else
            {
                for (int n = 0; n < part; n++)
                {
                    Store(linear + (uint)n, 1, source[n]);
                }
            }
            source = source[part..];
            linear += (uint)part;
        }
    }

    private static int PartOf(uint linear, int length) => Math.Min(length, PhysicalMemory.PageSize - (int)(linear & (PhysicalMemory.PageSize - 1)));
}

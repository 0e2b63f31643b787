using Emulator.BT;
using Emulator.Core.Bus;

namespace Emulator.Machine.Board;

/// <summary>The general registers of the processor, for <see cref="Devices.Input.VmPort"/>.</summary>
internal sealed unsafe class CpuRegisterWindow(Vcpu cpu) : IRegisterWindow
{
    /// <inheritdoc/>
    public uint this[int register]
    {
        // SAFETY: CpuState lives as long as the processor, and its register file has 16 entries; the index is masked to 8.
        get => (uint)cpu.State->Gpr[register & 7];
        set => cpu.State->Gpr[register & 7] = value;
    }
}

using Emulator.Core.Bus;

namespace Emulator.Devices.Input;

/// <summary>
/// VMware's "backdoor" port 5658 as QEMU's <c>pc</c> has it: a read with the magic number in EAX and a command in CX is a call, whose
/// arguments and results are in the other registers. There are the version, the size of the RAM, and the commands of <see cref="VmMouse"/>.
/// </summary>
/// <remarks>Source: the open-vm-tools headers backdoor_def.h and vmmouse_defs.h.</remarks>
/// <param name="registers">The calling processor's registers.</param>
/// <param name="mouse">Gets the pointer's commands.</param>
/// <param name="ramBytes">Bytes of RAM.</param>
public sealed class VmPort(IRegisterWindow registers, VmMouse mouse, long ramBytes) : IPortDevice
{
    private const uint Magic = 0x564D_5868, NoCommand = uint.MaxValue;
    private const int Eax = 0, Ecx = 1, Edx = 2, Ebx = 3, Esi = 6, Edi = 7;
    private const int GetVersion = 10, GetRamSize = 20, PointerData = 39, PointerStatus = 40, PointerCommand = 41;
    private const uint Version = 6, WorkstationProduct = 2, RamSizeMark = 0x1177;

    // Where the words of a pointer packet go, in order.
    private static readonly int[] DataRegisters = [Eax, Ebx, Ecx, Edx, Esi, Edi];

    /// <summary>Maps port 5658.</summary>
    public void Wire(PortBus bus) => bus.Map("vmport", 0x5658, 4, this, maxSize: 4);

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size)
    {
        if (offset != 0 || registers[Eax] != Magic)
        {
            return NoCommand;
        }
        switch (registers[Ecx] & 0xFFFF)
        {
            case GetVersion:
                registers[Ebx] = Magic;
                registers[Ecx] = WorkstationProduct;
                return Version;
            case GetRamSize:
                registers[Ebx] = RamSizeMark;
                return (uint)Math.Min(ramBytes, uint.MaxValue);
            case PointerData:
                return ReadPointer();
            case PointerStatus:
                return mouse.Status;
            case PointerCommand:
                mouse.Command(registers[Ebx]);
                return registers[Eax];
            default:
                return NoCommand;
        }
    }

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        // Nothing is called by a write, as in QEMU.
    }

    private uint ReadPointer()
    {
        Span<uint> words = stackalloc uint[DataRegisters.Length];
        int count = mouse.Take(registers[Ebx], words);
        for (int n = 1; n < count; n++)
        {
            registers[DataRegisters[n]] = words[n];
        }
        return count > 0 ? words[0] : registers[Eax];
    }
}

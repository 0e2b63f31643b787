using Emulator.BT.Helpers;
using Emulator.Core.Cpu;
using Emulator.Machine.Board;
using Emulator.Machine.Config;
using Emulator.Tests.Guests;

namespace Emulator.Tests.Bios;

/// <summary>
/// A machine with the built-in BIOS whose boot sector does nothing; tests call interrupts in it: registers in, registers, flags and memory out.
/// </summary>
internal sealed unsafe class BiosRig : IDisposable
{
    /// <summary>Where tests have their buffers.</summary>
    public const ushort Buffer = 0x2000;

    private const ushort Stub = 0x0600, Result = 0x0500, Done = 0x0502, StackTop = 0x7000;
    private const uint Interrupts = 0x202;

    private readonly TempDirectory directory = new();
    private readonly GuestRun guest;

    /// <summary>Starts the machine and waits for the boot sector.</summary>
    public BiosRig(Func<TempDirectory, MachineConfig>? configure = null)
    {
        var sector = new byte[1440 * 1024];
        byte[] idle = [0xC6, 0x06, 0x02, 0x05, 0x01, 0xFB, 0xF4, 0xEB, 0xFC]; // MOV BYTE [502], 1; STI; L: HLT; JMP L
        idle.CopyTo(sector, 0);
        (sector[510], sector[511]) = (0x55, 0xAA);
        MachineConfig config = configure?.Invoke(directory) ?? new MachineConfig();
        string boot = directory.Make("boot.img", sector);
        guest = new GuestRun(config with
        {
            BiosFile = FirmwareFiles.BuiltIn,
            Boot = new BootConfig { Order = "a" },
            Drives = [.. config.Drives, new DriveConfig { Interface = DriveInterface.Floppy, Index = 0, File = boot, Format = "raw" }],
        });
        WaitUntilDone();
    }

    /// <summary>The machine.</summary>
    public GuestRun Guest => guest;

    /// <summary>The board; only inside <see cref="GuestRun.Do"/>.</summary>
    public PcBoard Board => guest.Machine.Board;

    /// <summary>Executes INT <paramref name="vector"/> and returns the registers behind it.</summary>
    public BiosRegisters Int(int vector, BiosRegisters input)
    {
        Start(vector, input);
        return WaitUntilDone();
    }

    /// <summary>Executes INT <paramref name="vector"/> without waiting for its end.</summary>
    public void Start(int vector, BiosRegisters input)
    {
        bool started = false;
        for (int n = 0; !started; n++)
        {
            if (n > 10_000)
            {
                throw new TimeoutException($"the guest is never idle; screen:\n{guest.Screen}");
            }
            // Not in the middle of an interrupt's handler: it would never get to its EOI.
            guest.Do(() => started = (Board.Cpu.State->AttentionFlags & Attention.Halted) != 0 && Set(vector, input));
            if (!started)
            {
                Thread.Sleep(1);
            }
        }
    }

    private bool Set(int vector, BiosRegisters input)
    {
        // INT n; PUSHF; POP CS:[500]; MOV CS:[502], 1; L: HLT; JMP L
        byte[] code = [0xCD, (byte)vector, 0x9C, 0x2E, 0x8F, 0x06, 0x00, 0x05, 0x2E, 0xC6, 0x06, 0x02, 0x05, 0x01, 0xF4, 0xEB, 0xFD];
        Board.Memory.Write(Stub, code);
        Board.Memory.WriteValue(Done, 1, 0);
        CpuState* cpu = Board.Cpu.State;
        ReadOnlySpan<uint> values = [input.Eax, input.Ecx, input.Edx, input.Ebx, StackTop, input.Ebp, input.Esi, input.Edi];
        for (int n = 0; n < 8; n++)
        {
            cpu->Gpr[n] = values[n];
        }
        foreach (int segment in (ReadOnlySpan<int>)[Seg.CS, Seg.SS, Seg.FS, Seg.GS])
        {
            Segmentation.SetReal(cpu, segment, 0);
        }
        Segmentation.SetReal(cpu, Seg.DS, input.Ds);
        Segmentation.SetReal(cpu, Seg.ES, input.Es);
        cpu->Rip = Stub;
        cpu->SetEflags(Interrupts);
        cpu->AttentionFlags &= ~Attention.Halted;
        return true;
    }

    /// <summary>True when the interrupt has returned.</summary>
    public bool IsDone => Registers() is not null;

    /// <summary>Waits for the interrupt's end.</summary>
    /// <returns>The registers then; FLAGS are those that the interrupt returned.</returns>
    public BiosRegisters WaitUntilDone()
    {
        for (int n = 0; n <= 10_000; n++)
        {
            if (Registers() is { } result)
            {
                return result;
            }
            Thread.Sleep(2);
        }
        throw new TimeoutException($"the interrupt does not return; screen:\n{guest.Screen}");
    }

    // Looked at and read in one go, and halted: a handler of the timer's would be at work on the registers at any other time.
    private BiosRegisters? Registers()
    {
        BiosRegisters? result = null;
        guest.Do(() =>
        {
            CpuState* cpu = Board.Cpu.State;
            if (Board.Memory.ReadValue(Done, 1) != 1 || (cpu->AttentionFlags & Attention.Halted) == 0)
            {
                return;
            }
            result = new BiosRegisters
            {
                Eax = (uint)cpu->Gpr[0],
                Ecx = (uint)cpu->Gpr[1],
                Edx = (uint)cpu->Gpr[2],
                Ebx = (uint)cpu->Gpr[3],
                Ebp = (uint)cpu->Gpr[5],
                Esi = (uint)cpu->Gpr[6],
                Edi = (uint)cpu->Gpr[7],
                Ds = cpu->Segments[Seg.DS].Selector,
                Es = cpu->Segments[Seg.ES].Selector,
                Flags = (ushort)Board.Memory.ReadValue(Result, 2),
            };
        });
        return result;
    }

    /// <summary>Reads guest memory.</summary>
    public byte[] Read(uint address, int count)
    {
        var bytes = new byte[count];
        guest.Do(() =>
        {
            for (int n = 0; n < count; n++)
            {
                bytes[n] = (byte)Board.Memory.ReadValue(address + (uint)n, 1);
            }
        });
        return bytes;
    }

    /// <summary>Reads a little-endian value of 1, 2 or 4 bytes.</summary>
    public uint Value(uint address, int size)
    {
        uint value = 0;
        guest.Do(() => value = (uint)Board.Memory.ReadValue(address, size));
        return value;
    }

    /// <summary>Writes guest memory.</summary>
    public void Write(uint address, params byte[] bytes) => guest.Do(() => Board.Memory.Write(address, bytes));

    /// <inheritdoc/>
    public void Dispose()
    {
        guest.Dispose();
        directory.Dispose();
    }
}

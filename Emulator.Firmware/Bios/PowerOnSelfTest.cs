using Emulator.Firmware.Bios.Disks;
using Emulator.Firmware.Bios.Rom;
using Emulator.Firmware.Bios.Services;
using Emulator.Firmware.Boot;
using Emulator.Firmware.Description;
using Emulator.Firmware.Pci;

namespace Emulator.Firmware.Bios;

/// <summary>What happens after reset, in the order of the stubs at F000:E05B: chips, memory, vectors, tables; then option ROMs one by one.</summary>
internal sealed class PowerOnSelfTest(IBiosHost host, MachineDescription machine)
{
    private const ushort CmosIndex = 0x70, CmosData = 0x71, SystemControlA = 0x92, DigitalOutput = 0x3F2;
    private const int ShutdownByte = 0x0F, StatusA = 0x0A, StatusB = 0x0B, StatusC = 0x0C;
    private const uint OptionRomStart = 0xC0000, OptionRomEnd = 0xE0000, RomUnit = 2048;

    private static readonly ushort[] ParallelBases = [0x378, 0x278, 0x3BC];

    private uint shadowEnd = OptionRomStart;

    /// <summary>First stage. CF: the reset was a way back to real mode, and the stub goes to who asked for it (40:67).</summary>
    public void Start(BiosCall call)
    {
        byte shutdown = Cmos(ShutdownByte);
        SetCmos(ShutdownByte, 0);
        const byte jumpWithEoi = 5, jump = 10;
        if (shutdown is jumpWithEoi or jump)
        {
            if (shutdown == jumpWithEoi)
            {
                host.Out(0xA0, 0x20);
                host.Out(0x20, 0x20);
            }
            call.LiveCarry = true;
            return;
        }
        SetUpChips();
        ShadowRoms();
        if (machine.RamSize >= DirectBoot.SmallestRam)
        {
            DirectBoot.Prepare(host.Physical, machine);
        }
        else
        {
            BiosDataArea.Write(host.Physical, machine);
        }
        FillVectors();
        FillDataArea();
        ClockService.SetTicks(host);
        call.LiveCarry = false;
    }

    /// <summary>Finds the next option ROM (55 AA, length, sum 0). CF: the stub calls the entry that the data area has; AX is its device.</summary>
    public void NextOptionRom(BiosCall call)
    {
        var data = new ExtendedData(host.Memory);
        uint at = Math.Max(data.Word(ExtendedData.RomNext) * 512u, OptionRomStart);
        for (; at < OptionRomEnd; at += RomUnit)
        {
            if (host.Memory.Load(at, 2) != 0xAA55)
            {
                continue;
            }
            int length = (int)host.Memory.Load(at + 2, 1) * 512;
            var rom = new byte[length];
            host.Memory.Read(at, rom);
            byte sum = 0;
            foreach (byte b in rom)
            {
                sum += b;
            }
            if (length == 0 || sum != 0)
            {
                continue;
            }
            data.SetWord(ExtendedData.RomNext, (int)((at + (uint)length + RomUnit - 1) / RomUnit * RomUnit / 512));
            data.SetDword(ExtendedData.RomEntry, FarPointer.Make((int)(at >> 4), 3));
            call.Ax = (ushort)DeviceOf(rom);
            call.LiveCarry = true;
            return;
        }
        // Not before: an expansion ROM may write into its own image until it has set itself up.
        CloseShadow();
        call.LiveCarry = false;
    }

    private void SetUpChips()
    {
        foreach ((uint register, ulong value) in MemoryTypes.RegisterWrites)
        {
            host.WriteMsr(register, value);
        }
        PciSetup.Run(host.Pci, machine.RamSize);
        foreach ((ushort port, byte value) in LegacyState.PortWrites)
        {
            host.Out(port, value);
        }
        host.Out(SystemControlA, 0x02); // A20 open
        SetCmos(StatusA, 0x26); // 32768 Hz, periodic interrupt 1024 Hz
        SetCmos(StatusB, 0x02); // 24 hours, BCD, no interrupts
        Cmos(StatusC);
        if (machine.HasFloppyController)
        {
            host.Out(DigitalOutput, 0x0C); // out of reset, DMA and interrupt on, motors off
        }
    }

    // The system ROM goes into the RAM behind it, where tables can be added; expansion ROMs go to C0000 and up.
    private void ShadowRoms()
    {
        var system = new byte[SystemRom.Size];
        host.Physical.Read(SystemRom.Segment << 4, system);
        bool isIsa = host.Pci.Read(0, 0, 0, 0, 4) == uint.MaxValue;
        List<byte[]> expansions = [.. isIsa ? IsaRoms() : PciRom.ReadAll(host.Pci, host.Physical), .. FwCfgRoms.ReadAll(host)];
        PciSetup.OpenShadowRam(host.Pci);
        host.Physical.Write(SystemRom.Segment << 4, system);
        uint at = OptionRomStart;
        foreach (byte[] rom in expansions)
        {
            if (at + rom.Length <= OptionRomEnd)
            {
                host.Physical.Write(at, rom);
                at = (at + (uint)rom.Length + RomUnit - 1) / RomUnit * RomUnit;
            }
        }
        shadowEnd = at;
        if (isIsa)
        {
            // There are no PCI interrupts to tell about.
            host.Physical.Write(SystemTables.RoutingAddress, new byte[4]);
        }
    }

    // A board without PCI has RAM at C0000 already, where the display's ROM goes.
    private IEnumerable<byte[]> IsaRoms()
    {
        const ushort vgaMiscellaneous = 0x3CC;
        return host.In(vgaMiscellaneous) != 0xFF ? [VideoRom.Instance.Image.ToArray()] : [];
    }

    // What holds a ROM is read-only RAM from here on; the rest of C0000-EFFFF is no memory, as upper memory managers expect.
    private void CloseShadow()
    {
        const int pam0 = 0x59, segmentBytes = 0x4000;
        const uint readOnlyUpper = 0x10;
        host.Pci.Write(0, 0, 0, pam0, 1, readOnlyUpper);
        for (int register = 0; register < 6; register++)
        {
            uint low = OptionRomStart + (uint)(register * 2 * segmentBytes), value = 0;
            value |= low < shadowEnd ? 0x01u : 0;
            value |= low + segmentBytes < shadowEnd ? 0x10u : 0;
            host.Pci.Write(0, 0, 0, pam0 + 1 + register, 1, value);
        }
    }

    private void FillVectors()
    {
        for (int vector = 0; vector < 256; vector++)
        {
            ushort offset = SystemRom.Instance.Vectors[vector];
            bool isFree = vector is >= 0x60 and <= 0x67 or >= 0x78; // for programs: 0
            host.Memory.Store((uint)vector * 4, 4, isFree ? 0 : FarPointer.Make(SystemRom.Segment, offset));
        }
        host.Memory.Store(0x1E * 4, 4, FarPointer.Make(SystemRom.Segment, SystemRom.DisketteTable));
        host.Memory.Store(0x1D * 4, 4, 0);
        host.Memory.Store(0x1F * 4, 4, 0);
    }

    private void FillDataArea()
    {
        var data = new BiosData(host.Memory);
        int printers = 0;
        foreach (ushort port in ParallelBases)
        {
            host.Out(port, 0xAA);
            if (host.In(port) == 0xAA)
            {
                data.SetWord(BiosData.Parallel + (printers++ * 2), port);
            }
        }
        data.SetWord(BiosData.Equipment, (data.Word(BiosData.Equipment) & 0x3FFF) | printers << 14);
        data.SetDword(BiosData.PrinterTimeouts, 0x14141414);
        data.SetDword(BiosData.SerialTimeouts, 0x01010101);
        data.SetByte(BiosData.MotorStatus, 0);
        var extended = new ExtendedData(host.Memory);
        extended.SetByte(ExtendedData.CdEmulation, DriveTable.NoEmulation);
        foreach (IBiosDrive? drive in host.Floppies)
        {
            drive?.TakeChanged();
        }
        for (int n = 0; n < Math.Min(host.HardDisks.Count, 2); n++)
        {
            WriteDiskTable(n, host.HardDisks[n]);
        }
    }

    // Fixed disk parameter table, translated form when INT 13h shows another geometry (Phoenix EDD 3.0, "Fixed disk parameter table").
    private void WriteDiskTable(int index, IBiosDrive drive)
    {
        DiskGeometry shown = LogicalGeometry.Of(drive), own = drive.Geometry ?? shown;
        int offset = ExtendedData.DiskTables + (index * 16);
        ByteWriter table = new ByteWriter().U16(shown.Cylinders).U8(shown.Heads);
        if (shown == own)
        {
            table.U16(0).U16(0xFFFF).U8(0).U8(own.Heads > 8 ? 8 : 0).U8(0).U8(0).U8(0).U16(own.Cylinders).U8(own.Sectors).U8(0);
        }
        else
        {
            table.U8(0xA0).U8(own.Sectors).U16(0xFFFF).U8(0).U8(own.Heads > 8 ? 8 : 0).U16(own.Cylinders).U8(own.Heads).U16(0).U8(shown.Sectors).U8(0);
        }
        byte[] bytes = table.ToArray();
        bytes[15] = shown == own ? (byte)0 : Checksum.For(bytes);
        host.Memory.Write(ExtendedData.At(offset), bytes);
        host.Memory.Store((index == 0 ? 0x41u : 0x46u) * 4, 4, FarPointer.Make(ExtendedData.Segment, offset));
    }

    private int DeviceOf(byte[] rom)
    {
        int data = rom.Length > 0x1A ? rom[0x18] | rom[0x19] << 8 : 0;
        if (data == 0 || data + 8 > rom.Length || !rom.AsSpan(data, 4).SequenceEqual("PCIR"u8))
        {
            return 0;
        }
        uint id = BitConverter.ToUInt32(rom, data + 4);
        for (int device = 0; device < 32; device++)
        {
            if (host.Pci.Read(0, device, 0, 0, 4) == id)
            {
                return device << 3;
            }
        }
        return 0;
    }

    private byte Cmos(int index)
    {
        host.Out(CmosIndex, (uint)index);
        return (byte)host.In(CmosData);
    }

    private void SetCmos(int index, int value)
    {
        host.Out(CmosIndex, (uint)index);
        host.Out(CmosData, (byte)value);
    }
}

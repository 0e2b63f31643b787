using System.Text;
using Emulator.Firmware.Description;
using Emulator.Firmware.Memory;

namespace Emulator.Firmware.Smbios;

/// <summary>System description for DMI: SMBIOS 2.8 structures of types 0, 1, 3, 4, 16, 17, 19, 32 and 127. Source: DMTF DSP0134 2.8.</summary>
public sealed class SmbiosTables
{
    /// <summary>Bytes of the entry point.</summary>
    public const int AnchorSize = 31;

    private const int IntermediateStart = 16;
    private const ushort NoHandle = 0xFFFF, NoErrorInformation = 0xFFFE;
    private const ushort BiosHandle = 0, SystemHandle = 0x100, EnclosureHandle = 0x300, CpuHandle = 0x400;
    private const ushort ArrayHandle = 0x1000, DeviceHandle = 0x1100, MappedHandle = 0x1300, BootHandle = 0x2000, EndHandle = 0x7F00;

    private readonly ByteWriter structures = new();
    private int count, largest;

    private SmbiosTables(MachineDescription machine)
    {
        AddBios();
        AddSystem(machine.Uuid);
        AddEnclosure();
        for (int cpu = 0; cpu < machine.CpuCount; cpu++)
        {
            AddProcessor(cpu);
        }
        AddMemoryArray(machine.RamSize);
        AddMemoryDevice(machine.RamSize);
        AddMappedRanges(machine.RamSize);
        Add(32, BootHandle, new ByteWriter().Zeros(7)); // booted without an error
        Add(127, EndHandle, new ByteWriter());
        Structures = structures.ToArray();
    }

    /// <summary>The structures, one after another.</summary>
    public byte[] Structures { get; }

    /// <summary>Builds the structures.</summary>
    public static SmbiosTables Build(MachineDescription machine) => new(machine);

    /// <summary>The entry point for structures that stand at <paramref name="tableAddress"/>, with both checksums.</summary>
    public byte[] Anchor(uint tableAddress)
    {
        byte[] anchor = new ByteWriter()
            .Text("_SM_", 4).U8(0).U8(AnchorSize).U8(2).U8(8).U16(largest).U8(0).Zeros(5)
            .Text("_DMI_", 5).U8(0).U16(Structures.Length).U32(tableAddress).U16(count).U8(0x28)
            .ToArray();
        anchor[IntermediateStart + 5] = Checksum.For(anchor.AsSpan(IntermediateStart));
        anchor[4] = Checksum.For(anchor);
        return anchor;
    }

    private void AddBios() => Add(0, BiosHandle,
        new ByteWriter().U8(1).U8(2).U16(0xE800).U8(3).U8(0)
            .U64(1 << 3) // characteristics are not given
            .U8(0).U8(0x14) // extension byte 2: virtual machine, targeted content distribution
            .U8(1).U8(0).U8(0xFF).U8(0xFF),
        Identity.Vendor, "1.0", "01/01/2022");

    private void AddSystem(Guid uuid) => Add(1, SystemHandle,
        new ByteWriter().U8(1).U8(2).U8(3).U8(0).Bytes(uuid.ToByteArray()).U8(6).U8(0).U8(0),
        Identity.Vendor, Identity.Product, "1.0");

    private void AddEnclosure() => Add(3, EnclosureHandle,
        new ByteWriter().U8(1).U8(1).U8(2).U8(0).U8(0).U8(3).U8(3).U8(3).U8(2).U32(0).U8(0).U8(0).U8(0).U8(0).U8(0),
        Identity.Vendor, "1.0");

    private void AddProcessor(int index) => Add(4, (ushort)(CpuHandle + index),
        new ByteWriter().U8(1).U8(3).U8(1).U8(2).U64(0).U8(3).U8(0).U16(0).U16(0).U16(0).U8(0x41).U8(1)
            .U16(NoHandle).U16(NoHandle).U16(NoHandle).U8(0).U8(0).U8(0).U8(1).U8(1).U8(1).U16(2).U16(1),
        $"CPU {index}", Identity.Vendor, "1.0");

    private void AddMemoryArray(ulong ramSize) => Add(16, ArrayHandle,
        new ByteWriter().U8(1).U8(3).U8(3).U32((uint)(ramSize >> 10)).U16(NoErrorInformation).U16(1).U64(0));

    private void AddMemoryDevice(ulong ramSize)
    {
        // MiB in 15 bits; KiB (bit 15) when there is no whole number of MiB.
        bool wholeMiB = (ramSize & 0xFFFFF) == 0;
        ulong size = wholeMiB ? ramSize >> 20 : 0x8000 | Math.Min(ramSize >> 10, 0x7FFE);
        Add(17, DeviceHandle,
            new ByteWriter().U16(ArrayHandle).U16(NoErrorInformation).U16(0xFFFF).U16(0xFFFF).U16((int)size)
                .U8(9).U8(0).U8(1).U8(0).U8(7).U16(2).U16(0).U8(2).U8(0).U8(0).U8(0).U8(0).U32(0).U16(0).U16(0).U16(0).U16(0),
            "DIMM 0", Identity.Vendor);
    }

    private void AddMappedRanges(ulong ramSize)
    {
        AddMappedRange(MappedHandle, 0, MemoryMap.Below4G(ramSize));
        if (MemoryMap.Above4G(ramSize) > 0)
        {
            AddMappedRange(MappedHandle + 1, MemoryMap.FourGiB, MemoryMap.Above4G(ramSize));
        }
    }

    private void AddMappedRange(ushort handle, ulong start, ulong length) => Add(19, handle,
        new ByteWriter().U32((uint)(start >> 10)).U32((uint)(((start + length) >> 10) - 1)).U16(ArrayHandle).U8(1).U64(0).U64(0));

    // Header (type, length of the formatted part, handle), formatted part, strings each ended by NUL, one NUL more.
    private void Add(byte type, ushort handle, ByteWriter formatted, params string[] strings)
    {
        int start = structures.Length;
        structures.U8(type).U8(4 + formatted.Length).U16(handle).Bytes(formatted.ToArray());
        foreach (string text in strings)
        {
            structures.Bytes(Encoding.ASCII.GetBytes(text)).U8(0);
        }
        structures.Zeros(strings.Length == 0 ? 2 : 1);
        count++;
        largest = Math.Max(largest, structures.Length - start);
    }
}

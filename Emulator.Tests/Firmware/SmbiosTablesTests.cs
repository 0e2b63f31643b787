using System.Buffers.Binary;
using System.Text;
using Emulator.Firmware.Description;
using Emulator.Firmware.Smbios;
using Xunit;

namespace Emulator.Tests.Firmware;

public sealed class SmbiosTablesTests
{
    private static readonly MachineDescription Machine = new() { RamSize = 5ul << 30, CpuCount = 2, Uuid = new Guid("00112233-4455-6677-8899-aabbccddeeff") };

    [Fact]
    public void AnchorDescribesTheStructures()
    {
        SmbiosTables tables = SmbiosTables.Build(Machine);
        byte[] anchor = tables.Anchor(0x12345678);
        Assert.Equal(SmbiosTables.AnchorSize, anchor.Length);
        Assert.Equal("_SM_"u8, anchor.AsSpan(0, 4));
        Assert.Equal("_DMI_"u8, anchor.AsSpan(16, 5));
        Assert.Equal(0, anchor.Sum(b => b) & 0xFF);
        Assert.Equal(0, anchor.Skip(16).Sum(b => b) & 0xFF);
        Assert.Equal((2, 8, 0x28), (anchor[6], anchor[7], anchor[30]));
        Assert.Equal(tables.Structures.Length, BinaryPrimitives.ReadUInt16LittleEndian(anchor.AsSpan(22)));
        Assert.Equal(0x12345678, BinaryPrimitives.ReadInt32LittleEndian(anchor.AsSpan(24)));
        List<(byte[] Formatted, string[] Strings, int Size)> structures = Decode(tables.Structures);
        Assert.Equal(structures.Count, BinaryPrimitives.ReadUInt16LittleEndian(anchor.AsSpan(28)));
        Assert.Equal(structures.Max(s => s.Size), BinaryPrimitives.ReadUInt16LittleEndian(anchor.AsSpan(8)));
    }

    [Fact]
    public void StructuresHaveTheLengthsOfVersion28()
    {
        List<(byte[] Formatted, string[] Strings, int Size)> structures = Decode(SmbiosTables.Build(Machine).Structures);
        (int Type, int Length)[] expected =
        [
            (0, 0x18), (1, 0x1B), (3, 0x16), (4, 0x2A), (4, 0x2A), (16, 0x17), (17, 0x28), (19, 0x1F), (19, 0x1F), (32, 0x0B), (127, 0x04),
        ];
        Assert.Equal(expected, structures.Select(s => ((int)s.Formatted[0], (int)s.Formatted[1])));
        Assert.Equal(structures.Count, structures.Select(s => BinaryPrimitives.ReadUInt16LittleEndian(s.Formatted.AsSpan(2))).Distinct().Count());
    }

    [Fact]
    public void ContentsAreTheMachines()
    {
        List<(byte[] Formatted, string[] Strings, int Size)> structures = Decode(SmbiosTables.Build(Machine).Structures);
        Assert.Equal("emu", structures[1].Strings[0]);
        Assert.Equal(Machine.Uuid.ToByteArray(), structures[1].Formatted[8..24]);
        byte[] device = structures.Single(s => s.Formatted[0] == 17).Formatted;
        Assert.Equal(5 * 1024, BinaryPrimitives.ReadUInt16LittleEndian(device.AsSpan(12)));
        byte[] upper = structures.Last(s => s.Formatted[0] == 19).Formatted;
        Assert.Equal(4u << 20, BinaryPrimitives.ReadUInt32LittleEndian(upper.AsSpan(4)));
        Assert.Equal((6u << 20) - 1, BinaryPrimitives.ReadUInt32LittleEndian(upper.AsSpan(8)));
    }

    private static List<(byte[] Formatted, string[] Strings, int Size)> Decode(byte[] bytes)
    {
        var structures = new List<(byte[], string[], int)>();
        int at = 0;
        while (at < bytes.Length)
        {
            int start = at;
            byte[] formatted = bytes[at..(at + bytes[at + 1])];
            at += formatted.Length;
            int end = at;
            while (bytes[end] != 0 || bytes[end + 1] != 0)
            {
                end++;
            }
            string[] strings = end == at ? [] : Encoding.ASCII.GetString(bytes, at, end - at).Split('\0');
            at = end + 2;
            structures.Add((formatted, strings, at - start));
        }
        Assert.Equal(bytes.Length, at);
        return structures;
    }
}

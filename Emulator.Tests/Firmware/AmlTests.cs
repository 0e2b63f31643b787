using Emulator.Firmware.Acpi;
using Xunit;

namespace Emulator.Tests.Firmware;

/// <summary>Encodings of ACPI 6.5 chapter 20 and section 6.4.</summary>
public sealed class AmlTests
{
    [Fact]
    public void IntegersTakeTheirShortestForm()
    {
        Assert.Equal([0x00], Aml.Integer(0));
        Assert.Equal([0x01], Aml.Integer(1));
        Assert.Equal([0x0A, 0x02], Aml.Integer(2));
        Assert.Equal([0x0B, 0x00, 0x01], Aml.Integer(0x100));
        Assert.Equal([0x0C, 0x00, 0x00, 0x01, 0x00], Aml.Integer(0x10000));
        Assert.Equal([0x0E, 0, 0, 0, 0, 1, 0, 0, 0], Aml.Integer(1ul << 32));
    }

    [Theory]
    [InlineData(62, new byte[] { 0x3F })]
    [InlineData(63, new byte[] { 0x41, 0x04 })] // 65 with its two bytes
    [InlineData(4093, new byte[] { 0x4F, 0xFF })]
    [InlineData(4094, new byte[] { 0x81, 0x00, 0x01 })] // 4097 with its three
    public void PackageLengthsCountThemselves(int content, byte[] expected) => Assert.Equal(expected, Aml.PackageLength(content));

    [Fact]
    public void NamesArePaddedAndPrefixed()
    {
        Assert.Equal("PCI0"u8, Aml.NameString("PCI0"));
        Assert.Equal("\\_S5_"u8, Aml.NameString("\\_S5"));
        Assert.Equal([0x2E, .. "PCI0ISA_"u8], Aml.NameString("PCI0.ISA"));
        Assert.Equal([(byte)'\\', 0x2F, 3, .. "_SB_PCI0ISA_"u8], Aml.NameString("\\_SB.PCI0.ISA"));
        Assert.Equal([(byte)'\\', 0], Aml.NameString("\\"));
    }

    [Fact]
    public void EisaIdsAreCompressed()
    {
        Assert.Equal([0x0C, 0x41, 0xD0, 0x0A, 0x03], Aml.EisaId("PNP0A03"));
        Assert.Equal([0x0C, 0x41, 0xD0, 0x0C, 0x0F], Aml.EisaId("PNP0C0F"));
    }

    [Fact]
    public void TermsNest()
    {
        byte[] expected = [0x5B, 0x82, 0x0B, .. "ISA_"u8, 0x08, .. "_ADR"u8, 0x01];
        Assert.Equal(expected, Aml.Device("ISA", Aml.Name("_ADR", Aml.Integer(1))));
    }

    [Fact]
    public void ResourcesHaveTheirTagsAndTheTemplateItsEnd()
    {
        Assert.Equal([0x11, 0x08, 0x0A, 0x05, 0x22, 0x00, 0x10, 0x79, 0x00], AmlResources.Template(AmlResources.IrqNoFlags(12)));
        Assert.Equal([0x47, 1, 0xF8, 3, 0xF8, 3, 1, 8], AmlResources.Io(0x3F8, 8));
        Assert.Equal([0x89, 6, 0, 0x09, 1, 9, 0, 0, 0], AmlResources.SharedInterrupt(9));
        Assert.Equal(26, AmlResources.MemoryWindow(0xA0000, 0xBFFFF, true).Length);
        Assert.Equal(16, AmlResources.BusNumbers(0, 255).Length);
    }
}

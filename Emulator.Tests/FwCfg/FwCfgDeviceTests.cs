using System.Buffers.Binary;
using System.Text;
using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Core.State;
using Emulator.Devices.FwCfg;
using Emulator.Tests.Firmware;
using Xunit;

namespace Emulator.Tests.FwCfg;

/// <summary>The device as QEMU's docs/specs/fw_cfg describes it.</summary>
public sealed class FwCfgDeviceTests : IDisposable
{
    private readonly TestMemory memory = new(2);
    private readonly PortBus ports = new();
    private readonly FwCfgDevice device;

    public FwCfgDeviceTests()
    {
        device = new FwCfgDevice(memory.Memory);
        device.Wire(ports);
    }

    public void Dispose() => memory.Dispose();

    [Fact]
    public void SignatureAndFeaturesAreThere()
    {
        Assert.Equal("QEMU"u8, Item(0, 4));
        Assert.Equal([3, 0, 0, 0], Item(1, 4));
        Assert.Equal("QEMU CFG"u8, BitConverter.GetBytes(ports.Read(0x514, 4) | ((ulong)ports.Read(0x518, 4) << 32)));
    }

    [Fact]
    public void WithoutDmaTheFeatureBitIsClearAndThePortsAreFree()
    {
        var bus = new PortBus();
        new FwCfgDevice(memory.Memory, hasDma: false).Wire(bus);
        bus.Write(0x510, 2, 1);
        Assert.Equal(1u, bus.Read(0x511, 1));
        Assert.Equal(0xFFFFFFFF, bus.Read(0x514, 4));
    }

    [Fact]
    public void DirectoryIsSortedAndItsKeysLeadToTheFiles()
    {
        device.AddFile("etc/e820", [1, 2, 3]);
        device.AddFile("bootorder", []);
        device.AddFile("etc/Z", [9]);
        byte[] directory = Item(FwCfgDevice.DirectoryKey, 4 + (3 * 64));
        Assert.Equal(3, BinaryPrimitives.ReadInt32BigEndian(directory));
        string[] names = [.. Enumerable.Range(0, 3).Select(i => Encoding.ASCII.GetString(directory, 12 + (64 * i), 56).TrimEnd('\0'))];
        Assert.Equal(["bootorder", "etc/Z", "etc/e820"], names);
        Assert.Equal([0x20, 0x21, 0x22], Enumerable.Range(0, 3).Select(i => (int)BinaryPrimitives.ReadUInt16BigEndian(directory.AsSpan(8 + (64 * i)))));
        Assert.Equal(3, BinaryPrimitives.ReadInt32BigEndian(directory.AsSpan(4 + 128)));
        Assert.Equal([1, 2, 3], Item(0x22, 3));
    }

    [Fact]
    public void AFileAddedLaterMovesTheKeys()
    {
        device.AddFile("b", [1]);
        Assert.Equal([1], Item(0x20, 1));
        device.AddFile("a", [2]);
        Assert.Equal([2], Item(0x20, 1));
        Assert.Equal([1], Item(0x21, 1));
    }

    [Fact]
    public void PastTheEndAndBehindUnknownKeysZerosAreRead()
    {
        Assert.Equal([.. "QEMU"u8, 0, 0], Item(0, 6));
        Assert.Equal([0, 0], Item(0x3FFF, 2));
        Assert.Equal(-1, device.SelectedKey);
    }

    [Fact]
    public void WideReadsOfTheDataPortTakeOneByteEach()
    {
        // 511 is the last port of its range, so that only single bytes belong to it.
        ports.Write(0x510, 2, 0);
        Assert.Equal((uint)'Q', ports.Read(0x511, 2) & 0xFF);
        Assert.Equal(1, device.Position);
    }

    [Fact]
    public void SelectionIsSavedAndRestored()
    {
        ports.Write(0x510, 2, 0);
        ports.Read(0x511, 1);
        byte[] saved = StateTransfer.Save("fw_cfg", device);
        device.Reset();
        Assert.Equal(0u, ports.Read(0x511, 1));
        StateTransfer.Load("fw_cfg", device, 1, saved);
        Assert.Equal((uint)'E', ports.Read(0x511, 1));
    }

    [Fact]
    public void DmaSelectsSkipsAndReads()
    {
        device.AddEntry(0x8100, [1, 2, 3, 4, 5]);
        Assert.Equal(0u, Dma(0x81000008 | 4, 2, 0)); // select, skip 2
        Assert.Equal(0u, Dma(2, 2, 0x3000));
        Assert.Equal([3, 4, 0], memory.Bytes(0x3000, 3));
        Assert.Equal(4, device.Position);
    }

    [Fact]
    public void DmaReadsZerosPastTheEnd()
    {
        memory.Memory.Write(0x3000, [0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA]);
        Assert.Equal(0u, Dma(0x0000000A, 6, 0x3000));
        Assert.Equal([.. "QEMU"u8, 0, 0, 0xAA], memory.Bytes(0x3000, 7));
    }

    [Fact]
    public void DmaWritesAreRefusedWithTheErrorBit()
    {
        var text = new StringWriter();
        var log = new EventLog(text) { Items = LogItems.GuestErrors };
        var bus = new PortBus();
        new FwCfgDevice(memory.Memory, log).Wire(bus);
        Assert.Equal(1u, Dma(0x00000018, 4, 0x3000, bus));
        Assert.Contains("refused", text.ToString());
        bus.Write(0x510, 2, 0);
        Assert.Equal((uint)'Q', bus.Read(0x511, 1));
    }

    [Fact]
    public void TheUpperHalfOfADmaAddressCounts()
    {
        memory.Memory.Write(0x2000, Structure(0x0000000A, 4, 0x3000));
        ports.Write(0x514, 4, BinaryPrimitives.ReverseEndianness(1u)); // 4 GiB up: no memory there
        ports.Write(0x518, 4, BinaryPrimitives.ReverseEndianness(0x2000u));
        Assert.Equal([0, 0, 0, 0], memory.Bytes(0x3000, 4));
        ports.Write(0x518, 4, BinaryPrimitives.ReverseEndianness(0x2000u)); // the half was used up
        Assert.Equal("QEMU"u8, memory.Bytes(0x3000, 4));
    }

    [Fact]
    public void AbsurdDmaLengthsEnd()
    {
        // The structure itself is behind the target, so that it survives until the result is stored.
        Assert.Equal(0u, Dma(0x0000000A, 0xFFFFFFFF, 0xFFFF_FFFF_FFFF_F000));
        Assert.Equal(0u, Dma(0x0000000A, 0xFFFFFFFF, 0x10_0000));
        Assert.Equal("QEMU"u8, memory.Bytes(0x10_0000, 4));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a-name-of-fifty-six-characters-is-one-too-long-for-it-ab")]
    [InlineData("ä")]
    public void ImpossibleNamesAreRefused(string name) => Assert.Throws<ArgumentException>(() => device.AddFile(name, [1]));

    private static byte[] Structure(uint control, uint length, ulong address)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, control);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), length);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), address);
        return bytes;
    }

    private uint Dma(uint control, uint length, ulong address, PortBus? bus = null)
    {
        memory.Memory.Write(0x2000, Structure(control, length, address));
        (bus ?? ports).Write(0x514, 4, 0);
        (bus ?? ports).Write(0x518, 4, BinaryPrimitives.ReverseEndianness(0x2000u));
        return BinaryPrimitives.ReadUInt32BigEndian(memory.Bytes(0x2000, 4));
    }

    private byte[] Item(ushort key, int count)
    {
        ports.Write(0x510, 2, key);
        return [.. Enumerable.Range(0, count).Select(_ => (byte)ports.Read(0x511, 1))];
    }
}

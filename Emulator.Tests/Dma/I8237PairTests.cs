using Emulator.Core.Bus;
using Emulator.Devices.Dma;
using Xunit;

namespace Emulator.Tests.Dma;

public sealed class I8237PairTests
{
    private readonly PortBus ports = new();
    private readonly FlatBus memory = new();
    private readonly I8237Pair dma;

    public I8237PairTests()
    {
        dma = new I8237Pair(memory);
        dma.Wire(ports);
        dma.Reset();
        dma.OpenCascade();
    }

    [Fact]
    public void WritesToMemoryUntilTerminalCount()
    {
        Program(2, mode: 0x46, address: 0x1234, count: 3, page: 0x05);
        DmaChannel channel = dma.Channel(2);
        Assert.Equal(4, channel.TransferToMemory([1, 2, 3, 4, 5, 6]));
        Assert.True(channel.TerminalCount);
        Assert.Equal([1, 2, 3, 4, 0], memory.Data[0x51234..0x51239]);
        // Terminal count masks the channel and sets its status bit, which a read clears.
        Assert.Equal(0, channel.TransferToMemory([9]));
        Assert.Equal(0x04u, Read(0x08));
        Assert.Equal(0x00u, Read(0x08));
        Assert.Equal(0xFFFFu, ReadWord(0x05));
        Assert.Equal(0x1238u, ReadWord(0x04));
    }

    [Fact]
    public void TransfersInPieces()
    {
        Program(1, mode: 0x45, address: 0, count: 9, page: 1);
        DmaChannel channel = dma.Channel(1);
        Assert.Equal(4, channel.TransferToMemory([1, 2, 3, 4]));
        Assert.False(channel.TerminalCount);
        Assert.Equal(6, channel.TransferToMemory([5, 6, 7, 8, 9, 10]));
        Assert.True(channel.TerminalCount);
        Assert.Equal(10, memory.Data[0x10009]);
    }

    [Fact]
    public void ReadsFromMemory()
    {
        memory.Data[0x20010] = 0xAB;
        memory.Data[0x20011] = 0xCD;
        Program(3, mode: 0x4B, address: 0x10, count: 1, page: 2);
        byte[] buffer = new byte[8];
        Assert.Equal(2, dma.Channel(3).TransferFromMemory(buffer));
        Assert.Equal([0xAB, 0xCD, 0], buffer[..3]);
        Assert.Equal(0, dma.Channel(3).TransferToMemory([1]));
    }

    [Fact]
    public void VerifyCountsAndWritesNothing()
    {
        Program(2, mode: 0x42, address: 0, count: 1, page: 0);
        Assert.Equal(2, dma.Channel(2).TransferToMemory([7, 7, 7]));
        Assert.True(dma.Channel(2).TerminalCount);
        Assert.Equal(0, memory.Data[0]);
    }

    [Fact]
    public void AutoInitializeReloadsAndStaysOpen()
    {
        Program(1, mode: 0x55, address: 0x100, count: 1, page: 0);
        DmaChannel channel = dma.Channel(1);
        Assert.Equal(2, channel.TransferToMemory([1, 2, 3]));
        Assert.True(channel.TerminalCount);
        Assert.Equal(1, channel.TransferToMemory([3]));
        Assert.False(channel.TerminalCount);
        Assert.Equal([3, 2], memory.Data[0x100..0x102]);
        Assert.Equal(0x101u, ReadWord(0x02));
        Assert.Equal(0u, ReadWord(0x03));
    }

    [Fact]
    public void DecrementMode()
    {
        Program(1, mode: 0x65, address: 0x102, count: 2, page: 0);
        Assert.Equal(3, dma.Channel(1).TransferToMemory([1, 2, 3]));
        Assert.Equal([3, 2, 1], memory.Data[0x100..0x103]);
        Assert.Equal(0x00FFu, ReadWord(0x02));
    }

    [Fact]
    public void AddressWrapsInsideThePage()
    {
        Program(1, mode: 0x45, address: 0xFFFF, count: 1, page: 3);
        dma.Channel(1).TransferToMemory([1, 2]);
        Assert.Equal(1, memory.Data[0x3FFFF]);
        Assert.Equal(2, memory.Data[0x30000]);
    }

    [Fact]
    public void WordChannelsCountWords()
    {
        ports.Write(0xD8, 1, 0);
        ports.Write(0xD6, 1, 0x45);
        WriteWord(0xC4, 0x8001);
        WriteWord(0xC6, 1);
        ports.Write(0x8B, 1, 0x03);
        ports.Write(0xD4, 1, 1);
        DmaChannel channel = dma.Channel(5);
        Assert.Equal(2, channel.TransferToMemory([1, 2, 3]));
        Assert.Equal(2, channel.TransferToMemory([4, 5]));
        Assert.True(channel.TerminalCount);
        // Page bit 0 is ignored: 02xxxx + 8001 * 2.
        Assert.Equal([1, 2, 4, 5], memory.Data[0x30002..0x30006]);
        Assert.Equal(0x02u, Read(0xD0) & 0x0F);
    }

    [Fact]
    public void LowerControllerNeedsTheCascade()
    {
        Program(2, mode: 0x46, address: 0, count: 9, page: 0);
        ports.Write(0xD4, 1, 4);
        Assert.Equal(0, dma.Channel(2).TransferToMemory([1]));
        bool told = false;
        dma.Channel(2).BecameReady = () => told = true;
        ports.Write(0xD4, 1, 0);
        Assert.True(told);
        Assert.Equal(1, dma.Channel(2).TransferToMemory([1]));
    }

    [Fact]
    public void MaskCommandsAndControllerDisable()
    {
        Program(2, mode: 0x46, address: 0, count: 9, page: 0);
        ports.Write(0x0A, 1, 0x06);
        Assert.False(dma.Channel(2).IsReady);
        ports.Write(0x0E, 1, 0);
        Assert.True(dma.Channel(2).IsReady);
        Assert.Equal(0xF0u, Read(0x0F));
        ports.Write(0x0F, 1, 0x04);
        Assert.False(dma.Channel(2).IsReady);
        ports.Write(0x0F, 1, 0x00);
        ports.Write(0x08, 1, 0x04);
        Assert.False(dma.Channel(2).IsReady);
        ports.Write(0x0D, 1, 0);
        Assert.Equal(0xFFu, Read(0x0F));
    }

    [Fact]
    public void FlipFlopChoosesTheByte()
    {
        ports.Write(0x0C, 1, 0);
        ports.Write(0x00, 1, 0x34);
        ports.Write(0x0C, 1, 0);
        ports.Write(0x00, 1, 0x56);
        ports.Write(0x00, 1, 0x12);
        Assert.Equal(0x1256u, ReadWord(0x00));
    }

    [Fact]
    public void StatusShowsRequests()
    {
        dma.Channel(2).Request = true;
        ports.Write(0x09, 1, 0x05);
        Assert.Equal(0x60u, Read(0x08));
        dma.Channel(2).Request = false;
        ports.Write(0x09, 1, 0x01);
        Assert.Equal(0x00u, Read(0x08));
    }

    [Fact]
    public void MemoryToMemoryCopiesFromChannel0To1()
    {
        memory.Data[0x10] = 5;
        memory.Data[0x11] = 6;
        Program(0, mode: 0x88, address: 0x10, count: 1, page: 0);
        Program(1, mode: 0x84, address: 0x20, count: 1, page: 0);
        ports.Write(0x08, 1, 0x01);
        ports.Write(0x09, 1, 0x04);
        Assert.Equal([5, 6], memory.Data[0x20..0x22]);
        Assert.Equal(0x02u, Read(0x08));
        Assert.Equal(6u, Read(0x0D));
    }

    [Fact]
    public void PageRegistersAndPostCode()
    {
        ports.Write(0x80, 1, 0x42);
        ports.Write(0x84, 1, 0x99);
        Assert.Equal(0x42, dma.PostCode);
        Assert.Equal(0x42u, Read(0x80));
        Assert.Equal(0x99u, Read(0x84));
        dma.Reset();
        Assert.Equal(0u, Read(0x80));
        Assert.Equal(0xFFu, Read(0x0F));
    }

    private void Program(int channel, byte mode, ushort address, ushort count, byte page)
    {
        ports.Write(0x0C, 1, 0);
        ports.Write(0x0B, 1, mode | (uint)channel);
        WriteWord((ushort)(channel * 2), address);
        WriteWord((ushort)(channel * 2 + 1), count);
        ushort[] pagePorts = [0x87, 0x83, 0x81, 0x82];
        ports.Write(pagePorts[channel], 1, page);
        ports.Write(0x0A, 1, (uint)channel);
    }

    private void WriteWord(ushort port, uint value)
    {
        ports.Write(port, 1, value & 0xFF);
        ports.Write(port, 1, value >> 8);
    }

    private uint ReadWord(ushort port) => Read(port) | Read(port) << 8;

    private uint Read(ushort port) => ports.Read(port, 1);

    private sealed class FlatBus : IDmaBus
    {
        public byte[] Data { get; } = new byte[0x100000];

        public void Read(ulong pa, Span<byte> destination) => Data.AsSpan((int)pa, destination.Length).CopyTo(destination);

        public void Write(ulong pa, ReadOnlySpan<byte> source) => source.CopyTo(Data.AsSpan((int)pa));
    }
}

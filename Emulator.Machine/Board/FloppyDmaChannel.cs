using Emulator.Devices.Dma;

namespace Emulator.Machine.Board;

/// <summary>Channel 2 of the 8237 as the floppy controller sees it.</summary>
internal sealed class FloppyDmaChannel(DmaChannel channel) : IDmaChannel
{
    /// <inheritdoc/>
    public int WriteToMemory(ReadOnlySpan<byte> data, out bool terminalCount)
    {
        int moved = channel.TransferToMemory(data);
        terminalCount = channel.TerminalCount;
        return moved;
    }

    /// <inheritdoc/>
    public int ReadFromMemory(Span<byte> data, out bool terminalCount)
    {
        int moved = channel.TransferFromMemory(data);
        terminalCount = channel.TerminalCount;
        return moved;
    }
}

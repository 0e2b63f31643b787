namespace Emulator.Devices.Dma;

/// <summary>
/// One 8237 channel as its peripheral sees it (DREQ/DACK). The controller's mode register decides where the bytes go; a masked
/// or wrongly programmed channel takes nothing.
/// </summary>
public interface IDmaChannel
{
    /// <summary>Peripheral to memory ("write transfer").</summary>
    /// <param name="data">Bytes the peripheral has.</param>
    /// <param name="terminalCount">True when TC came with the last byte that was taken.</param>
    /// <returns>How many bytes were taken; fewer than offered after TC, 0 when the channel is masked.</returns>
    int WriteToMemory(ReadOnlySpan<byte> data, out bool terminalCount);

    /// <summary>Memory to peripheral ("read transfer").</summary>
    /// <param name="data">Room that the peripheral has.</param>
    /// <param name="terminalCount">True when TC came with the last byte that was given.</param>
    /// <returns>How many bytes were given; fewer than there is room for after TC, 0 when the channel is masked.</returns>
    int ReadFromMemory(Span<byte> data, out bool terminalCount);
}

using Iced.Intel;

namespace Emulator.BT.Decode;

/// <summary>Feeds Iced's decoder from host memory.</summary>
internal sealed unsafe class HostCodeReader : CodeReader
{
    private byte* next;
    private byte* end;

    /// <summary>Starts at <paramref name="start"/>, with <paramref name="length"/> bytes to read.</summary>
    public void Set(byte* start, int length)
    {
        next = start;
        end = start + length;
    }

    /// <inheritdoc/>
    public override int ReadByte() => next < end ? *next++ : -1;
}

using Emulator.Core.State;

namespace Emulator.Devices.Video;

/// <summary>
/// An index/data register pair's registers. Each is declared by the bits that exist in it; the others read as zero, as do
/// registers beyond the last one.
/// </summary>
internal sealed class RegisterFile(params byte[] implementedBits)
{
    private readonly byte[] values = new byte[implementedBits.Length];

    /// <summary>The index register, as written.</summary>
    public byte Index { get; set; }

    /// <summary>How many registers there are.</summary>
    public int Count => values.Length;

    /// <summary>The register at <paramref name="index"/>.</summary>
    public byte this[int index]
    {
        get => index < values.Length ? values[index] : (byte)0;
        set
        {
            if (index < values.Length)
            {
                values[index] = (byte)(value & implementedBits[index]);
            }
        }
    }

    /// <summary>Saves or loads index and registers.</summary>
    public void Transfer(StateTransfer state)
    {
        Index = state.Byte(Index);
        state.Bytes(values);
    }

    /// <summary>Zeroes the index and every register.</summary>
    public void Reset()
    {
        Index = 0;
        Array.Clear(values);
    }
}

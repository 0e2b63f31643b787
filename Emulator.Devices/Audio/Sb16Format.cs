namespace Emulator.Devices.Audio;

/// <summary>How the samples of a transfer lie in memory.</summary>
/// <param name="Is16Bit">Words on the 16-bit channel, else bytes on the 8-bit one.</param>
/// <param name="IsSigned">Two's complement, else the middle is 80 or 8000.</param>
/// <param name="IsStereo">Left and right by turns.</param>
internal readonly record struct Sb16Format(bool Is16Bit, bool IsSigned, bool IsStereo)
{
    /// <summary>Bytes of one frame.</summary>
    public int FrameBytes => (Is16Bit ? 2 : 1) * (IsStereo ? 2 : 1);

    /// <summary>One sample, -32768 to 32767.</summary>
    public short Sample(ReadOnlySpan<byte> data)
    {
        int value = Is16Bit ? data[0] | data[1] << 8 : data[0] << 8;
        return (short)(IsSigned ? value : value - 0x8000);
    }
}

namespace Emulator.Core.Bus;

/// <summary>Physical memory as a bus master sees it. Bytes outside RAM read as FF and swallow writes, as on an idle bus.</summary>
public interface IDmaBus
{
    /// <summary>Reads guest-physical memory from <paramref name="pa"/>.</summary>
    void Read(ulong pa, Span<byte> destination);

    /// <summary>Writes guest-physical memory; translated code in the range is invalidated.</summary>
    void Write(ulong pa, ReadOnlySpan<byte> source);
}

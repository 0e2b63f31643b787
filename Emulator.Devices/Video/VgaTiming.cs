namespace Emulator.Devices.Video;

/// <summary>Where the beam is.</summary>
/// <param name="Frame">Frames since power-on: the clock of blinking.</param>
/// <param name="DisplayEnabled">The beam draws; false in horizontal and vertical blanking.</param>
/// <param name="VerticalRetrace">The beam returns to the top.</param>
internal readonly record struct BeamPosition(long Frame, bool DisplayEnabled, bool VerticalRetrace);

/// <summary>
/// The beam's position as a function of virtual time and the CRTC's registers: nothing is counted, so equal clocks give equal answers.
/// </summary>
internal static class VgaTiming
{
    private const ulong SecondNs = 1_000_000_000;

    // The two crystals of the VGA in Hz: 640-dot and 720-dot lines of 31.5 kHz.
    private const ulong Clock25 = 25_175_000, Clock28 = 28_322_000;

    private const int VbeFramesPerSecond = 60, VbeBlankLines = 45, VbeRetraceStart = 10, VbeRetraceLines = 2;

    /// <summary>The position at <paramref name="nowNs"/> of a mode that the VGA's own registers describe.</summary>
    public static BeamPosition At(long nowNs, byte miscOutput, Sequencer sequencer, CrtController crtc)
    {
        ulong clock = (miscOutput & 0x0C) == 0x04 ? Clock28 : Clock25;
        if (sequencer.HalfDotClock)
        {
            clock /= 2;
        }
        ulong dots = (ulong)((UInt128)(ulong)nowNs * clock / SecondNs);
        ulong characters = dots / (ulong)sequencer.DotsPerCharacter;
        (ulong lines, ulong character) = Math.DivRem(characters, (ulong)crtc.HorizontalTotal);
        (ulong frame, ulong line) = Math.DivRem(lines, (ulong)crtc.VerticalTotal);

        // Retrace lasts until the low four bits of the line match, so at most 16 lines.
        int sinceRetrace = (int)line - crtc.VerticalRetraceStart;
        int length = ((crtc.VerticalRetraceEnd - crtc.VerticalRetraceStart - 1) & 0x0F) + 1;
        bool display = (int)line < crtc.VerticalDisplayEnd && (int)character < crtc.HorizontalDisplayEnd;
        return new BeamPosition((long)frame, display, sinceRetrace >= 0 && sinceRetrace < length);
    }

    /// <summary>The position in a VBE mode of <paramref name="height"/> lines, whose real timing nobody programs: 60 Hz.</summary>
    public static BeamPosition AtVbe(long nowNs, int height)
    {
        int total = height + VbeBlankLines;
        ulong lineNs = SecondNs / (ulong)(VbeFramesPerSecond * total);
        (ulong lines, ulong inLine) = Math.DivRem((ulong)nowNs, lineNs);
        (ulong frame, ulong line) = Math.DivRem(lines, (ulong)total);
        int sinceDisplay = (int)line - height;
        bool retrace = sinceDisplay >= VbeRetraceStart && sinceDisplay < VbeRetraceStart + VbeRetraceLines;
        return new BeamPosition((long)frame, sinceDisplay < 0 && inLine < lineNs * 4 / 5, retrace);
    }
}

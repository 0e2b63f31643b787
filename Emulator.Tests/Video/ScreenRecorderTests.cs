using Emulator.Core.Backends;
using Emulator.Core.Time;
using Emulator.Remote.Display;
using Xunit;

namespace Emulator.Tests.Video;

/// <summary>Animations of the screen.</summary>
public sealed class ScreenRecorderTests : IScreen, IDisposable
{
    private const long NsPerMs = 1_000_000;

    private readonly ManualClock clock = new();
    private readonly EventQueue events;
    private readonly TempDirectory directory = new();
    private uint[] picture = new uint[40 * 30];
    private int renderings;
    private (int Width, int Height) size = (40, 30);

    public ScreenRecorderTests() => events = new EventQueue(clock);

    (int Width, int Height) IScreen.Size => size;

    void IScreen.Render(Span<uint> pixels)
    {
        renderings++;
        picture.CopyTo(pixels);
    }

    TextScreen? IScreen.ReadText() => null;

    public void Dispose() => directory.Dispose();

    [Fact]
    public void FramesAreTheChangesWithTheGuestsTimes()
    {
        clock.NowNs = 5_000 * NsPerMs;
        using (var recorder = new ScreenRecorder(directory["a.png"], 25, events, this, TextWriter.Null))
        {
            Advance(100);
            Plot(3, 4, 0xFF123456);
            Plot(7, 5, 0xFF00FF00);
            Advance(1000); // seen at 120 ms
            Plot(39, 29, 0xFFFFFFFF);
            Advance(400); // seen at 1120 ms
        }
        var animation = new Animation(File.ReadAllBytes(directory["a.png"]));
        Assert.Equal((40, 30), (animation.Width, animation.Height));
        Assert.Equal([120, 1000, 380], animation.Frames.Select(f => f.DelayMs));
        Assert.Equal([1200, 5 * 2, 1], animation.Frames.Select(f => f.Sent));
        Assert.All(animation.Frames[0].Pixels, p => Assert.Equal(0u, p));
        Assert.Equal(0x123456u, animation.Frames[1].Pixels[(4 * 40) + 3]);
        Assert.Equal(picture.Select(p => p & 0xFFFFFF), animation.Frames[2].Pixels);
        Assert.Equal(1 + (1500 / 40), renderings);
    }

    [Fact]
    public void TheCanvasGrowsAndSmallerPicturesAreAtItsTopLeft()
    {
        picture[5] = 0xFF0000AA;
        using (var recorder = new ScreenRecorder(directory["a.png"], 10, events, this, TextWriter.Null))
        {
            Advance(500);
            Plot(1, 1, 0xFF00AA00);
            Advance(500);
            Show(64, 20, 0xFFAA0000);
            Advance(500);
            Show(50, 48, 0xFF777777);
            Advance(500);
        }
        var animation = new Animation(File.ReadAllBytes(directory["a.png"]));
        Assert.Equal((64, 48), (animation.Width, animation.Height));
        Assert.Equal(4, animation.Frames.Count);
        Assert.Equal(0x0000AAu, animation.Frames[0].Pixels[5]);
        Assert.Equal(1, animation.Frames[0].Pixels.Count(p => p != 0));
        Assert.Equal([5, 65], Enumerable.Range(0, 64 * 48).Where(i => animation.Frames[1].Pixels[i] != 0));
        Assert.All(Enumerable.Range(0, 64 * 48), i => Assert.Equal(i / 64 < 20 ? 0xAA0000u : 0, animation.Frames[2].Pixels[i]));
        Assert.All(Enumerable.Range(0, 64 * 48), i => Assert.Equal(i % 64 < 50 ? 0x777777u : 0, animation.Frames[3].Pixels[i]));
        Assert.Equal(2000, animation.Frames.Sum(f => f.DelayMs));
    }

    [Fact]
    public void LongRestsAreKept()
    {
        using (var recorder = new ScreenRecorder(directory["a.png"], 1, events, this, TextWriter.Null))
        {
            Advance(200_000, step: 1000);
            Plot(0, 0, 0xFFFFFFFF);
            Advance(2_000, step: 1000);
        }
        var animation = new Animation(File.ReadAllBytes(directory["a.png"]));
        Assert.Equal(202_000, animation.Frames.Sum(f => f.DelayMs));
        Assert.Equal([65_535, 65_535, 65_535, 4_395, 1_000], animation.Frames.Select(f => f.DelayMs).Where(d => d != 0).ToArray());
    }

    [Fact]
    public void WhatIsInTheFileIsRightBeforeTheEnd()
    {
        using var recorder = new ScreenRecorder(directory["a.png"], 25, events, this, TextWriter.Null);
        for (int n = 1; n <= 3; n++)
        {
            Plot(n, 0, 0xFFFFFFFF);
            Advance(100);
        }
        using var file = new FileStream(directory["a.png"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        byte[] end = [0, 0, 0, 0, (byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xAE, 0x42, 0x60, 0x82];
        Assert.Equal(3, new Animation([.. bytes, .. end]).Frames.Count);
    }

    private void Plot(int x, int y, uint colour) => picture[(y * size.Width) + x] = colour;

    private void Show(int width, int height, uint colour)
    {
        size = (width, height);
        picture = [.. Enumerable.Repeat(colour, width * height)];
    }

    private void Advance(long ms, long step = 20)
    {
        for (long end = clock.NowNs + (ms * NsPerMs); clock.NowNs < end;)
        {
            clock.NowNs += step * NsPerMs;
            events.RunDue();
        }
    }
}

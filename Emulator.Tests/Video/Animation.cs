using System.Buffers.Binary;

namespace Emulator.Tests.Video;

/// <summary>An APNG file as a viewer plays it (W3C PNG specification, third edition).</summary>
internal sealed class Animation
{
    /// <summary>Reads a file.</summary>
    public Animation(byte[] file)
    {
        IReadOnlyList<(string Type, byte[] Body)> chunks = PngReader.Chunks(file);
        (Width, Height) = (Number(chunks[0].Body, 0), Number(chunks[0].Body, 4));
        (string type, byte[] control) = chunks[1];
        Xunit.Assert.Equal("acTL", type);
        int frames = Number(control, 0), sequence = 0;
        var canvas = new uint[Width * Height];
        for (int i = 2; i < chunks.Count - 1; i += 2)
        {
            byte[] frame = chunks[i].Body;
            Xunit.Assert.Equal("fcTL", chunks[i].Type);
            Xunit.Assert.Equal(sequence++, Number(frame, 0));
            byte[] data = chunks[i + 1].Body;
            if (i == 2)
            {
                Xunit.Assert.Equal("IDAT", chunks[i + 1].Type);
            }
            else
            {
                Xunit.Assert.Equal("fdAT", chunks[i + 1].Type);
                Xunit.Assert.Equal(sequence++, Number(data, 0));
                data = data[4..];
            }
            (int width, int height, int left, int top) = (Number(frame, 4), Number(frame, 8), Number(frame, 12), Number(frame, 16));
            Xunit.Assert.Equal([0, 0], frame[24..]);
            uint[] pixels = PngReader.Pixels(data, width, height);
            for (int y = 0; y < height; y++)
            {
                pixels.AsSpan(y * width, width).CopyTo(canvas.AsSpan(((top + y) * Width) + left));
            }
            int delay = BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(20));
            Xunit.Assert.Equal(1000, BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(22)));
            Frames.Add(([.. canvas], delay, width * height));
        }
        Xunit.Assert.Equal(frames, Frames.Count);
    }

    /// <summary>Pixels of the canvas.</summary>
    public int Width { get; }

    /// <summary>Lines of the canvas.</summary>
    public int Height { get; }

    /// <summary>The canvas, how long it is shown in ms, and how many pixels the file has for it.</summary>
    public List<(uint[] Pixels, int DelayMs, int Sent)> Frames { get; } = [];

    private static int Number(byte[] body, int at) => BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at));
}

using System.Buffers.Binary;
using System.IO.Compression;

namespace Emulator.Remote.Display;

/// <summary>
/// An animation as APNG (W3C PNG specification, third edition, chapter 11.3.5), lossless, shown once. A frame holds the rectangle that changed. The canvas is as
/// large as the largest picture; smaller ones are at its top left, the rest is black. The number of frames in the file is right after each one,
/// so that a program that is killed leaves all but the last frame and the end mark.
/// </summary>
internal sealed class ApngFile : IDisposable
{
    // A delay is a fraction of 16-bit numbers.
    private const int LongestDelayMs = 65_535;
    private const ushort MsPerSecond = 1000;
    private const int HeaderAt = 8, HeaderLength = 13, ControlLength = 8, FrameLength = 26, ChunkContentsAt = 8;
    private const int ControlAt = HeaderAt + HeaderLength + PngChunks.Overhead, FramesAt = ControlAt + ControlLength + PngChunks.Overhead;
    private const byte DisposeNone = 0, BlendSource = 0;

    // The guest waits for it.
    private const CompressionLevel Level = CompressionLevel.Fastest;

    private readonly Stream file;
    private uint[] first = [], canvas = [], next = [];
    private (int Width, int Height) size;
    private long firstFrameLength;
    private PixelArea? pending;
    private long pendingSinceMs;
    private uint sequence, frames;

    /// <summary>Starts an animation.</summary>
    /// <param name="file">Empty, seekable, readable; closed by <see cref="Dispose"/>.</param>
    public ApngFile(Stream file) => this.file = file;

    /// <summary>Shows a picture from <paramref name="nowMs"/> on.</summary>
    /// <param name="pixels">0xRRGGBB row by row; higher bits are ignored.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="nowMs">Time in ms; never less than before.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Show(ReadOnlySpan<uint> pixels, int width, int height, long nowMs)
    {
        if (frames == 0 && pending is null)
        {
            Grow(width, height);
            pendingSinceMs = nowMs;
            Place(pixels, width, height);
            first = [.. next];
            pending = new PixelArea(0, 0, width, height);
            (canvas, next) = (next, canvas);
            return;
        }
        if (width > size.Width || height > size.Height)
        {
            WritePending(nowMs);
            Grow(Math.Max(width, size.Width), Math.Max(height, size.Height));
        }
        Place(pixels, width, height);
        if (PixelArea.Difference(canvas, next, size.Width) is { } area)
        {
            WritePending(nowMs);
            pending = area;
            (canvas, next) = (next, canvas);
        }
    }

    /// <summary>Ends the animation: the last picture stays until <paramref name="nowMs"/>.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Finish(long nowMs)
    {
        WritePending(nowMs);
        PngChunks.Write(file, "IEND"u8, []);
        file.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void Place(ReadOnlySpan<uint> pixels, int width, int height)
    {
        Array.Clear(next);
        for (int y = 0; y < height; y++)
        {
            Span<uint> to = next.AsSpan(y * size.Width, width);
            ReadOnlySpan<uint> from = pixels.Slice(y * width, width);
            for (int x = 0; x < width; x++)
            {
                to[x] = from[x] & 0xFFFFFF;
            }
        }
    }

    // A delay that is too long for one frame goes on in frames of one pixel, which change nothing.
    private void WritePending(long nowMs)
    {
        if (pending is not { } area)
        {
            return;
        }
        long left = nowMs - pendingSinceMs;
        do
        {
            long delay = Math.Min(left, LongestDelayMs);
            WriteFrame(area, (ushort)delay);
            left -= delay;
            area = new PixelArea(0, 0, 1, 1);
        }
        while (left > 0);
        pending = null;
        pendingSinceMs = nowMs;
        WriteCount();
        file.Flush();
    }

    private void WriteFrame(PixelArea area, ushort delayMs)
    {
        if (frames == 0)
        {
            WriteStart();
        }
        var control = new byte[FrameLength];
        BinaryPrimitives.WriteUInt32BigEndian(control, sequence++);
        BinaryPrimitives.WriteInt32BigEndian(control.AsSpan(4), area.Width);
        BinaryPrimitives.WriteInt32BigEndian(control.AsSpan(8), area.Height);
        BinaryPrimitives.WriteInt32BigEndian(control.AsSpan(12), area.Left);
        BinaryPrimitives.WriteInt32BigEndian(control.AsSpan(16), area.Top);
        BinaryPrimitives.WriteUInt16BigEndian(control.AsSpan(20), delayMs);
        BinaryPrimitives.WriteUInt16BigEndian(control.AsSpan(22), MsPerSecond);
        (control[24], control[25]) = (DisposeNone, BlendSource);
        PngChunks.Write(file, "fcTL"u8, control);
        byte[] data = PngChunks.Pack(canvas, size.Width, area, Level);
        if (frames == 0)
        {
            PngChunks.Write(file, "IDAT"u8, data);
            firstFrameLength = file.Position - FramesAt;
        }
        else
        {
            var numbered = new byte[data.Length + 4];
            BinaryPrimitives.WriteUInt32BigEndian(numbered, sequence++);
            data.CopyTo(numbered, 4);
            PngChunks.Write(file, "fdAT"u8, numbered);
        }
        frames++;
    }

    private void WriteStart()
    {
        file.Write(PngChunks.Signature);
        PngChunks.Write(file, "IHDR"u8, PngChunks.Header(size.Width, size.Height));
        PngChunks.Write(file, "acTL"u8, Control());
    }

    private byte[] Control()
    {
        var control = new byte[ControlLength];
        BinaryPrimitives.WriteUInt32BigEndian(control, frames);
        control[7] = 1; // plays
        return control;
    }

    private void WriteCount()
    {
        long end = file.Position;
        file.Position = ControlAt;
        PngChunks.Write(file, "acTL"u8, Control());
        file.Position = end;
    }

    // The canvas becomes larger. The file's first frame must cover it all, so it is written anew, and the others are moved behind it.
    private void Grow(int width, int height)
    {
        canvas = Enlarged(canvas, width, height);
        next = new uint[width * height];
        if (frames == 0)
        {
            size = (width, height);
            return;
        }
        first = Enlarged(first, width, height);
        size = (width, height);
        var control = new byte[FrameLength];
        var others = new byte[file.Length - FramesAt - firstFrameLength];
        file.Position = FramesAt + ChunkContentsAt;
        file.ReadExactly(control);
        file.Position = FramesAt + firstFrameLength;
        file.ReadExactly(others);

        file.Position = 0;
        WriteStart();
        BinaryPrimitives.WriteInt32BigEndian(control.AsSpan(4), width);
        BinaryPrimitives.WriteInt32BigEndian(control.AsSpan(8), height);
        PngChunks.Write(file, "fcTL"u8, control);
        PngChunks.Write(file, "IDAT"u8, PngChunks.Pack(first, width, new PixelArea(0, 0, width, height), Level));
        firstFrameLength = file.Position - FramesAt;
        file.Write(others);
        file.SetLength(file.Position);
    }

    private uint[] Enlarged(uint[] picture, int width, int height)
    {
        var larger = new uint[width * height];
        for (int y = 0; y < size.Height; y++)
        {
            picture.AsSpan(y * size.Width, size.Width).CopyTo(larger.AsSpan(y * width));
        }
        return larger;
    }
}

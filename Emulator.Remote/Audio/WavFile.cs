using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Emulator.Core.Backends;
using Emulator.Machine.Config;

namespace Emulator.Remote.Audio;

/// <summary>
/// Sound in a WAV file: RIFF, PCM, two channels of 16 bits (Microsoft, "Multimedia Programming Interface and Data Specifications 1.0"). The sizes in the
/// header are right after each second of sound and at the end. It begins with the first sound, and ends with the last.
/// </summary>
public sealed class WavFile : IAudioSink
{
    private const int HeaderBytes = 44, FrameBytes = 4;

    // The sizes are 32 bits; what does not fit is not kept.
    private const long MostData = uint.MaxValue - HeaderBytes - FrameBytes;

    private readonly FileStream stream;
    private readonly string name;
    private readonly TextWriter errors;
    private long dataBytes, headerBytes, pendingSilence;
    private bool hasFailed;

    private WavFile(FileStream stream, string name, int rate, TextWriter errors)
    {
        this.stream = stream;
        this.name = name;
        this.errors = errors;
        Rate = rate;
        WriteHeader();
    }

    /// <inheritdoc/>
    public int Rate { get; }

    /// <summary>Makes the file.</summary>
    /// <param name="config">The output of <c>-audiodev</c>, with a path.</param>
    /// <param name="errors">Gets a sentence when the file cannot be written any more.</param>
    /// <exception cref="UserErrorException">It cannot be written.</exception>
    public static WavFile Create(AudioDevConfig config, TextWriter errors)
    {
        try
        {
            // Not buffered: nothing is left that closing it could fail to write.
            return new WavFile(new FileStream(config.Path!, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0), config.Path!, config.Rate, errors);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refusal(config, e);
        }
    }

    /// <summary>Looks whether the file could be made.</summary>
    /// <exception cref="UserErrorException">It cannot be written.</exception>
    public static void Check(AudioDevConfig config)
    {
        try
        {
            OutputFile.Probe(config.Path!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refusal(config, e);
        }
    }

    private static UserErrorException Refusal(AudioDevConfig config, Exception e) =>
        new($"-audiodev wav,path={config.Path}: it cannot be written: {HostErrors.Describe(e)}; give another file");

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<short> samples) => Guard(samples, static (file, data) =>
    {
        if (file.pendingSilence > 0)
        {
            // A hole: silence takes no room on most file systems.
            file.dataBytes = Math.Min(file.dataBytes + (file.pendingSilence * FrameBytes), MostData);
            file.stream.Position = HeaderBytes + file.dataBytes;
            file.pendingSilence = 0;
        }
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(data);
        if (file.dataBytes + bytes.Length > MostData)
        {
            return;
        }
        if (!BitConverter.IsLittleEndian)
        {
            bytes = Swap(data);
        }
        file.stream.Write(bytes);
        file.dataBytes += bytes.Length;
        if (file.dataBytes - file.headerBytes >= file.Rate * FrameBytes)
        {
            file.WriteHeader();
        }
    });

    /// <inheritdoc/>
    public void WriteSilence(long frames) => pendingSilence += frames;

    /// <inheritdoc/>
    public void Dispose()
    {
        Guard([], static (file, _) =>
        {
            file.WriteHeader();
            file.stream.Flush();
        });
        stream.Dispose();
    }

    private static byte[] Swap(ReadOnlySpan<short> samples)
    {
        var bytes = new byte[samples.Length * 2];
        for (int n = 0; n < samples.Length; n++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(n * 2), samples[n]);
        }
        return bytes;
    }

    private void WriteHeader()
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)(dataBytes + HeaderBytes - 8));
        "WAVEfmt "u8.CopyTo(header[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], 16);
        BinaryPrimitives.WriteUInt16LittleEndian(header[20..], 1); // PCM
        BinaryPrimitives.WriteUInt16LittleEndian(header[22..], 2);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], Rate);
        BinaryPrimitives.WriteInt32LittleEndian(header[28..], Rate * FrameBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header[32..], FrameBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header[34..], 16);
        "data"u8.CopyTo(header[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], (uint)dataBytes);
        stream.Position = 0;
        stream.Write(header);
        stream.Position = HeaderBytes + dataBytes;
        headerBytes = dataBytes;
    }

    // A full disk ends the recording, not the guest.
    private void Guard(ReadOnlySpan<short> samples, Action<WavFile, ReadOnlySpan<short>> write)
    {
        if (hasFailed)
        {
            return;
        }
        try
        {
            write(this, samples);
        }
        catch (IOException e)
        {
            hasFailed = true;
            errors.WriteLine($"emu: {name} cannot be written any more: {HostErrors.Describe(e)}; the sound from here on is lost");
        }
    }
}

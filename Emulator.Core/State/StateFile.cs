using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Emulator.Core.State;

/// <summary>
/// A machine's state as a stream of sections, one a part:
/// <code>
/// "EMUSTATE", format version (32 bits)
/// section: length of its name (8 bits, not 0), name (ASCII), version (16 bits), length of its payload (32 bits), payload, SHA-256 of all that
/// end:     a name length of 0
/// </code>
/// All numbers are little-endian.
/// </summary>
public static class StateFile
{
    private const uint FormatVersion = 1;
    private const int LongestName = 64, HashLength = SHA256.HashSizeInBytes;

    private static readonly byte[] Magic = [.. "EMUSTATE"u8];

    /// <summary>Writes the state of <paramref name="parts"/>, each under its name.</summary>
    public static void Save(Stream stream, IReadOnlyList<(string Name, IStateful Part)> parts)
    {
        Span<byte> number = stackalloc byte[4];
        stream.Write(Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(number, FormatVersion);
        stream.Write(number);
        foreach ((string name, IStateful part) in parts)
        {
            byte[] payload = StateTransfer.Save(name, part);
            byte[] header = Header(name, part.StateVersion, payload.Length);
            stream.Write(header);
            stream.Write(payload);
            stream.Write(Hash(header, payload));
        }
        stream.WriteByte(0);
    }

    /// <summary>Reads and checks a whole stream for <paramref name="parts"/>. Nothing changes.</summary>
    /// <returns>The sections by their names.</returns>
    /// <exception cref="StateException">
    /// The stream is no state, is cut off or damaged, is of a newer version, or has other sections than the machine has parts.
    /// </exception>
    public static IReadOnlyDictionary<string, StateSection> Read(Stream stream, IReadOnlyList<(string Name, IStateful Part)> parts)
    {
        Dictionary<string, StateSection> sections = ReadSections(stream);
        foreach ((string name, IStateful part) in parts)
        {
            if (!sections.TryGetValue(name, out StateSection? section))
            {
                throw new StateException($"the state has no section {name}; start the machine with the options that it was saved with");
            }
            if (section.Version > part.StateVersion || section.Version < 1)
            {
                throw new StateException(
                    $"state section {name} has version {section.Version} and this program knows versions 1 to {part.StateVersion}; load it with the program that saved it");
            }
        }
        if (sections.Keys.FirstOrDefault(name => !parts.Any(part => part.Name == name)) is { } unknown)
        {
            throw new StateException($"the state has a section {unknown} for which this machine has no device; start it with the options that the state was saved with");
        }
        return sections;
    }

    /// <summary>Loads <paramref name="parts"/>, in their order, from sections that <see cref="Read"/> returned.</summary>
    /// <exception cref="StateException">A part cannot be in the state given; the machine is then to be reset.</exception>
    public static void Apply(IReadOnlyDictionary<string, StateSection> sections, IReadOnlyList<(string Name, IStateful Part)> parts)
    {
        foreach ((string name, IStateful part) in parts)
        {
            StateTransfer.Load(name, part, sections[name].Version, sections[name].Payload);
        }
    }

    private static Dictionary<string, StateSection> ReadSections(Stream stream)
    {
        if (!Take(stream, Magic.Length).AsSpan().SequenceEqual(Magic))
        {
            throw new StateException("this is no saved state: it does not begin with EMUSTATE; give a file that a state was saved to");
        }
        uint format = BinaryPrimitives.ReadUInt32LittleEndian(Take(stream, 4));
        if (format != FormatVersion)
        {
            throw new StateException($"the state has format {format} and this program knows format {FormatVersion}; load it with the program that saved it");
        }
        var sections = new Dictionary<string, StateSection>();
        while (Take(stream, 1)[0] is var nameLength && nameLength != 0)
        {
            byte[] rest = Take(stream, Math.Min((int)nameLength, LongestName) + 6);
            string name = Encoding.ASCII.GetString(rest, 0, rest.Length - 6);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(rest.AsSpan(rest.Length - 4));
            if (nameLength > LongestName || length > Array.MaxLength)
            {
                throw Damaged("a section's header");
            }
            int version = BinaryPrimitives.ReadUInt16LittleEndian(rest.AsSpan(rest.Length - 6));
            byte[] payload = Take(stream, (int)length);
            byte[] hash = Take(stream, HashLength);
            if (!Hash([nameLength, .. rest], payload).AsSpan().SequenceEqual(hash) || !sections.TryAdd(name, new StateSection(version, payload)))
            {
                throw Damaged($"section {name}");
            }
        }
        return sections;
    }

    private static byte[] Header(string name, int version, int length)
    {
        if (name.Length is 0 or > LongestName || !Ascii.IsValid(name))
        {
            throw new ArgumentException($"\"{name}\" is no name of a section: 1 to {LongestName} ASCII characters", nameof(name));
        }
        var header = new byte[1 + name.Length + 6];
        header[0] = (byte)name.Length;
        Encoding.ASCII.GetBytes(name, header.AsSpan(1));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(1 + name.Length), (ushort)version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(3 + name.Length), length);
        return header;
    }

    private static byte[] Hash(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header);
        hash.AppendData(payload);
        return hash.GetHashAndReset();
    }

    // Memory is taken as the bytes come, not as a damaged length promises.
    private static byte[] Take(Stream stream, int count)
    {
        const int piece = 1 << 20;
        var data = new byte[Math.Min(count, piece)];
        for (int got = 0; got < count;)
        {
            if (got == data.Length)
            {
                Array.Resize(ref data, (int)Math.Min(count, 2L * data.Length));
            }
            int n = stream.Read(data, got, data.Length - got);
            if (n == 0)
            {
                throw new StateException("the state is cut off before its end; save it again, or copy it whole");
            }
            got += n;
        }
        return data;
    }

    private static StateException Damaged(string what) => new($"the state is damaged in {what}; save it again, or copy it anew");
}

using System.Globalization;
using System.Text;

namespace Emulator.Firmware.Acpi;

/// <summary>
/// Encoder of the ACPI Machine Language: each method returns the bytes of one term, so that a table reads like its ASL.
/// Source: ACPI 6.5, chapter 20. Holds what this board's tables use.
/// </summary>
public static class Aml
{
    private const byte ExtPrefix = 0x5B;

    /// <summary>ASL's <c>Arg0</c>.</summary>
    public static byte[] Arg0 => [0x68];

    /// <summary>ASL's <c>Scope</c>.</summary>
    public static byte[] Scope(string name, params byte[][] terms) => Packed([0x10], [NameString(name), .. terms]);

    /// <summary>ASL's <c>Device</c>.</summary>
    public static byte[] Device(string name, params byte[][] terms) => Packed([ExtPrefix, 0x82], [NameString(name), .. terms]);

    /// <summary>ASL's <c>Method</c>, not serialized unless asked.</summary>
    public static byte[] Method(string name, int arguments, bool serialized, params byte[][] terms) =>
        Packed([0x14], [NameString(name), [(byte)(arguments | (serialized ? 8 : 0))], .. terms]);

    /// <summary>ASL's <c>Name</c>: a named object with a value.</summary>
    public static byte[] Name(string name, byte[] value) => Join([0x08], NameString(name), value);

    /// <summary>ASL's <c>Package</c>, at most 255 elements.</summary>
    public static byte[] Package(params byte[][] elements) => Packed([0x12], [[(byte)elements.Length], .. elements]);

    /// <summary>ASL's <c>Buffer</c>.</summary>
    public static byte[] Buffer(byte[] data) => Packed([0x11], [Integer((ulong)data.Length), data]);

    /// <summary>ASL's <c>OperationRegion</c>; <paramref name="space"/> is 1 for system I/O, 2 for PCI configuration.</summary>
    public static byte[] OperationRegion(string name, byte space, ulong offset, ulong length) =>
        Join([ExtPrefix, 0x80], NameString(name), [space], Integer(offset), Integer(length));

    /// <summary>ASL's <c>Field</c> with byte access, no lock, preserved bits, and units of 8 bits.</summary>
    public static byte[] ByteField(string region, params string[] units) =>
        Packed([ExtPrefix, 0x81], [NameString(region), [0x01], .. units.Select(unit => Join(NameSegment(unit), [8]))]);

    /// <summary>ASL's <c>Return</c>.</summary>
    public static byte[] Return(byte[] value) => Join([0xA4], value);

    /// <summary>ASL's <c>If</c>.</summary>
    public static byte[] If(byte[] condition, params byte[][] terms) => Packed([0xA0], [condition, .. terms]);

    /// <summary>ASL's <c>Store</c>.</summary>
    public static byte[] Store(byte[] source, byte[] target) => Join([0x70], source, target);

    /// <summary>ASL's <c>And</c> without a target.</summary>
    public static byte[] And(byte[] left, byte[] right) => Join([0x7B], left, right, [0]);

    /// <summary>ASL's <c>Or</c>.</summary>
    public static byte[] Or(byte[] left, byte[] right, byte[] target) => Join([0x7D], left, right, target);

    /// <summary>ASL's <c>LLess</c>.</summary>
    public static byte[] LessThan(byte[] left, byte[] right) => Join([0x95], left, right);

    /// <summary>ASL's <c>CreateDWordField</c>.</summary>
    public static byte[] CreateDWordField(byte[] buffer, ulong byteOffset, string name) =>
        Join([0x8A], buffer, Integer(byteOffset), NameString(name));

    /// <summary>A call of a control method.</summary>
    public static byte[] Call(string name, params byte[][] arguments) => Join([NameString(name), .. arguments]);

    /// <summary>A reference to a named object.</summary>
    public static byte[] Reference(string name) => NameString(name);

    /// <summary>An integer constant in its shortest form.</summary>
    public static byte[] Integer(ulong value) => value switch
    {
        0 => [0x00],
        1 => [0x01],
        <= 0xFF => [0x0A, (byte)value],
        <= 0xFFFF => [0x0B, (byte)value, (byte)(value >> 8)],
        <= 0xFFFFFFFF => Join([0x0C], BitConverter.GetBytes((uint)value)),
        _ => Join([0x0E], BitConverter.GetBytes(value)),
    };

    /// <summary>A NUL-terminated ASCII string.</summary>
    public static byte[] String(string text) => Join([0x0D], Encoding.ASCII.GetBytes(text), [0]);

    /// <summary>ASL's <c>EisaId</c>: "PNP0A03" packed into 32 bits.</summary>
    public static byte[] EisaId(string id)
    {
        int product = int.Parse(id.AsSpan(3), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        int vendor = ((id[0] - '@') << 10) | ((id[1] - '@') << 5) | (id[2] - '@');

        // Big-endian words behind the prefix of a 32-bit constant.
        return [0x0C, (byte)(vendor >> 8), (byte)vendor, (byte)(product >> 8), (byte)product];
    }

    /// <summary>Terms one after another.</summary>
    public static byte[] Join(params byte[][] parts)
    {
        var result = new byte[parts.Sum(part => part.Length)];
        int at = 0;
        foreach (byte[] part in parts)
        {
            part.CopyTo(result, at);
            at += part.Length;
        }
        return result;
    }

    /// <summary>A name such as <c>_CRS</c> or <c>\_SB.PCI0.ISA</c>, segments padded to four characters.</summary>
    public static byte[] NameString(string name)
    {
        int prefixLength = name.TakeWhile(c => c is '\\' or '^').Count();
        byte[] prefix = Encoding.ASCII.GetBytes(name[..prefixLength]);
        string path = name[prefixLength..];
        byte[][] segments = path.Length == 0 ? [] : [.. path.Split('.').Select(NameSegment)];
        byte[] count = segments.Length switch
        {
            0 => [0x00],
            1 => [],
            2 => [0x2E],
            _ => [0x2F, (byte)segments.Length],
        };
        return Join([prefix, count, .. segments]);
    }

    /// <summary>Length of a package, itself included. One byte up to 63, else the low nibble and up to three more bytes.</summary>
    public static byte[] PackageLength(int contentLength)
    {
        if (contentLength + 1 < 1 << 6)
        {
            return [(byte)(contentLength + 1)];
        }
        int extra = contentLength + 2 < 1 << 12 ? 1 : contentLength + 3 < 1 << 20 ? 2 : 3;
        int total = contentLength + 1 + extra;
        var bytes = new byte[1 + extra];
        bytes[0] = (byte)((extra << 6) | (total & 0xF));
        for (int i = 0; i < extra; i++)
        {
            bytes[1 + i] = (byte)(total >> (4 + (8 * i)));
        }
        return bytes;
    }

    private static byte[] NameSegment(string segment) => Encoding.ASCII.GetBytes(segment.PadRight(4, '_'));

    private static byte[] Packed(byte[] opcode, byte[][] parts)
    {
        byte[] content = Join(parts);
        return Join(opcode, PackageLength(content.Length), content);
    }
}

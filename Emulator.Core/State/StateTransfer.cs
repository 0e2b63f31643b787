using System.Buffers.Binary;
using System.Text;
using Emulator.Core.Bus;
using Emulator.Core.Time;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Core.State;

/// <summary>
/// The fields of one section on their way out of a part or into it, in order, little-endian, without padding. Each method takes the present value
/// and returns the one to have: the same when saving, the saved one when loading.
/// </summary>
public sealed class StateTransfer
{
    private const int LongestText = 4096;

    private readonly string section;
    private readonly MemoryStream? written;
    private readonly ReadOnlyMemory<byte> saved;
    private int position;

    private StateTransfer(string section, int version, MemoryStream? written, ReadOnlyMemory<byte> saved)
    {
        this.section = section;
        this.written = written;
        this.saved = saved;
        Version = version;
    }

    /// <summary>True when the part takes over what the methods return.</summary>
    public bool IsLoading => written is null;

    /// <summary>Version of the list of fields: the part's own when saving, the file's when loading.</summary>
    public int Version { get; }

    /// <summary>Saves a part.</summary>
    /// <returns>The payload of its section.</returns>
    public static byte[] Save(string section, IStateful part)
    {
        var stream = new MemoryStream();
        part.Transfer(new StateTransfer(section, part.StateVersion, stream, default));
        return stream.ToArray();
    }

    /// <summary>Loads a part from the payload of its section.</summary>
    /// <exception cref="StateException">The payload is too short, too long, or holds what the part cannot be in; the part is then to be reset.</exception>
    public static void Load(string section, IStateful part, int version, ReadOnlyMemory<byte> payload)
    {
        var state = new StateTransfer(section, version, null, payload);
        part.Transfer(state);
        if (state.position != payload.Length)
        {
            throw state.Wrong($"has {payload.Length - state.position} bytes too many");
        }
    }

    /// <summary>What to throw when a part cannot be in the state given: <paramref name="what"/> follows the section's name.</summary>
    public StateException Wrong(string what) => new($"state section {section} {what}; load a state that was saved whole from a machine with the same options");

    /// <summary>One byte.</summary>
    public byte Byte(byte value)
    {
        Move([value], out byte first);
        return first;
    }

    /// <summary>A yes or no: one byte, 0 or 1.</summary>
    public bool Bool(bool value)
    {
        Move([value ? (byte)1 : (byte)0], out byte first);
        return first <= 1 ? first == 1 : throw Wrong($"has {first} where 0 or 1 belongs");
    }

    /// <summary>Two bytes.</summary>
    public ushort UInt16(ushort value) => (ushort)Number(value, 2);

    /// <summary>Four bytes.</summary>
    public uint UInt32(uint value) => (uint)Number(value, 4);

    /// <summary>Eight bytes.</summary>
    public ulong UInt64(ulong value) => Number(value, 8);

    /// <summary>Four bytes, signed.</summary>
    public int Int32(int value) => (int)Number((uint)value, 4);

    /// <summary>Eight bytes, signed.</summary>
    public long Int64(long value) => (long)Number((ulong)value, 8);

    /// <summary>A number that is an index or a count: refused outside <paramref name="least"/> to <paramref name="most"/>.</summary>
    public int Int32(int value, int least, int most)
    {
        int moved = Int32(value);
        return moved >= least && moved <= most ? moved : throw Wrong($"has {moved} where {least} to {most} is possible");
    }

    /// <summary>A position or length: refused outside <paramref name="least"/> to <paramref name="most"/>.</summary>
    public long Int64(long value, long least, long most)
    {
        long moved = Int64(value);
        return moved >= least && moved <= most ? moved : throw Wrong($"has {moved} where {least} to {most} is possible");
    }

    /// <summary>A double, as its bits.</summary>
    public double Double(double value) => BitConverter.UInt64BitsToDouble(UInt64(BitConverter.DoubleToUInt64Bits(value)));

    /// <summary>A number or none.</summary>
    public long? Optional(long? value)
    {
        bool has = Bool(value.HasValue);
        long moved = Int64(value ?? 0);
        return has ? moved : null;
    }

    /// <summary>A fixed number of bytes, in place.</summary>
    public void Bytes(Span<byte> data)
    {
        if (written is not null)
        {
            written.Write(data);
        }
        else
        {
            Take(data.Length).CopyTo(data);
        }
    }

    /// <summary>UTF-8 text with its length before it.</summary>
    public string Text(string value)
    {
        byte[] bytes = IsLoading ? [] : Encoding.UTF8.GetBytes(value);
        int length = Int32(bytes.Length, 0, LongestText);
        if (IsLoading)
        {
            return Encoding.UTF8.GetString(Take(length));
        }
        Bytes(bytes);
        return value;
    }

    /// <summary>What waits in a queue, in order; at most <paramref name="most"/> items.</summary>
    /// <param name="queue">Filled anew when loading.</param>
    /// <param name="most">More are refused.</param>
    /// <param name="item">Passes one item through.</param>
    public void Items<T>(Queue<T> queue, int most, Func<T, T> item)
        where T : struct
    {
        int count = Int32(queue.Count, 0, most);
        if (!IsLoading)
        {
            foreach (T each in queue)
            {
                item(each);
            }
            return;
        }
        queue.Clear();
        for (int n = 0; n < count; n++)
        {
            queue.Enqueue(item(default));
        }
    }

    /// <summary>The level of a wire; who is at its other end is not told.</summary>
    public void Line(IrqLine line) => line.Transfer(this);

    /// <summary>A timer with its due time.</summary>
    public void Timer(ITimer timer) => timer.Transfer(this);

    private ulong Number(ulong value, int size)
    {
        Span<byte> bytes = stackalloc byte[8];
        if (written is not null)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            written.Write(bytes[..size]);
            return value;
        }
        Take(size).CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private void Move(Span<byte> one, out byte first)
    {
        Bytes(one);
        first = one[0];
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > saved.Length - position)
        {
            throw Wrong($"ends after {saved.Length} bytes, before all its fields");
        }
        position += count;
        return saved.Span.Slice(position - count, count);
    }
}

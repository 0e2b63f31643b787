using System.Runtime.InteropServices;
using Iced.Intel;

namespace Emulator.Tests.Integer;

/// <summary>Where Iced's encoders write to.</summary>
internal sealed class ByteSink : CodeWriter
{
    public List<byte> Bytes { get; } = [];

    public override void WriteByte(byte value) => Bytes.Add(value);
}

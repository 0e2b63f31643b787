using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Emulator.Remote.Display;

/// <summary>
/// The kitty terminal's graphics protocol: RGB, compressed by zlib, base64, in pieces of 4096 characters. A row of cells is an image of its own,
/// numbered by the row, so that sending it again replaces it.
/// </summary>
internal sealed class KittyFormat : ITerminalPixelFormat
{
    private const int PieceLength = 4096;

    /// <inheritdoc/>
    public bool HasWholeRows => true;

    /// <inheritdoc/>
    public string Clear => "\x1b_Ga=d,d=A,q=2\x1b\\";

    /// <inheritdoc/>
    public void Append(StringBuilder to, int row, ReadOnlySpan<uint> pixels, int width)
    {
        string data = Convert.ToBase64String(Compress(pixels));
        for (int at = 0; at < data.Length; at += PieceLength)
        {
            int more = at + PieceLength < data.Length ? 1 : 0;
            to.Append("\x1b_G");
            if (at == 0)
            {
                // Transmit and show; zlib; the cursor stays; no answers.
                to.Append(CultureInfo.InvariantCulture, $"a=T,f=24,o=z,s={width},v={pixels.Length / width},i={row + 1},p=1,C=1,q=2,");
            }
            to.Append(CultureInfo.InvariantCulture, $"m={more};").Append(data.AsSpan(at, Math.Min(PieceLength, data.Length - at))).Append("\x1b\\");
        }
    }

    private static byte[] Compress(ReadOnlySpan<uint> pixels)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            zlib.Write(PixelBytes.Rgb(pixels));
        }
        return packed.ToArray();
    }
}

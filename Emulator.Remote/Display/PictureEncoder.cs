using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing.Processors.Quantization;

namespace Emulator.Remote.Display;

/// <summary>
/// Pictures by ImageSharp. This is the only class that names the library, so that it is loaded when the first picture is asked for, and it only
/// encodes: nothing that a guest or a user hands in is ever decoded (docs/decisions/0034).
/// </summary>
internal static class PictureEncoder
{
    private const int JpegQuality = 90;

    /// <summary>Writes a picture.</summary>
    /// <param name="to">Gets the whole file.</param>
    /// <param name="rgb">Red, green, blue, row by row.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="format">Any but PPM.</param>
    /// <exception cref="IOException"><paramref name="to"/> cannot be written.</exception>
    public static void Write(Stream to, byte[] rgb, int width, int height, PictureFormat format)
    {
        using Image<Rgb24> image = Image.LoadPixelData<Rgb24>(rgb, width, height);
        image.Save(to, Encoder(format));
    }

    private static IImageEncoder Encoder(PictureFormat format) => format switch
    {
        PictureFormat.Png => new PngEncoder { ColorType = PngColorType.Rgb, BitDepth = PngBitDepth.Bit8 },
        PictureFormat.Jpeg => new JpegEncoder { Quality = JpegQuality, ColorType = JpegColorType.YCbCrRatio444 },
        PictureFormat.Webp => new WebpEncoder { FileFormat = WebpFileFormatType.Lossless },
        PictureFormat.Gif => new GifEncoder { Quantizer = new WuQuantizer(new QuantizerOptions { Dither = null }) },
        PictureFormat.Bmp => new BmpEncoder { BitsPerPixel = BmpBitsPerPixel.Pixel24 },
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "no format of the library's"),
    };
}

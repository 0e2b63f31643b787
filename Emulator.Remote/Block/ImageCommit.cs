using Emulator.Machine.Config;

namespace Emulator.Remote.Block;

/// <summary>Brings what an image holds into its backing file.</summary>
public static class ImageCommit
{
    private const int BufferBytes = 2 << 20;

    /// <summary>Writes what <paramref name="image"/> holds to its backing file, which is made larger if need be.</summary>
    /// <param name="image">Opened with its backing file; for writing when it is to be made empty.</param>
    /// <param name="makeEmpty">True to give the space in the image back afterwards.</param>
    /// <exception cref="UserErrorException">It has no backing file, or that cannot be written.</exception>
    /// <exception cref="IOException">The host failed; the image still holds everything.</exception>
    public static void Run(DiskImage image, bool makeEmpty)
    {
        var backing = image.Backing ?? throw new UserErrorException($"{image.Name} has no backing file to commit to");
        backing.Reopen(readOnly: false);
        try
        {
            if (backing.Length < image.Length)
            {
                backing.Resize(image.Length);
            }
            byte[] buffer = new byte[BufferBytes];
            for (long at = 0; at < image.Length;)
            {
                (Extent kind, long count) = image.Map(at, Math.Min(BufferBytes, image.Length - at));
                if (kind != Extent.None)
                {
                    var part = buffer.AsSpan(0, (int)count);
                    image.Read(at, part);
                    backing.Write(at, part);
                }
                at += count;
            }
            backing.Flush();
        }
        finally
        {
            backing.Reopen(readOnly: true);
        }
        if (makeEmpty)
        {
            image.MakeEmpty();
        }
    }
}

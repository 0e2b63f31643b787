using Emulator.Core.Backends;
using Emulator.Machine.Config;
using Emulator.Remote.Block;

namespace Emulator.Cli;

/// <summary>The opened images of a machine's drives.</summary>
public sealed class MachineImages : IDisposable
{
    private readonly List<(DriveConfig Drive, IBlockBackend? Image)> all = [];
    private readonly List<(DriveConfig Drive, IBlockBackend? Image)> inserted = [];
    private readonly HashSet<IBlockBackend> removed = [];
    private readonly TextWriter error;

    /// <summary>Opens every image, or none.</summary>
    /// <param name="drives">The drives.</param>
    /// <param name="error">Gets a line when an image cannot be flushed at the end.</param>
    /// <exception cref="UserErrorException">One cannot be used.</exception>
    public MachineImages(IReadOnlyList<DriveConfig> drives, TextWriter error)
    {
        this.error = error;
        try
        {
            foreach (var drive in drives)
            {
                all.Add((drive, ImageFactory.Open(drive)));
            }
        }
        catch (UserErrorException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Each drive with its image; null where there is no medium.</summary>
    public IReadOnlyList<(DriveConfig Drive, IBlockBackend? Image)> All => all;

    private IEnumerable<(DriveConfig Drive, IBlockBackend? Image)> Open =>
        all.Concat(inserted).Where(d => d.Image is not null && !removed.Contains(d.Image));

    /// <summary>Opens an image while the machine runs.</summary>
    /// <exception cref="UserErrorException">It cannot be used.</exception>
    public IBlockBackend Insert(DriveConfig drive)
    {
        var image = ImageFactory.Open(drive) ?? throw new ArgumentException("no file is named", nameof(drive));
        inserted.Add((drive, image));
        return image;
    }

    /// <summary>Flushes and closes an image that no drive holds any more.</summary>
    /// <exception cref="IOException">The last writes are lost; it is closed all the same.</exception>
    public void Remove(IBlockBackend image)
    {
        removed.Add(image);
        try
        {
            image.Flush();
        }
        finally
        {
            image.Dispose();
        }
    }

    /// <summary>Writes the changes of snapshot drives to their images.</summary>
    /// <exception cref="IOException">The host failed.</exception>
    /// <exception cref="UserErrorException">An image cannot be opened for writing.</exception>
    public void Commit()
    {
        foreach (var overlay in Open.Select(d => d.Image).OfType<SnapshotOverlay>())
        {
            overlay.Commit();
        }
    }

    /// <summary>Flushes and closes every image.</summary>
    public void Dispose()
    {
        foreach (var (drive, image) in Open)
        {
            try
            {
                image?.Flush();
            }
            catch (IOException e)
            {
                error.WriteLine($"emu: {drive.Origin}: the last writes are lost: {HostErrors.Describe(e)}");
            }
            image?.Dispose();
        }
        all.Clear();
        inserted.Clear();
    }
}

using Emulator.Machine.Config;

namespace Emulator.Cli;

/// <summary>
/// Where a log goes. A full disk or a closed pipe must not end the machine: the first failure is said once, and what follows is dropped.
/// </summary>
/// <param name="target">Takes the bytes; disposed with this.</param>
/// <param name="name">What to call it, for example <c>-D file</c>.</param>
/// <param name="error">Gets the sentence.</param>
public sealed class LogStream(Stream target, string name, TextWriter error) : Stream
{
    private bool failed;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (failed)
        {
            return;
        }
        try
        {
            target.Write(buffer);
        }
        catch (IOException e)
        {
            failed = true;
            error.WriteLine($"emu: {name}: it cannot be written any more: {HostErrors.Describe(e)}; the log ends here");
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        // The target is not buffered.
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            target.Dispose();
        }
        base.Dispose(disposing);
    }
}

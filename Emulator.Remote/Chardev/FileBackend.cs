using Emulator.Core.Backends;
using Emulator.Machine.Config;

namespace Emulator.Remote.Chardev;

/// <summary>Output goes to a file, which is emptied first unless it is to be continued; there is never input.</summary>
public sealed class FileBackend : ICharBackend
{
    private readonly Stream stream;
    private readonly OutputBuffer output;

    /// <summary>Opens the file.</summary>
    /// <param name="spec">Path, label, origin and whether to continue the file.</param>
    /// <param name="post">Runs an action on the machine thread.</param>
    /// <exception cref="UserErrorException">It cannot be written.</exception>
    public FileBackend(CharSpec spec, Action<Action> post)
    {
        stream = Open(spec, () => new FileStream(
            spec.Path, spec.Append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
        output = new OutputBuffer(spec.Label, data => stream.Write(data), () => post(() => (Receiver as ICharEventReceiver)?.OnCharEvent(CharEvent.Drained)));
    }

    /// <summary>Looks whether the file could be opened.</summary>
    /// <exception cref="UserErrorException">It cannot be written.</exception>
    public static void Check(CharSpec spec) => Open(spec, () =>
    {
        OutputFile.Probe(spec.Path);
        return Stream.Null;
    });

    /// <inheritdoc/>
    public ICharReceiver? Receiver { get; set; }

    /// <inheritdoc/>
    public bool CanSend => !output.IsFull;

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> data) => output.Send(data);

    /// <inheritdoc/>
    public void AcceptInput()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        output.Dispose();
        stream.Dispose();
    }

    private static Stream Open(CharSpec spec, Func<Stream> open)
    {
        if (Directory.Exists(spec.Path))
        {
            throw new UserErrorException($"{spec.Origin}: {spec.Path} is a directory; give a file name");
        }
        try
        {
            return open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{spec.Origin}: {spec.Path} cannot be written: {HostErrors.Describe(e)}; give another file");
        }
    }
}

using System.Globalization;
using System.Text;

namespace Emulator.Cli;

/// <summary><c>-msg timestamp=on</c>: every line begins with the time, UTC, as QEMU writes it.</summary>
/// <param name="target">Takes the lines.</param>
public sealed class StampedWriter(TextWriter target) : TextWriter
{
    private bool inLine;

    /// <inheritdoc/>
    public override Encoding Encoding => target.Encoding;

    /// <inheritdoc/>
    public override void Write(char value)
    {
        lock (target)
        {
            if (!inLine)
            {
                target.Write(DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z '", CultureInfo.InvariantCulture));
            }
            inLine = value != '\n';
            target.Write(value);
        }
    }

    /// <inheritdoc/>
    public override void Flush() => target.Flush();
}

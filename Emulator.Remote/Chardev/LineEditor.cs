using System.Text;
using Emulator.Core.Backends;

namespace Emulator.Remote.Chardev;

/// <summary>
/// Lines typed on a raw byte stream, for a monitor: prompt, echo, Backspace, Ctrl-U, Ctrl-W, Ctrl-C and the history by
/// the arrow keys. It works alike on a terminal, a socket and a shared stream.
/// </summary>
public sealed class LineEditor : ICharReceiver, ICharEventReceiver
{
    private const int MaxLine = 4096;
    private const int MaxHistory = 100;

    private readonly ICharBackend stream;
    private readonly string banner;
    private readonly string prompt;
    private readonly Action<string> onLine;
    private readonly StringBuilder line = new();
    private readonly List<string> history = [];
    private int historyIndex;
    private Escape escape;
    private bool afterReturn;
    private bool greeted;

    /// <summary>Becomes the receiver of <paramref name="stream"/>.</summary>
    /// <param name="stream">Where lines come from and text goes.</param>
    /// <param name="banner">Printed when somebody is there for the first time or again.</param>
    /// <param name="prompt">Printed before each line, e.g. <c>(qemu) </c>.</param>
    /// <param name="onLine">Gets each line; may call <see cref="Print"/>. The prompt follows when it returns.</param>
    public LineEditor(ICharBackend stream, string banner, string prompt, Action<string> onLine)
    {
        this.stream = stream;
        this.banner = banner;
        this.prompt = prompt;
        this.onLine = onLine;
        stream.Receiver = this;
    }

    private enum Escape
    {
        None,
        Started,
        Bracket,
    }

    /// <summary>True when the stream is shared: nothing is printed before it gets the focus.</summary>
    public bool WaitsForFocus { get; init; }

    /// <summary>True when no further line is wanted: the prompt stays away.</summary>
    public Func<bool> IsDone { get; init; } = () => false;

    /// <inheritdoc/>
    public int Room => int.MaxValue;

    /// <summary>Prints text; a line feed becomes carriage return and line feed.</summary>
    public void Print(string text)
    {
        if (text.Length > 0)
        {
            stream.Send(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")));
        }
    }

    /// <summary>Prints a line that nobody has asked for, above what is being typed.</summary>
    public void Interject(string text)
    {
        if (!WaitsForFocus || greeted)
        {
            Print("\n" + text + "\n" + prompt + line);
        }
    }

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> data)
    {
        foreach (byte b in data)
        {
            Key(b);
        }
    }

    /// <inheritdoc/>
    public void OnCharEvent(CharEvent e)
    {
        switch (e)
        {
            case CharEvent.Opened when !WaitsForFocus:
                line.Clear();
                Print(banner + "\n" + prompt);
                break;
            case CharEvent.FocusIn:
                Print(greeted ? prompt + line : banner + "\n" + prompt);
                greeted = true;
                break;
        }
    }

    private void Key(byte b)
    {
        bool secondOfPair = afterReturn && b == '\n';
        afterReturn = b == '\r';
        if (secondOfPair)
        {
            return;
        }
        if (escape != Escape.None)
        {
            Sequence(b);
            return;
        }
        switch (b)
        {
            case (byte)'\r' or (byte)'\n':
                Enter();
                break;
            case 0x08 or 0x7F:
                Erase(1);
                break;
            case 0x03:
                Print("^C\n" + prompt);
                line.Clear();
                break;
            case 0x15:
                Erase(line.Length);
                break;
            case 0x17:
                string kept = line.ToString().TrimEnd();
                Erase(line.Length - (kept.LastIndexOf(' ') + 1));
                break;
            case 0x1B:
                escape = Escape.Started;
                break;
            case >= 0x20 when line.Length < MaxLine:
                line.Append((char)b);
                stream.Send([b]);
                break;
        }
    }

    // ESC [ A and ESC [ B are the arrows up and down; others are taken and forgotten.
    private void Sequence(byte b)
    {
        if (escape == Escape.Started)
        {
            escape = b is (byte)'[' or (byte)'O' ? Escape.Bracket : Escape.None;
            return;
        }
        if (b is >= 0x30 and <= 0x3F)
        {
            return;
        }
        escape = Escape.None;
        if (b is (byte)'A' or (byte)'B')
        {
            Recall(b == 'A' ? historyIndex - 1 : historyIndex + 1);
        }
    }

    private void Enter()
    {
        string text = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(line.ToString()));
        line.Clear();
        Print("\n");
        if (text.Length > 0 && (history.Count == 0 || history[^1] != text))
        {
            history.Add(text);
            if (history.Count > MaxHistory)
            {
                history.RemoveAt(0);
            }
        }
        historyIndex = history.Count;
        onLine(text);
        Print(IsDone() ? "" : prompt);
    }

    private void Erase(int count)
    {
        count = Math.Min(count, line.Length);
        line.Length -= count;
        for (int i = 0; i < count; i++)
        {
            stream.Send("\b \b"u8);
        }
    }

    private void Recall(int index)
    {
        if (index < 0 || index > history.Count)
        {
            return;
        }
        Erase(line.Length);
        historyIndex = index;
        if (index < history.Count)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(history[index]);
            line.Append(Encoding.Latin1.GetString(bytes));
            stream.Send(bytes);
        }
    }
}

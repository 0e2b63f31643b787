using System.Text;

namespace Emulator.Remote.Monitor;

/// <summary>Reads the words behind a command by the command's declaration. The format is remembered from one command to the next.</summary>
/// <param name="register">The value of a register; null when there is none of that name.</param>
public sealed class ArgumentReader(Func<string, long?> register)
{
    private char lastLetter = MonitorFormat.Default.Letter;
    private int lastSize = MonitorFormat.Default.Size;
    private string line = "";
    private int position;

    private char Current => position < line.Length ? line[position] : '\0';

    /// <summary>Reads the words.</summary>
    /// <param name="command">What declares them.</param>
    /// <param name="text">The line.</param>
    /// <param name="start">Where the words start.</param>
    /// <exception cref="MonitorException">A word is missing, wrong or too many.</exception>
    public MonitorArguments Read(MonitorCommand command, string text, int start)
    {
        line = text;
        position = start;
        var arguments = new MonitorArguments();
        foreach (MonitorParameter parameter in command.Parameters)
        {
            SkipBlanks();
            Read(command, parameter, arguments);
        }
        SkipBlanks();
        return Current == '\0' ? arguments : throw Wrong($"{command.Name}: extraneous characters at the end of line");
    }

    private void Read(MonitorCommand command, MonitorParameter parameter, MonitorArguments arguments)
    {
        switch (parameter.Kind)
        {
            case MonitorParameterKind.Format:
                arguments.Format = Format();
                break;
            case MonitorParameterKind.Flag or MonitorParameterKind.Option:
                ReadDashed(command, parameter, arguments);
                break;
            case MonitorParameterKind.Rest:
                arguments.Set(parameter.Name, line[position..].TrimEnd());
                position = line.Length;
                break;
            case var _ when Current == '\0' && parameter.IsOptional:
                break;
            case MonitorParameterKind.Number or MonitorParameterKind.Number32:
                var expression = new ExpressionReader(line, position, register);
                long value = expression.Read();
                position = expression.Position;
                if (parameter.Kind == MonitorParameterKind.Number32 && value >> 32 != 0)
                {
                    throw Wrong($"'{command.FirstName}' has failed: integer is for 32-bit values");
                }
                arguments.Set(parameter.Name, value);
                break;
            default:
                string what = parameter.Kind switch
                {
                    MonitorParameterKind.FileName => "filename",
                    MonitorParameterKind.Device => "block device name",
                    _ => "string",
                };
                string word = Word() ?? throw Wrong($"{command.FirstName}: {what} expected");
                if (parameter.Kind == MonitorParameterKind.FileName && word.Length == 0)
                {
                    throw Wrong($"{command.FirstName}: the file name is empty; give another");
                }
                arguments.Set(parameter.Name, word);
                break;
        }
    }

    private void ReadDashed(MonitorCommand command, MonitorParameter parameter, MonitorArguments arguments)
    {
        if (Current != '-' || position + 1 >= line.Length)
        {
            return;
        }
        char letter = line[position + 1];
        if (letter != parameter.Name[0])
        {
            // Another flag of the command may come first.
            if (command.Parameters.Any(p => p.Kind is MonitorParameterKind.Flag or MonitorParameterKind.Option && p.Name[0] == letter))
            {
                return;
            }
            throw Wrong($"{command.FirstName}: unsupported option -{letter}");
        }
        position += 2;
        SkipBlanks();
        string value = parameter.Kind == MonitorParameterKind.Flag
            ? ""
            : Word() ?? throw Wrong($"{command.FirstName}: value expected for -{letter}");
        arguments.Set(parameter.Name, value);
    }

    private MonitorFormat Format()
    {
        if (Current != '/')
        {
            return new MonitorFormat(1, lastLetter, lastSize);
        }
        position++;
        long count = 1;
        if (char.IsAsciiDigit(Current))
        {
            for (count = 0; char.IsAsciiDigit(Current); position++)
            {
                count = Math.Min((count * 10) + Current - '0', int.MaxValue);
            }
        }
        char letter = '\0';
        int size = 0;
        for (; Current != '\0' && !char.IsWhiteSpace(Current); position++)
        {
            switch (Current)
            {
                case 'o' or 'd' or 'u' or 'x' or 'c' or 'i' or 's':
                    letter = Current;
                    break;
                case 'b' or 'h' or 'w' or 'g' or 'L':
                    size = Current switch { 'b' => 1, 'h' => 2, 'w' => 4, _ => 8 };
                    break;
                default:
                    throw Wrong($"invalid char in format: '{Current}'");
            }
        }
        lastLetter = letter == '\0' ? lastLetter : letter;
        lastSize = size == 0 || lastLetter == 'i' ? lastSize : size;
        return new MonitorFormat((int)count, lastLetter, size == 0 ? lastSize : size);
    }

    // A word, or text in double quotes with \n \r \\ \' and \".
    private string? Word()
    {
        if (Current == '\0')
        {
            return null;
        }
        var word = new StringBuilder();
        if (Current != '"')
        {
            while (Current != '\0' && !char.IsWhiteSpace(Current))
            {
                word.Append(Current);
                position++;
            }
            return word.ToString();
        }
        for (position++; Current != '"'; position++)
        {
            if (Current == '\\' && position + 1 < line.Length)
            {
                position++;
                word.Append(Current switch
                {
                    'n' => '\n',
                    'r' => '\r',
                    '\\' or '\'' or '"' => Current,
                    _ => throw Wrong($"unsupported escape code: '\\{Current}'"),
                });
            }
            else
            {
                word.Append(Current != '\0' ? Current : throw Wrong("unterminated string"));
            }
        }
        position++;
        return word.ToString();
    }

    private void SkipBlanks()
    {
        while (char.IsWhiteSpace(Current))
        {
            position++;
        }
    }

    private static MonitorException Wrong(string message) => new(message, isArgument: true);
}

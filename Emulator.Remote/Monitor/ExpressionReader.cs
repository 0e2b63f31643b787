using System.Globalization;

namespace Emulator.Remote.Monitor;

/// <summary>
/// Integer expressions of the monitor: C's numbers and character constants, <c>$register</c>, parentheses, <c>+ - ~</c>, then
/// <c>* / %</c>, then <c>&amp; | ^</c>, and loosest <c>+ -</c>. 64 bits, wrapping.
/// </summary>
/// <param name="text">The line.</param>
/// <param name="position">Where the expression starts.</param>
/// <param name="register">The value of a register; null when there is none of that name.</param>
public sealed class ExpressionReader(string text, int position, Func<string, long?> register)
{
    // Parentheses are nested by recursion: a line of 4096 of them must not end the program.
    private const int DeepestNesting = 200;
    private int nesting;

    /// <summary>Where the expression ended, blanks behind it skipped.</summary>
    public int Position { get; private set; } = position;

    private char Current => Position < text.Length ? text[Position] : '\0';

    /// <summary>Reads the expression.</summary>
    /// <exception cref="MonitorException">There is none, or it is wrong.</exception>
    public long Read()
    {
        SkipBlanks();
        return Sum();
    }

    private long Sum()
    {
        long value = Logic();
        while (Current is '+' or '-')
        {
            bool add = Current == '+';
            Next();
            long right = Logic();
            value = unchecked(add ? value + right : value - right);
        }
        return value;
    }

    private long Logic()
    {
        long value = Product();
        while (Current is '&' or '|' or '^')
        {
            char op = Current;
            Next();
            long right = Product();
            value = op switch { '&' => value & right, '|' => value | right, _ => value ^ right };
        }
        return value;
    }

    private long Product()
    {
        long value = Unary();
        while (Current is '*' or '/' or '%' && !StartsPath())
        {
            char op = Current;
            Next();
            long right = Unary();
            value = op == '*' ? unchecked(value * right) : Divide(value, right, op == '%');
        }
        return value;
    }

    // "16 /tmp/file" is a number and a file, not a quotient.
    private bool StartsPath() =>
        Current == '/' && Position > 0 && text[Position - 1] == ' ' && Position + 1 < text.Length && char.IsAsciiLetter(text[Position + 1]);

    private static long Divide(long value, long divisor, bool remainder)
    {
        if (divisor == 0)
        {
            throw Wrong("division by zero");
        }
        if (divisor == -1)
        {
            return remainder ? 0 : unchecked(-value);
        }
        return remainder ? value % divisor : value / divisor;
    }

    private long Unary()
    {
        if (++nesting > DeepestNesting)
        {
            throw Wrong("expression is nested too deeply");
        }
        long value = Operand();
        nesting--;
        return value;
    }

    private long Operand()
    {
        switch (Current)
        {
            case '+':
                Next();
                return Unary();
            case '-':
                Next();
                return unchecked(-Unary());
            case '~':
                Next();
                return ~Unary();
            case '(':
                Next();
                long value = Sum();
                if (Current != ')')
                {
                    throw Wrong("')' expected");
                }
                Next();
                return value;
            case '\'':
                return Character();
            case '$':
                return Register();
            case '\0':
                throw Wrong("unexpected end of expression");
            default:
                return Number();
        }
    }

    private long Character()
    {
        if (Position + 1 >= text.Length)
        {
            throw Wrong("character constant expected");
        }
        char value = text[Position + 1];
        if (Position + 2 >= text.Length || text[Position + 2] != '\'')
        {
            throw Wrong("missing terminating ' character");
        }
        Position += 2;
        Next();
        return value;
    }

    private long Register()
    {
        int start = ++Position;
        while (char.IsAsciiLetterOrDigit(Current) || Current is '_' or '.')
        {
            Position++;
        }
        long value = register(text[start..Position]) ?? throw Wrong("unknown register");
        SkipBlanks();
        return value;
    }

    private long Number()
    {
        int radix = 10;
        if (Current == '0')
        {
            bool hexadecimal = Position + 2 < text.Length && text[Position + 1] is 'x' or 'X' && char.IsAsciiHexDigit(text[Position + 2]);
            radix = hexadecimal ? 16 : 8;
            Position += hexadecimal ? 2 : 0;
        }
        int start = Position;
        ulong value = 0;
        while (DigitOf(Current) is int digit && digit < radix)
        {
            UInt128 wide = ((UInt128)value * (uint)radix) + (uint)digit;
            if (wide > ulong.MaxValue)
            {
                throw Wrong("number too large");
            }
            value = (ulong)wide;
            Position++;
        }
        if (Position == start)
        {
            throw Wrong($"invalid char '{Current}' in expression");
        }
        SkipBlanks();
        return (long)value;
    }

    private static int? DigitOf(char c) =>
        char.IsAsciiHexDigit(c) ? int.Parse([c], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : null;

    private void Next()
    {
        Position++;
        SkipBlanks();
    }

    private void SkipBlanks()
    {
        while (char.IsWhiteSpace(Current))
        {
            Position++;
        }
    }

    private static MonitorException Wrong(string message) => new(message, isArgument: true);
}

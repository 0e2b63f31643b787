using System.Text;

namespace Emulator.Tests.CommandLines;

/// <summary>Takes a line of a shell script or Makefile apart as far as the public command lines need it.</summary>
internal static class ShellWords
{
    /// <summary>The words of the first command of a line, without quotes. Variables stay as they are written; redirections end it.</summary>
    public static IReadOnlyList<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool isWord = false;
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (c == '$' && i + 1 < line.Length && line[i + 1] is '(' or '{')
            {
                int end = line.IndexOf(line[i + 1] == '(' ? ')' : '}', i);
                word.Append(line, i, end - i + 1);
                isWord = true;
                i = end;
            }
            else if (quote != '\0' || c is '"' or '\'')
            {
                isWord = true;
                if (c == quote)
                {
                    quote = '\0';
                }
                else if (quote == '\0')
                {
                    quote = c;
                }
                else
                {
                    word.Append(c);
                }
            }
            else if (c is ' ' or '\t')
            {
                Flush();
            }
            else if (c is '|' or '&' or ';' || (c is '#' or '[' && !isWord))
            {
                break;
            }
            else if (c == '>' && !IsVariable(line, i))
            {
                if (word.ToString() is "1" or "2")
                {
                    isWord = false;
                }
                break;
            }
            else
            {
                isWord = true;
                word.Append(c);
            }
        }
        Flush();
        return words;

        void Flush()
        {
            if (isWord)
            {
                words.Add(word.ToString());
            }
            word.Clear();
            isWord = false;
        }
    }

    // "$<" and "<name>" are places to fill in, not redirections.
    private static bool IsVariable(string line, int at)
    {
        int begin = line.LastIndexOf('<', at);
        return begin >= 0 && line.IndexOf(' ', begin, at - begin) < 0;
    }
}

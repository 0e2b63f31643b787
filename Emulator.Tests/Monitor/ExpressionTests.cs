using Emulator.Remote.Monitor;
using Xunit;

namespace Emulator.Tests.Monitor;

public sealed class ExpressionTests
{
    [Theory]
    [InlineData("1+2*3", 7)]
    [InlineData("(1 + 2) * 3", 9)]
    [InlineData("0x10", 16)]
    [InlineData("010", 8)]
    [InlineData("'a'", 97)]
    [InlineData("-5/2", -2)]
    [InlineData("5 % 3", 2)]
    [InlineData("~1", -2)]
    [InlineData("4 & 6 + 1", 5)] // + binds loosest
    [InlineData("5|2", 7)]
    [InlineData("$a*2-$b.base", 195)]
    [InlineData("0xffffffffffffffff", -1)]
    [InlineData("-0x8000000000000000/-1", long.MinValue)]
    public void Values(string text, long value) => Assert.Equal(value, Reader(text).Read());

    [Theory]
    [InlineData("", "unexpected end of expression")]
    [InlineData("1 +", "unexpected end of expression")]
    [InlineData("(1", "')' expected")]
    [InlineData("(1<<4)", "')' expected")]
    [InlineData("5/0", "division by zero")]
    [InlineData("foo", "invalid char 'f' in expression")]
    [InlineData("$nix", "unknown register")]
    [InlineData("$", "unknown register")]
    [InlineData("'ab", "missing terminating ' character")]
    [InlineData("0x1ffffffffffffffff", "number too large")]
    public void Errors(string text, string message)
    {
        var e = Assert.Throws<MonitorException>(() => Reader(text).Read());
        Assert.Equal(message, e.Message);
        Assert.True(e.IsArgument);
    }

    [Theory]
    [InlineData("08", 1)]
    [InlineData("16 /tmp/x", 3)]
    [InlineData("16 / 4 x", 7)]
    [InlineData("1 2", 2)]
    public void Ends_where_no_operator_follows(string text, int position)
    {
        ExpressionReader reader = Reader(text);
        reader.Read();
        Assert.Equal(position, reader.Position);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        Assert.Throws<MonitorException>(() => Reader(new string('(', 100_000)).Read());
        Assert.Throws<MonitorException>(() => Reader(new string('-', 100_000) + "1").Read());
    }

    private static ExpressionReader Reader(string text) => new(text, 0, name => name switch { "a" => 100, "b.base" => 5, _ => null });
}

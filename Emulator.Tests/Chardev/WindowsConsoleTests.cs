using Emulator.Remote.Chardev;
using Xunit;

namespace Emulator.Tests.Chardev;

/// <summary>The mode of a Windows console; the numbers are those of consoleapi.h.</summary>
public sealed class WindowsConsoleTests
{
    // What a console starts with: processed, line, echo, mouse, insert, quick edit, extended flags, auto position.
    private const uint Usual = 0x1F7;

    [Theory]
    [InlineData(false, 0x3B0)]
    [InlineData(true, 0x3B1)]
    public void KeysComeOneByOneAndControlCIsAByteUnlessItIsASignal(bool signals, uint mode) => Assert.Equal(mode, WindowsConsole.RawInput(Usual, signals));
}

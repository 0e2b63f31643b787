using Emulator.Devices.Input;
using Emulator.Tests.Timers;
using Xunit;

namespace Emulator.Tests.Input;

public sealed class Ps2MouseTests
{
    private readonly VirtualTime time = new();
    private readonly Ps2Mouse mouse;

    public Ps2MouseTests() => mouse = new Ps2Mouse(time.Queue);

    [Fact]
    public void SilentUntilEnabled()
    {
        mouse.Mouse(5, 5, 0, 1);
        Assert.False(mouse.HasByte);
        Assert.Equal([0xFA], Command(0xF4));
        mouse.Mouse(5, 3, 0, 1);
        // Y grows upwards on the wire.
        Assert.Equal([0x29, 5, 0xFD], Take());
    }

    [Fact]
    public void LongMovesAreSplitAndPacedByTheSampleRate()
    {
        Command(0xF4);
        mouse.Mouse(-300, 0, 0, 0);
        Assert.Equal([0x18, 0x01, 0x00], Take());
        time.Advance(9_999_999);
        Assert.False(mouse.HasByte);
        time.Advance(1);
        Assert.Equal([0x18, 0xD3, 0x00], Take());
        time.Advance(100_000_000);
        Assert.False(mouse.HasByte);
    }

    [Fact]
    public void MovesAddUpWhileTheGuestIsSlow()
    {
        Command(0xF4);
        mouse.Mouse(1, 0, 0, 0);
        for (int i = 0; i < 20; i++)
        {
            mouse.Mouse(2, 0, 0, 0);
            time.Advance(20_000_000);
        }
        Assert.Equal([0x08, 1, 0, 0x08, 40, 0], Take());
    }

    [Fact]
    public void NoClickIsLost()
    {
        Command(0xF4);
        mouse.Mouse(0, 0, 0, 1);
        mouse.Mouse(0, 0, 0, 0);
        mouse.Mouse(0, 0, 0, 2);
        mouse.Mouse(0, 0, 0, 0);
        List<int> bytes = [];
        for (int i = 0; i < 6; i++)
        {
            bytes.AddRange(Take());
            time.Advance(10_000_000);
        }
        Assert.Equal([0x09, 0, 0, 0x08, 0, 0, 0x0A, 0, 0, 0x08, 0, 0], bytes);
    }

    [Fact]
    public void WheelKnock()
    {
        Knock(200, 100, 80);
        Assert.Equal([0xFA, 0x03], Command(0xF2));
        Command(0xF4);
        mouse.Mouse(0, 0, -1, 4);
        Assert.Equal([0x0C, 0, 0, 0xFF], Take());
        Knock(200, 200, 80);
        Assert.Equal([0xFA, 0x04], Command(0xF2));
        time.Advance(20_000_000);
        mouse.Mouse(0, 0, 1, 0x10);
        Assert.Equal([0x08, 0, 0, 0x21], Take());
        Command(0xFF);
        Assert.Equal(0, mouse.Id);
    }

    [Fact]
    public void ExplorerNeedsTheWheelFirst()
    {
        Knock(200, 200, 80);
        Assert.Equal(0, mouse.Id);
    }

    [Fact]
    public void RemoteModeSendsWhenAsked()
    {
        Assert.Equal([0xFA], Command(0xF0));
        mouse.Mouse(3, -4, 0, 0);
        time.Advance(50_000_000);
        Assert.False(mouse.HasByte);
        Assert.Equal([0xFA, 0x08, 3, 4], Command(0xEB));
        Assert.Equal([0xFA, 0x08, 0, 0], Command(0xEB));
        Assert.Equal([0xFA, 0x40, 2, 100], Command(0xE9));
        Command(0xEA);
        Assert.Equal([0xFA, 0x00, 2, 100], Command(0xE9));
    }

    [Fact]
    public void WrapModeEchoes()
    {
        Assert.Equal([0xFA], Command(0xEE));
        Assert.Equal([0x12, 0xF4], Command(0x12, 0xF4));
        Assert.Equal([0xFA], Command(0xEC));
        Assert.Equal([0xFA, 0x00], Command(0xF2));
    }

    [Fact]
    public void StatusReportsSettings()
    {
        Assert.Equal([0xFA, 0xFA, 0xFA, 0xFA], Command(0xE8, 0x03, 0xF3, 60));
        Command(0xE7);
        Command(0xF4);
        mouse.Mouse(0, 0, 0, 3);
        Take();
        Assert.Equal([0xFA, 0x20 | 0x10 | 0x05, 3, 60], Command(0xE9));
        Command(0xF6);
        Assert.Equal([0xFA, 0x05, 2, 100], Command(0xE9));
    }

    [Fact]
    public void BadArgumentsAndCommandsAreRefused()
    {
        Assert.Equal([0xFA, 0xFE, 0xFA], Command(0xF3, 33, 40));
        Assert.Equal([0xFA, 0xFE, 0xFA], Command(0xE8, 9, 1));
        Assert.Equal([0xFE], Command(0x42));
        // Linux' drivers ask for a rate of 102, and go on with other commands when it is refused.
        Assert.Equal([0xFA, 0xFE, 0xFE, 0xFA, 0xFA, 0x00], Command(0xF3, 0x66, 0x88, 0xF4, 0xF2));
    }

    [Fact]
    public void ScalingTwoToOne()
    {
        Command(0xE7);
        Command(0xF4);
        mouse.Mouse(3, 10, 0, 0);
        Assert.Equal([0x28, 3, 0xEC], Take());
        Command(0xE6);
        time.Advance(20_000_000);
        mouse.Mouse(4, 0, 0, 0);
        Assert.Equal([0x08, 4, 0], Take());
    }

    [Fact]
    public void ResetAnswersAfterTheSelfTest()
    {
        Assert.Equal([0xFA], Command(0xFF));
        time.Advance(20_000_000);
        Assert.Equal([0xAA, 0x00], Take());
        Assert.False(mouse.IsEnabled);
    }

    private void Knock(params byte[] rates)
    {
        foreach (byte rate in rates)
        {
            Command(0xF3, rate);
        }
    }

    private List<int> Command(params byte[] bytes)
    {
        foreach (byte each in bytes)
        {
            mouse.Write(each);
        }
        return Take();
    }

    private List<int> Take()
    {
        List<int> bytes = [];
        while (mouse.HasByte)
        {
            bytes.Add(mouse.TakeByte());
        }
        return bytes;
    }
}

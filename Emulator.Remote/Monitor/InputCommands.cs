using System.Globalization;
using Emulator.Devices.Input;
using Emulator.Machine;
using Emulator.Remote.Display;
using static Emulator.Remote.Monitor.MonitorParameterKind;

namespace Emulator.Remote.Monitor;

/// <summary>Commands that type and point.</summary>
internal sealed class InputCommands(VirtualMachine machine, KeyQueue keys)
{
    private const long DefaultHoldMs = 100, NsPerMs = 1_000_000, LongestHoldMs = 3_600_000;
    private const int MostKeys = 16;

    // Names that QEMU has besides those of ScanCodes.
    private static readonly Dictionary<char, string> Characters = new() { ['<'] = "less" };

    private int buttons;
    private (int X, int Y) position;

    public IEnumerable<MonitorCommand> Make() =>
    [
        new("mouse_button", "state", "change mouse button state (1=L, 2=M, 4=R)", [new("state", Number32)], MouseButton),
        new("mouse_set", "index", "set which mouse device receives events", [new("index", Number32)], MouseSet),
        new("mouse_move", "dx dy [dz]", "send mouse move events",
            [new("dx", Text), new("dy", Text), new("dz", Text, IsOptional: true)], MouseMove),
        new("sendkey", "keys [hold_ms]", "send keys to the VM (e.g. 'sendkey ctrl-alt-f1', default hold time=100 ms)",
            [new("keys", Text), new("hold_ms", Number32, IsOptional: true)], SendKey),
    ];

    private void SendKey(MonitorArguments arguments, TextWriter output)
    {
        string[] names = [.. arguments.Text("keys").Split('-').Select(Resolve)];
        if (names.Length > MostKeys)
        {
            throw new MonitorException("too many keys");
        }
        long hold = Math.Clamp((int)arguments.Number("hold_ms", DefaultHoldMs), 1, LongestHoldMs);
        keys.Strike(names, hold * NsPerMs);
    }

    // A name, one of the characters that have one, or a scan code of set 1 as 0xNN (0xE0NN or 0x80 | NN for the grey keys).
    private string Resolve(string typed)
    {
        if (typed.Length == 1 && Characters.TryGetValue(typed[0], out string? name))
        {
            return name;
        }
        if (machine.Board.Keyboard.Knows(typed))
        {
            return typed;
        }
        if (typed.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && int.TryParse(typed.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
            && KeyOfCode(code) is { } found)
        {
            return found;
        }
        throw new MonitorException($"invalid parameter: {typed}");
    }

    private static string? KeyOfCode(int code)
    {
        bool grey = (code & 0x80) != 0 && code < 0x100 || code >> 8 == ScanCodes.Extended;
        int set1 = code & 0x7F;
        return code is <= 0 or > 0xFFFF ? null : ScanCodes.ByName.Values
            .Where(key => key.IsExtended == grey && key.Set2 >> 8 is 0 or ScanCodes.Extended && key.Set1 == set1)
            .Select(key => key.Name)
            .FirstOrDefault();
    }

    private void MouseSet(MonitorArguments arguments, TextWriter output)
    {
        if (!machine.Board.Pointers.Select((int)arguments.Number("index")))
        {
            throw new MonitorException($"Mouse at index '{arguments.Number("index")}' not found");
        }
    }

    // A positive dz is one click of the wheel upward, as in QEMU. An absolute pointer goes to the position (0 to 32767 each way), a mouse moves by mickeys.
    private void MouseMove(MonitorArguments arguments, TextWriter output)
    {
        int x = Leading(arguments.Text("dx")), y = Leading(arguments.Text("dy")), wheel = -Math.Sign(Leading(arguments.TextOrNull("dz") ?? "0"));
        PointerInput pointers = machine.Board.Pointers;
        if (pointers.IsAbsolute)
        {
            position = (x, y);
            pointers.MoveTo(x, y, wheel, buttons);
        }
        else
        {
            pointers.Mouse(x, y, wheel, buttons);
        }
    }

    private void MouseButton(MonitorArguments arguments, TextWriter output)
    {
        int state = (int)arguments.Number("state");
        buttons = (state & 1) | ((state & 4) >> 1) | ((state & 2) << 1);
        machine.Board.Pointers.Mouse(0, 0, 0, buttons);
        machine.Board.Pointers.MoveTo(position.X, position.Y, 0, buttons);
    }

    // The number that a text begins with, as strtol reads it; 0 when there is none.
    private static int Leading(string text)
    {
        int end = text.Length > 0 && text[0] is '-' or '+' ? 1 : 0;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }
        return int.TryParse(text.AsSpan(0, end), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : 0;
    }
}

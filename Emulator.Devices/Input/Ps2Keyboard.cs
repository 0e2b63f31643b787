using Emulator.Core.Backends;
using Emulator.Core.State;
using Emulator.Core.Time;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Devices.Input;

/// <summary>
/// PS/2 keyboard (IBM PS/2 Technical Reference, "101- and 102-key keyboard"): scan code sets 1, 2 and 3, typematic repeat,
/// a buffer of 16 bytes with an overrun code.
/// </summary>
public sealed class Ps2Keyboard : Ps2Device, IKeyboardSink
{
    private const int BufferSize = 16;
    private const byte Echo = 0xEE, FirstCommand = 0xED;
    private const byte OverrunSet1 = 0xFF, OverrunSets23 = 0x00;

    /// <summary>Identifier of an MF2 keyboard, after AB.</summary>
    private const byte IdHigh = 0xAB, IdLow = 0x83;

    // 500 ms and 10.9 characters a second, the default after reset.
    private const byte DefaultTypematic = 0x2B;
    private const long SelfTestNs = 20_000_000;

    private readonly IScheduler scheduler;
    private readonly ITimer repeatTimer, selfTestTimer;
    private readonly HashSet<Key> held = [];
    private readonly KeyAction?[] set3Actions = new KeyAction?[256];
    private KeyAction? allKeys;
    private Key? repeating;
    private byte command;
    private byte typematic;
    private bool overrun;

    /// <summary>Makes a keyboard, as <see cref="Reset"/> leaves it.</summary>
    public Ps2Keyboard(IScheduler scheduler)
    {
        this.scheduler = scheduler;
        repeatTimer = scheduler.CreateTimer("keyboard-typematic", Repeat);
        selfTestTimer = scheduler.CreateTimer("keyboard-self-test", () => Answer(TestPassed));
        Reset();
    }

    /// <summary>Lights: bit 0 scroll lock, 1 num lock, 2 caps lock.</summary>
    public int Leds { get; private set; }

    /// <summary>Scan code set, 1 to 3, before any translation in the controller.</summary>
    public int ScanCodeSet { get; private set; }

    /// <summary>True while keys are reported (command F4).</summary>
    public bool IsEnabled { get; private set; }

    /// <summary>Bytes of scan codes that still fit: those who type fast wait until a key (up to 8 bytes) does.</summary>
    public int Room => Math.Max(BufferSize - DataCount, 0);

    /// <inheritdoc/>
    public override void Reset()
    {
        Clear();
        selfTestTimer.Disarm();
        command = 0;
        held.Clear();
        Leds = 0;
        SetDefaults();
        IsEnabled = true;
    }

    internal override void Transfer(StateTransfer state)
    {
        base.Transfer(state);
        Leds = state.Int32(Leds, 0, 7);
        ScanCodeSet = state.Int32(ScanCodeSet, 1, 3);
        IsEnabled = state.Bool(IsEnabled);
        command = state.Byte(command);
        typematic = state.Byte(typematic);
        overrun = state.Bool(overrun);
        allKeys = TransferAction(state, allKeys);
        for (int code = 0; code < set3Actions.Length; code++)
        {
            set3Actions[code] = TransferAction(state, set3Actions[code]);
        }
        TransferHeldKeys(state);
        string name = state.Text(repeating?.Name ?? "");
        repeating = name.Length == 0 ? null : KeyOf(state, name);
        state.Timer(repeatTimer);
        state.Timer(selfTestTimer);
    }

    private void TransferHeldKeys(StateTransfer state)
    {
        // By name, in a fixed order: the set has none.
        string[] names = [.. held.Select(key => key.Name).Order(StringComparer.Ordinal)];
        int count = state.Int32(names.Length, 0, ScanCodes.ByName.Count);
        if (state.IsLoading)
        {
            held.Clear();
        }
        for (int n = 0; n < count; n++)
        {
            string name = state.Text(state.IsLoading ? "" : names[n]);
            held.Add(KeyOf(state, name));
        }
    }

    private static Key KeyOf(StateTransfer state, string name) =>
        ScanCodes.ByName.TryGetValue(name, out Key? key) ? key : throw state.Wrong($"names a key \"{name}\" that no keyboard has");

    private static KeyAction? TransferAction(StateTransfer state, KeyAction? action) =>
        state.Int32((int)(action ?? (KeyAction)(-1)), -1, (int)KeyAction.TypematicMakeBreak) is var moved && moved < 0 ? null : (KeyAction)moved;

    /// <inheritdoc/>
    public bool Knows(string name) => ScanCodes.ByName.ContainsKey(name);

    /// <inheritdoc/>
    public void Key(string name, bool down)
    {
        if (!ScanCodes.ByName.TryGetValue(name, out Key? key))
        {
            return;
        }
        if (down && held.Add(key))
        {
            Press(key);
            StartRepeat(key);
        }
        else if (!down && held.Remove(key))
        {
            if (repeating == key)
            {
                StopRepeat();
            }
            Release(key);
        }
    }

    /// <inheritdoc/>
    public override void Write(byte value)
    {
        byte pending = command;
        command = 0;
        if (pending != 0 && value < FirstCommand)
        {
            Argument(pending, value);
            return;
        }
        switch (value)
        {
            case 0xED or 0xF0 or 0xF3 or 0xFB or 0xFC or 0xFD:
                command = value;
                Answer(Acknowledge);
                break;
            case Echo:
                Answer(Echo);
                break;
            case 0xF2:
                Answer(Acknowledge, IdHigh, IdLow);
                break;
            case 0xF4:
                ClearData();
                IsEnabled = true;
                Answer(Acknowledge);
                break;
            case 0xF5 or 0xF6:
                ClearData();
                SetDefaults();
                IsEnabled &= value == 0xF6;
                Answer(Acknowledge);
                break;
            case 0xF7 or 0xF8 or 0xF9 or 0xFA:
                Array.Clear(set3Actions);
                allKeys = value switch
                {
                    0xF7 => KeyAction.Typematic,
                    0xF8 => KeyAction.MakeBreak,
                    0xF9 => KeyAction.MakeOnly,
                    _ => KeyAction.TypematicMakeBreak,
                };
                Answer(Acknowledge);
                break;
            case 0xFE:
                SendLastAgain();
                break;
            case 0xFF:
                Reset();
                Answer(Acknowledge);
                selfTestTimer.Arm(scheduler.NowNs + SelfTestNs);
                break;
            default:
                Answer(Resend);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void ByteTaken()
    {
        if (DataCount == 0)
        {
            overrun = false;
        }
    }

    private void Argument(byte pending, byte value)
    {
        switch (pending)
        {
            case 0xED:
                Leds = value & 7;
                Answer(Acknowledge);
                break;
            case 0xF0 when value == 0:
                Answer(Acknowledge, (byte)ScanCodeSet);
                break;
            case 0xF0 when value <= 3:
                ScanCodeSet = value;
                Answer(Acknowledge);
                break;
            case 0xF3 when value < 0x80:
                typematic = value;
                Answer(Acknowledge);
                break;
            case 0xFB or 0xFC or 0xFD:
                // A list of set 3 codes follows, ended by the next command.
                set3Actions[value] = pending switch
                {
                    0xFB => KeyAction.Typematic,
                    0xFC => KeyAction.MakeBreak,
                    _ => KeyAction.MakeOnly,
                };
                command = pending;
                Answer(Acknowledge);
                break;
            default:
                command = pending;
                Answer(Resend);
                break;
        }
    }

    private void SetDefaults()
    {
        ScanCodeSet = 2;
        typematic = DefaultTypematic;
        Array.Clear(set3Actions);
        allKeys = null;
        overrun = false;
        StopRepeat();
    }

    private void Press(Key key)
    {
        switch (ScanCodeSet)
        {
            case 3:
                if (key.Set3 != 0)
                {
                    Report(key.Set3);
                }
                break;
            case 2:
                Report(SpecialKeys.Make(key, IsHeld) ?? Set2Make(key));
                break;
            default:
                Report(SpecialKeys.Make(key, IsHeld) is { } special ? SpecialKeys.ToSet1(special) : Set1(key, 0));
                break;
        }
    }

    private void Release(Key key)
    {
        switch (ScanCodeSet)
        {
            case 3:
                if (key.Set3 != 0 && Breaks(key))
                {
                    Report(ScanCodes.Break, key.Set3);
                }
                break;
            case 2:
                Report(SpecialKeys.Broken(key, IsHeld) ?? Set2Break(key));
                break;
            default:
                Report(SpecialKeys.Broken(key, IsHeld) is { } special ? SpecialKeys.ToSet1(special) : Set1(key, 0x80));
                break;
        }
    }

    private bool IsHeld(string name) => held.Contains(ScanCodes.ByName[name]);

    private static byte[] Set2Make(Key key) =>
        key.IsExtended ? [ScanCodes.Extended, (byte)key.Set2] : [(byte)key.Set2];

    private static byte[] Set2Break(Key key) =>
        key.IsExtended ? [ScanCodes.Extended, ScanCodes.Break, (byte)key.Set2] : [ScanCodes.Break, (byte)key.Set2];

    private static byte[] Set1(Key key, byte breakBit)
    {
        byte code = (byte)(key.Set1 | breakBit);
        return key.IsExtended ? [ScanCodes.Extended, code] : [code];
    }

    private KeyAction ActionOf(Key key) => set3Actions[key.Set3] ?? allKeys ?? key.Action;

    private bool Breaks(Key key) => ActionOf(key) is KeyAction.MakeBreak or KeyAction.TypematicMakeBreak;

    private bool Repeats(Key key) =>
        ScanCodeSet == 3 ? ActionOf(key) is KeyAction.Typematic or KeyAction.TypematicMakeBreak : !SpecialKeys.IsPause(key);

    private void Report(params ReadOnlySpan<byte> codes)
    {
        if (!IsEnabled || overrun)
        {
            return;
        }
        if (codes.Length > Room)
        {
            overrun = true;
            Send(ScanCodeSet == 1 ? OverrunSet1 : OverrunSets23);
            return;
        }
        Send(codes);
    }

    private void StartRepeat(Key key)
    {
        if (!Repeats(key))
        {
            return;
        }
        repeating = key;
        long delayNs = ((typematic >> 5 & 3) + 1) * 250_000_000L;
        repeatTimer.Arm(scheduler.NowNs + delayNs);
    }

    private void StopRepeat()
    {
        repeating = null;
        repeatTimer.Disarm();
    }

    private void Repeat()
    {
        if (repeating is not { } key)
        {
            return;
        }
        // A guest that does not read gets no more than one code ahead.
        if (DataCount == 0)
        {
            Press(key);
        }
        // (8 + A) * 2^B * 4.17 ms (command F3, bits 2-0 and 4-3).
        long periodNs = (8 + (typematic & 7)) * (1L << (typematic >> 3 & 3)) * 4_170_000;
        repeatTimer.Arm(scheduler.NowNs + periodNs);
    }
}

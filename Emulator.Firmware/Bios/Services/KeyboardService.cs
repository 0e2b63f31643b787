namespace Emulator.Firmware.Bios.Services;

/// <summary>
/// INT 09h, from scan codes (set 1) to the buffer in the data area, and INT 16h. Source: IBM PS/2 BIOS Interface Technical Reference,
/// INT 09h and INT 16h.
/// </summary>
internal sealed class KeyboardService(IBiosHost host)
{
    // What the stub does after the interrupt is ended.
    private const byte Nothing = 0, Break = 1, PrintScreen = 2, RequestDown = 3, RequestUp = 4, Pause = 5;

    // 40:17 and 40:18.
    private const int RightShift = 1, LeftShift = 2, Control = 4, Alternate = 8, ScrollLock = 0x10, NumLock = 0x20, CapsLock = 0x40, Insert = 0x80;
    private const int LeftControl = 1, LeftAlternate = 2, Request = 4, Paused = 8;

    // 40:96 and 40:97.
    private const int LastE1 = 1, LastE0 = 2, RightControl = 4, RightAlternate = 8, LedMask = 7, LedsUnderWay = 0x40;

    private const byte Acknowledge = 0xFA, Resend = 0xFE, SetLeds = 0xED, PrefixE0 = 0xE0, PrefixE1 = 0xE1, Released = 0x80;
    private const ushort DataPort = 0x60, WarmStart = 0x1234;

    private BiosData Data => new(host.Memory);

    /// <summary>The keyboard's interrupt: the scan code is in AL, what comes after EOI goes into AH.</summary>
    public void Interrupt(BiosCall call)
    {
        call.Ah = Nothing;
        byte code = call.Al;
        if (code is Acknowledge or Resend)
        {
            Acknowledged(code == Acknowledge);
            return;
        }
        BiosData data = Data;
        int status = data.Byte(BiosData.KeyboardStatus3);
        if (code is PrefixE0 or PrefixE1)
        {
            data.SetByte(BiosData.KeyboardStatus3, status | (code == PrefixE0 ? LastE0 : LastE1));
            return;
        }
        bool e0 = (status & LastE0) != 0, e1 = (status & LastE1) != 0;
        int scan = code & 0x7F;
        bool down = (code & Released) == 0;
        if (e1)
        {
            // Pause is E1 1D 45, E1 9D C5: the middle byte is no Ctrl.
            if (scan == 0x45)
            {
                data.SetByte(BiosData.KeyboardStatus3, status & ~LastE1);
                call.Ah = down ? StartPause() : Nothing;
            }
            return;
        }
        data.SetByte(BiosData.KeyboardStatus3, status & ~LastE0);
        if (!ShiftKey(scan, e0, down) && down)
        {
            call.Ah = KeyDown(scan, e0);
        }
        else if (!down)
        {
            call.Ah = KeyUp(scan);
        }
        UpdateLeds();
    }

    /// <summary>INT 16h.</summary>
    public void Handle(BiosCall call)
    {
        BiosData data = Data;
        switch (call.Ah)
        {
            case 0x00 or 0x10:
                if (Next(extended: call.Ah == 0x10, remove: true) is { } key)
                {
                    call.Ax = key;
                }
                else
                {
                    call.Outcome = BiosOutcome.Wait;
                }
                break;
            case 0x01 or 0x11:
                ushort? waiting = Next(extended: call.Ah == 0x11, remove: false);
                call.Zero = waiting is null;
                call.Ax = waiting ?? call.Ax;
                break;
            case 0x02:
                call.Al = data.Byte(BiosData.ShiftFlags);
                break;
            case 0x03 when call.Al == 5:
                host.Out(DataPort, 0xF3); // the keyboard acknowledges by its interrupt; the second byte may follow at once
                host.Out(DataPort, (uint)((call.Bh & 3) << 5 | (call.Bl & 0x1F)));
                break;
            case 0x05:
                call.Al = (byte)(Store(call.Cx) ? 0 : 1);
                break;
            case 0x09:
                call.Al = 0x30; // AH=10h-12h, AH=0Ah
                break;
            case 0x0A:
                call.Bx = 0x41AB; // as the keyboard answers through the translation
                break;
            case 0x12:
                call.Al = data.Byte(BiosData.ShiftFlags);
                int held = data.Byte(BiosData.ShiftFlags2), right = data.Byte(BiosData.KeyboardStatus3);
                call.Ah = (byte)((held & 0x73) | (right & (RightControl | RightAlternate)) | ((held & Request) << 5));
                break;
        }
    }

    /// <summary>Puts a key into the buffer. False when it is full.</summary>
    public bool Store(ushort key)
    {
        BiosData data = Data;
        int tail = data.Word(BiosData.BufferTail), next = tail + 2;
        if (next >= data.Word(BiosData.BufferEnd))
        {
            next = data.Word(BiosData.BufferStart);
        }
        if (next == data.Word(BiosData.BufferHead))
        {
            return false;
        }
        data.SetWord(tail, key);
        data.SetWord(BiosData.BufferTail, next);
        return true;
    }

    /// <summary>The next key, or null. Without <paramref name="extended"/> as the 84-key keyboard's BIOS had it.</summary>
    public ushort? Next(bool extended, bool remove)
    {
        BiosData data = Data;
        while (true)
        {
            int head = data.Word(BiosData.BufferHead);
            if (host.HasFaulted || head == data.Word(BiosData.BufferTail))
            {
                return null;
            }
            ushort? key = extended ? data.Word(head) : ToStandard(data.Word(head));
            if (key is null || remove)
            {
                int next = head + 2;
                data.SetWord(BiosData.BufferHead, next >= data.Word(BiosData.BufferEnd) ? data.Word(BiosData.BufferStart) : next);
            }
            if (key is not null)
            {
                return extended && (key & 0xFF) == 0xF0 && (key >> 8) != 0 ? (ushort)(key & 0xFF00) : key;
            }
        }
    }

    // Grey keys look like those of the number pad; what only the 101-key keyboard has does not come.
    private static ushort? ToStandard(ushort key)
    {
        int scan = key >> 8, character = key & 0xFF;
        if (scan == 0xE0)
        {
            return (ushort)((character == '/' ? 0x35 : 0x1C) << 8 | character);
        }
        if (character == 0xE0 && scan != 0)
        {
            return (ushort)(scan << 8);
        }
        return (character == 0xF0 && scan != 0) || (character == 0 && scan > 0x84) ? null : key;
    }

    private byte StartPause()
    {
        BiosData data = Data;
        if ((data.Byte(BiosData.ShiftFlags2) & Paused) != 0)
        {
            return Nothing;
        }
        data.SetByte(BiosData.ShiftFlags2, data.Byte(BiosData.ShiftFlags2) | Paused);
        return Pause;
    }

    // Shift keys and locks. True when the key is one of them.
    private bool ShiftKey(int scan, bool e0, bool down)
    {
        switch (scan)
        {
            case 0x2A or 0x36:
                if (!e0) // E0 2A and E0 36 are part of what grey keys send
                {
                    Set(BiosData.ShiftFlags, scan == 0x2A ? LeftShift : RightShift, down);
                }
                return true;
            case 0x1D:
                HoldPair(e0, down, LeftControl, RightControl, Control);
                return true;
            case 0x38:
                HoldPair(e0, down, LeftAlternate, RightAlternate, Alternate);
                if (!down)
                {
                    EndAltNumber();
                }
                return true;
            case 0x3A:
                Lock(CapsLock, down);
                return true;
            case 0x45 when !e0 && (Data.Byte(BiosData.ShiftFlags) & Control) == 0:
                Lock(NumLock, down);
                return true;
            case 0x46 when !e0 && (Data.Byte(BiosData.ShiftFlags) & Control) == 0:
                Lock(ScrollLock, down);
                return true;
            default:
                return false;
        }
    }

    private void HoldPair(bool right, bool down, int leftBit, int rightBit, int either)
    {
        Set(right ? BiosData.KeyboardStatus3 : BiosData.ShiftFlags2, right ? rightBit : leftBit, down);
        bool held = (Data.Byte(BiosData.ShiftFlags2) & leftBit) != 0 || (Data.Byte(BiosData.KeyboardStatus3) & rightBit) != 0;
        Set(BiosData.ShiftFlags, either, held);
    }

    // A lock changes once a press: the held bit in 40:18 is the same as its own in 40:17.
    private void Lock(int bit, bool down)
    {
        bool held = (Data.Byte(BiosData.ShiftFlags2) & bit) != 0;
        if (down && !held)
        {
            Data.SetByte(BiosData.ShiftFlags, Data.Byte(BiosData.ShiftFlags) ^ bit);
        }
        Set(BiosData.ShiftFlags2, bit, down);
    }

    private byte KeyDown(int scan, bool e0)
    {
        BiosData data = Data;
        int flags = data.Byte(BiosData.ShiftFlags), flags2 = data.Byte(BiosData.ShiftFlags2);
        if ((flags2 & Paused) != 0)
        {
            data.SetByte(BiosData.ShiftFlags2, flags2 & ~Paused); // any key ends the pause, and is swallowed
            return Nothing;
        }
        bool control = (flags & Control) != 0, alternate = (flags & Alternate) != 0, shift = (flags & (LeftShift | RightShift)) != 0;
        if (control && alternate && scan == 0x53)
        {
            data.SetWord(BiosData.ResetFlag, WarmStart);
            host.Reset();
            return Nothing;
        }
        switch (scan)
        {
            case 0x46 when control: // Ctrl-Break; the buffer empties
                data.SetByte(BiosData.Break, 0x80);
                data.SetWord(BiosData.BufferHead, data.Word(BiosData.BufferStart));
                data.SetWord(BiosData.BufferTail, data.Word(BiosData.BufferStart));
                Store(0);
                return Break;
            case 0x45 when control: // Ctrl-Num Lock, Pause of the 84-key keyboard
                return StartPause();
            case 0x37 when e0 && !control && !alternate:
                return PrintScreen;
            case 0x37 when e0 && control:
                Store(0x7200);
                return Nothing;
            case 0x54:
                Set(BiosData.ShiftFlags2, Request, true);
                return RequestDown;
            case 0x52 when !alternate && !control && (e0 || ((flags & NumLock) != 0) == shift):
                if ((flags2 & Insert) == 0)
                {
                    data.SetByte(BiosData.ShiftFlags, flags ^ Insert);
                }
                Set(BiosData.ShiftFlags2, Insert, true);
                break;
        }
        if (alternate && !e0 && KeyTable.IsPad(scan) && scan != 0x53)
        {
            int digit = (KeyTable.Plain[scan].Shifted & 0xFF) - '0';
            data.SetByte(BiosData.AltNumber, (data.Byte(BiosData.AltNumber) * 10) + digit);
            return Nothing;
        }
        KeyCodes codes = (e0 ? KeyTable.Extended : KeyTable.Plain)[scan];
        if ((KeyTable.IsLetter(scan) && (flags & CapsLock) != 0) || (!e0 && KeyTable.IsPad(scan) && (flags & NumLock) != 0))
        {
            shift = !shift;
        }
        ushort key = alternate ? codes.Alternate : control ? codes.Controlled : shift ? codes.Shifted : codes.Plain;
        if (key != 0)
        {
            Store(key);
        }
        return Nothing;
    }

    private byte KeyUp(int scan)
    {
        if (scan == 0x54)
        {
            Set(BiosData.ShiftFlags2, Request, false);
            return RequestUp;
        }
        if (scan == 0x52)
        {
            Set(BiosData.ShiftFlags2, Insert, false);
        }
        return Nothing;
    }

    // Alt with digits of the number pad: the character comes when Alt is released.
    private void EndAltNumber()
    {
        byte number = Data.Byte(BiosData.AltNumber);
        if (number != 0)
        {
            Data.SetByte(BiosData.AltNumber, 0);
            Store(number);
        }
    }

    // The lights follow the locks: SET LEDS now, its argument when the keyboard has acknowledged.
    private void UpdateLeds()
    {
        BiosData data = Data;
        int status = data.Byte(BiosData.KeyboardStatus), wanted = data.Byte(BiosData.ShiftFlags) >> 4 & LedMask;
        if ((status & LedMask) != wanted && (status & LedsUnderWay) == 0)
        {
            data.SetByte(BiosData.KeyboardStatus, (status & ~LedMask) | wanted | LedsUnderWay);
            host.Out(DataPort, SetLeds);
        }
    }

    private void Acknowledged(bool taken)
    {
        BiosData data = Data;
        int status = data.Byte(BiosData.KeyboardStatus);
        if ((status & LedsUnderWay) != 0)
        {
            data.SetByte(BiosData.KeyboardStatus, status & ~LedsUnderWay);
            if (taken)
            {
                host.Out(DataPort, (uint)(status & LedMask));
            }
        }
    }

    private void Set(int offset, int bit, bool on)
    {
        BiosData data = Data;
        data.SetByte(offset, on ? data.Byte(offset) | bit : data.Byte(offset) & ~bit);
    }
}

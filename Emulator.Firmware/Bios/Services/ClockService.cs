namespace Emulator.Firmware.Bios.Services;

/// <summary>
/// The timer's tick, the RTC's interrupt with the waits that it times, and INT 1Ah AH=00h-07h. Source: IBM PS/2 BIOS Interface Technical
/// Reference, INT 08h, INT 70h, INT 1Ah, INT 15h AH=83h and 86h.
/// </summary>
internal sealed class ClockService(IBiosHost host)
{
    /// <summary>Ticks of a day.</summary>
    public const uint TicksPerDay = 0x1800B0;

    private const ushort IndexPort = 0x70, DataPort = 0x71, DigitalOutputPort = 0x3F2;
    private const int Seconds = 0, SecondsAlarm = 1, Minutes = 2, MinutesAlarm = 3, Hours = 4, HoursAlarm = 5, Day = 7, Month = 8, Year = 9,
        StatusA = 0x0A, StatusB = 0x0B, StatusC = 0x0C, Century = 0x32;

    private const int UpdateInProgress = 0x80, PeriodicEnable = 0x40, AlarmEnable = 0x20, PeriodicFlag = 0x40, AlarmFlag = 0x20, Setting = 0x80;

    // The RTC's periodic interrupt at 1024 Hz.
    private const int PeriodMicroseconds = 976;

    private const byte WaitBusy = 1, WaitDone = 0x80;

    private BiosData Data => new(host.Memory);

    /// <summary>IRQ 0: the count of ticks, and the floppy motor's time.</summary>
    public void Tick(BiosCall call)
    {
        BiosData data = Data;
        uint ticks = data.Dword(BiosData.Ticks) + 1;
        if (ticks >= TicksPerDay)
        {
            ticks = 0;
            data.SetByte(BiosData.Midnight, data.Byte(BiosData.Midnight) + 1);
        }
        data.SetDword(BiosData.Ticks, ticks);
        byte motor = data.Byte(BiosData.MotorCount);
        if (motor == 0)
        {
            return;
        }
        data.SetByte(BiosData.MotorCount, motor - 1);
        if (motor == 1)
        {
            const int motorsOffDmaOn = 0x0C;
            data.SetByte(BiosData.MotorStatus, data.Byte(BiosData.MotorStatus) & 0xF0);
            host.Out(DigitalOutputPort, motorsOffDmaOn);
        }
    }

    /// <summary>IRQ 8: CF tells the stub to call the alarm's handler, INT 4Ah.</summary>
    public void RtcInterrupt(BiosCall call)
    {
        int flags = Read(StatusC) & Read(StatusB);
        if ((flags & PeriodicFlag) != 0)
        {
            CountDown();
        }
        call.LiveCarry = (flags & AlarmFlag) != 0;
    }

    /// <summary>INT 1Ah without PCI.</summary>
    public void Handle(BiosCall call)
    {
        if (call.Ah is >= 2 and <= 5 && (Read(StatusA) & UpdateInProgress) != 0)
        {
            call.Outcome = BiosOutcome.Poll; // the registers are about to change
            return;
        }
        BiosData data = Data;
        bool fails = false;
        switch (call.Ah)
        {
            case 0x00:
                uint ticks = data.Dword(BiosData.Ticks);
                call.Cx = (ushort)(ticks >> 16);
                call.Dx = (ushort)ticks;
                call.Al = data.Byte(BiosData.Midnight);
                data.SetByte(BiosData.Midnight, 0);
                break;
            case 0x01:
                data.SetDword(BiosData.Ticks, (uint)(call.Cx << 16 | call.Dx));
                data.SetByte(BiosData.Midnight, 0);
                break;
            case 0x02:
                (call.Ch, call.Cl, call.Dh) = (Read(Hours), Read(Minutes), Read(Seconds));
                call.Dl = (byte)(Read(StatusB) & 1);
                break;
            case 0x03:
                Write(StatusB, Read(StatusB) | Setting);
                Write(Hours, call.Ch);
                Write(Minutes, call.Cl);
                Write(Seconds, call.Dh);
                Write(StatusB, (Read(StatusB) & ~(Setting | 1)) | (call.Dl & 1) | 2);
                break;
            case 0x04:
                (call.Ch, call.Cl, call.Dh, call.Dl) = (Read(Century), Read(Year), Read(Month), Read(Day));
                break;
            case 0x05:
                Write(StatusB, Read(StatusB) | Setting);
                Write(Century, call.Ch);
                Write(Year, call.Cl);
                Write(Month, call.Dh);
                Write(Day, call.Dl);
                Write(StatusB, Read(StatusB) & ~Setting);
                break;
            case 0x06:
                fails = (Read(StatusB) & AlarmEnable) != 0;
                if (!fails)
                {
                    Write(HoursAlarm, call.Ch);
                    Write(MinutesAlarm, call.Cl);
                    Write(SecondsAlarm, call.Dh);
                    Write(StatusB, (Read(StatusB) & ~Setting) | AlarmEnable);
                }
                break;
            case 0x07:
                Write(StatusB, Read(StatusB) & ~AlarmEnable);
                break;
            default:
                fails = true;
                break;
        }
        call.Carry = fails;
        if (!fails && call.Ah != 0)
        {
            call.Ah = 0;
        }
    }

    /// <summary>Sets the count of ticks from the clock.</summary>
    public static void SetTicks(IBiosHost host)
    {
        var clock = new ClockService(host);
        long seconds = (FromBcd(clock.Read(Hours)) * 3600) + (FromBcd(clock.Read(Minutes)) * 60) + FromBcd(clock.Read(Seconds));
        clock.Data.SetDword(BiosData.Ticks, (uint)Math.Min(seconds * TicksPerDay / 86400, TicksPerDay - 1));
    }

    /// <summary>INT 15h AH=83h: bit 7 of a byte is set when the time is over. False while another wait goes on.</summary>
    public bool StartWait(uint microseconds, ushort flagSegment, ushort flagOffset)
    {
        BiosData data = Data;
        if ((data.Byte(BiosData.WaitActive) & WaitBusy) != 0)
        {
            return false;
        }
        data.SetDword(BiosData.WaitFlagPointer, FarPointer.Make(flagSegment, flagOffset));
        data.SetDword(BiosData.WaitCount, microseconds);
        data.SetByte(BiosData.WaitActive, WaitBusy);
        Write(StatusB, Read(StatusB) | PeriodicEnable);
        return true;
    }

    /// <summary>Ends a wait early.</summary>
    public void CancelWait()
    {
        Data.SetByte(BiosData.WaitActive, 0);
        Write(StatusB, Read(StatusB) & ~PeriodicEnable);
    }

    /// <summary>INT 15h AH=86h: returns when the time is over.</summary>
    public void Wait(BiosCall call)
    {
        const int flagOffset = BiosData.WaitActive;
        if (call.Scratch == 0)
        {
            if (!StartWait((uint)(call.Cx << 16 | call.Dx), 0x40, flagOffset))
            {
                call.Carry = true;
                call.Ah = 0x83;
                return;
            }
            call.Scratch = 1;
        }
        if ((Data.Byte(BiosData.WaitActive) & WaitDone) == 0)
        {
            call.Outcome = BiosOutcome.Wait;
            return;
        }
        Data.SetByte(BiosData.WaitActive, 0);
        call.Carry = false;
    }

    private void CountDown()
    {
        BiosData data = Data;
        if ((data.Byte(BiosData.WaitActive) & WaitBusy) == 0)
        {
            return;
        }
        uint left = data.Dword(BiosData.WaitCount);
        if (left > PeriodMicroseconds)
        {
            data.SetDword(BiosData.WaitCount, left - PeriodMicroseconds);
            return;
        }
        CancelWait();
        uint pointer = data.Dword(BiosData.WaitFlagPointer), address = FarPointer.Linear(pointer);
        host.Memory.Store(address, 1, host.Memory.Load(address, 1) | WaitDone);
    }

    private static int FromBcd(byte value) => ((value >> 4) * 10) + (value & 0x0F);

    private byte Read(int register)
    {
        host.Out(IndexPort, (uint)register);
        return (byte)host.In(DataPort);
    }

    private void Write(int register, int value)
    {
        host.Out(IndexPort, (uint)register);
        host.Out(DataPort, (byte)value);
    }
}

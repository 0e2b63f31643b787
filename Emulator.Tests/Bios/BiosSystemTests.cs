using Emulator.Machine.Config;
using Xunit;

namespace Emulator.Tests.Bios;

/// <summary>INT 11h, 12h, 14h, 15h, 17h and 1Ah of the built-in BIOS.</summary>
public sealed class BiosSystemTests
{
    [Fact]
    public void MemoryIsReportedByEveryFunctionAlike()
    {
        using var rig = new BiosRig(_ => new MachineConfig { RamBytes = 64 << 20 });
        Assert.Equal(639, rig.Int(0x12, new()).Ax);
        Assert.Equal(0x0027, rig.Int(0x11, new()).Ax & 0x00FF); // a floppy, FPU, mouse, colour
        const int usable = (64 << 10) - 64 - 1024; // KiB above 1 MiB, without the tables
        Assert.Equal(usable, rig.Int(0x15, new() { Eax = 0x8800 }).Ax);
        BiosRegisters size = rig.Int(0x15, new() { Eax = 0xE801 });
        Assert.Equal((15 * 1024, (usable - (15 * 1024)) / 64), (size.Ax, size.Bx));
        uint next = 0, total = 0;
        int entries = 0;
        do
        {
            BiosRegisters entry = rig.Int(0x15, new() { Eax = 0xE820, Ebx = next, Ecx = 20, Edx = 0x534D4150, Edi = BiosRig.Buffer });
            Assert.Equal((false, 0x534D4150u, 20u), (entry.Carry, entry.Eax, entry.Ecx));
            total += rig.Value(BiosRig.Buffer + 16, 4) == 1 ? rig.Value(BiosRig.Buffer + 8, 4) : 0;
            next = entry.Ebx;
            entries++;
        }
        while (next != 0 && entries < 20);
        Assert.Equal((uint)(usable + 639) << 10, total);
        Assert.True(rig.Int(0x15, new() { Eax = 0xE820, Ebx = 99, Ecx = 20, Edx = 0x534D4150, Edi = BiosRig.Buffer }).Carry);
    }

    [Fact]
    public void BlocksMoveToExtendedMemoryAndA20Switches()
    {
        using var rig = new BiosRig();
        var table = new byte[48];
        (table[0x12], table[0x13], table[0x14]) = (0x00, 0x30, 0x00); // 003000
        (table[0x1A], table[0x1B], table[0x1C], table[0x1F]) = (0x00, 0x00, 0x20, 0x01); // 01200000
        rig.Write(BiosRig.Buffer, table);
        rig.Write(0x3000, 1, 2, 3, 4, 5, 6);
        Assert.False(rig.Int(0x15, new() { Eax = 0x8700, Ecx = 3, Esi = BiosRig.Buffer }).Carry);
        Assert.Equal([1, 2, 3, 4, 5, 6], rig.Read(0x01200000, 6));
        Assert.Equal(1, rig.Int(0x15, new() { Eax = 0x2402 }).Al);
        rig.Int(0x15, new() { Eax = 0x2400 });
        Assert.Equal(0, rig.Int(0x15, new() { Eax = 0x2402 }).Al);
        rig.Int(0x15, new() { Eax = 0x2401 });
        Assert.Equal(3, rig.Int(0x15, new() { Eax = 0x2403 }).Bx);
    }

    [Fact]
    public void WaitsTakeTheirTime()
    {
        using var rig = new BiosRig();
        long before = 0, after = 0;
        rig.Guest.Do(() => before = (long)rig.Board.Cpu.TimeStamp());
        Assert.False(rig.Int(0x15, new() { Eax = 0x8600, Ecx = 0, Edx = 30_000 }).Carry);
        rig.Guest.Do(() => after = (long)rig.Board.Cpu.TimeStamp());
        Assert.True(after - before >= 28_000_000, $"{after - before} ns"); // 30 periods, of which the first may be short
        rig.Write(BiosRig.Buffer, 0);
        Assert.False(rig.Int(0x15, new() { Eax = 0x8300, Edx = 5_000, Ebx = BiosRig.Buffer }).Carry);
        for (int n = 0; n < 1000 && rig.Read(BiosRig.Buffer, 1)[0] == 0; n++)
        {
            Thread.Sleep(2);
        }
        Assert.Equal(0x80, rig.Read(BiosRig.Buffer, 1)[0]);
    }

    [Fact]
    public void ConfigurationApmAndUnknownFunctions()
    {
        using var rig = new BiosRig();
        BiosRegisters table = rig.Int(0x15, new() { Eax = 0xC000 });
        Assert.Equal([0x08, 0x00, 0xFC], rig.Read(((uint)table.Es << 4) + table.Bx, 3));
        Assert.Equal(0x9FC0, rig.Int(0x15, new() { Eax = 0xC100 }).Es);
        BiosRegisters apm = rig.Int(0x15, new() { Eax = 0x5300 });
        Assert.Equal((0x0102, 0x504D, 3), (apm.Ax, apm.Bx, apm.Cx));
        BiosRegisters connected = rig.Int(0x15, new() { Eax = 0x5303 });
        Assert.Equal((false, 0xF000), (connected.Carry, connected.Ax));
        Assert.Equal([0x0F, 0x0B, 0xCB], rig.Read(0xF0000 + connected.Ebx, 3));
        BiosRegisters again = rig.Int(0x15, new() { Eax = 0x5301 });
        Assert.Equal((true, 0x07), (again.Carry, again.Ah));
        BiosRegisters key = rig.Int(0x15, new() { Eax = 0x4F1E });
        Assert.Equal((true, 0x1E), (key.Carry, key.Al));
        BiosRegisters unknown = rig.Int(0x15, new() { Eax = 0x7B00 });
        Assert.Equal((true, 0x86), (unknown.Carry, unknown.Ah));
    }

    [Fact]
    public void AnUndefinedOpcodeOutsideTheRomIsTheGuests()
    {
        using var rig = new BiosRig();
        rig.Write(0x60 * 4, 0x00, 0x20, 0x00, 0x00); // INT 60h: UD2 at 0:2000
        rig.Write(6 * 4, 0x00, 0x21, 0x00, 0x00);
        rig.Write(BiosRig.Buffer, 0x0F, 0x0B);
        rig.Write(0x2100, 0x2E, 0xC6, 0x06, 0x00, 0x22, 0x01, 0x83, 0xC4, 0x06, 0xCF); // marks 0:2200, drops the exception's frame, returns from INT 60h
        rig.Int(0x60, new());
        Assert.Equal(1, rig.Read(0x2200, 1)[0]);
    }

    [Fact]
    public void TheMouseIsResetIdentifiedAndItsPacketsReachTheHandler()
    {
        using var rig = new BiosRig();
        BiosRegisters reset = rig.Int(0x15, new() { Eax = 0xC205, Ebx = 0x0300 });
        Assert.Equal((false, 0x00AA), (reset.Carry, reset.Bx));
        Assert.Equal((false, 0), (rig.Int(0x15, new() { Eax = 0xC204 }).Carry, rig.Int(0x15, new() { Eax = 0xC204 }).Bx >> 8));
        Assert.Equal(0x05, rig.Int(0x15, new() { Eax = 0xC200, Ebx = 0x0100 }).Ah); // no handler yet

        // A handler that keeps its arguments: PUSH BP; MOV BP, SP; status, X, Y to CS:[2100]; POP BP; RETF.
        rig.Write(BiosRig.Buffer,
            0x55, 0x89, 0xE5, 0x50, 0x8B, 0x46, 0x0C, 0x2E, 0xA3, 0x00, 0x21, 0x8B, 0x46, 0x0A, 0x2E, 0xA3, 0x02, 0x21,
            0x8B, 0x46, 0x08, 0x2E, 0xA3, 0x04, 0x21, 0x58, 0x5D, 0xCB);
        rig.Write(0x2100, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF);
        rig.Int(0x15, new() { Eax = 0xC207, Ebx = BiosRig.Buffer });
        Assert.False(rig.Int(0x15, new() { Eax = 0xC200, Ebx = 0x0100 }).Carry);
        rig.Guest.Do(() => rig.Board.Keyboard.Mouse(5, 3, 0, 1));
        for (int n = 0; n < 500 && rig.Value(0x2100, 2) == 0xFFFF; n++)
        {
            Thread.Sleep(2);
        }
        Assert.Equal((5u, 0xFDu), (rig.Value(0x2102, 2), rig.Value(0x2104, 2))); // Y counts upwards
        Assert.Equal(0x29u, rig.Value(0x2100, 2)); // button 1, negative Y
    }

    [Fact]
    public void TheMousesResetIsWaitedForHoweverFastTheProcessorIs()
    {
        // A nanosecond an instruction: the self-test of 20 ms is twenty million of them.
        using var rig = new BiosRig(_ => new MachineConfig { IcountShift = 0, IcountSleep = false });
        BiosRegisters reset = rig.Int(0x15, new() { Eax = 0xC205, Ebx = 0x0300 });
        Assert.Equal((false, 0x00AA), (reset.Carry, reset.Bx));
    }

    [Fact]
    public void ClockAndDateAreTheRtcs()
    {
        using var rig = new BiosRig(_ => new MachineConfig { Rtc = new RtcConfig { Base = RtcBase.Date, Start = new DateTime(2024, 2, 29, 12, 34, 56) } });
        BiosRegisters time = rig.Int(0x1A, new() { Eax = 0x0200 });
        Assert.Equal((false, 0x1234), (time.Carry, time.Cx));
        BiosRegisters date = rig.Int(0x1A, new() { Eax = 0x0400 });
        Assert.Equal((0x2024, 0x0229), (date.Cx, date.Dx));
        rig.Int(0x1A, new() { Eax = 0x0300, Ecx = 0x2315, Edx = 0x4000 });
        Assert.Equal(0x2315, rig.Int(0x1A, new() { Eax = 0x0200 }).Cx);
        rig.Int(0x1A, new() { Eax = 0x0500, Ecx = 0x1999, Edx = 0x1231 });
        BiosRegisters set = rig.Int(0x1A, new() { Eax = 0x0400 });
        Assert.Equal((0x1999, 0x1231), (set.Cx, set.Dx));
        BiosRegisters ticks = rig.Int(0x1A, new());
        uint since = (uint)(ticks.Cx << 16 | ticks.Dx);
        Assert.InRange(since, (uint)(45296 * 18.2), (uint)(45400 * 18.3)); // 12:34:56 and what has passed since
        rig.Int(0x1A, new() { Eax = 0x0100, Ecx = 0x0018, Edx = 0x00AF }); // the day's last tick
        for (int n = 0; n < 500 && rig.Value(0x46C, 4) > 0x100000; n++)
        {
            Thread.Sleep(5);
        }
        Assert.Equal(1, rig.Int(0x1A, new()).Al);
        Assert.Equal(0, rig.Int(0x1A, new()).Al);
        Assert.False(rig.Int(0x1A, new() { Eax = 0x0600, Ecx = 0x1200 }).Carry);
        Assert.True(rig.Int(0x1A, new() { Eax = 0x0600, Ecx = 0x1200 }).Carry); // one alarm at a time
        rig.Int(0x1A, new() { Eax = 0x0700 });
    }

    [Fact]
    public void PciFunctionsAreFoundReadAndWritten()
    {
        using var rig = new BiosRig();
        BiosRegisters present = rig.Int(0x1A, new() { Eax = 0xB101 });
        Assert.Equal((false, 0, 1, 0x0210, 0x20494350u), (present.Carry, present.Ah, present.Al, present.Bx, present.Edx));
        Assert.Equal(1 << 3 | 1, rig.Int(0x1A, new() { Eax = 0xB102, Ecx = 0x7010, Edx = 0x8086 }).Bx); // IDE
        Assert.Equal(2 << 3, rig.Int(0x1A, new() { Eax = 0xB103, Ecx = 0x030000 }).Bx); // display
        BiosRegisters missing = rig.Int(0x1A, new() { Eax = 0xB102, Ecx = 0x1234, Edx = 0x8086 });
        Assert.Equal((true, 0x86), (missing.Carry, missing.Ah));
        Assert.Equal(0x11111234u, rig.Int(0x1A, new() { Eax = 0xB10A, Ebx = 2 << 3, Edi = 0 }).Ecx);
        Assert.Equal(0x87, rig.Int(0x1A, new() { Eax = 0xB10A, Ebx = 2 << 3, Edi = 2 }).Ah);
        rig.Int(0x1A, new() { Eax = 0xB10B, Ebx = 2 << 3, Edi = 0x3C, Ecx = 0x5A });
        Assert.Equal(0x5A, (byte)rig.Int(0x1A, new() { Eax = 0xB108, Ebx = 2 << 3, Edi = 0x3C }).Ecx);
        rig.Write(BiosRig.Buffer, 0x00, 0x01, 0x10, 0x20, 0x00, 0x00); // 256 bytes at 0:2010
        BiosRegisters routing = rig.Int(0x1A, new() { Eax = 0xB10E, Edi = BiosRig.Buffer });
        Assert.Equal((false, 0x0C00), (routing.Carry, routing.Bx));
        Assert.Equal([0x00, 0x08, 0x60], rig.Read(BiosRig.Buffer + 0x10, 3));
    }

    [Fact]
    public void SerialPortSendsReceivesAndTimesOut()
    {
        using var rig = new BiosRig();
        BiosRegisters status = rig.Int(0x14, new() { Eax = 0x00E3 }); // 9600 8N1
        Assert.Equal(0x60, status.Ah);
        foreach (char c in "serial")
        {
            Assert.Equal(0, rig.Int(0x14, new() { Eax = 0x0100u | c }).Ah & 0x80);
        }
        rig.Guest.WaitForSerial("serial", 10);
        rig.Guest.SendSerial("Z");
        Assert.Equal((byte)'Z', rig.Int(0x14, new() { Eax = 0x0200 }).Al);
        BiosRegisters late = rig.Int(0x14, new() { Eax = 0x0200 });
        Assert.Equal(0x80, late.Ah & 0x80);
        Assert.Equal(0x80, rig.Int(0x14, new() { Eax = 0x0300, Edx = 3 }).Ah); // no such port
        Assert.Equal(0x01, rig.Int(0x17, new() { Eax = 0x0200 }).Ah); // no printer
    }
}

using Emulator.Firmware.Bios.Disks;
using Emulator.Firmware.Bios.Video;
using Emulator.Firmware.Description;

namespace Emulator.Firmware.Bios.Services;

/// <summary>
/// The end of POST (banner, boot menu), INT 19h and INT 18h. The order is CMOS bytes 3D and 38, where the board puts <c>-boot</c>;
/// what it does not name is tried after it.
/// </summary>
internal sealed class BootService(IBiosHost host, MachineDescription machine, DriveTable drives, VideoBios video)
{
    private const byte Greeting = 0, Prompting = 1, Choosing = 2, Chosen = 3;
    private const int DefaultPromptMs = 2500;
    private const long Millisecond = 1_000_000;
    private const byte Floppy = 1, HardDisk = 2, CdRom = 3;
    private const ushort BootAddress = 0x7C00, Escape = 0x011B;

    private readonly KeyboardService keyboard = new(host);

    private ExtendedData Data => new(host.Memory);

    /// <summary>Banner and boot menu; the stub goes on to INT 19h when this is done.</summary>
    public void Greet(BiosCall call)
    {
        ExtendedData data = Data;
        switch (data.Byte(ExtendedData.BootStage))
        {
            case Greeting:
                Say("emu BIOS\n\n");
                if (!machine.BootMenu)
                {
                    data.SetByte(ExtendedData.BootStage, Chosen);
                    return;
                }
                Say("Press ESC for boot menu.\n\n");
                SetDeadline((machine.BootMenuWaitMs ?? DefaultPromptMs) * Millisecond);
                data.SetByte(ExtendedData.BootStage, Prompting);
                call.Outcome = BiosOutcome.Wait;
                break;
            case Prompting:
                if (keyboard.Next(extended: false, remove: true) == Escape)
                {
                    ShowMenu();
                    data.SetByte(ExtendedData.BootStage, Choosing);
                }
                else if (IsOver)
                {
                    data.SetByte(ExtendedData.BootStage, Chosen);
                    return;
                }
                call.Outcome = BiosOutcome.Wait;
                break;
            case Choosing:
                if (keyboard.Next(extended: false, remove: true) is { } key)
                {
                    int choice = (key & 0xFF) - '1';
                    if (choice >= 0 && choice < Candidates().Count)
                    {
                        data.SetByte(ExtendedData.BootIndex, choice);
                        data.SetByte(ExtendedData.BootStage, Chosen);
                        return;
                    }
                }
                call.Outcome = BiosOutcome.Wait;
                break;
        }
    }

    /// <summary>INT 19h: the frame on the stack is made to return into the boot sector.</summary>
    public void Load(BiosCall call)
    {
        ExtendedData data = Data;
        IReadOnlyList<Candidate> candidates = Candidates();
        for (int index = data.Byte(ExtendedData.BootIndex); index < candidates.Count; index++)
        {
            data.SetByte(ExtendedData.BootIndex, index);
            Candidate candidate = candidates[index];
            Say($"Booting from {candidate.Title}...\n");
            string? reason = candidate.Kind == CdRom ? LoadCd(call, candidate) : LoadSector(call, candidate.Number, candidate.Drive);
            if (reason is null)
            {
                return;
            }
            Say($"Boot failed: {reason}\n\n");
        }
        if (data.Byte(ExtendedData.BootIndex) < 0xFF)
        {
            data.SetByte(ExtendedData.BootIndex, 0xFF);
            Say("No bootable device.\n");
            if (machine.BootFailWaitMs is >= 0 and { } wait)
            {
                Say($"Rebooting in {(wait + 999) / 1000} seconds.\n");
                SetDeadline(wait * Millisecond);
            }
        }
        if (machine.BootFailWaitMs is >= 0 && IsOver)
        {
            host.Reset();
        }
        call.Outcome = BiosOutcome.Wait;
    }

    /// <summary>INT 18h: what was booted gave up; the next device.</summary>
    public void Next(BiosCall call)
    {
        if (call.Scratch == 0)
        {
            call.Scratch = 1;
            int index = Data.Byte(ExtendedData.BootIndex);
            Data.SetByte(ExtendedData.BootIndex, Math.Min(index + 1, 0xFE));
            drives.EndEmulation();
        }
        Load(call);
    }

    private bool IsOver => host.NowNs >= (Data.Dword(ExtendedData.BootDeadline) | (long)Data.Dword(ExtendedData.BootDeadline + 4) << 32);

    private void SetDeadline(long afterNs)
    {
        ulong deadline = (ulong)(host.NowNs + afterNs);
        Data.SetDword(ExtendedData.BootDeadline, (uint)deadline);
        Data.SetDword(ExtendedData.BootDeadline + 4, (uint)(deadline >> 32));
    }

    private void Say(string text)
    {
        host.DebugOut(text);
        video.Print(text);
    }

    private void ShowMenu()
    {
        Say("Select boot device:\n\n");
        int number = 1;
        foreach (Candidate candidate in Candidates())
        {
            Say($"{number++}. {candidate.Title}{(candidate.Kind == Floppy ? "" : $" [{candidate.Drive.Name}]")}\n");
        }
        Say("\n");
    }

    private List<Candidate> Candidates()
    {
        const int firstAndSecond = 0x3D, third = 0x38;
        byte low = Cmos(firstAndSecond), high = Cmos(third);
        int[] order = [.. new[] { low & 0x0F, low >> 4, high >> 4, Floppy, HardDisk, CdRom }.Distinct()];
        return [.. order.SelectMany(OfKind)];
    }

    private IEnumerable<Candidate> OfKind(int kind) => kind switch
    {
        Floppy => host.Floppies.Select((drive, n) => (drive, n)).Where(pair => pair.drive is not null && pair.n == 0)
            .Select(pair => new Candidate(Floppy, (byte)pair.n, pair.drive!, "floppy A")),
        HardDisk => host.HardDisks.Select((drive, n) => new Candidate(HardDisk, (byte)(DriveTable.FirstDisk + n), drive, $"hard disk {n}")),
        CdRom => host.CdRoms.Select((drive, n) => new Candidate(CdRom, (byte)(DriveTable.FirstCd + n), drive, $"CD-ROM {n}")),
        _ => [],
    };

    private string? LoadSector(BiosCall call, byte number, IBiosDrive drive)
    {
        var sector = new byte[drive.SectorSize];
        if (!drive.HasMedium || !drive.Read(0, sector))
        {
            return "no disk";
        }
        const int flags = 0x38, noFloppyCheck = 1;
        bool checks = number >= DriveTable.FirstDisk || (Cmos(flags) & noFloppyCheck) == 0;
        if (checks && (sector[510] != 0x55 || sector[511] != 0xAA))
        {
            return "not a bootable disk";
        }
        host.Memory.Write(BootAddress, sector);
        Enter(call, number, 0, BootAddress);
        return null;
    }

    private string? LoadCd(BiosCall call, Candidate candidate)
    {
        IBiosDrive cd = candidate.Drive;
        cd.TakeChanged();
        if (ElToritoEntry.Find(cd, out string reason) is not { } entry)
        {
            return reason;
        }
        int sectors = Math.Max((entry.SectorCount + 3) / 4, 1);
        var image = new byte[sectors * cd.SectorSize];
        if (!cd.Read(entry.Start, image))
        {
            return "the boot image cannot be read";
        }
        byte drive = entry.Media switch { 0 => DriveTable.NoEmulation, 4 => DriveTable.FirstDisk, _ => 0 };
        drives.Emulate(drive, entry, candidate.Number, image);
        host.Memory.Write((uint)entry.LoadSegment << 4, image.AsSpan(0, Math.Max(entry.SectorCount, (ushort)1) * 512));
        // 07C0:0000 and 0000:7C00 are the same place; boot sectors expect the second.
        bool usual = entry.LoadSegment == 0x7C0;
        Enter(call, drive == DriveTable.NoEmulation ? candidate.Number : drive, usual ? (ushort)0 : entry.LoadSegment, usual ? BootAddress : (ushort)0);
        return null;
    }

    private static void Enter(BiosCall call, byte drive, ushort segment, ushort offset)
    {
        call.Registers[..4].Clear();
        call.Registers[5..].Clear();
        call.Eax = 0xAA55;
        call.Dl = drive;
        call.ReturnTo(segment, offset);
    }

    private byte Cmos(int index)
    {
        host.Out(0x70, (uint)index);
        return (byte)host.In(0x71);
    }

    private sealed record Candidate(byte Kind, byte Number, IBiosDrive Drive, string Title);
}

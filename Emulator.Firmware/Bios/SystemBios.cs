using Emulator.Firmware.Bios.Disks;
using Emulator.Firmware.Bios.Services;
using Emulator.Firmware.Bios.Video;
using Emulator.Firmware.Description;

namespace Emulator.Firmware.Bios;

/// <summary>
/// The built-in BIOS: what the stubs of <see cref="Rom.SystemRom"/> and <see cref="Rom.VideoRom"/> call. What a call needs to remember
/// lies in guest memory (data areas, stack), so a machine's memory is all of the BIOS's state but the marks of changed media.
/// </summary>
public sealed class SystemBios
{
    private readonly Dictionary<BiosEntry, Action<BiosCall>> services;

    /// <summary>Makes the BIOS of a machine.</summary>
    public SystemBios(IBiosHost host, MachineDescription machine)
    {
        var video = new VideoBios(host);
        var drives = new DriveTable(host);
        var boot = new BootService(host, machine, drives, video);
        var post = new PowerOnSelfTest(host, machine);
        var keyboard = new KeyboardService(host);
        var mouse = new MouseService(host);
        var clock = new ClockService(host);
        var pci = new PciService(host);
        var apm = new ApmService(host);
        var floppy = new FloppyService(host, drives);
        var disk = new DiskService(host, drives);
        var system = new SystemService(host, machine, mouse, clock, apm);
        services = new Dictionary<BiosEntry, Action<BiosCall>>
        {
            [BiosEntry.Post] = post.Start,
            [BiosEntry.OptionRoms] = post.NextOptionRom,
            [BiosEntry.PostDone] = boot.Greet,
            [BiosEntry.Timer] = clock.Tick,
            [BiosEntry.Keyboard] = keyboard.Interrupt,
            [BiosEntry.FloppyIrq] = _ => floppy.Interrupt(),
            [BiosEntry.RtcIrq] = clock.RtcInterrupt,
            [BiosEntry.MouseIrq] = mouse.Interrupt,
            [BiosEntry.DiskIrq] = _ => new BiosData(host.Memory).SetByte(BiosData.DiskInterrupt, 0xFF),
            [BiosEntry.Int11] = call => call.Ax = new BiosData(host.Memory).Word(BiosData.Equipment),
            [BiosEntry.Int12] = call => call.Ax = new BiosData(host.Memory).Word(BiosData.MemorySize),
            [BiosEntry.Int13] = call =>
            {
                if (call.Dl >= DriveTable.FirstDisk || call.Ah == DiskService.Emulation)
                {
                    disk.Handle(call);
                }
                else
                {
                    floppy.Handle(call);
                }
            },
            [BiosEntry.Int14] = new SerialService(host).Handle,
            [BiosEntry.Int15] = system.Handle,
            [BiosEntry.Int16] = keyboard.Handle,
            [BiosEntry.Int17] = new PrinterService(host).Handle,
            [BiosEntry.Int18] = boot.Next,
            [BiosEntry.Int19] = boot.Load,
            [BiosEntry.Int1A] = call =>
            {
                if (call.Ah == 0xB1)
                {
                    pci.Handle(call);
                }
                else
                {
                    clock.Handle(call);
                }
            },
            [BiosEntry.Apm32] = apm.Handle,
            [BiosEntry.Bios32] = pci.FindService,
            [BiosEntry.Pci32] = pci.Handle,
            [BiosEntry.VideoInit] = _ => video.Initialize(),
            [BiosEntry.Int10] = video.Handle,
        };
    }

    /// <summary>True for calls whose flags are the processor's own, not an interrupt frame's.</summary>
    public static bool HasLiveFlags(BiosEntry entry) => entry is
        BiosEntry.Post or BiosEntry.OptionRoms or BiosEntry.PostDone or BiosEntry.Timer or BiosEntry.Keyboard or BiosEntry.FloppyIrq
        or BiosEntry.RtcIrq or BiosEntry.MouseIrq or BiosEntry.DiskIrq or BiosEntry.Apm32 or BiosEntry.Bios32 or BiosEntry.Pci32
        or BiosEntry.VideoInit;

    /// <summary>Does what the stub at an entry calls for.</summary>
    public void Handle(BiosEntry entry, BiosCall call) => services[entry](call);
}

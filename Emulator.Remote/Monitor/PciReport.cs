using System.Globalization;
using System.Text;
using Emulator.Devices.Pci;

namespace Emulator.Remote.Monitor;

/// <summary>The output of <c>info pci</c>.</summary>
public static class PciReport
{
    private const int InterruptLine = 0x3C;

    // Base class and sub-class (PCI code and ID assignment, section 1).
    private static readonly Dictionary<uint, string> Classes = new()
    {
        [0x0100] = "SCSI controller", [0x0101] = "IDE controller", [0x0106] = "SATA controller", [0x0200] = "Ethernet controller",
        [0x0300] = "VGA controller", [0x0380] = "Display controller", [0x0401] = "Audio controller", [0x0500] = "RAM controller",
        [0x0600] = "Host bridge", [0x0601] = "ISA bridge", [0x0604] = "PCI bridge", [0x0680] = "Bridge", [0x0C03] = "USB controller",
    };

    /// <summary>Every function with its identity, interrupt and BARs.</summary>
    public static string Format(PciBus bus)
    {
        var text = new StringBuilder();
        foreach (PciFunction function in bus.Functions)
        {
            PciIdentity id = function.Identity;
            string name = Classes.TryGetValue(id.ClassCode >> 8, out string? known)
                ? known
                : string.Create(CultureInfo.InvariantCulture, $"Class {id.ClassCode >> 8:x4}");
            Line(text, $"  Bus  0, device {function.Device,3}, function {function.Function}:");
            Line(text, $"    {name}: PCI device {id.Vendor:x4}:{id.Device:x4}");
            Line(text, $"      PCI subsystem {id.SubsystemVendor:x4}:{id.Subsystem:x4}");
            if (id.InterruptPin != 0)
            {
                Line(text, $"      IRQ {function.ReadConfig(InterruptLine, 1)}, pin {(char)('A' + id.InterruptPin - 1)}");
            }
            foreach (PciBarState bar in function.Bars)
            {
                Bar(text, bar);
            }
            Line(text, $"      id \"\"");
        }
        return text.ToString();
    }

    // A BAR that is not decoded shows all ones, as in QEMU.
    private static void Bar(StringBuilder text, PciBarState bar)
    {
        ulong start = bar.IsDecoded ? bar.Value : ulong.MaxValue, end = unchecked(start + bar.Bar.Size - 1);
        if (bar.Bar.IsIo)
        {
            Line(text, $"      BAR{bar.Index}: I/O at 0x{start:x4} [0x{end:x4}].");
        }
        else
        {
            Line(text, $"      BAR{bar.Index}: 32 bit{(bar.Bar.IsPrefetchable ? " prefetchable" : "")} memory at 0x{start:x8} [0x{end:x8}].");
        }
    }

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(FormattableString.Invariant(line)).Append('\n');
}

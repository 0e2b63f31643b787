using Emulator.Firmware.Description;
using Emulator.Firmware.Memory;

namespace Emulator.Firmware.Acpi;

/// <summary>
/// The board's differentiated system description: the PCI host bridge with its windows and interrupt routing, the links
/// over the PIIX3's PIRQ registers, the devices behind the ISA bridge, and S5.
/// </summary>
internal static class Dsdt
{
    private const byte PciConfigSpace = 2;
    private const int Slots = 32, Pins = 4, IsaBridgeSlot = 1;
    private const byte LinkDisabled = 0x80, LinkOff = 0x09, LinkOn = 0x0B;
    private static readonly string[] Links = ["LNKA", "LNKB", "LNKC", "LNKD"];
    private static readonly string[] PirqFields = ["PRQ0", "PRQ1", "PRQ2", "PRQ3"];

    /// <summary>The table's AML, without its header.</summary>
    public static byte[] Build(MachineDescription machine) => Aml.Join(
        Aml.Scope("\\_SB", Aml.Device("PCI0", HostBridge(machine)), Aml.Join([.. LinkHelpers(), .. AllLinks(), SciLink()])),
        Aml.Name("\\_S5", SleepPackage(PmRegisters.SleepTypeS5)));

    private static byte[] SleepPackage(byte sleepType) =>
        Aml.Package(Aml.Integer(sleepType), Aml.Integer(sleepType), Aml.Integer(0), Aml.Integer(0));

    private static byte[][] HostBridge(MachineDescription machine) =>
    [
        Aml.Name("_HID", Aml.EisaId("PNP0A03")),
        Aml.Name("_UID", Aml.Integer(0)),
        Aml.Name("_CRS", HostBridgeResources(machine.RamSize)),
        Aml.Name("_PRT", RoutingTable()),
        Aml.Device("GPE0", GpeBlock()),
        Aml.Device("ISA", IsaBridge(machine)),
    ];

    private static byte[] HostBridgeResources(ulong ramSize) => AmlResources.Template(
        AmlResources.BusNumbers(0, 0xFF),
        AmlResources.Io(0xCF8, 8),
        AmlResources.IoWindow(0, 0xCF7),
        AmlResources.IoWindow(0xD00, PmRegisters.Gpe0 - 1),
        AmlResources.IoWindow(PmRegisters.Gpe0 + 4, 0xFFFF),
        AmlResources.MemoryWindow(MemoryMap.VideoStart, 0xBFFFF, cacheable: true),
        AmlResources.MemoryWindow((uint)MemoryMap.Below4G(ramSize), MemoryMap.PciHoleEnd - 1, cacheable: false));

    // The PIIX3 swizzles: pin p of slot s drives link (s + p - 1) mod 4. The power management function in the ISA bridge's
    // slot has its own wire, IRQ 9, for pin A.
    private static byte[] RoutingTable()
    {
        var rows = new List<byte[]>();
        for (int slot = 0; slot < Slots; slot++)
        {
            for (int pin = 0; pin < Pins; pin++)
            {
                string link = slot == IsaBridgeSlot && pin == 0 ? "LNKS" : Links[(slot + pin + 3) % 4];
                rows.Add(Aml.Package(
                    Aml.Integer(((ulong)slot << 16) | 0xFFFF), Aml.Integer((ulong)pin), Aml.Reference(link), Aml.Integer(0)));
            }
        }
        return Aml.Package([.. rows]);
    }

    // Keeps the general purpose event ports, which the windows leave out, from other drivers.
    private static byte[][] GpeBlock() =>
    [
        Aml.Name("_HID", Aml.EisaId("PNP0A06")),
        Aml.Name("_UID", Aml.String("GPE0 resources")),
        Aml.Name("_STA", Aml.Integer(LinkOn)),
        Aml.Name("_CRS", AmlResources.Template(AmlResources.Io(PmRegisters.Gpe0, 4))),
    ];

    private static byte[][] IsaBridge(MachineDescription machine)
    {
        var terms = new List<byte[]>
        {
            Aml.Name("_ADR", Aml.Integer(IsaBridgeSlot << 16)),
            Aml.OperationRegion("PIRQ", PciConfigSpace, 0x60, 4),
            Aml.Scope("\\_SB", Aml.ByteField("PCI0.ISA.PIRQ", PirqFields)),
            IsaDevice("KBD", "PNP0303", AmlResources.Io(0x60, 1), AmlResources.Io(0x64, 1), AmlResources.IrqNoFlags(1)),
            IsaDevice("MOU", "PNP0F13", AmlResources.IrqNoFlags(12)),
            IsaDevice("RTC", "PNP0B00", AmlResources.Io(0x70, 8), AmlResources.IrqNoFlags(8)),
        };
        if (machine.HasFloppyController)
        {
            terms.Add(FloppyController(machine));
        }
        (int Port, int Irq)[] serialPorts = [(0x3F8, 4), (0x2F8, 3)];
        for (int i = 0; i < Math.Min(machine.SerialPorts, serialPorts.Length); i++)
        {
            (int port, int irq) = serialPorts[i];
            byte[] resources = AmlResources.Template(AmlResources.Io(port, 8), AmlResources.IrqNoFlags(irq));
            terms.Add(Aml.Device($"COM{i + 1}",
                Aml.Name("_HID", Aml.EisaId("PNP0501")), Aml.Name("_UID", Aml.Integer((ulong)i + 1)),
                Aml.Name("_STA", Aml.Integer(0x0F)), Aml.Name("_CRS", resources)));
        }
        return [.. terms];
    }

    private static byte[] IsaDevice(string name, string id, params byte[][] resources) => Aml.Device(name,
        Aml.Name("_HID", Aml.EisaId(id)), Aml.Name("_STA", Aml.Integer(0x0F)), Aml.Name("_CRS", AmlResources.Template(resources)));

    private static byte[] FloppyController(MachineDescription machine)
    {
        // _FDE: presence of four drives, then 2: no tape drive's presence is known.
        var presence = new ByteWriter()
            .U32(machine.FloppyA != FloppyType.None ? 1u : 0).U32(machine.FloppyB != FloppyType.None ? 1u : 0).U32(0).U32(0).U32(2);
        return Aml.Device("FDC0",
            Aml.Name("_HID", Aml.EisaId("PNP0700")),
            Aml.Name("_CRS", AmlResources.Template(
                AmlResources.Io(0x3F2, 4), AmlResources.Io(0x3F7, 1), AmlResources.IrqNoFlags(6), AmlResources.Dma(2))),
            Aml.Name("_FDE", Aml.Buffer(presence.ToArray())));
    }

    // IQST: status of a link by its PIRQ register. IQCR: its present interrupt as a resource template.
    private static byte[][] LinkHelpers()
    {
        const int interruptOffset = 5; // in an extended interrupt descriptor: tag, length (2), flags, count
        return
        [
            Aml.Method("IQST", 1, false,
                Aml.If(Aml.And(Aml.Arg0, Aml.Integer(LinkDisabled)), Aml.Return(Aml.Integer(LinkOff))),
                Aml.Return(Aml.Integer(LinkOn))),
            Aml.Method("IQCR", 1, true,
                Aml.Name("PRR0", AmlResources.Template(AmlResources.SharedInterrupt(0))),
                Aml.CreateDWordField(Aml.Reference("PRR0"), interruptOffset, "PRRI"),
                Aml.If(Aml.LessThan(Aml.Arg0, Aml.Integer(LinkDisabled)), Aml.Store(Aml.Arg0, Aml.Reference("PRRI"))),
                Aml.Return(Aml.Reference("PRR0"))),
        ];
    }

    private static IEnumerable<byte[]> AllLinks() => Enumerable.Range(0, Links.Length).Select(i => Link(Links[i], i, PirqFields[i]));

    private static byte[] Link(string name, int uid, string pirq) => Aml.Device(name,
        Aml.Name("_HID", Aml.EisaId("PNP0C0F")),
        Aml.Name("_UID", Aml.Integer((ulong)uid)),
        Aml.Name("_PRS", AmlResources.Template(AmlResources.SharedInterrupt(5, 10, 11))),
        Aml.Method("_STA", 0, false, Aml.Return(Aml.Call("IQST", Aml.Reference(pirq)))),
        Aml.Method("_DIS", 0, false, Aml.Or(Aml.Reference(pirq), Aml.Integer(LinkDisabled), Aml.Reference(pirq))),
        Aml.Method("_CRS", 0, false, Aml.Return(Aml.Call("IQCR", Aml.Reference(pirq)))),
        Aml.Method("_SRS", 1, false,
            Aml.CreateDWordField(Aml.Arg0, 5, "PRRI"), Aml.Store(Aml.Reference("PRRI"), Aml.Reference(pirq))));

    private static byte[] SciLink()
    {
        byte[] nine = AmlResources.Template(AmlResources.SharedInterrupt(PmRegisters.Sci));
        return Aml.Device("LNKS",
            Aml.Name("_HID", Aml.EisaId("PNP0C0F")),
            Aml.Name("_UID", Aml.Integer(4)),
            Aml.Name("_PRS", nine),
            Aml.Method("_STA", 0, false, Aml.Return(Aml.Integer(LinkOn))),
            Aml.Method("_DIS", 0, false),
            Aml.Method("_CRS", 0, false, Aml.Return(Aml.Reference("_PRS"))),
            Aml.Method("_SRS", 1, false));
    }
}

namespace Emulator.Firmware.Bios;

/// <summary>The places in the ROM that call into the VMM.</summary>
public enum BiosEntry
{
#pragma warning disable CS1591 // the interrupts' own numbers
    Post, OptionRoms, PostDone,
    Timer, Keyboard, FloppyIrq, RtcIrq, MouseIrq, DiskIrq, SpuriousIrq,
    Int11, Int12, Int13, Int14, Int15, Int16, Int17, Int18, Int19, Int1A,
    Apm32, Bios32, Pci32,
    VideoInit, Int10,
#pragma warning restore CS1591
}

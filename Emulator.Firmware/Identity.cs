namespace Emulator.Firmware;

/// <summary>Names by which the firmware tables introduce this machine.</summary>
internal static class Identity
{
    public const string Oem = "EMU", OemTable = "EMUPC", Creator = "EMU", Vendor = "emu", Product = "emu PC (i440FX + PIIX)";
    public const string BootLoader = "emu";
}

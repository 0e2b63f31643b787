namespace Emulator.Firmware.Bios.Disks;

/// <summary>Results of INT 13h, in AH and in the data area.</summary>
internal static class DiskStatus
{
#pragma warning disable CS1591 // as in the reference
    public const byte Success = 0x00, BadCommand = 0x01, NoAddressMark = 0x02, WriteProtected = 0x03, SectorNotFound = 0x04, DiskChanged = 0x06,
        DmaBoundary = 0x09, MediaTypeUnknown = 0x0C, ControllerFailed = 0x20, SeekFailed = 0x40, NotReady = 0x80, NotInDrive = 0x31,
        NotRemovable = 0xB2;
#pragma warning restore CS1591
}

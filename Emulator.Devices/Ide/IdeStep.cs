namespace Emulator.Devices.Ide;

/// <summary>What a drive does next: after the completion delay, when a block has gone through the data port, or when the bus master starts.</summary>
internal enum IdeStep
{
    None,

    // Both kinds of drive
    Succeed,
    Abort,
    Identify,
    EndIdentify,
    Diagnose,

    // Disks
    Verify,
    Flush,
    OfferBlock,
    BlockArrived,
    StoreBlock,
    DmaRead,
    DmaWrite,

    // Packet devices
    PacketArrived,
    ExecutePacket,
    SendBlock,
    SendByDma,
}

using Emulator.BT.Translator.Regions;

namespace Emulator.BT.Translator.Il;

/// <summary>Byte offsets in <see cref="Slot"/>.</summary>
internal static unsafe class SlotOffsets
{
    public static readonly int Code, Delta, Rip, Entry, CsBase, CsLimit, SlideBy, Behind;

    static SlotOffsets()
    {
        Slot slot = default;
        var start = (byte*)&slot;
        Code = (int)((byte*)&slot.Code - start);
        Delta = (int)((byte*)&slot.Delta - start);
        Rip = (int)((byte*)&slot.Rip - start);
        CsBase = (int)((byte*)&slot.CsBase - start);
        SlideBy = (int)((byte*)&slot.SlideBy - start);
        Behind = (int)((byte*)&slot.Behind - start);
        CsLimit = (int)((byte*)&slot.CsLimit - start);
        Entry = (int)((byte*)&slot.Entry - start);
    }
}

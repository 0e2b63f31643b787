using Emulator.Core.State;

namespace Emulator.BT.Model;

/// <summary>
/// Machine-check registers (SDM Vol. 3B, chapter 16). This processor's hardware never fails, so they only keep what is written: the Pentium's two
/// (P5_MC_ADDR, P5_MC_TYPE), and the P6's global registers and five banks.
/// </summary>
internal sealed class MachineCheck(CpuModel model)
{
    private const int Banks = 5;
    private const uint P5Address = 0, P5Type = 1, Capabilities = 0x179, GlobalStatus = 0x17A, FirstBank = 0x400;

    private readonly ulong[] control = new ulong[Banks];
    private ulong globalStatus;

    private enum BankRegister
    {
        Control,
        Status,
        Address,
        Miscellaneous,
    }

    /// <summary>Reads a register; false when there is none of that number.</summary>
    public bool TryRead(uint number, out ulong value)
    {
        value = 0;
        if (number is P5Address or P5Type)
        {
            return model.Has(CpuFeatures.Mce);
        }
        if (!model.Has(CpuFeatures.Mca))
        {
            return false;
        }
        switch (number)
        {
            case Capabilities: value = Banks; return true;
            case GlobalStatus: value = globalStatus; return true;
            default:
                if (!TryFind(number, out int bank, out BankRegister register))
                {
                    return false;
                }
                value = register == BankRegister.Control ? control[bank] : 0;
                return true;
        }
    }

    /// <summary>Writes a register; false when there is none of that number, or it takes no such value (a bank's status only 0).</summary>
    public bool TryWrite(uint number, ulong value)
    {
        if (number is P5Address or P5Type)
        {
            return model.Has(CpuFeatures.Mce);
        }
        if (!model.Has(CpuFeatures.Mca))
        {
            return false;
        }
        if (number == GlobalStatus)
        {
            globalStatus = value;
            return true;
        }
        if (!TryFind(number, out int bank, out BankRegister register))
        {
            return false;
        }
        if (register == BankRegister.Control)
        {
            control[bank] = value;
            return true;
        }
        return value == 0;
    }

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        for (int bank = 0; bank < control.Length; bank++)
        {
            control[bank] = state.UInt64(control[bank]);
        }
        globalStatus = state.UInt64(globalStatus);
    }

    // The P6's banks have no MISC register.
    private static bool TryFind(uint number, out int bank, out BankRegister register)
    {
        bank = (int)(number - FirstBank) >> 2;
        register = (BankRegister)(number & 3);
        return number is >= FirstBank and < FirstBank + (Banks * 4) && register != BankRegister.Miscellaneous;
    }
}

using Iced.Intel;

namespace Emulator.Tests.Integer;

/// <summary>The flags that the manual (SDM Vol. 2) leaves undefined after an instruction.</summary>
internal static class UndefinedFlags
{
    private const uint CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, OF = 0x800;

    /// <summary>EFLAGS bits after <paramref name="x"/>; <paramref name="count"/> is its shift count.</summary>
    public static uint After(in Instruction x, int width, int count)
    {
        count &= 31;
        switch (x.Mnemonic)
        {
            case Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr:
                return count > 1 ? OF : 0;
            case Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr:
                return count == 0 ? 0 : AF | (count > 1 ? OF : 0) | (count >= width ? CF : 0);
            case Mnemonic.Sar or Mnemonic.Shld or Mnemonic.Shrd:
                return count == 0 ? 0 : AF | (count > 1 ? OF : 0);
        }
        RflagsBits bits = x.RflagsUndefined;
        return Bit(bits, RflagsBits.CF, CF) | Bit(bits, RflagsBits.PF, PF) | Bit(bits, RflagsBits.AF, AF) | Bit(bits, RflagsBits.ZF, ZF)
            | Bit(bits, RflagsBits.SF, SF) | Bit(bits, RflagsBits.OF, OF);
    }

    private static uint Bit(RflagsBits bits, RflagsBits flag, uint value) => (bits & flag) != 0 ? value : 0;
}

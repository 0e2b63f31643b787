using Iced.Intel;

namespace Emulator.BT.Translator.X64;

/// <summary>How often host code left an instruction to the interpreter's handler, by instruction.</summary>
public sealed class TrapCounters
{
    private readonly long[] counts = new long[2 * Enum.GetValues<Mnemonic>().Length];

    /// <summary>Counts one.</summary>
    /// <param name="counter">What <see cref="Of"/> says.</param>
    internal void Count(int counter) => counts[counter]++;

    /// <summary>The counter of an instruction.</summary>
    /// <param name="mnemonic">The instruction.</param>
    /// <param name="byOperand">It is left to the interpreter only where its operand is not plainly there: a page that is not in the tables yet, a device, a page with code.</param>
    internal static int Of(Mnemonic mnemonic, bool byOperand) => (2 * (int)mnemonic) + (byOperand ? 1 : 0);

    /// <summary>Every instruction that was, most first: because it is sensitive or has no form in host code, and because of its operand.</summary>
    public IEnumerable<(string Name, long Always, long ByOperand)> All =>
        from mnemonic in Enum.GetValues<Mnemonic>()
        let always = counts[Of(mnemonic, byOperand: false)]
        let byOperand = counts[Of(mnemonic, byOperand: true)]
        where always + byOperand > 0
        orderby always + byOperand descending
        select (mnemonic.ToString().ToLowerInvariant(), always, byOperand);
}

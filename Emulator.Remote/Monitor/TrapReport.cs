using System.Globalization;
using System.Text;
using Emulator.BT;
using Emulator.BT.Translator;

namespace Emulator.Remote.Monitor;

/// <summary>The output of <c>info traps</c>: what interrupted the guest's code, by vector, and what its translation left to the VMM.</summary>
public static class TrapReport
{
    // Names of SDM Vol. 3A, table 6-1.
    private static readonly string[] Exceptions =
    [
        "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "",
        "#TS", "#NP", "#SS", "#GP", "#PF", "", "#MF", "#AC", "#MC", "#XM",
    ];

    /// <summary>
    /// A line for each vector that was delivered, and their sum. With the x86-64 back end a line for each instruction that trapped out of host code: because it is
    /// sensitive or rare, and because of its operand (a page not entered yet, a device, a page with code).
    /// </summary>
    public static string Format(Vcpu cpu)
    {
        var text = new StringBuilder("vector     exceptions     interrupts\n");
        for (int vector = 0; vector < cpu.Delivered.Length; vector++)
        {
            if (cpu.Delivered[vector] > 0)
            {
                long exceptions = vector < cpu.Exceptions.Length ? cpu.Exceptions[vector] : 0;
                string name = vector < Exceptions.Length && exceptions > 0 ? Exceptions[vector] : "";
                text.Append(CultureInfo.InvariantCulture, $"{vector:x2} {name,-3} {exceptions,14} {cpu.Delivered[vector] - exceptions,14}\n");
            }
        }
        long all = cpu.Exceptions.Sum();
        text.Append(CultureInfo.InvariantCulture, $"all    {all,14} {cpu.Delivered.Sum() - all,14}\n");
        if (cpu.Translator is { BackEnd: TranslatorBackEnd.X64 } translator)
        {
            text.Append("instruction      sensitive        operand\n");
            foreach ((string name, long always, long byOperand) in translator.Traps.All)
            {
                text.Append(CultureInfo.InvariantCulture, $"{name,-11} {always,14} {byOperand,14}\n");
            }
        }
        return text.Append(CultureInfo.InvariantCulture, $"instructions retired: {cpu.InstructionsRetired}\n").ToString();
    }
}

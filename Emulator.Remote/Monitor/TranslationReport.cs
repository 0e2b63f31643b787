using System.Globalization;
using Emulator.BT.Translator;
using Emulator.Core.Cpu;

namespace Emulator.Remote.Monitor;

/// <summary>A region from the guest's bytes to the host's: <c>translate</c> of the monitor and <c>emu translate</c>.</summary>
public static class TranslationReport
{
    /// <summary>Writes the stages that are named in <paramref name="stages"/>: guest, ir, folded, il, host; none named: all.</summary>
    /// <param name="output">Gets them.</param>
    /// <param name="view">The region.</param>
    /// <param name="codeMode">How the guest's code is decoded: a value of <see cref="CodeMode"/>.</param>
    /// <param name="stages">See above.</param>
    public static void Write(TextWriter output, RegionView view, int codeMode, IReadOnlyCollection<string> stages)
    {
        bool Shows(string stage) => stages.Count == 0 || stages.Contains(stage);
        var disassembler = new Disassembler();
        if (Shows("guest"))
        {
            output.Write("GUEST:\n");
            foreach ((ulong rip, byte[] bytes) in view.Blocks)
            {
                output.Write(string.Create(CultureInfo.InvariantCulture, $"block at 0x{rip:x8}\n"));
                List(output, disassembler, rip, bytes, codeMode);
            }
        }
        foreach ((string stage, string title, string text) in ((string, string, string)[])
            [("ir", "IR, as the semantics record it:", view.Ir), ("folded", "IR, after the passes:", view.Folded), ("il", "IL:", view.Il)])
        {
            if (Shows(stage))
            {
                output.Write($"\n{title}\n{text}");
            }
        }
        if (Shows("host"))
        {
            output.Write(view.Host.Length == 0 ? "\nHOST: RyuJIT's, on this host\n" : $"\nHOST (x86-64 back end, {view.Host.Length} bytes):\n");
            List(output, disassembler, (ulong)view.HostAddress, view.Host, CodeMode.Bits64);
        }
    }

    private static void List(TextWriter output, Disassembler disassembler, ulong address, ReadOnlySpan<byte> code, int codeMode)
    {
        for (int done = 0; done < code.Length;)
        {
            int n = disassembler.Write(output, unchecked((uint)address + (uint)done), address + (ulong)done, code[done..], codeMode);
            if (n == 0)
            {
                break;
            }
            done += n;
        }
    }
}

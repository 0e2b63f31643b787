using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emulator.Bench;

/// <summary>Guest loops to measure, assembled for <see cref="BenchCpu"/>: ESI and EDI point at data, ECX counts.</summary>
internal static class Kernels
{
    /// <summary>Seven instructions on registers, with DEC and JNZ.</summary>
    public static byte[] Alu() => Loop(a =>
    {
        a.add(eax, ecx);
        a.xor(edx, eax);
        a.shl(edx, 3);
        a.sub(eax, edx);
        a.and(ebx, eax);
    });

    /// <summary>The fifteen of the first spike: mov add sub cmp test and xor inc dec lea shl movzx push pop jcc.</summary>
    public static byte[] Fifteen() => Loop(a =>
    {
        a.mov(eax, __[esi + 4]);
        a.add(eax, ecx);
        a.sub(edx, eax);
        a.and(edx, 0xFFFF);
        a.xor(ebx, edx);
        a.lea(ebp, __[ebx + (ecx * 4) + 8]);
        a.shl(ebp, 3);
        a.push(ebp);
        a.pop(edx);
        a.movzx(eax, __byte_ptr[edi + 1]);
        a.mov(__[edi + 8], eax);
        a.inc(ebx);
        a.cmp(eax, edx);
        a.test(eax, edx);
    });

    /// <summary>Load, add, store, step through 4 KiB.</summary>
    public static byte[] Memory() => Loop(a =>
    {
        a.mov(edx, ecx);
        a.and(edx, 0x3FF);
        a.mov(eax, __[esi + (edx * 4)]);
        a.add(eax, ecx);
        a.mov(__[esi + (edx * 4)], eax);
        a.add(__dword_ptr[edi + 16], eax);
    });

    private static byte[] Loop(Action<Assembler> body)
    {
        var a = new Assembler(32);
        Label head = a.CreateLabel();
        a.Label(ref head);
        body(a);
        a.dec(ecx);
        a.jne(head);
        using var stream = new MemoryStream();
        a.Assemble(new StreamCodeWriter(stream), BenchCpu.CodeAddress);
        return stream.ToArray();
    }
}

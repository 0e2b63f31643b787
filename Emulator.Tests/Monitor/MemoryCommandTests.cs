using Xunit;

namespace Emulator.Tests.Monitor;

/// <summary>Dumps and expressions, in the literal form of qemu-system-i386 7.2.</summary>
public sealed class MemoryCommandTests : IDisposable
{
    private readonly MonitorRig rig = new([0xEA, 0x5B, 0xE0, 0x00, 0xF0, .. "06/23/99"u8, 0x00, 0xFC, 0x00]);

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData("xp/4xw 0xfffffff0", "00000000fffffff0: 0x00e05bea 0x2f3630f0 0x392f3332 0x00fc0039\n")]
    [InlineData("xp/3xg 0xfffffff0", "00000000fffffff0: 0x2f3630f000e05bea 0x00fc0039392f3332\n0000000100000000: Cannot access memory\n")]
    [InlineData("xp/3dh 0xfffffff0", "00000000fffffff0: 23530   224 12528\n")]
    [InlineData("xp/3uw 0xfffffff0", "00000000fffffff0:   14703594  792080624  959394610\n")]
    [InlineData("xp/3ow 0xfffffff0", "00000000fffffff0:   070055752 05715430360 07113631462\n")]
    [InlineData("xp/3cb 0xfffffff0", "00000000fffffff0: '\\xea' '[' '\\xe0'\n")]
    [InlineData("xp/3ch 0xfffffff0", "00000000fffffff0: '\\xea' '[' '\\xe0' '\\x00' '\\xf0' '0'\n")]
    [InlineData("xp/10xb 0xfffffff0", "00000000fffffff0: 0xea 0x5b 0xe0 0x00 0xf0 0x30 0x36 0x2f\n00000000fffffff8: 0x32 0x33\n")]
    [InlineData("xp/2s 0xfffffff5", "00000000fffffff5: \"06/23/99\"\n00000000fffffffe: \"\\xfc\"\n")]
    [InlineData("xp/1i 0xfffffff0", "0xfffffff0:  ea 5b e0 00 f0           ljmpw    $0xf000, $0xe05b\n")]
    [InlineData("x/1i $pc", "0xfffffff0:  ea 5b e0 00 f0           ljmpw    $0xf000, $0xe05b\n")]
    [InlineData("x/4xw 0xf8+4*2", "00000100: 0x00000000 0x00000000 0x00000000 0x00000000\n")]
    [InlineData("x/8xb 0xf000fff0", "f000fff0: Cannot access memory\n")]
    [InlineData("x/2i 0xf000fff0", "0xf000fff0: unable to read memory\n")]
    [InlineData("x/2000000000xg 0", "more than 16777216 bytes: use memsave or pmemsave\n")]
    [InlineData("gva2gpa 0x1234", "gpa: 0x1234\n")]
    [InlineData("p 1+2*3", "0x7\n")]
    [InlineData("p 0", "0\n")]
    [InlineData("p/d -1", "-1\n")]
    [InlineData("p/u -1", "18446744073709551615\n")]
    [InlineData("p/o 8", "010\n")]
    [InlineData("p/c 65", "'A'\n")]
    [InlineData("p/d $eip", "65520\n")]
    [InlineData("p/x $cs", "0xf000\n")]
    [InlineData("p/u $pc", "18446744073709551600\n")]
    [InlineData("p/x $cs.limit", "0xffff\n")]
    [InlineData("p 08", "print|p: extraneous characters at the end of line\nTry \"help p\" for more information\n")]
    public void Output(string line, string answer) => Assert.Equal(answer, rig.Do(line));

    [Fact]
    public void Format_and_size_stay_until_others_are_given()
    {
        Assert.Equal("00000000fffffff0: 0x5bea\n", rig.Do("xp/1xh 0xfffffff0"));
        Assert.Equal("00000000fffffff0: 0x5bea 0x00e0\n", rig.Do("xp/2 0xfffffff0"));
        Assert.Equal(
            "0xfffffff0:  ea 5b e0 00 f0           ljmpw    $0xf000, $0xe05b\n", rig.Do("p/d 1", "xp/i 0xfffffff0", "xp 0xfffffff0"));
        Assert.Equal("00000000fffffff0: 0x5bea\n", rig.Do("xp/x 0xfffffff0"));
    }

    [Fact]
    public void Instructions_of_more_than_eight_bytes_take_two_lines()
    {
        // movl $0x18, 0x1c43e40 with a 32-bit code segment
        rig.Poke(0x1000, 0xC7, 0x05, 0x40, 0x3E, 0xC4, 0x01, 0x18, 0x00, 0x00, 0x00, 0x75, 0xFE);
        unsafe
        {
            rig.Cpu->CodeMode = Core.Cpu.CodeMode.Bits32;
        }
        Assert.Equal(
            "0x00001000:  c7 05 40 3e c4 01 18 00  movl     $0x18, 0x1c43e40\n0x00001008:  00 00\n"
            + "0x0000100a:  75 fe                    jne      0x100a\n",
            rig.Do("x/2i 0x1000"));
    }

    [Fact]
    public void Ports_are_read_and_written()
    {
        Assert.Equal("portb[0x0021] = 0xa5\n", rig.Do("o/b 0x21 0xa5", "i/b 0x21"));
        Assert.Equal(0xA5, rig.Machine.Board.Pic.Master.Imr);
        Assert.Equal("portw[0x5000] = 0xffff\n", rig.Do("i/h 0x5000"));
        Assert.Equal("portl[0x5000] = 0xffffffff\n", rig.Do("i/w 0x5000"));
    }

    [Fact]
    public void Memory_is_saved()
    {
        using var directory = new TempDirectory();
        rig.Poke(0x2000, 1, 2, 3, 4);
        Assert.Equal("", rig.Do($"memsave 0x2000 4 {directory["a"]}"));
        Assert.Equal([1, 2, 3, 4], File.ReadAllBytes(directory["a"]));
        Assert.Equal("", rig.Do($"pmemsave 0x2001 2 \"{directory["b"]}\""));
        Assert.Equal([2, 3], File.ReadAllBytes(directory["b"]));
        Assert.Equal("Error: Invalid addr 0x00000000f0000000/size 16 specified\n", rig.Do($"memsave 0xf0000000 16 {directory["c"]}"));
        string missing = directory["no/such"];
        Assert.Equal($"Error: Could not open '{missing}': No such file or directory\n", rig.Do($"memsave 0 16 {missing}"));
    }

    [Fact]
    public void Paging_is_followed()
    {
        // Page directory at 1000: 0-4 MiB by the table at 2000, 4-8 MiB as one user page that leads to 0. The table maps 0 and 1.
        rig.Poke32(0x1000, 0x2007);
        rig.Poke32(0x1004, 0x87);
        rig.Poke32(0x2000, 0x3063);
        rig.Poke32(0x2004, 0x4121);
        rig.Poke(0x4010, 0xAA);
        Assert.Equal("PG disabled\n", rig.Do("info mem"));
        Assert.Equal("PG disabled\n", rig.Do("info tlb"));
        rig.Page(cr3: 0x1000, cr4: Core.Cpu.Cr4.PSE);
        Assert.Equal(
            "0000000000000000-0000000000001000 0000000000001000 -rw\n" +
            "0000000000001000-0000000000002000 0000000000001000 -r-\n" +
            "0000000000400000-0000000000800000 0000000000400000 urw\n", rig.Do("info mem"));
        Assert.Equal(
            "0000000000000000: 0000000000003000 ---DA---W\n" +
            "0000000000001000: 0000000000004000 -G--A----\n" +
            "0000000000400000: 0000000000000000 --P----UW\n", rig.Do("info tlb"));
        Assert.Equal("gpa: 0x4010\n", rig.Do("gva2gpa 0x1010"));
        Assert.Equal("Unmapped\n", rig.Do("gva2gpa 0x2000"));
        Assert.Equal("00001010: 0xaa\n", rig.Do("x/1xb 0x1010"));
        Assert.Equal("00001ff8: Cannot access memory\n", rig.Do("x/4xw 0x1ff8"));
        Assert.Equal("0000000000004010: 0xaa\n", rig.Do("xp/1xb 0x4010"));
    }

    [Fact]
    public void Pae_is_followed()
    {
        rig.Poke32(0x1000 + 24, 0x2001); // PDPTE 3: directory at 2000
        rig.Poke32(0x2000, 0x3007);
        rig.Poke32(0x2008, 0x2000E3); // 2 MiB page
        rig.Poke32(0x3000 + (511 * 8), 0x5067);
        rig.Poke32(0x3000 + (511 * 8) + 4, 0x80000000); // NX
        rig.Page(cr3: 0x1000, cr4: Core.Cpu.Cr4.PAE);
        Assert.Equal(
            "00000000c01ff000-00000000c0200000 0000000000001000 urw\n" +
            "00000000c0200000-00000000c0400000 0000000000200000 -rw\n", rig.Do("info mem"));
        Assert.Equal(
            "00000000c01ff000: 0000000000005000 X--DA--UW\n" +
            "00000000c0200000: 0000000000200000 --PDA---W\n", rig.Do("info tlb"));
        Assert.Equal("gpa: 0x212345\n", rig.Do("gva2gpa 0xc0212345"));
    }
}

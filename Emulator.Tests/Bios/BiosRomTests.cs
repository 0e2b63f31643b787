using Emulator.Firmware.Bios.Rom;
using Iced.Intel;
using Xunit;

namespace Emulator.Tests.Bios;

/// <summary>The built-in system ROM's bytes.</summary>
public sealed class BiosRomTests
{
    private static byte[] Rom => SystemRom.Instance.Image.ToArray();

    [Fact]
    public void FixedEntriesAndTablesAreWhereTheAtHadThem()
    {
        byte[] rom = Rom;
        Assert.Equal([0xEA, 0x5B, 0xE0, 0x00, 0xF0], rom[0xFFF0..0xFFF5]);
        Assert.Equal(0xFC, rom[0xFFFE]);
        Assert.Equal(0xCF, rom[0xFF53]);
        Assert.All(new[] { 0xE05B, 0xE3FE, 0xE6F2, 0xE739, 0xE82E, 0xE987, 0xEC59, 0xEF57, 0xEFD2, 0xF841, 0xF84D, 0xF859, 0xFE6E, 0xFEA5 },
            entry => Assert.Equal(0xE9, rom[entry]));
        Assert.Equal(0, Sum(rom, 0, 0x10000));
        Assert.Equal("_32_"u8.ToArray(), rom[0x100..0x104]);
        Assert.Equal(0, Sum(rom, 0x100, 16));
        Assert.Equal("$PIR"u8.ToArray(), rom[0x120..0x124]);
        Assert.Equal(0, Sum(rom, 0x120, rom[0x126] | rom[0x127] << 8));
    }

    [Fact]
    public void EveryStubLeadsOnlyToInstructionsOfItsOwn()
    {
        byte[] rom = Rom;
        var starts = new HashSet<int>();
        var pending = new Stack<int>(SystemRom.Instance.Vectors.Distinct().Select(v => (int)v).Append(0xE05B));
        while (pending.TryPop(out int at))
        {
            var decoder = Decoder.Create(16, new ByteArrayCodeReader(rom[at..]));
            decoder.IP = (ulong)at;
            while (starts.Add((int)decoder.IP))
            {
                Instruction instruction = decoder.Decode();
                Assert.False(instruction.IsInvalid, $"{instruction.IP:x4}");
                if (instruction.Code == Code.Ud2)
                {
                    Assert.Contains(0xF0000u + (uint)instruction.IP, SystemRom.Instance.Traps.Keys);
                    continue;
                }
                if (instruction.FlowControl is FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch && instruction.Op0Kind == OpKind.NearBranch16)
                {
                    pending.Push(instruction.NearBranch16);
                }
                if (instruction.FlowControl is FlowControl.UnconditionalBranch or FlowControl.Return or FlowControl.IndirectBranch)
                {
                    break;
                }
            }
        }
        // No branch goes into the middle of an instruction that was reached another way.
        Assert.True(SystemRom.Instance.Traps.Keys.Count(trap => starts.Contains((int)(trap - 0xF0000))) >= SystemRom.Instance.Traps.Count - 3);
    }

    [Fact]
    public void TheProtectedModeInterfaceOfVbeIsValidCode()
    {
        byte[] rom = VideoRom.Instance.Image.ToArray();
        int start = VideoRom.VbeProtectedMode, returns = 0;
        for (int n = 0; n < 3; n++)
        {
            var decoder = Decoder.Create(32, new ByteArrayCodeReader(rom[(start + BitConverter.ToUInt16(rom, start + (n * 2)))..]));
            Instruction instruction;
            do
            {
                instruction = decoder.Decode();
                Assert.False(instruction.IsInvalid);
            }
            while (instruction.FlowControl != FlowControl.Return);
            returns++;
        }
        Assert.Equal(3, returns);
    }

    private static int Sum(byte[] rom, int start, int length) => rom.AsSpan(start, length).ToArray().Sum(b => b) & 0xFF;
}

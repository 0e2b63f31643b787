using System.Buffers.Binary;
using System.Text;
using Emulator.Firmware;
using Emulator.Firmware.Boot;
using Emulator.Firmware.Description;
using Iced.Intel;
using Xunit;
using Decoder = Iced.Intel.Decoder;

namespace Emulator.Tests.Firmware;

/// <summary>The option ROM that starts a kernel behind SeaBIOS, decoded again.</summary>
public sealed class BiosKernelBootTests : IDisposable
{
    private static readonly MachineDescription Machine = new() { RamSize = 16 << 20 };
    private readonly TempFiles files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void RomHasItsHeadersAndChecksums()
    {
        byte[] rom = Boot().Rom;
        Assert.Equal((0x55, 0xAA, rom.Length), (rom[0], rom[1], rom[2] * 512));
        Assert.Equal(0, rom.Sum(b => b) & 0xFF);
        int pnp = BinaryPrimitives.ReadUInt16LittleEndian(rom.AsSpan(0x1A));
        Assert.Equal("$PnP"u8, rom.AsSpan(pnp, 4));
        Assert.Equal(0, rom.Skip(pnp).Take(rom[pnp + 5] * 16).Sum(b => b) & 0xFF);
        int product = BinaryPrimitives.ReadUInt16LittleEndian(rom.AsSpan(pnp + 0x10));
        Assert.StartsWith("kernel given with -kernel\0", Encoding.ASCII.GetString(rom, product, 40));
        Assert.Equal(Code.Retfw, Decode(rom, 3, 16)[0].Code);
    }

    [Fact]
    public void TransfersBringTheWholeImage()
    {
        BiosKernelBoot boot = Boot();
        byte[] rom = boot.Rom;
        List<Instruction> code = Decode(rom, EntryVector(rom), 16);
        int table = (int)code.Single(i => i.Code == Code.Mov_r16_imm16 && i.Op0Register == Register.SI).Immediate16;
        int count = (int)code.Single(i => i.Code == Code.Mov_r16_imm16 && i.Op0Register == Register.CX).Immediate16;
        Assert.Equal(boot.Entries.Count, count);
        using var memory = new TestMemory(16);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> row = rom.AsSpan(table + (16 * i), 16);
            uint control = BinaryPrimitives.ReadUInt32BigEndian(row);
            Assert.Equal(0x0Au, control & 0xFFFF); // select and read
            byte[] item = boot.Entries[(ushort)(control >> 16)];
            Assert.Equal((uint)item.Length, BinaryPrimitives.ReadUInt32BigEndian(row[4..]));
            memory.Memory.Write(BinaryPrimitives.ReadUInt64BigEndian(row[8..]), item);
        }
        Assert.Equal(new LinuxImage().Bytes[LinuxImage.ProtectedOffset..], memory.Bytes(0x100000, 1000));
        Assert.Equal("hello", memory.Text(memory.U32(0x10000 + 0x228)));
    }

    [Fact]
    public void ProtectedModePartSetsTheEntryState()
    {
        byte[] rom = Boot().Rom;
        List<Instruction> code = Decode(rom, EntryVector(rom), 16);
        Instruction loop = code.Single(i => i.Mnemonic == Mnemonic.Loop);
        Assert.Equal(Register.DX, code.First(i => i.IP == loop.NearBranchTarget).Op0Register);
        int part = (int)code.Single(i => i.Mnemonic == Mnemonic.Add && i.Op0Register == Register.EBP).Immediate32;
        Assert.Equal(part, (int)code.First(i => i.Mnemonic == Mnemonic.Retf).NextIP);
        int gdtr = (int)code.Single(i => i.Mnemonic == Mnemonic.Lgdt).MemoryDisplacement32;
        Assert.Equal((0x1F, 0x11000u), (BinaryPrimitives.ReadUInt16LittleEndian(rom.AsSpan(gdtr)), BinaryPrimitives.ReadUInt32LittleEndian(rom.AsSpan(gdtr + 2))));

        List<Instruction> entry = Decode(rom, part, 32);
        Dictionary<Register, uint> registers = entry.Where(i => i.Code == Code.Mov_r32_imm32).ToDictionary(i => i.Op0Register, i => i.Immediate32);
        Assert.Equal(0x10000u, registers[Register.ESI]);
        Assert.Equal(8, registers.Count);
        Assert.Equal(0x100000u, entry.Single(i => i.Code == Code.Pushd_imm32).Immediate32);
        Assert.Equal(5, entry.Count(i => i.Code == Code.Mov_Sreg_r32m16 || i.Code == Code.Mov_Sreg_rm16));
    }

    [Fact]
    public void ErrorsAreTheLoaders()
    {
        Assert.Contains("does not exist", Assert.Throws<FirmwareException>(() => BiosKernelBoot.Prepare(Machine, new KernelFiles("/no/kernel"))).Message);
        var tiny = Machine with { RamSize = 1 << 20 };
        Assert.Contains("-m 2", Assert.Throws<FirmwareException>(() => BiosKernelBoot.Prepare(tiny, new KernelFiles("/no/kernel"))).Message);
    }

    [Fact]
    public void AdjoiningWritesMakeOneChunk()
    {
        var image = new MemoryImage();
        image.Write(0x1000, [1, 2]);
        image.Write(0x1002, [3]);
        image.Write(0x1000, [4]);
        Assert.Equal([(0x1000u, 3), (0x1000u, 1)], image.Chunks.Select(c => (c.Address, c.Bytes.Length)));
        Assert.Throws<NotSupportedException>(() => image.Read(0, new byte[1]));
    }

    private static int EntryVector(byte[] rom) =>
        BinaryPrimitives.ReadUInt16LittleEndian(rom.AsSpan(BinaryPrimitives.ReadUInt16LittleEndian(rom.AsSpan(0x1A)) + 0x1A));

    // Up to and with the first return.
    private static List<Instruction> Decode(byte[] rom, int offset, int bits)
    {
        var decoder = Decoder.Create(bits, new ByteArrayCodeReader(rom, offset, rom.Length - offset));
        decoder.IP = (ulong)offset;
        var instructions = new List<Instruction>();
        do
        {
            instructions.Add(decoder.Decode());
            Assert.NotEqual(Code.INVALID, instructions[^1].Code);
        }
        while (instructions[^1].Mnemonic is not (Mnemonic.Ret or Mnemonic.Retf));
        return instructions;
    }

    private BiosKernelBoot Boot() => BiosKernelBoot.Prepare(Machine, new KernelFiles(files.Add("kernel", new LinuxImage().Bytes), null, "hello"));
}

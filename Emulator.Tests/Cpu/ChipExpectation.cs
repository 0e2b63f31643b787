namespace Emulator.Tests.Cpu;

/// <summary>
/// The end of a recorded case as a 386 or later must reach it: the chip's own, or that changed by a rule of <see cref="LaterProcessorRules"/> or
/// <see cref="SinceThe8086Rules"/>.
/// </summary>
internal sealed class ChipExpectation
{
    /// <summary>Numbers of registers in a case.</summary>
    public const int Ax = 0, Cx = 2, Cs = 4, Ss = 5, Ds = 6, Es = 7, Sp = 8, Bp = 9, Si = 10, Di = 11, Ip = 12, Flags = 13;

    /// <summary>What the chip did.</summary>
    public ChipExpectation(MooCase test, uint flagsMask)
    {
        for (int n = 0; n < Registers.Length; n++)
        {
            Registers[n] = test.Final[n] ?? test.Initial[n]!.Value;
        }
        foreach ((uint address, byte value) in test.FinalRam)
        {
            Ram[address] = value;
        }
        FlagsMask = flagsMask & 0x0FFF;
        PushedFlags = test.Exception is null ? null : Linear(Registers[Ss], Registers[Sp] + 4);
    }

    /// <summary>The rule that changed it; null where the chip's own result counts.</summary>
    public string? Rule { get; set; }

    /// <summary>Final registers in the suite's order.</summary>
    public ushort[] Registers { get; } = new ushort[14];

    /// <summary>Registers that are compared, one bit each.</summary>
    public int Compared { get; set; } = 0x3FFF;

    /// <summary>Defined bits of FLAGS; 12-15 are another 286 matter.</summary>
    public uint FlagsMask { get; set; }

    /// <summary>Where an exception pushed FLAGS, which have their undefined bits there as well.</summary>
    public uint? PushedFlags { get; set; }

    /// <summary>Bytes that the case changes, by linear address.</summary>
    public Dictionary<uint, byte> Ram { get; } = [];

    /// <summary>Bytes to be there beforehand, beyond the case's own.</summary>
    public List<(uint Address, byte Value)> Setup { get; } = [];

    /// <summary>A real-mode address, the offset wrapped.</summary>
    public static uint Linear(int segment, int offset) => (uint)((segment << 4) + (offset & 0xFFFF));

    /// <summary>A word of memory as it must be in the end.</summary>
    public void SetWord(int segment, int offset, int value)
    {
        Ram[Linear(segment, offset)] = (byte)value;
        Ram[Linear(segment, offset + 1)] = (byte)(value >> 8);
    }
}

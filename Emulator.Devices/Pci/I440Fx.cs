using Emulator.Core.Memory;

namespace Emulator.Devices.Pci;

/// <summary>
/// Intel 82441FX host bridge, 8086:1237 at 00:00.0: the PAM registers that put RAM under the BIOS (82441FX data sheet section
/// 3.2.18). DRAM timing registers only remember what is written.
/// </summary>
public sealed class I440Fx : PciFunction
{
    private const int FirstPam = 0x59, PamCount = 7, FirstDrb = 0x60, Smram = 0x72;
    private const ulong FirstSegment = 0xC0000, SegmentLength = 0x4000, BiosSegment = 0xF0000, BiosLength = 0x10000;

    private readonly PhysicalMemory memory;

    // Bits 0 and 1 (RE, WE) of each segment as last applied; C0000 + 16 KiB each, then F0000.
    private readonly int[] applied = new int[13];

    /// <summary>Makes the bridge in front of <paramref name="memory"/>.</summary>
    public I440Fx(PhysicalMemory memory)
        : base(new PciIdentity(0x8086, 0x1237, 2, 0x060000))
    {
        this.memory = memory;
        SetDefault(0x04, 0x06);
        SetWritable(0x04, 0x40);
        SetDefault(0x07, 0x02);
        SetWritable(0x50, 0xFF);
        SetWritable(0x51, 0xFF);
        for (int register = 0x53; register <= 0x58; register++)
        {
            SetWritable(register, 0xFF);
        }
        SetWritable(FirstPam, 0x30);
        for (int i = 1; i < PamCount; i++)
        {
            SetWritable(FirstPam + i, 0x33);
        }
        // DRAM row boundaries in 8 MiB units: everything is in row 0.
        byte rows = (byte)Math.Min(memory.RamSize >> 23, 255);
        for (int i = 0; i < 8; i++)
        {
            SetDefault(FirstDrb + i, rows);
            SetWritable(FirstDrb + i, 0xFF);
        }
        SetWritable(0x68, 0xC0);
        SetDefault(Smram, 0x02);
        SetWritable(Smram, 0x78);
        SetWritable(0x93, 0x0E);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        ApplyPam();
    }

    /// <inheritdoc/>
    protected override void OnStateLoaded() => ApplyPam();

    /// <inheritdoc/>
    protected override void OnConfigWritten(int offset, int size)
    {
        if (offset < FirstPam + PamCount && offset + size > FirstPam)
        {
            ApplyPam();
        }
    }

    // PAM0's high nibble is F0000-FFFFF; of PAM1-6 each low nibble is the lower 16 KiB, each high nibble the upper.
    private void ApplyPam()
    {
        for (int segment = 0; segment < 12; segment++)
        {
            Apply(segment, FirstSegment + ((ulong)segment * SegmentLength), SegmentLength, Nibble(FirstPam + 1 + (segment / 2), segment & 1));
        }
        Apply(12, BiosSegment, BiosLength, Nibble(FirstPam, 1));
    }

    private int Nibble(int register, int half) => (int)(ReadConfig(register, 1) >> (4 * half)) & 3;

    private void Apply(int segment, ulong start, ulong length, int enables)
    {
        if (applied[segment] != enables)
        {
            applied[segment] = enables;
            memory.SetShadowing(start, length, (enables & 1) != 0, (enables & 2) != 0);
        }
    }
}

using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Core.State;

namespace Emulator.Devices.Video;

/// <summary>
/// The Bochs display interface (QEMU docs/specs/standard-vga, Bochs VBE DISPI): an index register at 1CE and a data register at 1CF, also
/// at 1D0, all words. Owns the geometry of linear modes; memory and palette follow by <see cref="Changed"/>.
/// </summary>
internal sealed class BochsVbe(int memoryLength, EventLog log) : IPortDevice
{
    /// <summary>Indices of the registers.</summary>
    public const int Id = 0, XRes = 1, YRes = 2, Bpp = 3, Enable = 4, Bank = 5, VirtWidth = 6, VirtHeight = 7, XOffset = 8, YOffset = 9,
        VideoMemory64K = 10, Count = 11;

    /// <summary>Largest mode that GETCAPS tells.</summary>
    public const int MaximumWidth = 2560, MaximumHeight = 1600, MaximumBpp = 32;

    private const int EnabledBit = 0x01, GetCapabilitiesBit = 0x02, EightBitDacBit = 0x20, NoClearBit = 0x80;
    private const ushort OldestId = 0xB0C0, NewestId = 0xB0C5;

    private readonly ushort[] registers = new ushort[Count];
    private int index;

    /// <summary>A linear mode was switched on; true when the memory is to be cleared.</summary>
    public Action<bool>? Switched { get; set; }

    /// <summary>Any register changed.</summary>
    public Action? Changed { get; set; }

    /// <summary>A linear mode is on.</summary>
    public bool Enabled => (registers[Enable] & EnabledBit) != 0;

    /// <summary>The DAC's components are 8 bits wide.</summary>
    public bool EightBitDac => (registers[Enable] & EightBitDacBit) != 0;

    /// <summary>Visible pixels in a line.</summary>
    public int Width => registers[XRes];

    /// <summary>Visible lines.</summary>
    public int Height => registers[YRes];

    /// <summary>Bits in a pixel: 4 (planar), 8, 15, 16, 24 or 32.</summary>
    public int BitsPerPixel => registers[Bpp];

    /// <summary>Bytes of video memory from one line to the next.</summary>
    public int Pitch => PitchOf(registers[VirtWidth]);

    /// <summary>First visible pixel in a line.</summary>
    public int PanX => registers[XOffset];

    /// <summary>First visible line.</summary>
    public int PanY => registers[YOffset];

    /// <summary>Offset that the 64 KiB window at A0000 starts at: bytes of video memory, or plane addresses with 4 bits a pixel.</summary>
    public int BankOffset => registers[Bank] << 16;

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size)
    {
        if (size != 2)
        {
            return 0xFF;
        }
        return offset == 0 ? (uint)index : ReadRegister(index);
    }

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        if (size != 2)
        {
            log.Write(LogItems.GuestErrors, $"vbe: {size}-byte write to port 0x{0x1CE + offset:x} ignored");
        }
        else if (offset == 0)
        {
            index = (int)value;
        }
        else
        {
            WriteRegister(index, (ushort)value);
        }
    }

    /// <summary>A register's value; while GETCAPS is set, the resolution registers tell the maxima.</summary>
    public ushort ReadRegister(int register)
    {
        bool capabilities = (registers[Enable] & GetCapabilitiesBit) != 0;
        return register switch
        {
            XRes when capabilities => MaximumWidth,
            YRes when capabilities => MaximumHeight,
            Bpp when capabilities => MaximumBpp,
            VirtHeight => (ushort)Math.Min(memoryLength / Math.Max(Pitch, 1), ushort.MaxValue),
            VideoMemory64K => (ushort)(memoryLength >> 16),
            < Count => registers[register],
            _ => 0,
        };
    }

    /// <summary>Sets a register; what does not fit into the memory is cut to what does.</summary>
    public void WriteRegister(int register, ushort value)
    {
        switch (register)
        {
            case Id:
                if (value is >= OldestId and <= NewestId)
                {
                    registers[Id] = value;
                }
                break;
            case XRes or YRes or Bpp or VirtWidth or XOffset or YOffset:
                registers[register] = value;
                Fit();
                break;
            case Bank:
                registers[Bank] = (ushort)(value & ((memoryLength >> 16) - 1));
                break;
            case Enable:
                WriteEnable(value);
                break;
            default:
                log.Write(LogItems.GuestErrors, $"vbe: write of 0x{value:x} to register 0x{register:x} ignored");
                return;
        }
        Changed?.Invoke();
    }

    /// <summary>Power-on state: linear modes off.</summary>
    public void Reset()
    {
        Array.Clear(registers);
        registers[Id] = NewestId;
        index = 0;
        Fit();
        Changed?.Invoke();
    }

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        index = state.Int32(index, 0, ushort.MaxValue);
        for (int register = 0; register < Count; register++)
        {
            registers[register] = state.UInt16(registers[register]);
        }
        if (state.IsLoading)
        {
            // What a saved state may say must fit into the memory as what a guest may write.
            registers[Bank] &= (ushort)((memoryLength >> 16) - 1);
            Fit();
        }
    }

    private void WriteEnable(ushort value)
    {
        bool switchedOn = (value & EnabledBit) != 0 && !Enabled;
        registers[Enable] = value;
        registers[Bank] = 0;
        if (switchedOn)
        {
            registers[VirtWidth] = registers[XOffset] = registers[YOffset] = 0;
            Fit();
            Switched?.Invoke((value & NoClearBit) == 0);
        }
    }

    private void Fit()
    {
        if (registers[Bpp] is not (4 or 8 or 15 or 16 or 24 or 32))
        {
            registers[Bpp] = 8;
        }
        registers[XRes] = (ushort)Math.Clamp(registers[XRes] & ~7, 8, MaximumWidth);
        registers[VirtWidth] = (ushort)Math.Max(registers[VirtWidth] & ~7, registers[XRes]);
        int lines = memoryLength / Pitch;
        registers[YRes] = (ushort)Math.Clamp((int)registers[YRes], 1, Math.Min(lines, MaximumHeight));
        registers[XOffset] = (ushort)Math.Min((int)registers[XOffset], registers[VirtWidth] - registers[XRes]);
        registers[YOffset] = (ushort)Math.Min((int)registers[YOffset], lines - registers[YRes]);
    }

    private int PitchOf(int width) => registers[Bpp] == 4 ? width / 2 : width * ((registers[Bpp] + 7) / 8);
}

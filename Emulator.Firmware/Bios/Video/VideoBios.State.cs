namespace Emulator.Firmware.Bios.Video;

/// <summary>AH=1Ch: registers, data area and DAC saved to memory and put back.</summary>
public sealed partial class VideoBios
{
    private const int HardwareState = 1, DataAreaState = 2, DacState = 4;

    // Registers: sequencer 0-4, CRTC 0-18, attribute 0-14, graphics 0-8, miscellaneous output, and four of VBE.
    private const int HardwareBytes = 5 + 25 + 21 + 9 + 1 + 8, DataAreaBytes = 0x40, DacBytes = 1 + 768, Unit = 64;

    private static int StateBytes(int what) =>
        ((what & HardwareState) != 0 ? HardwareBytes : 0) + ((what & DataAreaState) != 0 ? DataAreaBytes : 0) + ((what & DacState) != 0 ? DacBytes : 0);

    private void SaveRestore(BiosCall call)
    {
        if ((call.Cx & ~7) != 0 || call.Al > 2)
        {
            return;
        }
        switch (call.Al)
        {
            case 0:
                call.Bx = (ushort)((StateBytes(call.Cx) + Unit - 1) / Unit);
                break;
            case 1:
                Memory.Write(call.InEs(call.Bx), SaveState(call.Cx));
                break;
            case 2:
                var state = new byte[StateBytes(call.Cx)];
                Memory.Read(call.InEs(call.Bx), state);
                RestoreState(call.Cx, state);
                break;
        }
        call.Al = 0x1C;
    }

    private byte[] SaveState(int what)
    {
        var state = new ByteWriter();
        if ((what & HardwareState) != 0)
        {
            for (int n = 0; n < 5; n++)
            {
                state.U8(vga.ReadSequencer(n));
            }
            for (int n = 0; n < 25; n++)
            {
                state.U8(vga.ReadCrtc(n));
            }
            for (int n = 0; n < 21; n++)
            {
                state.U8(vga.ReadAttribute(n));
            }
            for (int n = 0; n < 9; n++)
            {
                state.U8(vga.ReadGraphics(n));
            }
            state.U8(vga.Miscellaneous);
            foreach (int register in (ReadOnlySpan<int>)[VgaHardware.VbeXRes, VgaHardware.VbeYRes, VgaHardware.VbeBpp, VgaHardware.VbeEnable])
            {
                state.U16(vga.ReadVbe(register));
            }
        }
        if ((what & DataAreaState) != 0)
        {
            var area = new byte[DataAreaBytes];
            Memory.Read(0x449, area.AsSpan(0, 30));
            Memory.Read(0x484, area.AsSpan(30, 7));
            Memory.Read(0x4A8, area.AsSpan(37, 4));
            Memory.Read(0x1F * 4, area.AsSpan(41, 4));
            Memory.Read(0x43 * 4, area.AsSpan(45, 4));
            state.Bytes(area);
        }
        if ((what & DacState) != 0)
        {
            state.U8(vga.DacMask).Bytes(vga.ReadDac(0, 256));
        }
        return state.ToArray();
    }

    private void RestoreState(int what, ReadOnlySpan<byte> state)
    {
        if ((what & HardwareState) != 0)
        {
            RestoreHardware(state);
            state = state[HardwareBytes..];
        }
        if ((what & DataAreaState) != 0)
        {
            Memory.Write(0x449, state[..30]);
            Memory.Write(0x484, state[30..37]);
            Memory.Write(0x4A8, state[37..41]);
            Memory.Write(0x1F * 4, state[41..45]);
            Memory.Write(0x43 * 4, state[45..49]);
            state = state[DataAreaBytes..];
        }
        if ((what & DacState) != 0)
        {
            vga.DacMask = state[0];
            vga.WriteDac(0, state[1..DacBytes]);
        }
    }

    private void RestoreHardware(ReadOnlySpan<byte> state)
    {
        ReadOnlySpan<byte> sequencer = state[..5], crtc = state[5..30], attribute = state[30..51], graphics = state[51..60], vbe = state[61..];
        vga.WriteVbe(VgaHardware.VbeEnable, 0);
        if ((vbe[6] & 1) != 0)
        {
            vga.WriteVbe(VgaHardware.VbeXRes, vbe[0] | vbe[1] << 8);
            vga.WriteVbe(VgaHardware.VbeYRes, vbe[2] | vbe[3] << 8);
            vga.WriteVbe(VgaHardware.VbeBpp, vbe[4] | vbe[5] << 8);
            vga.WriteVbe(VgaHardware.VbeEnable, vbe[6] | 0x80);
        }
        vga.Miscellaneous = state[60];
        vga.Sequencer(0, 1);
        for (int n = 1; n < 5; n++)
        {
            vga.Sequencer(n, sequencer[n]);
        }
        vga.Sequencer(0, 3);
        vga.Crtc(0x11, 0);
        for (int n = 0; n < 25; n++)
        {
            vga.Crtc(n, crtc[n]);
        }
        for (int n = 0; n < 9; n++)
        {
            vga.Graphics(n, graphics[n]);
        }
        for (int n = 0; n < 21; n++)
        {
            vga.Attribute(n, attribute[n]);
        }
    }
}

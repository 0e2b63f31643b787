using Emulator.Core.Backends;
using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Core.Memory;
using Emulator.Core.State;
using Emulator.Core.Time;

namespace Emulator.Devices.Video;

/// <summary>
/// A VGA with the Bochs VBE extension, as QEMU's <c>-vga std</c> (IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem"; QEMU
/// docs/specs/standard-vga). 16 MiB of video memory are plain machine memory: the board maps them as the linear framebuffer, and the legacy
/// window at A0000 sees the same bytes. Without PCI the framebuffer belongs at <see cref="IsaFramebufferAddress"/>.
/// </summary>
public sealed class VgaController : IScreen, IStateful
{
    /// <summary>Where the legacy window starts in guest-physical memory, and its bytes.</summary>
    public const ulong WindowAddress = 0xA0000, WindowLength = 0x20000;

    /// <summary>Where the video BIOS looks for the framebuffer on a machine without PCI.</summary>
    public const ulong IsaFramebufferAddress = 0xE0000000;

    private const int VideoMemoryLength = 16 << 20;

    private readonly IClock clock;
    private readonly PhysicalMemory memory;
    private readonly VgaRegisters registers = new();
    private readonly BochsVbe vbe;
    private readonly VgaPorts ports;
    private readonly VideoWindow window;
    private readonly VgaRenderer renderer;

    /// <summary>Makes an adapter in its power-on state and takes its video memory from <paramref name="memory"/>.</summary>
    /// <param name="clock">Virtual time, for retrace and blinking.</param>
    /// <param name="memory">Machine memory with 16 MiB to spare beyond RAM.</param>
    /// <param name="log">Gets what a guest does wrong.</param>
    /// <exception cref="InvalidOperationException">The machine memory is full.</exception>
    public VgaController(IClock clock, PhysicalMemory memory, EventLog log)
    {
        this.clock = clock;
        this.memory = memory;
        FramebufferMachineAddress = memory.Allocate(VideoMemoryLength);
        vbe = new BochsVbe(VideoMemoryLength, log) { Switched = EnterVbeMode, Changed = ConfigurePath };
        ports = new VgaPorts(registers, vbe, clock, ConfigurePath);
        window = new VideoWindow(memory, FramebufferMachineAddress, VideoMemoryLength);
        renderer = new VgaRenderer(registers);
        RegisterBar = new VgaMmioBar(ports, vbe);
        Reset();
    }

    /// <summary>Machine address of the video memory: PCI BAR 0, prefetchable.</summary>
    public ulong FramebufferMachineAddress { get; }

    /// <summary>Bytes of video memory.</summary>
    public ulong FramebufferLength => VideoMemoryLength;

    /// <summary>PCI BAR 2, 4 KiB.</summary>
    public IMmioDevice RegisterBar { get; }

    /// <summary>The legacy window, <see cref="WindowLength"/> bytes at <see cref="WindowAddress"/>.</summary>
    public IMmioDevice Window => window;

    /// <inheritdoc/>
    public (int Width, int Height) Size => vbe.Enabled ? (vbe.Width, vbe.Height) : renderer.Size;

    private ReadOnlySpan<byte> VideoMemory => memory.Machine(FramebufferMachineAddress, VideoMemoryLength);

    /// <summary>Claims the fixed parts: the VGA's ports, the VBE ports and the legacy window.</summary>
    /// <param name="portBus">Gets 3B4, 3B5, 3BA, 3C0-3CF, 3D4, 3D5, 3DA and 1CE-1D1.</param>
    /// <param name="physicalMemory">Gets A0000-BFFFF.</param>
    /// <param name="windowPriority">Priority of the window in the memory map; higher than RAM's.</param>
    /// <exception cref="InvalidOperationException">A port or the window is taken.</exception>
    public void Wire(PortBus portBus, PhysicalMemory physicalMemory, int windowPriority = 1)
    {
        foreach ((int first, int count) in new[] { (0x3B4, 2), (0x3BA, 1), (0x3C0, 16), (0x3D4, 2), (0x3DA, 1) })
        {
            portBus.Map("vga", first, count, ports, offset: first - VgaPorts.Base);
        }
        portBus.Map("vbe", 0x1CE, 4, vbe, maxSize: 2);
        physicalMemory.Map(new MemoryRegion("vga", WindowAddress, WindowLength, MemoryKind.Mmio, 0, window, windowPriority));
    }

    /// <summary>Power-on state of the registers; video memory keeps its contents.</summary>
    public void Reset()
    {
        registers.Reset();
        window.Reset();
        vbe.Reset();
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        registers.Transfer(state);
        window.Transfer(state);
        vbe.Transfer(state);
        if (state.IsLoading)
        {
            ConfigurePath();
        }
    }

    /// <inheritdoc/>
    public void Render(Span<uint> pixels)
    {
        if (vbe.Enabled)
        {
            VbeRenderer.Draw(registers, vbe, VideoMemory, pixels);
            return;
        }
        long frame = VgaTiming.At(clock.NowNs, registers.MiscOutput, registers.Sequencer, registers.Crtc).Frame;
        renderer.Draw(VideoMemory, frame, pixels);
    }

    /// <inheritdoc/>
    public TextScreen? ReadText() => vbe.Enabled || registers.Graphics.Graphics ? null : TextCellReader.Read(registers, VideoMemory);

    private void EnterVbeMode(bool clear)
    {
        registers.EnterVbeMode(vbe.Width, vbe.Height, vbe.BitsPerPixel, vbe.Pitch);
        if (!clear)
        {
            return;
        }
        int length = vbe.Height * vbe.Pitch;
        for (int done = 0; done < length; done += PhysicalMemory.PageSize)
        {
            memory.NoteWrite(FramebufferMachineAddress + (ulong)done, Math.Min(PhysicalMemory.PageSize, length - done));
        }
        memory.Machine(FramebufferMachineAddress, length).Clear();
    }

    private void ConfigurePath()
    {
        registers.Dac.EightBit = vbe.EightBitDac;
        window.Configure(registers.Sequencer, registers.Graphics, registers.RamEnabled, vbe);
    }
}

using Emulator.Core.Backends;

namespace Emulator.Devices.Input;

/// <summary>
/// Which of the board's pointers the user's hand is on: the PS/2 mouse, or VMware's pointer from when the guest turns it on until it turns it
/// off. Their numbers and names are those of QEMU's <c>info mice</c>.
/// </summary>
/// <param name="mouse">The PS/2 mouse.</param>
/// <param name="vmMouse">VMware's pointer.</param>
public sealed class PointerInput(IMouseSink mouse, VmMouse vmMouse) : IMouseSink
{
    private const int MouseIndex = 2, VmMouseIndex = 3;

    private bool prefersMouse;

    /// <summary>True when the pointer in use takes positions.</summary>
    public bool IsAbsolute => UsesVmMouse && vmMouse.IsAbsolute;

    /// <summary>The pointers that the guest can hear now.</summary>
    public IReadOnlyList<(int Index, string Name, bool IsAbsolute, bool IsCurrent)> All => vmMouse.IsActive
        ? [(MouseIndex, "QEMU PS/2 Mouse", false, !UsesVmMouse), (VmMouseIndex, "vmmouse", vmMouse.IsAbsolute, UsesVmMouse)]
        : [(MouseIndex, "QEMU PS/2 Mouse", false, true)];

    private bool UsesVmMouse => vmMouse.IsActive && !prefersMouse;

    /// <summary>Takes a pointer in hand.</summary>
    /// <returns>False when there is none of that number.</returns>
    public bool Select(int index)
    {
        if (!All.Any(pointer => pointer.Index == index))
        {
            return false;
        }
        prefersMouse = index == MouseIndex;
        return true;
    }

    /// <inheritdoc/>
    public void Mouse(int dx, int dy, int wheel, int buttons)
    {
        if (UsesVmMouse)
        {
            vmMouse.MoveBy(dx, dy, wheel, buttons);
        }
        else
        {
            mouse.Mouse(dx, dy, wheel, buttons);
        }
    }

    /// <summary>Moves to a position as <see cref="VmMouse.MoveTo"/> takes it; nothing moves when the pointer in use takes movements.</summary>
    public void MoveTo(int x, int y, int wheel, int buttons)
    {
        if (UsesVmMouse)
        {
            vmMouse.MoveTo(x, y, wheel, buttons);
        }
    }
}

using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Emulator.Tests.Integer;

/// <summary>A signal's handler in machine code for as long as this object lives, on the alternate stack. Linux on x86-64.</summary>
internal sealed unsafe partial class SignalHandler : IDisposable
{
    // struct sigaction: the handler's address comes first, the flags after the mask of 128 bytes.
    private const int ActionBytes = 152, FlagsAt = 136, OnAlternateStack = 0x0800_0000, WithInformation = 4;

    private readonly int signal;
    private readonly byte[] old = new byte[ActionBytes];

    public SignalHandler(int signal, nint handler)
    {
        this.signal = signal;
        Call(null, old);
        byte[] action = [.. old];
        BitConverter.TryWriteBytes(action, handler);
        BitConverter.TryWriteBytes(action.AsSpan(FlagsAt), BitConverter.ToInt32(old, FlagsAt) | OnAlternateStack | WithInformation);
        Call(action, null);
    }

    /// <summary>Address of the handler before.</summary>
    public ulong Old => BitConverter.ToUInt64(old);

    public void Dispose() => Call(old, null);

    private void Call(byte[]? set, byte[]? get)
    {
        fixed (byte* s = set, g = get)
        {
            if (SetAction(signal, s, g) != 0)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    private static partial int SetAction(int signal, byte* action, byte* old);
}

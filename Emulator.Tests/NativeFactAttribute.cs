using Xunit;

namespace Emulator.Tests;

/// <summary>A test that compares with the host's own processor; skipped where <see cref="NativeCode"/> can't run.</summary>
public sealed class NativeFactAttribute : FactAttribute
{
    /// <summary>
    /// Decides the skip; <paramref name="intelOnly"/> for tests of results that the manuals leave open, <paramref name="segments"/> for those that run 32-bit code
    /// and segments of their own on the host.
    /// </summary>
    public NativeFactAttribute(bool intelOnly = false, bool segments = false)
    {
        if (!NativeCode.IsSupported)
        {
            Skip = "needs Linux on x86-64: it runs the same instructions on the host";
        }
        else if (segments && !Integer.IntegerHost.IsSupported)
        {
            Skip = "needs a host that gives programs 32-bit code and a local descriptor table (IA-32 emulation, modify_ldt)";
        }
        else if (intelOnly && !NativeCode.IsIntel)
        {
            Skip = "needs an Intel processor: it compares results that the manuals leave open";
        }
    }
}

using Xunit;

namespace Emulator.Tests;

/// <summary>A test that compares with the host's own processor; skipped where <see cref="NativeCode"/> can't run.</summary>
public sealed class NativeFactAttribute : FactAttribute
{
    /// <summary>Decides the skip; <paramref name="intelOnly"/> for tests of results that the manuals leave open.</summary>
    public NativeFactAttribute(bool intelOnly = false)
    {
        if (!NativeCode.IsSupported)
        {
            Skip = "needs Linux on x86-64: it runs the same instructions on the host";
        }
        else if (intelOnly && !NativeCode.IsIntel)
        {
            Skip = "needs an Intel processor: it compares results that the manuals leave open";
        }
    }
}

using Xunit;

namespace Emulator.Tests;

/// <summary>A test that compares with the host's own processor; skipped where <see cref="NativeCode"/> can't run.</summary>
public sealed class NativeFactAttribute : FactAttribute
{
    /// <summary>Decides the skip.</summary>
    public NativeFactAttribute()
    {
        if (!NativeCode.IsSupported)
        {
            Skip = "needs Linux on x86-64: it runs the same instructions on the host";
        }
    }
}

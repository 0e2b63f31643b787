using Xunit;

namespace Emulator.Tests;

/// <summary>A theory that needs what <c>tools/setup test</c> installs on Linux; skipped elsewhere.</summary>
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    /// <summary>Decides the skip.</summary>
    public LinuxTheoryAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "needs Linux: it uses programs that tools/setup installs there";
        }
    }
}

using Xunit;

namespace Emulator.Tests;

/// <summary>A test that needs files which only Linux has (/proc, /dev/full); skipped elsewhere.</summary>
public sealed class LinuxFactAttribute : FactAttribute
{
    /// <summary>Decides the skip.</summary>
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "needs Linux: it uses /proc or /dev/full";
        }
    }
}

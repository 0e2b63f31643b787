using Xunit;

namespace Emulator.Tests;

/// <summary>A test of the shared material beside the checkout; skipped where it is missing.</summary>
public sealed class SharedFactAttribute : FactAttribute
{
    /// <summary>Decides the skip.</summary>
    /// <param name="relative">What it needs of the shared folder.</param>
    public SharedFactAttribute(string relative)
    {
        if (SharedFolder.Find(relative) is null)
        {
            Skip = $"needs {relative} of the shared folder beside the checkout";
        }
    }
}

using Emulator.Core.Backends;
using Emulator.Core.State;

namespace Emulator.Devices.Block;

/// <summary>What a drive's saved state says of its medium: enough to refuse another one. The contents are the image's own business.</summary>
internal static class MediumState
{
    private const long NoMedium = -1;

    /// <summary>Saves that <paramref name="medium"/> is in <paramref name="drive"/>, or checks that it can be the one that was.</summary>
    /// <exception cref="StateException">Loading: another medium is in the drive, or none.</exception>
    public static void Check(StateTransfer state, IBlockBackend? medium, string drive)
    {
        long present = medium?.Length ?? NoMedium, saved = state.Int64(present);
        if (saved != present)
        {
            throw state.Wrong($"was saved with {Describe(saved)} in {drive}, where there is {Describe(present)} now");
        }
    }

    private static string Describe(long length) => length == NoMedium ? "no medium" : $"a medium of {length} bytes";
}

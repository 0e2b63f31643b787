using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>Gives every drive of the command line its position.</summary>
internal static class DrivePlan
{
    /// <summary>The drives by interface and index.</summary>
    /// <param name="requests">In the order of the command line.</param>
    /// <param name="snapshot">The global <c>-snapshot</c>.</param>
    /// <param name="note">Gets a sentence for a drive that is left out.</param>
    /// <exception cref="UserErrorException">Two want one position, or there are too many.</exception>
    public static IReadOnlyList<DriveConfig> Place(IReadOnlyList<DriveRequest> requests, bool snapshot, Action<string> note)
    {
        foreach (var none in requests.Where(IsNothing))
        {
            note($"{none.Config.Origin}: a hard disk without a byte is left out");
        }
        requests = [.. requests.Where(r => !IsNothing(r))];
        var placed = new SortedDictionary<(DriveInterface, int), DriveConfig>();

        // Those with a position of their own come first: the others take what is left.
        foreach (var request in requests.OrderBy(r => r.Index is null ? 2 : r.Yields ? 1 : 0))
        {
            var on = request.Config.Interface;
            int index = request.Index is { } own && !request.Yields ? own : FirstFree(placed, request.Config, request.Index ?? 0);
            if (placed.TryGetValue((on, index), out var other))
            {
                throw new UserErrorException(
                    $"{request.Config.Origin}: position {index} already holds {other.Origin}; give it another one with -drive file=...,index=N");
            }
            bool keep = request.Config.ReadOnly || request.Config.IsCdrom || request.Config.File is null;
            placed[(on, index)] = request.Config with { Index = index, Snapshot = !keep && (request.Snapshot ?? snapshot) };
        }
        return [.. placed.Values];
    }

    private static bool IsNothing(DriveRequest request) => request.Config is { IsCdrom: false, File: DriveParser.NoMedium };

    // From a position on, and from the start again.
    private static int FirstFree(SortedDictionary<(DriveInterface, int), DriveConfig> placed, DriveConfig drive, int first)
    {
        int count = drive.Interface == DriveInterface.Ide ? 4 : 2;
        for (int i = 0; i < count; i++)
        {
            int index = (first + i) % count;
            if (!placed.ContainsKey((drive.Interface, index)))
            {
                return index;
            }
        }
        throw new UserErrorException($"{drive.Origin}: all {count} positions of the interface are taken; leave one drive out");
    }
}

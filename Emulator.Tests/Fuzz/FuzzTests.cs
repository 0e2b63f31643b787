using Emulator.Bench.Fuzz;
using Xunit;

namespace Emulator.Tests.Fuzz;

/// <summary>
/// A short run of random guests (<c>Emulator.Bench -- fuzz-boot</c> runs as many as one likes): none may throw, and equal seeds run equally.
/// </summary>
public sealed class FuzzTests(FuzzTests.Guests guests) : IClassFixture<FuzzTests.Guests>
{
    private const int FirstSeed = 1_000_000;

    /// <summary>Boots SeaBIOS once for all tests.</summary>
    public sealed class Guests
    {
        public FuzzRunner Runner { get; } = FuzzGuests.Runner();
    }

    [Theory]
    [InlineData(FuzzKind.BiosRandom, 40)]
    [InlineData(FuzzKind.BiosCode, 40)]
    [InlineData(FuzzKind.BiosMutated, 20)]
    [InlineData(FuzzKind.SectorRandom, 60)]
    [InlineData(FuzzKind.SectorCode, 60)]
    [InlineData(FuzzKind.SectorMutated, 60)]
    [InlineData(FuzzKind.Protected, 40)]
    public void RandomGuestsNeverThrow(FuzzKind kind, int count)
    {
        var hashes = new HashSet<ulong>();
        for (int seed = FirstSeed; seed < FirstSeed + count; seed++)
        {
            ulong hash = guests.Runner.Run(kind, seed);
            hashes.Add(hash);
            if (seed % 8 == 0 && !guests.Runner.CutShort)
            {
                ulong again = guests.Runner.Run(kind, seed);
                Assert.True(again == hash || guests.Runner.CutShort, $"{kind} {seed}: two runs differ");
            }
        }
        // They do different things: random code that all ends at once would prove nothing.
        Assert.True(hashes.Count > count / 2, $"{hashes.Count} different ends of {count}");
    }
}

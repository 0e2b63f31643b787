using Emulator.Core.Bus;
using Emulator.Core.State;
using Emulator.Devices.Misc;
using Emulator.Devices.Timers;
using Emulator.Tests.Timers;
using Xunit;

namespace Emulator.Tests.State;

public sealed class StateFileTests
{
    private readonly A20Gate gate = new(_ => { });
    private readonly I8254 pit = new(new VirtualTime().Queue, IrqLine.Unconnected);

    private IReadOnlyList<(string, IStateful)> Parts => [("a20", gate), ("pit", pit)];

    [Fact]
    public void TheFormatIsWhatItsDescriptionSays()
    {
        byte[] saved = Save([("a20", gate)]);
        Assert.Equal([.. "EMUSTATE"u8, 1, 0, 0, 0, 3, .. "a20"u8, 1, 0, 1, 0, 0, 0, 1], saved[..23]);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(saved.AsSpan(12, 11)), saved[23..55]);
        Assert.Equal(0, saved[55]);
        Assert.Equal(56, saved.Length);
    }

    [Fact]
    public void CutAnywhereItIsRefused()
    {
        byte[] saved = Save(Parts);
        for (int length = 0; length < saved.Length; length++)
        {
            Assert.Equal("the state is cut off before its end; save it again, or copy it whole", Refusal(saved[..length], Parts));
        }
        gate.IsOpen = false;
        Load(saved, Parts);
        Assert.True(gate.IsOpen);
    }

    [Fact]
    public void WithAnyBitChangedItIsRefusedAndNothingIsLoaded()
    {
        byte[] saved = Save(Parts);
        gate.IsOpen = false;
        for (int bit = 0; bit < saved.Length * 8; bit++)
        {
            byte[] damaged = [.. saved];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEmpty(Refusal(damaged, Parts));
            Assert.False(gate.IsOpen);
        }
    }

    [Fact]
    public void NewerVersionsAreRefused()
    {
        byte[] saved = Save([("a20", new Versioned(2))]);
        Assert.Equal(
            "state section a20 has version 2 and this program knows versions 1 to 1; load it with the program that saved it", Refusal(saved, [("a20", gate)]));
        Assert.Equal(1, new Versioned(2).LoadedFrom(Save([("x", new Versioned(1))])));
        saved = Save(Parts);
        saved[8] = 2;
        Assert.Equal("the state has format 2 and this program knows format 1; load it with the program that saved it", Refusal(saved, Parts));
    }

    [Fact]
    public void OtherSectionsThanTheMachineHasPartsAreRefused()
    {
        Assert.Equal(
            "the state has no section pit; start the machine with the options that it was saved with", Refusal(Save([("a20", gate)]), Parts));
        Assert.Equal(
            "the state has a section pit for which this machine has no device; start it with the options that the state was saved with",
            Refusal(Save(Parts), [("a20", gate)]));
        Assert.StartsWith("the state is damaged in section a20", Refusal(Save([("a20", gate), ("a20", gate)]), Parts), StringComparison.Ordinal);
    }

    [Fact]
    public void ValuesThatADeviceCannotHaveAreRefused()
    {
        const string remedy = "; load a state that was saved whole from a machine with the same options";
        Assert.Equal("state section a20 has 7 where 0 or 1 belongs" + remedy, Broken("a20", gate, [7]));
        Assert.Equal("state section a20 has 1 bytes too many" + remedy, Broken("a20", gate, [1, 1]));
        Assert.Equal("state section a20 ends after 0 bytes, before all its fields" + remedy, Broken("a20", gate, []));
        byte[] timer = StateTransfer.Save("pit", pit);
        timer[0] = 9;
        Assert.Equal("state section pit has 9 where 0 to 5 is possible" + remedy, Broken("pit", pit, timer));
        Assert.Equal("this is no saved state: it does not begin with EMUSTATE; give a file that a state was saved to", Refusal(new byte[100], Parts));
    }

    private static byte[] Save(IReadOnlyList<(string, IStateful)> parts)
    {
        using var stream = new MemoryStream();
        StateFile.Save(stream, parts);
        return stream.ToArray();
    }

    private static void Load(byte[] saved, IReadOnlyList<(string, IStateful)> parts)
    {
        using var stream = new MemoryStream(saved);
        StateFile.Apply(StateFile.Read(stream, parts), parts);
    }

    private static string Refusal(byte[] saved, IReadOnlyList<(string, IStateful)> parts) => Assert.Throws<StateException>(() => Load(saved, parts)).Message;

    private static string Broken(string name, IStateful part, byte[] payload) =>
        Assert.Throws<StateException>(() => StateTransfer.Load(name, part, 1, payload)).Message;

    private sealed class Versioned(int version) : IStateful
    {
        private int loaded;

        public int StateVersion => version;

        public void Transfer(StateTransfer state)
        {
            loaded = state.Version;
            state.Bool(true);
        }

        public int LoadedFrom(byte[] saved)
        {
            Load(saved, [("x", this)]);
            return loaded;
        }
    }
}

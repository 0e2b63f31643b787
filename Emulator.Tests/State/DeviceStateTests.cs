using Emulator.Bench.Fuzz;
using Emulator.Core.Bus;
using Emulator.Core.State;
using Emulator.Machine.Config;
using Xunit;

namespace Emulator.Tests.State;

/// <summary>
/// Saved state of every device of the boards: random accesses bring it into odd states, a fresh board takes the state over, and both then give the
/// same answers to the same accesses.
/// </summary>
public sealed class DeviceStateTests
{
    private const int AccessesBefore = 2000, AccessesAfter = 1200;

    [Theory]
    [InlineData(MachineTypes.Default)]
    [InlineData(MachineTypes.IsaPc)]
    public void AFreshBoardWithTheStateGoesOnAsTheFirstDoes(string machineType)
    {
        int devices = 1;
        var traces = new HashSet<ulong>();
        for (int device = 0; device < devices; device++)
        {
            using var first = new DeviceFuzzer(1000 + device, machineType);
            devices = first.Devices.Count;
            first.Run(device, AccessesBefore);
            byte[] saved = first.Save();
            using DeviceFuzzer copy = first.MakeFresh();
            Load(copy, saved);
            Assert.Empty(ObjectComparer.Compare(first.Board, copy.Board));
            Assert.Empty(device % 8 == 0 ? ObjectComparer.CompareMaps(first.Board, copy.Board) : []);
            AssertSameSections(first.Devices[device], first, saved, copy.Save());

            first.Restart(device);
            copy.Restart(device);
            first.Run(device, AccessesAfter);
            copy.Run(device, AccessesAfter);
            Assert.True(first.Trace == copy.Trace, $"{first.Devices[device]}: the copy answers otherwise");
            AssertSameSections(first.Devices[device], first, first.Save(), copy.Save());
            traces.Add(first.Trace);
        }
        Assert.Equal(devices, traces.Count);
    }

    // A device that has no state among the parts, or not all of it, leaves a difference; each part takes some away.
    [Theory]
    [InlineData(MachineTypes.Default)]
    [InlineData(MachineTypes.IsaPc)]
    public void EachPartBringsTheCopyNearerToTheFirst(string machineType)
    {
        using var first = new DeviceFuzzer(5, machineType);
        // No function of these boards drives its INTx pin.
        HashSet<string> unproven = [.. first.Parts.Select(part => part.Name).Where(name => name is not ("cpu" or "events" or "pci-bus") && !name.StartsWith("memory", StringComparison.Ordinal))];
        for (int round = 0; round < 3; round++)
        {
            for (int device = 0; device < first.Devices.Count; device++)
            {
                first.Run(device, 200);
            }
            TouchWhatIsResetOften(first);
            using var stream = new MemoryStream(first.Save());
            IReadOnlyDictionary<string, StateSection> sections = StateFile.Read(stream, first.Parts);
            using DeviceFuzzer copy = first.MakeFresh();
            int differences = ObjectComparer.Compare(first.Board, copy.Board).Count;
            foreach ((string Name, IStateful Part) part in copy.Parts)
            {
                StateFile.Apply(sections, [part]);
                int left = ObjectComparer.Compare(first.Board, copy.Board).Count;
                if (left < differences)
                {
                    unproven.Remove(part.Name);
                }
                differences = left;
            }
            Assert.Equal(0, differences);
        }
        Assert.Empty(unproven);
    }

    // Among random accesses are resets of the whole machine.
    private static void TouchWhatIsResetOften(DeviceFuzzer fuzzer)
    {
        PortBus ports = fuzzer.Board.Ports;
        ports.Write(0x92, 1, 0xF0);
        ports.Write(0x61, 1, 0x0C);
        ports.Write(0x510, 2, 0);
        ports.Read(0x511, 1);
        fuzzer.Board.VmMouse.Command(0x45414552);
        foreach (uint register in new uint[] { 0x80000050, 0x8000084C, 0x80000940, 0x80000B44, 0x8000103C })
        {
            ports.Write(0xCF8, 4, register);
            ports.Write(0xCFC, 4, 0x55AA55AA);
        }
    }

    private static void Load(DeviceFuzzer board, byte[] saved)
    {
        using var stream = new MemoryStream(saved);
        StateFile.Apply(StateFile.Read(stream, board.Parts), board.Parts);
    }

    private static void AssertSameSections(string device, DeviceFuzzer board, byte[] one, byte[] other)
    {
        if (one.AsSpan().SequenceEqual(other))
        {
            return;
        }
        using MemoryStream first = new(one), second = new(other);
        IReadOnlyDictionary<string, StateSection> a = StateFile.Read(first, board.Parts), b = StateFile.Read(second, board.Parts);
        Assert.Fail($"{device}: sections differ: " + string.Join(", ", a.Keys.Where(name => !a[name].Payload.AsSpan().SequenceEqual(b[name].Payload))));
    }
}

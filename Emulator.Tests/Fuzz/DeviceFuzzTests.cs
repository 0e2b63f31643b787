using Emulator.Bench.Fuzz;
using Xunit;

namespace Emulator.Tests.Fuzz;

/// <summary>A short run of random accesses to each device of the board (<c>Emulator.Bench -- fuzz-devices</c> runs a million each).</summary>
public sealed class DeviceFuzzTests
{
    [Fact]
    public void NothingThatAGuestDoesToADeviceThrows()
    {
        int interrupts = 0, devices = 1;
        for (int device = 0; device < devices; device++)
        {
            using var fuzzer = new DeviceFuzzer(7);
            devices = fuzzer.Devices.Count;
            fuzzer.Run(device, 6000);
            interrupts += fuzzer.Interrupts;
        }
        Assert.True(devices > 20, $"{devices} devices");
        Assert.True(interrupts > devices, $"{interrupts} interrupts");
    }
}

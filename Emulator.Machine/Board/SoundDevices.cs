using Emulator.Core.Backends;
using Emulator.Core.Diagnostics;
using Emulator.Core.State;
using Emulator.Core.Time;
using Emulator.Devices.Audio;
using Emulator.Devices.Misc;
using Emulator.Machine.Config;

namespace Emulator.Machine.Board;

/// <summary>The board's sound: speaker, Sound Blaster 16, AdLib, each with the mixer of its output.</summary>
public sealed class SoundDevices
{
    private readonly IScheduler scheduler;
    private readonly IReadOnlyDictionary<string, IAudioSink> outputs;
    private readonly Dictionary<string, AudioMixer> mixers = [];

    /// <summary>Wires what <paramref name="config"/> names to the board, whose interrupts, DMA and timer are there already.</summary>
    public SoundDevices(
        SoundConfig config, IReadOnlyDictionary<string, IAudioSink> outputs, PcBoard board, SystemControlPortB speakerPort, IScheduler scheduler, EventLog log)
    {
        this.scheduler = scheduler;
        this.outputs = outputs;
        if (config.Speaker is not null)
        {
            Speaker = new PcSpeaker(board.Pit, speakerPort, MixerOf(config.Speaker));
        }
        if (config.Sb16 is { } card)
        {
            Sb16 = new SoundBlaster16(
                scheduler, MixerOf(card.AudioDev), board.Pic.NewSource, board.Dma.Channel, (card.Irq, card.Dma, card.Dma16), log);
            Sb16.Wire(board.Ports, card.IoBase);
        }
        if (config.HasAdLib)
        {
            AdLib = new OplPorts(scheduler, MixerOf(config.AdLib));
            AdLib.Wire(board.Ports);
        }
    }

    /// <summary>The PC speaker, if it is heard.</summary>
    public PcSpeaker? Speaker { get; }

    /// <summary>The Sound Blaster 16, if there is one.</summary>
    public SoundBlaster16? Sb16 { get; }

    /// <summary>The OPL3 of its own, if there is one.</summary>
    public OplPorts? AdLib { get; }

    /// <summary>State after power-on.</summary>
    public void Reset()
    {
        Sb16?.Reset();
        AdLib?.Reset();
    }

    /// <summary>Brings all outputs up to now, before they are closed.</summary>
    public void Finish()
    {
        foreach (AudioMixer mixer in mixers.Values)
        {
            mixer.CatchUp();
        }
    }

    /// <summary>What has state, for <see cref="BoardState"/>.</summary>
    public IEnumerable<(string Name, IStateful Part)> Parts
    {
        get
        {
            if (Speaker is not null)
            {
                yield return ("speaker", Speaker);
            }
            if (Sb16 is not null)
            {
                yield return ("sb16", Sb16);
            }
            if (AdLib is not null)
            {
                yield return ("adlib", AdLib);
            }
            foreach ((string output, AudioMixer mixer) in mixers)
            {
                yield return ($"mixer-{output}", mixer);
            }
        }
    }

    private AudioMixer MixerOf(string? output)
    {
        string key = output ?? "";
        if (!mixers.TryGetValue(key, out AudioMixer? mixer))
        {
            mixer = new AudioMixer(scheduler, output is null ? new SilentSink() : outputs[output]);
            mixers.Add(key, mixer);
        }
        return mixer;
    }
}

using Emulator.Core.Backends;
using Emulator.Machine;
using Emulator.Remote.Display;
using static Emulator.Remote.Monitor.MonitorParameterKind;

namespace Emulator.Remote.Monitor;

/// <summary>Commands that show the screen.</summary>
internal sealed class ScreenCommands(VirtualMachine machine, Recordings recordings)
{
    public IEnumerable<MonitorCommand> Make() =>
    [
        new("screendump", "filename [-f format]",
            $"save screen as image 'filename' in format 'format': {PictureFile.Names} (default: what the name ends in, else ppm)",
            [new("filename", MonitorParameterKind.FileName), new("f", Option)], ScreenDump),
        new("screenrecord", "filename [fps]", "record the screen as an animation (APNG), looked at fps times a second (default 25)",
            [new("filename", MonitorParameterKind.FileName), new("fps", Number32, IsOptional: true)], ScreenRecord),
        new("stoprecord", "", "end the recording of the screen", [], StopRecord),
        new("screentext", "", "print what the screen shows in a text mode", [], ScreenTextOf),
    ];

    private IScreen Screen => machine.Board.Vga ?? throw new MonitorException("Error: There is no console to take a screendump from");

    private void ScreenDump(MonitorArguments arguments, TextWriter output)
    {
        string path = arguments.Text("filename");
        PictureFormat format = arguments.TextOrNull("f") is not { } name ? PictureFile.FormatOfFile(path)
            : PictureFile.FormatOf(name) ?? throw new MonitorException($"Error: invalid parameter value: {name}; the formats are {PictureFile.Names}");
        HostFiles.Write(path, "failed to open file", file => PictureFile.Write(file, Screen, format));
    }

    private void ScreenRecord(MonitorArguments arguments, TextWriter output)
    {
        string path = arguments.Text("filename");
        long rate = arguments.Number("fps", ScreenRecorder.DefaultRate);
        if (recordings.IsRecording)
        {
            throw new MonitorException("Error: the screen is being recorded already; end that with stoprecord");
        }
        if (rate is < 1 or > ScreenRecorder.HighestRate)
        {
            throw new MonitorException($"Error: fps is a number from 1 to {ScreenRecorder.HighestRate}, not {rate}");
        }
        _ = Screen;
        try
        {
            recordings.Start(path, (int)rate);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MonitorException($"Error: failed to open file '{path}': {HostFiles.Reason(e, path)}");
        }
    }

    private void StopRecord(MonitorArguments arguments, TextWriter output)
    {
        if (!recordings.IsRecording)
        {
            throw new MonitorException("Error: nothing is being recorded");
        }
        recordings.Stop();
    }

    private void ScreenTextOf(MonitorArguments arguments, TextWriter output)
    {
        if (ScreenText.Lines(Screen) is not { } lines)
        {
            (int width, int height) = Screen.Size;
            throw new MonitorException($"the screen is in a graphics mode of {width}x{height} pixels; use screendump");
        }
        foreach (string line in lines)
        {
            output.Write(line + "\n");
        }
    }
}

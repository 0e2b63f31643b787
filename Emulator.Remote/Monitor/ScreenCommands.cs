using System.Globalization;
using System.Text;
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
            "save screen as image 'filename' in format 'format', png or ppm (default: png for names that end in .png, else ppm)",
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
        string format = arguments.TextOrNull("f") ?? (path.EndsWith(".png", StringComparison.OrdinalIgnoreCase) ? "png" : "ppm");
        Action<Stream> write = format switch
        {
            "png" => file => Png.Write(file, Screen),
            "ppm" => WritePpm,
            _ => throw new MonitorException($"Error: invalid parameter value: {format}"),
        };
        HostFiles.Write(path, "failed to open file", write);
    }

    // Netpbm's raw PPM: P6, width, height, 255, then RGB.
    private void WritePpm(Stream file)
    {
        (int width, int height) = Screen.Size;
        var pixels = new uint[width * height];
        Screen.Render(pixels);
        file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"P6\n{width} {height}\n255\n")));
        var rgb = new byte[pixels.Length * 3];
        for (int n = 0; n < pixels.Length; n++)
        {
            (rgb[n * 3], rgb[(n * 3) + 1], rgb[(n * 3) + 2]) = ((byte)(pixels[n] >> 16), (byte)(pixels[n] >> 8), (byte)pixels[n]);
        }
        file.Write(rgb);
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

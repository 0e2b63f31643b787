using Emulator.Core.Diagnostics;
using Emulator.Machine;
using Emulator.Machine.Config;
using static Emulator.Remote.Monitor.MonitorParameterKind;

namespace Emulator.Remote.Monitor;

/// <summary>Commands that direct the log.</summary>
internal sealed class LogCommands(VirtualMachine machine, IMonitorHost host, ExecutionLog executionLog)
{
    public IEnumerable<MonitorCommand> Make() =>
    [
        new("log", "item1[,...]", "activate logging of the specified items", [new("items", Text)], Log),
        new("logfile", "filename", "output logs to 'filename'", [new("filename", MonitorParameterKind.FileName)], Redirect),
    ];

    /// <summary>What can be logged, for people.</summary>
    public static string Items() => "Log items (comma separated):\n" + $"{"none",-15} remove all logs\n"
        + string.Concat(LogItemNames.All.Select(i => $"{i.Name,-15} {i.Help}\n"));

    private void Log(MonitorArguments arguments, TextWriter output)
    {
        string text = arguments.Text("items");
        LogItems items = LogItems.None;
        if (text != "none")
        {
            if (text.Split(',').Any(name => LogItemNames.All.All(i => i.Name != name)))
            {
                output.Write(Items());
                return;
            }
            items = LogItemNames.Parse(text);
        }
        machine.Log.Items = items;
        machine.Log.Writer.Flush();
        executionLog.Update();
    }

    private void Redirect(MonitorArguments arguments, TextWriter output)
    {
        string path = arguments.Text("filename");
        try
        {
            host.RedirectLog(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MonitorException($"Error opening logfile {path}: {HostFiles.Reason(e, path)}");
        }
    }
}

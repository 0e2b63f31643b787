using System.Reflection;
using Emulator.Machine;
using Emulator.Remote.Display;

namespace Emulator.Remote.Monitor;

/// <summary>
/// The human monitor of a machine: a line in, text out, in QEMU's wording. All streams with a monitor, and other servers that
/// pass lines on, share one. Machine thread.
/// </summary>
public sealed class HumanMonitor
{
    /// <summary>What a monitor prints before each line; scripts wait for it.</summary>
    public const string Prompt = "(qemu) ";

    private readonly VirtualMachine machine;
    private readonly IReadOnlyList<MonitorCommand> commands;
    private readonly IReadOnlyList<MonitorCommand> infoCommands;
    private readonly ArgumentReader arguments;

    /// <summary>Makes the monitor of <paramref name="machine"/>.</summary>
    /// <param name="machine">What is looked at and steered.</param>
    /// <param name="host">The program around it.</param>
    /// <param name="keys">Where <c>sendkey</c> puts keys; shared with others who type.</param>
    /// <param name="executionLog">Told when the log's items change.</param>
    public HumanMonitor(VirtualMachine machine, IMonitorHost host, KeyQueue keys, ExecutionLog executionLog, Recordings recordings)
    {
        this.machine = machine;
        var view = new GuestView(machine);
        arguments = new ArgumentReader(view.Register);
        MonitorCommand[] all =
        [
            .. RunCommands.Make(machine),
            .. new MemoryCommands(machine, view, new MemoryDump(view, new Disassembler())).Make(),
            .. new InputCommands(machine, keys).Make(),
            .. new ScreenCommands(machine, recordings).Make(),
            .. new MediaCommands(machine, host).Make(),
            .. new LogCommands(machine, host, executionLog).Make(),
            new("help|?", "[cmd]", "show the help", [new("cmd", MonitorParameterKind.Rest)], Help),
            new("info", "[subcommand]", "show various information about the system state", [], (_, output) => ListInfo(output)),
        ];
        commands = [.. all.OrderBy(c => c.Name, StringComparer.Ordinal)];
        infoCommands = [.. new InfoCommands(machine).Make()];
    }

    /// <summary>The program's version number.</summary>
    public static string ProgramVersion => typeof(HumanMonitor).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>What a monitor prints first.</summary>
    public static string Banner => $"emu {ProgramVersion} monitor - type 'help' for more information";

    /// <summary>True once the machine is about to end: no further line will be read.</summary>
    public bool IsEnding => machine.IsEnding;

    /// <summary>Carries a line out.</summary>
    /// <returns>Its output, with line feeds; empty when there is nothing to say.</returns>
    public string Execute(string line)
    {
        using var output = new StringWriter();
        try
        {
            Execute(line, output);
        }
        catch (MonitorException e)
        {
            output.Write(e.Message + "\n");
        }
        return output.ToString();
    }

    private void Execute(string line, TextWriter output)
    {
        int position = 0;
        string name = Word(line, ref position);
        if (name.Length == 0)
        {
            return;
        }
        MonitorCommand command = commands.FirstOrDefault(c => c.Answers(name)) ?? throw Unknown(name);
        int wordEnd = position;
        if (command.Name == "info" && Word(line, ref position) is { Length: > 0 } item)
        {
            command = infoCommands.FirstOrDefault(c => c.Answers(item)) ?? throw Unknown($"info {item}");
            wordEnd = position;
        }
        MonitorArguments values;
        try
        {
            values = arguments.Read(command, line, wordEnd);
        }
        catch (MonitorException e) when (e.IsArgument)
        {
            throw new MonitorException($"{e.Message}\nTry \"help {line[..wordEnd].Trim()}\" for more information");
        }
        command.Run(values, output);
    }

    private void Help(MonitorArguments given, TextWriter output)
    {
        string[] words = given.Text("cmd").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            foreach (MonitorCommand each in commands)
            {
                output.Write(HelpLine("", each));
            }
            return;
        }
        MonitorCommand command = commands.FirstOrDefault(c => c.Answers(words[0])) ?? throw Unknown(words[0]);
        if (command.Name == "info" && words.Length > 1)
        {
            MonitorCommand item = infoCommands.FirstOrDefault(c => c.Answers(words[1])) ?? throw Unknown($"info {words[1]}");
            output.Write(HelpLine("info ", item));
        }
        else if (command.Name == "info")
        {
            ListInfo(output);
        }
        else
        {
            output.Write(command.Name == "log" ? LogCommands.Items() : HelpLine("", command));
        }
    }

    private void ListInfo(TextWriter output)
    {
        foreach (MonitorCommand each in infoCommands)
        {
            output.Write(HelpLine("info ", each));
        }
    }

    private static string HelpLine(string prefix, MonitorCommand command) =>
        $"{prefix}{command.Name} {command.Arguments} -- {command.Help}\n";

    private static MonitorException Unknown(string name) => new($"unknown command: '{name}'");

    // A command ends at a blank, or at the slash of its format.
    private static string Word(string line, ref int position)
    {
        while (position < line.Length && char.IsWhiteSpace(line[position]))
        {
            position++;
        }
        int start = position;
        while (position < line.Length && !char.IsWhiteSpace(line[position]) && line[position] != '/')
        {
            position++;
        }
        return line[start..position];
    }
}

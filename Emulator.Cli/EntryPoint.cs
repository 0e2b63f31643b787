using Emulator.Cli.Img;
using Emulator.Cli.Translate;
using Emulator.Machine.Config;

namespace Emulator.Cli;

/// <summary>The program: a command line in, an exit code out.</summary>
public static class EntryPoint
{
    private const int Failure = 1;

    /// <summary>Runs a command line.</summary>
    /// <param name="args">The words behind the program's name.</param>
    /// <param name="output">Standard output: texts that were asked for.</param>
    /// <param name="error">Standard error: what went wrong, one sentence.</param>
    /// <param name="onTerminal">True when the program's input and output are a terminal.</param>
    /// <returns>0 for success, 1 after an error, else what the machine says.</returns>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error, bool onTerminal) =>
        Run(args, output, error, onTerminal, Invocation.Own);

    /// <summary>Runs a command line of the program of that name.</summary>
    /// <param name="args">The words behind the program's name.</param>
    /// <param name="output">Standard output: texts that were asked for.</param>
    /// <param name="error">Standard error: what went wrong, one sentence.</param>
    /// <param name="onTerminal">True when the program's input and output are a terminal.</param>
    /// <param name="invocation">The program's name.</param>
    /// <returns>0 for success, 1 after an error, else what the machine says.</returns>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error, bool onTerminal, Invocation invocation)
    {
        if (!invocation.IsQemu && args.Count > 0 && args[0] == "img")
        {
            return ImgTool.Run([.. args.Skip(1)], output, error);
        }
        if (!invocation.IsQemu && args.Count > 0 && args[0] == "translate")
        {
            return TranslateTool.Run([.. args.Skip(1)], output, error);
        }
        try
        {
            var result = CommandLine.Parse(args, onTerminal, invocation);
            if (result.Config is null)
            {
                output.Write(result.Text);
                return 0;
            }
            if (result.Running.Timestamps)
            {
                error = new StampedWriter(error);
                Console.SetError(error);
            }
            if (result.Running is { Daemonize: true, IsDry: false } && !Daemon.IsChild)
            {
                return Daemon.Start(invocation, output, error);
            }
            foreach (string note in result.Notes)
            {
                error.WriteLine($"{invocation.Name}: note: {note}");
            }
            if (result.Running.IsDry)
            {
                DryRun.Check(result.Config, result.Running, onTerminal);
                output.WriteLine("The machine of this command line can start.");
                return 0;
            }
            return MachineHost.Run(result.Config);
        }
        catch (UserErrorException e)
        {
            error.WriteLine($"{invocation.Name}: {e.Message}");
            return Failure;
        }
    }
}

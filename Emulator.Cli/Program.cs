using Emulator.Cli;

return EntryPoint.Run(args, Console.Out, Console.Error, !Console.IsInputRedirected && !Console.IsOutputRedirected);

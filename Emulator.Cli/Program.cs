using System.Text;
using Emulator.Cli;

// The console's own writers send a terminal commands (application keypad) that nobody takes back.
Console.SetOut(Plain(StandardStream.Open(1)));
Console.SetError(Plain(StandardStream.Open(2)));
return EntryPoint.Run(args, Console.Out, Console.Error, !Console.IsInputRedirected && !Console.IsOutputRedirected, Invocation.Current());

static StreamWriter Plain(Stream stream) => new(stream, new UTF8Encoding(false)) { AutoFlush = true };

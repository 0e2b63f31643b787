namespace Emulator.Machine.Config;

/// <summary>
/// Something that the person at the command line can put right. The message is one sentence that names the thing and
/// the remedy; the program prints it after its own name and ends with exit code 1.
/// </summary>
public class UserErrorException(string message) : Exception(message);

using Emulator.Machine.Config;

namespace Emulator.Remote.Block;

/// <summary>The host denies the access asked for; opening without the right to write may still succeed.</summary>
internal sealed class WriteProtectedException(string message) : UserErrorException(message);

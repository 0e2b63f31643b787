using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Emulator.Machine.Config;

/// <summary>
/// Words for what the host refuses. The texts of the framework's exceptions are not used: they are left out of the
/// program to start faster, and they repeat paths.
/// </summary>
public static class HostErrors
{
    /// <summary>A short phrase such as "no such file", to stand in the middle of a sentence.</summary>
    public static string Describe(Exception error) => error switch
    {
        FileNotFoundException => "no such file",
        DirectoryNotFoundException => "no such directory",
        PathTooLongException => "the name is too long",
        UnauthorizedAccessException => "permission denied",
        SocketException socket => Describe(socket.SocketErrorCode),
        IOException io when IsSharingViolation(io) => "in use by another program",
        IOException io when io.HResult is > 0 and < 4096 => Marshal.GetPInvokeErrorMessage(io.HResult),
        _ => error.GetType().Name,
    };

    /// <summary>What to say, behind its name, of a file that is not there: a link that leads nowhere is another thing than a wrong name.</summary>
    public static string Missing(string path) => new FileInfo(path).LinkTarget is { } target
        ? $"it is a link to {target}, where there is no file; restore that file, or give another"
        : "no such file; check the name";

    /// <summary>True when a lock that another program (or another drive) holds is the reason.</summary>
    public static bool IsSharingViolation(IOException error) =>
        OperatingSystem.IsWindows() ? (error.HResult & 0xFFFF) == 32 : error.HResult == (OperatingSystem.IsLinux() ? 11 : 35);

    /// <summary>True when the host's disk has no room left (ENOSPC).</summary>
    public static bool IsDiskFull(IOException error) => OperatingSystem.IsWindows() ? (error.HResult & 0xFFFF) is 112 or 39 : error.HResult == 28;

    private static string Describe(SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => "the address is in use",
        SocketError.AddressNotAvailable => "this host has no such address",
        SocketError.ConnectionRefused => "nobody listens there",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "no such host",
        SocketError.TimedOut => "no answer",
        SocketError.AccessDenied => "permission denied",
        SocketError.NetworkUnreachable or SocketError.HostUnreachable => "the host cannot be reached",
        _ => error.ToString(),
    };
}

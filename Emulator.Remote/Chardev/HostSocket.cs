using System.Net;
using System.Net.Sockets;
using System.Text;
using Emulator.Machine.Config;

namespace Emulator.Remote.Chardev;

/// <summary>Makes the sockets of <see cref="SocketBackend"/>, with a sentence for everything that can go wrong.</summary>
internal static class HostSocket
{
    // sun_path with its ending zero: 108 bytes on Linux, 104 on macOS.
    private const int UnixPathBytes = 103;

    private const string NoSocket = "no such socket";

    /// <summary>A listening socket.</summary>
    public static Socket Listen(CharSpec spec)
    {
        var address = AddressOf(spec);
        if (address is UnixDomainSocketEndPoint)
        {
            CheckName(spec, address);
            File.Delete(spec.Path);
        }
        var socket = Create(address);
        try
        {
            socket.Bind(address);
            socket.Listen(1);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new UserErrorException(e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse =>
                    $"{spec.Origin}: port {spec.Port} of {spec.Host} is in use; end the program that has it, or take another port",
                SocketError.AccessDenied when spec.Kind == CharKind.Tcp =>
                    $"{spec.Origin}: port {spec.Port} may not be opened by this user; take one above 1023",
                _ => $"{spec.Origin}: cannot listen on {Where(spec)}: {HostErrors.Describe(e)}; give another address",
            });
        }
    }

    /// <summary>A connected socket.</summary>
    public static Socket Connect(CharSpec spec)
    {
        var address = AddressOf(spec);
        var socket = Create(address);
        try
        {
            socket.Connect(address);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw NoConnection(spec, spec.Kind == CharKind.Unix && !IsSocket(spec.Path) ? NoSocket : HostErrors.Describe(e));
        }
    }

    /// <summary>Looks whether <see cref="Listen"/> could succeed, and at the name that <see cref="Connect"/> goes to.</summary>
    /// <returns>What listens there for the moment.</returns>
    public static IDisposable? Check(CharSpec spec)
    {
        var address = AddressOf(spec);
        if (!spec.Server)
        {
            return spec.Kind != CharKind.Unix || IsSocket(spec.Path) ? null : throw NoConnection(spec, NoSocket);
        }
        if (spec.Kind == CharKind.Tcp || !File.Exists(spec.Path))
        {
            return Listen(spec);
        }
        // The name that a dead server left behind stays.
        CheckName(spec, address);
        return null;
    }

    /// <summary>Where <paramref name="socket"/> listens, or what it was connected to.</summary>
    public static string Describe(CharSpec spec, Socket socket) => spec switch
    {
        { Kind: CharKind.Unix } => Where(spec),
        { Server: true } => $"tcp:{socket.LocalEndPoint}",
        _ => $"tcp:{socket.RemoteEndPoint}",
    };

    private static UserErrorException NoConnection(CharSpec spec, string reason) =>
        new($"{spec.Origin}: cannot connect to {Where(spec)}: {reason}; start the other side first, or add server=on to listen here");

    private static string Where(CharSpec spec) => spec.Kind == CharKind.Unix ? $"unix:{spec.Path}" : $"{spec.Host}:{spec.Port}";

    private static Socket Create(EndPoint address) => address is UnixDomainSocketEndPoint
        ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);

    private static EndPoint AddressOf(CharSpec spec)
    {
        if (spec.Kind == CharKind.Unix)
        {
            if (Encoding.UTF8.GetByteCount(spec.Path) > UnixPathBytes)
            {
                throw new UserErrorException($"{spec.Origin}: the path is longer than the {UnixPathBytes} bytes a socket's may have; give a shorter one");
            }
            return new UnixDomainSocketEndPoint(spec.Path);
        }
        if (IPAddress.TryParse(spec.Host, out var literal))
        {
            return new IPEndPoint(literal, spec.Port);
        }
        try
        {
            // "localhost" means both families to most hosts; servers are expected on the older one.
            var found = Dns.GetHostAddresses(spec.Host);
            return new IPEndPoint(found.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork, found[0]), spec.Port);
        }
        catch (SocketException e)
        {
            throw new UserErrorException($"{spec.Origin}: {spec.Host}: {HostErrors.Describe(e)}; check the name");
        }
    }

    // A file's contents can be opened, a socket cannot (open(2), ENXIO).
    private static bool IsSocket(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }
        try
        {
            File.OpenHandle(path).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return new FileInfo(path).Length == 0;
        }
    }

    // A server that was killed leaves its socket's name behind; nobody can listen under it again until it is removed.
    private static void CheckName(CharSpec spec, EndPoint address)
    {
        if (Directory.Exists(spec.Path))
        {
            throw new UserErrorException($"{spec.Origin}: {spec.Path} is a directory; give a name for the socket");
        }
        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(spec.Path))))
        {
            throw new UserErrorException($"{spec.Origin}: there is no directory for {spec.Path}; make it, or give another name");
        }
        if (!File.Exists(spec.Path))
        {
            return;
        }
        if (!IsSocket(spec.Path))
        {
            throw new UserErrorException($"{spec.Origin}: {spec.Path} exists and is not a socket; give another name, or remove it");
        }
        using var probe = Create(address);
        try
        {
            probe.Connect(address);
        }
        catch (SocketException)
        {
            return;
        }
        throw new UserErrorException($"{spec.Origin}: {spec.Path} is in use by another program; end it, or give another name");
    }
}

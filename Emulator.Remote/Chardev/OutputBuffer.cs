using System.Diagnostics;

namespace Emulator.Remote.Chardev;

/// <summary>
/// Output that waits for its thread. The machine thread pays a lock and a copy, and never waits; a line after a pause goes out at once,
/// anything else within about a millisecond, in as few writes as that allows. A host end that does not take its bytes makes the buffer full
/// after 1 MiB, which devices with a handshake pass on to the guest; what others send beyond 4 MiB is dropped (docs/decisions/0025).
/// </summary>
internal sealed class OutputBuffer : IDisposable
{
    private const int FullBytes = 1 << 20, LimitBytes = 4 << 20;
    private const int PromptBytes = 4096;
    private const int GatherMs = 1;
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);

    // Monitor.Wait and Pulse need an object.
    private readonly object gate = new();
    private readonly string name;
    private readonly HostWrite write;
    private readonly Action drained;
    private readonly Action? overflow;
    private Thread? thread;
    private byte[] filling = new byte[PromptBytes];
    private byte[] writing = new byte[PromptBytes];
    private int count;
    private long lastWrite;
    private volatile bool full;
    private bool idle;
    private bool prompt;
    private bool closing;
    private bool failed;

    /// <summary>Makes an empty buffer; the thread starts with the first byte.</summary>
    /// <param name="name">Name of the stream, for the thread.</param>
    /// <param name="write">Writes all it gets to the host; runs on the buffer's thread. IOException ends the output.</param>
    /// <param name="drained">Called when the buffer is not full any more; on the buffer's thread.</param>
    /// <param name="overflow">Called when 4 MiB wait, and instead of writing them; on the machine thread. Null drops only what comes then.</param>
    public OutputBuffer(string name, HostWrite write, Action drained, Action? overflow = null)
    {
        this.name = name;
        this.write = write;
        this.drained = drained;
        this.overflow = overflow;
    }

    /// <summary>Writes all of <paramref name="data"/> to the host.</summary>
    public delegate void HostWrite(ReadOnlySpan<byte> data);

    /// <summary>True while 1 MiB or more waits.</summary>
    public bool IsFull => full;

    /// <summary>Takes bytes from the machine thread.</summary>
    public void Send(ReadOnlySpan<byte> data)
    {
        lock (gate)
        {
            if (closing || failed)
            {
                return;
            }
            if (count + data.Length > LimitBytes)
            {
                if (overflow is not null)
                {
                    count = 0;
                    full = false;
                    overflow();
                    drained();
                }
                return;
            }
            Append(data);
            full |= count >= FullBytes;
            if (thread is null)
            {
                thread = new Thread(Run) { IsBackground = true, Name = $"output {name}" };
                thread.Start();
            }
            bool wasPrompt = prompt;
            prompt |= count >= PromptBytes || (data.Contains((byte)'\n') && Stopwatch.GetElapsedTime(lastWrite).TotalMilliseconds >= GatherMs);
            if (idle || prompt != wasPrompt)
            {
                idle = false;
                System.Threading.Monitor.PulseAll(gate);
            }
        }
    }

    /// <summary>Writes what is waiting, for two seconds at most, and takes nothing more.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            closing = true;
            System.Threading.Monitor.PulseAll(gate);
        }
        if (thread is not null && thread != Thread.CurrentThread)
        {
            thread.Join(DrainTime);
        }
    }

    private void Append(ReadOnlySpan<byte> data)
    {
        if (count + data.Length > filling.Length)
        {
            Array.Resize(ref filling, Math.Max(filling.Length * 2, count + data.Length));
        }
        data.CopyTo(filling.AsSpan(count));
        count += data.Length;
    }

    private void Run()
    {
        while (true)
        {
            int ready;
            bool wasFull;
            lock (gate)
            {
                while (count == 0)
                {
                    if (closing)
                    {
                        return;
                    }
                    idle = true;
                    System.Threading.Monitor.Wait(gate);
                }
                idle = false;
                if (!prompt && !closing)
                {
                    System.Threading.Monitor.Wait(gate, GatherMs);
                }
                (filling, writing) = (writing, filling);
                ready = count;
                count = 0;
                prompt = false;
                wasFull = full;
                full = false;
                lastWrite = Stopwatch.GetTimestamp();
            }
            if (wasFull)
            {
                drained();
            }
            try
            {
                write(writing.AsSpan(0, ready));
            }
            catch (IOException)
            {
                lock (gate)
                {
                    failed = true;
                    full = false;
                }
                drained();
                return;
            }
        }
    }
}

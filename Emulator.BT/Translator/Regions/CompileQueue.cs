using System.Collections.Concurrent;
using System.Diagnostics;
using Emulator.BT.Model;
using Emulator.BT.Translator.Il;

namespace Emulator.BT.Translator.Regions;

/// <summary>
/// Compiles plans on threads of its own, so that the processor never waits. Bounded: what does not fit is refused, and the block
/// that asked gets hot again.
/// </summary>
internal sealed class CompileQueue : IDisposable
{
    private const int MostWaiting = 256;

    private readonly CpuModel model;
    private readonly BlockingCollection<RegionPlan> waiting = new(MostWaiting);
    private readonly ConcurrentQueue<(RegionPlan Plan, CompiledRegion? Code)> done = new();
    private readonly Thread[] threads;
    private readonly Action ready;
    private long ticks;

    /// <summary>Starts the threads. <paramref name="ready"/> is called on one of them when something is done.</summary>
    public CompileQueue(CpuModel model, int threadCount, Action ready)
    {
        this.model = model;
        this.ready = ready;
        threads = new Thread[threadCount];
        for (int n = 0; n < threadCount; n++)
        {
            threads[n] = new Thread(Work) { IsBackground = true, Name = $"translator {n}", Priority = ThreadPriority.BelowNormal };
            threads[n].Start();
        }
    }

    /// <summary>Plans that wait.</summary>
    public int Waiting => waiting.Count;

    /// <summary>Time spent compiling, all threads together.</summary>
    public TimeSpan CompileTime => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref ticks));

    /// <summary>Hands over a plan.</summary>
    /// <returns>False when the queue is full; the plan stays the caller's.</returns>
    public bool TryAdd(RegionPlan plan) => waiting.TryAdd(plan);

    /// <summary>Takes what is done; the code is null where RyuJIT's limits forbid the region.</summary>
    public bool TryTake(out (RegionPlan Plan, CompiledRegion? Code) result) => done.TryDequeue(out result);

    /// <inheritdoc/>
    public void Dispose()
    {
        waiting.CompleteAdding();
        foreach (Thread thread in threads)
        {
            thread.Join();
        }
        foreach (RegionPlan plan in waiting)
        {
            plan.Dispose();
        }
        waiting.Dispose();
    }

    private void Work()
    {
        var compiler = new RegionCompiler(model);
        foreach (RegionPlan plan in waiting.GetConsumingEnumerable())
        {
            if (waiting.IsAddingCompleted)
            {
                plan.Dispose();
                continue;
            }
            long start = Stopwatch.GetTimestamp();
            CompiledRegion? code = TryCompile(compiler, plan);
            Interlocked.Add(ref ticks, Stopwatch.GetTimestamp() - start);
            done.Enqueue((plan, code));
            ready();
        }
    }

    private static CompiledRegion? TryCompile(RegionCompiler compiler, RegionPlan plan)
    {
        try
        {
            return compiler.Compile(plan);
        }
        catch (RegionLimitException)
        {
            return null;
        }
    }
}

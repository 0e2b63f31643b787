namespace Emulator.Cli;

/// <summary>What an image without an option is taken for.</summary>
/// <param name="Option">The option that stands for it, without dash.</param>
/// <param name="Boot">Letter of <c>-boot</c>; none for a kernel.</param>
/// <param name="Reason">What it is and how that was seen, to stand behind "taken for"; null when nothing was guessed.</param>
public sealed record Medium(string Option, string Boot, string? Reason)
{
    /// <summary>QEMU's rule: the first hard disk.</summary>
    public static Medium Given { get; } = new("hda", "c", null);
}

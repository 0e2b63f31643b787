namespace Emulator.Remote.Block.Qcow2;

/// <content>Checking and repairing.</content>
internal sealed partial class Qcow2Image
{
    /// <summary>Counts every reference and compares with the refcounts.</summary>
    /// <param name="repair">What to put right; the image must be open for writing then.</param>
    /// <exception cref="IOException">The host failed.</exception>
    public CheckResult Check(CheckRepair repair)
    {
        if (!IsReadOnly && (tables.IsDirty || Refcounts.IsDirty || pendingFrees.Count > 0))
        {
            Flush();
        }
        var check = new Qcow2Check(file, header, refcounts ?? new(file, header));
        check.Run(repair);
        if (check.FixedLevel1 || check.Result.CorruptionsFixed > 0)
        {
            tables.Reload();
        }
        if (repair == CheckRepair.All && check.Result.Corruptions == 0 && (header.Incompatible & Qcow2Header.CorruptBit) != 0)
        {
            header.Incompatible &= ~Qcow2Header.CorruptBit;
            WriteFeatures(Qcow2Header.IncompatibleOffset, header.Incompatible);
        }
        return check.Result;
    }
}

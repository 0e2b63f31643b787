using System.Text;

namespace Emulator.Machine.Config;

/// <summary>A file for the firmware: <c>-fw_cfg name=NAME,file=PATH</c> or <c>string=TEXT</c>, <c>-option-rom PATH</c>.</summary>
/// <param name="Name">Its name there, e.g. <c>opt/org.example/setting</c>.</param>
/// <param name="Path">The file of the host that it is read from; null for <paramref name="Text"/>.</param>
/// <param name="Text">Its contents, without an ending NUL.</param>
/// <param name="Origin">The option that made it, as a person typed it, for error messages.</param>
public sealed record FwCfgItem(string Name, string? Path, string Text, string Origin)
{
    /// <summary>Longest name: fw_cfg's directory has 56 bytes with an ending NUL.</summary>
    public const int MaxNameLength = 55;

    /// <summary>Its bytes.</summary>
    /// <exception cref="UserErrorException">The file cannot be read.</exception>
    public byte[] Read()
    {
        if (Path is null)
        {
            return Encoding.UTF8.GetBytes(Text);
        }
        try
        {
            return File.ReadAllBytes(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{Origin}: {Path} cannot be read: {HostErrors.Describe(e)}; check the name and its permissions");
        }
    }
}

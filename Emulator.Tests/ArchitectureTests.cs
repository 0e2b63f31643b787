using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Emulator.Tests;

/// <summary>References between projects go one way (docs/architecture.md); any other arrow fails here.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Core"] = [],
        ["Mmu"] = ["Core"],
        ["Devices"] = ["Core"],
        ["Firmware"] = ["Core"],
        ["BT"] = ["Mmu"],
        ["Machine"] = ["BT", "Devices", "Firmware"],
        ["Remote"] = ["Machine"],
        ["Cli"] = ["Remote"],
        ["Tests"] = ["Cli", "Bench"],
        ["Bench"] = ["BT", "Remote"],
    };

    [Fact]
    public void ProjectsReferToEachOtherInOneDirectionOnly()
    {
        string root = ProjectFolder.Path;
        string[] projects = Directory.GetFiles(root, "Emulator.*.csproj", SearchOption.AllDirectories);
        Assert.Equal(Allowed.Count, projects.Length);
        foreach (string project in projects)
        {
            string name = Path.GetFileNameWithoutExtension(project)["Emulator.".Length..];
            foreach (XElement reference in XDocument.Load(project).Descendants("ProjectReference"))
            {
                string target = Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))["Emulator.".Length..];
                Assert.True(Allowed[name].Contains(target), $"Emulator.{name} may not refer to Emulator.{target}");
            }
        }
    }

    [Fact]
    public void AttentionIsRaisedAndClearedAtomically()
    {
        // A plain read-modify-write can lose what another thread raises in between: a request to stop.
        var plain = new Regex(@"->AttentionFlags\s*(\||&|\^)?=[^=]");
        string[] sources = [.. Directory.GetFiles(ProjectFolder.Path, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}") && !f.Contains("Emulator.Tests"))];
        Assert.NotEmpty(sources);
        Assert.DoesNotContain(sources, f => plain.IsMatch(File.ReadAllText(f)));
    }
}

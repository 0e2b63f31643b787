using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Emulator.Cli.Img;
using Xunit;

namespace Emulator.Tests.Block;

/// <summary>Images that <c>qemu-img</c> makes read right here, and those made here pass its check and compare equal.</summary>
public sealed partial class QemuImgTests : IDisposable
{
    private const int DiskBytes = (9 << 20) + 512;

    private readonly TempDirectory temp = new();
    private readonly string source;

    public QemuImgTests()
    {
        var random = new Random(11);
        byte[] disk = new byte[DiskBytes];
        for (int n = 0; n < 40; n++)
        {
            var part = disk.AsSpan(random.Next(DiskBytes - 100_000), random.Next(100_000));
            if (n % 2 == 0)
            {
                random.NextBytes(part);
            }
            else
            {
                part.Fill((byte)n);
            }
        }
        source = temp.Make("source.raw", disk);
    }

    public void Dispose() => temp.Dispose();

    private static (int Code, string Output) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    private static string Qemu(params string[] arguments)
    {
        var (code, output) = Run("qemu-img", arguments);
        Assert.True(code == 0, $"qemu-img {string.Join(' ', arguments)}: {code}: {output}");
        return arguments[0] == "info" ? ChildNodes().Replace(output, "") : output;
    }

    // From version 8 on, the files below the image come behind it.
    [GeneratedRegex(@"^Child node '[^']*':\n(    .*\n)*", RegexOptions.Multiline)]
    private static partial Regex ChildNodes();

    private static (int Code, string Output) Img(params string[] arguments)
    {
        var output = new StringWriter { NewLine = "\n" };
        int code = ImgTool.Run(arguments, output, output);
        return (code, output.ToString());
    }

    private static string Ours(params string[] arguments)
    {
        var (code, output) = Img(arguments);
        Assert.True(code == 0, $"emu img {string.Join(' ', arguments)}: {code}: {output}");
        return output;
    }

    [LinuxTheory]
    [InlineData("qcow2", "")]
    [InlineData("qcow2", "compat=0.10")]
    [InlineData("qcow2", "cluster_size=512,refcount_bits=1")]
    [InlineData("qcow2", "cluster_size=2M,refcount_bits=64")]
    [InlineData("qcow2", "-c")]
    [InlineData("qcow2", "-c,compression_type=zstd")]
    [InlineData("vpc", "subformat=dynamic")]
    [InlineData("vpc", "subformat=fixed,force_size=on")]
    [InlineData("vdi", "")]
    [InlineData("vmdk", "")]
    [InlineData("vmdk", "subformat=streamOptimized")]
    [InlineData("vmdk", "subformat=monolithicFlat")]
    [InlineData("vmdk", "subformat=twoGbMaxExtentSparse")]
    public void Images_of_qemu_img_read_right(string format, string options)
    {
        string path = temp["image"];
        Qemu(Convert(format, options, path));
        Assert.EndsWith("Images are identical.\n", Ours("compare", "-f", format, "-F", "raw", path, source));
        Ours("convert", "-f", format, path, temp["back.raw"]);
        byte[] back = File.ReadAllBytes(temp["back.raw"]);
        Assert.Equal(File.ReadAllBytes(source), back[..DiskBytes]);
        Assert.All(back[DiskBytes..], b => Assert.Equal(0, b));
    }

    [LinuxTheory]
    [InlineData("qcow2", "")]
    [InlineData("qcow2", "compat=0.10")]
    [InlineData("qcow2", "cluster_size=512,refcount_bits=64")]
    [InlineData("qcow2", "cluster_size=256k,refcount_bits=1")]
    [InlineData("qcow2", "-c")]
    [InlineData("qcow2", "-c,compression_type=zstd,cluster_size=4k")]
    [InlineData("vpc", "")]
    [InlineData("vpc", "subformat=fixed")]
    [InlineData("vpc", "force_size=on")]
    [InlineData("vdi", "")]
    [InlineData("raw", "")]
    public void Images_made_here_pass_qemu_img(string format, string options)
    {
        string path = temp["image"];
        Ours(Convert(format, options, path));
        Assert.EndsWith("Images are identical.\n", Qemu("compare", "-f", format, "-F", "raw", path, source));
        if (format is "qcow2" or "vdi")
        {
            Assert.Equal(Qemu("check", "-f", format, path), Ours("check", "-f", format, path));
        }
        Assert.Equal(Qemu("info", "-f", format, path), Ours("info", "-f", format, path));
    }

    private string[] Convert(string format, string options, string path)
    {
        List<string> arguments = ["convert", "-f", "raw", "-O", format];
        string[] parts = options.Split(',', StringSplitOptions.RemoveEmptyEntries);
        arguments.AddRange(parts.Where(p => p == "-c"));
        if (parts.Any(p => p != "-c"))
        {
            arguments.AddRange(["-o", string.Join(',', parts.Where(p => p != "-c"))]);
        }
        return [.. arguments, source, path];
    }

    /// <summary>Random writes by turns from both programs on one image, each over the same backing file.</summary>
    [LinuxTheory]
    [InlineData("qcow2", "cluster_size=4k")]
    [InlineData("qcow2", "compat=0.10")]
    [InlineData("vpc", "force_size=on")]
    [InlineData("vdi", "")]
    public void Both_programs_write_one_image_by_turns(string format, string options)
    {
        byte[] expected = File.ReadAllBytes(source);
        string path = temp["image"];
        if (format == "qcow2")
        {
            // With an internal snapshot below, so that clusters and tables are shared.
            Qemu("create", "-f", "qcow2", "-o", options, "-b", source, "-F", "raw", path);
            Run("qemu-io", "-f", format, "-c", "write -P 7 100k 300k", path);
            expected.AsSpan(100 << 10, 300 << 10).Fill(7);
            Qemu("snapshot", "-c", "before", path);
        }
        else
        {
            Ours(Convert(format, options, path));
        }
        var random = new Random(12);
        for (int round = 0; round < 3; round++)
        {
            using (var image = Emulator.Remote.Block.ImageOpener.Open(path, format, readOnly: false))
            {
                for (int n = 0; n < 30; n++)
                {
                    int offset = random.Next(DiskBytes - 70_000), count = random.Next(70_000);
                    expected.AsSpan(offset, count).Fill((byte)(n + 1));
                    image.Write(offset, expected.AsSpan(offset, count));
                }
            }
            int at = random.Next(DiskBytes / 512 - 200) * 512;
            expected.AsSpan(at, 512 * 99).Fill((byte)(200 + round));
            Assert.Equal(0, Run("qemu-io", "-f", format, "-c", $"write -P {200 + round} {at} {512 * 99}", path).Code);
            temp.Make("expected.raw", expected);
            Assert.Equal("Images are identical.\n", Qemu("compare", "-f", format, "-F", "raw", path, temp["expected.raw"]));
            Assert.Equal("Images are identical.\n", Ours("compare", "-f", format, "-F", "raw", path, temp["expected.raw"]));
            if (format == "qcow2")
            {
                Assert.StartsWith("No errors were found on the image.", Qemu("check", path));
                Assert.Equal(Qemu("check", path), Ours("check", path));
            }
        }
        if (format == "qcow2")
        {
            // And the snapshot is what it was.
            Qemu("snapshot", "-a", "before", path);
            expected = File.ReadAllBytes(source);
            expected.AsSpan(100 << 10, 300 << 10).Fill(7);
            temp.Make("expected.raw", expected);
            Assert.Equal("Images are identical.\n", Qemu("compare", "-f", format, "-F", "raw", path, temp["expected.raw"]));
        }
    }

    [LinuxFact]
    public void An_overlay_lies_over_any_format_and_is_committed_to_it()
    {
        foreach (string format in (string[])["raw", "qcow2", "vpc", "vdi"])
        {
            string below = temp[$"below-{format}"], over = temp[$"over-{format}"];
            Qemu(Convert(format, format == "vpc" ? "force_size=on" : "", below));
            Assert.StartsWith($"Formatting '{over}', fmt=qcow2 cluster_size=65536 extended_l2=off compression_type=zlib size={DiskBytes} "
                + $"backing_file=below-{format} backing_fmt={format} lazy_refcounts=off refcount_bits=16\n",
                Ours("create", "-f", "qcow2", "-b", $"below-{format}", "-F", format, over));
            using (var image = Emulator.Remote.Block.ImageOpener.Open(over, null, readOnly: false))
            {
                byte[] data = new byte[5000];
                data.AsSpan().Fill(0xA5);
                image.Write(777_777, data);
            }
            Assert.Equal(Qemu("info", over), Ours("info", over));
            Assert.Equal(Qemu("info", "--backing-chain", over), Ours("info", "--backing-chain", over));
            Assert.StartsWith("Content mismatch at offset 777777!", Img("compare", "-F", format, over, below).Output);
            Assert.Equal("Image committed.\n", Ours("commit", over));
            Assert.Equal("Images are identical.\n", Qemu("compare", "-F", format, over, below));
            Assert.StartsWith("No errors were found on the image.\nImage end offset", Qemu("check", over));
            byte[] expected = File.ReadAllBytes(source);
            expected.AsSpan(777_777, 5000).Fill(0xA5);
            temp.Make("expected.raw", expected);
            Assert.Equal("Images are identical.\n", Qemu("compare", "-f", format, "-F", "raw", below, temp["expected.raw"]));
        }
    }

    [LinuxFact]
    public void A_vmdk_with_a_parent_shows_both()
    {
        string below = temp["below.vmdk"], over = temp["over.vmdk"];
        Qemu("convert", "-O", "vmdk", source, below);
        Qemu("create", "-f", "vmdk", "-b", below, "-F", "vmdk", over);
        Assert.Equal(0, Run("qemu-io", "-f", "vmdk", "-c", "write -P 9 1M 64k", over).Code);
        byte[] expected = File.ReadAllBytes(source);
        expected.AsSpan(1 << 20, 64 << 10).Fill(9);
        temp.Make("expected.raw", expected);
        Assert.Equal("Images are identical.\n", Ours("compare", "-F", "raw", over, temp["expected.raw"]));
    }

    [LinuxFact]
    public void Sizes_change_as_qemu_img_changes_them()
    {
        string path = temp["image"];
        Ours("create", "-f", "qcow2", path, "10M");
        Assert.Equal("Image resized.\n", Ours("resize", path, "+20G"));
        Assert.Contains("virtual size: 20 GiB", Qemu("info", path));
        Assert.StartsWith("No errors", Qemu("check", path));
        Assert.Equal(1, Img("resize", path, "1G").Code);
        Assert.Equal("Image resized.\n", Ours("resize", "--shrink", path, "-5G"));
        Assert.StartsWith("No errors", Qemu("check", path));
        Qemu("resize", path, "1T");
        Assert.Contains("virtual size: 1 TiB", Ours("info", path));
        JsonObject theirs = JsonNode.Parse(Qemu("info", "--output=json", path))!.AsObject();
        theirs.Remove("children");
        Assert.True(JsonNode.DeepEquals(theirs, JsonNode.Parse(Ours("info", "--output=json", path))), theirs.ToString());
    }

    [LinuxFact]
    public void Locks_hold_between_both_programs()
    {
        string path = temp["image"];
        Qemu("create", "-f", "qcow2", path, "1M");
        using (Emulator.Remote.Block.ImageOpener.Open(path, null, readOnly: false))
        {
            Assert.Contains("Failed to get", Run("qemu-io", "-c", "read 0 512", path).Output);
            Assert.Contains("Is another process using the image", Run("qemu-img", "resize", path, "2M").Output);
            Assert.Contains("in use by another drive or program", Img("info", path).Output);
        }
        using (Emulator.Remote.Block.ImageOpener.Open(path, null, readOnly: true))
        {
            Qemu("info", path);
            Ours("info", path);
            Assert.Contains("Failed to get", Run("qemu-io", "-c", "write 0 512", path).Output);
        }
        using var qemu = Process.Start(new ProcessStartInfo("qemu-io", [path]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        qemu.StandardInput.WriteLine("write 0 512");
        Assert.Contains("wrote", qemu.StandardOutput.ReadLine() + qemu.StandardOutput.ReadLine());
        Assert.Contains("in use by another drive or program", Img("info", path).Output);
        qemu.StandardInput.Close();
        qemu.WaitForExit();
        Ours("info", path);
    }

    [Fact]
    public void What_is_wrong_is_one_sentence_and_touches_no_file()
    {
        string path = temp.Make("precious", [1, 2, 3]);
        (string Word, string[] Arguments)[] cases =
        [
            ("there is no command 'frob'", ["frob"]),
            ("a command is missing", []),
            ("its size is missing", ["create", "-f", "qcow2", path]),
            ("is no size", ["create", path, "lots"]),
            ("cannot be made here", ["create", "-f", "vmdk", path, "1M"]),
            ("has no option 'foo'", ["create", "-f", "qcow2", "-o", "foo=1", path, "1M"]),
            ("a power of two", ["create", "-f", "qcow2", "-o", "cluster_size=1000", path, "1M"]),
            ("need compat=1.1", ["create", "-f", "qcow2", "-o", "compat=0.10,compression_type=zstd", path, "1M"]),
            ("too many for clusters", ["create", "-f", "qcow2", "-o", "cluster_size=512", path, "1T"]),
            ("the format of", ["create", "-f", "qcow2", "-b", source, path]),
            ("no such file", ["create", "-f", "qcow2", "-b", "nope", "-F", "raw", path]),
            ("to 2040G", ["create", "-f", "vpc", path, "3T"]),
            ("there is no format", ["info", "-f", "frob", path]),
            ("no such file", ["convert", "nope", path]),
            ("are not compressed", ["convert", "-c", source, path]),
            ("is missing", ["info", path, "-f"]),
            ("option -x is not known", ["info", "-x", path]),
            ("in use", ["convert", "-O", "qcow2", source, source]),
            ("add --shrink", ["resize", "-f", "raw", source, "1M"]),
            ("no backing file", ["commit", source]),
        ];
        foreach (var (word, arguments) in cases)
        {
            var error = new StringWriter { NewLine = "\n" };
            int code = ImgTool.Run(arguments, TextWriter.Null, error);
            Assert.True(code == 1 && error.ToString().Contains(word), $"{string.Join(' ', arguments)}: {code} {error}");
            Assert.Single(error.ToString().TrimEnd('\n').Split('\n'));
        }
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal(DiskBytes, new FileInfo(source).Length);
    }
}

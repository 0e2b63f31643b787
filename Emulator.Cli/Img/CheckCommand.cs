using System.Globalization;
using System.Text;
using System.Text.Json;
using Emulator.Machine.Config;
using Emulator.Remote.Block;
using Emulator.Remote.Block.Qcow2;
using Emulator.Remote.Block.Vdi;

namespace Emulator.Cli.Img;

/// <summary><c>emu img check</c>. Exit codes: 0 fine, 2 damaged, 3 space is lost, 63 the format has no check.</summary>
internal static class CheckCommand
{
    private const int Damaged = 2, Leaking = 3, NoCheck = 63;

    public static int Run(IReadOnlyList<string> words, TextWriter output, TextWriter error)
    {
        var arguments = new ImgArguments(words, ["f", "output", "r"], ["q", "U"]);
        arguments.Expect(1, 1, "one image");
        CheckRepair repair = arguments["r"] switch
        {
            null => CheckRepair.None,
            "leaks" => CheckRepair.Leaks,
            "all" => CheckRepair.All,
            string other => throw new UserErrorException($"-r {other} is not known; use -r leaks or -r all"),
        };
        string path = arguments.Names[0];
        using var image = OpenForCheck(path, arguments["f"], repair);
        CheckResult? result = image switch
        {
            Qcow2Image qcow2 => qcow2.Check(repair),
            VdiImage vdi => vdi.Check(),
            _ => null,
        };
        if (result is null)
        {
            error.WriteLine($"emu img: {path}: a {image.Format} image has nothing that could be checked");
            return NoCheck;
        }
        if (arguments["output"] == "json")
        {
            WriteJson(path, image.Format, result, output);
        }
        else if (!arguments.Has("q"))
        {
            WriteText(result, output);
        }
        return result.Corruptions > 0 ? Damaged : result.Leaks > 0 ? Leaking : 0;
    }

    private static DiskImage OpenForCheck(string path, string? format, CheckRepair repair)
    {
        if (repair == CheckRepair.None)
        {
            return ImgTool.Open(path, format, readOnly: true, withBacking: false);
        }
        return ImageOpener.OpenForRepair(path, format);
    }

    private static void WriteText(CheckResult result, TextWriter output)
    {
        result.Messages.ForEach(output.WriteLine);
        int fixedFaults = result.CorruptionsFixed + result.LeaksFixed;
        if (fixedFaults > 0)
        {
            output.WriteLine($"The following inconsistencies were found and repaired:\n\n    {result.LeaksFixed} leaked clusters\n    {result.CorruptionsFixed} corruptions\n");
        }
        if (result.Corruptions == 0 && result.Leaks == 0)
        {
            output.WriteLine("No errors were found on the image.");
        }
        if (result.Corruptions > 0)
        {
            output.WriteLine($"\n{result.Corruptions} errors were found on the image.\nData may be corrupted, or further writes to the image may corrupt it.");
        }
        if (result.Leaks > 0)
        {
            output.WriteLine($"\n{result.Leaks} leaked clusters were found on the image.\nThis means waste of disk space, but no harm to data.");
        }
        if (result.TotalClusters > 0 && result.AllocatedClusters > 0)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{result.AllocatedClusters}/{result.TotalClusters} = {100.0 * result.AllocatedClusters / result.TotalClusters:0.00}% allocated, {100.0 * result.FragmentedClusters / result.AllocatedClusters:0.00}% fragmented, {100.0 * result.CompressedClusters / result.AllocatedClusters:0.00}% compressed clusters"));
        }
        if (result.ImageEnd is long end)
        {
            output.WriteLine($"Image end offset: {end}");
        }
    }

    private static void WriteJson(string path, string format, CheckResult result, TextWriter output)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true, IndentSize = 4 }))
        {
            json.WriteStartObject();
            void Number(string name, long value)
            {
                if (value != 0)
                {
                    json.WriteNumber(name, value);
                }
            }
            Number("image-end-offset", result.ImageEnd ?? 0);
            Number("total-clusters", result.TotalClusters);
            json.WriteNumber("check-errors", 0);
            Number("corruptions", result.Corruptions);
            Number("leaks", result.Leaks);
            Number("corruptions-fixed", result.CorruptionsFixed);
            Number("leaks-fixed", result.LeaksFixed);
            Number("allocated-clusters", result.AllocatedClusters);
            Number("fragmented-clusters", result.FragmentedClusters);
            Number("compressed-clusters", result.CompressedClusters);
            json.WriteString("filename", path);
            json.WriteString("format", format);
            json.WriteEndObject();
        }
        output.WriteLine(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
    }
}

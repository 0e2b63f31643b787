using Emulator.BT.Model;
using Emulator.Machine.Config;

namespace Emulator.Machine.Board;

/// <summary>Turns <c>-cpu NAME,+feature,-feature</c> into a processor.</summary>
public static class CpuSelection
{
    /// <summary>The model with its features switched.</summary>
    /// <exception cref="UserErrorException">No such model, or a feature that it cannot have.</exception>
    public static CpuModel Resolve(CpuConfig config)
    {
        CpuModel model = CpuModel.Find(config.Model)
            ?? throw new UserErrorException($"-cpu {config.Model}: no such model; -cpu help lists them");
        foreach (CpuFeature feature in config.Features)
        {
            if (!Enum.TryParse(feature.Name, ignoreCase: true, out CpuFeatures bit) || (feature.On && !CpuModel.Max.Has(bit)))
            {
                throw new UserErrorException(
                    $"-cpu {config.Model}: feature {feature.Name} is not built; known are {string.Join(", ", FeatureNames)}");
            }
            model = model with { Features = feature.On ? model.Features | bit : model.Features & ~bit };
        }
        return model;
    }

    /// <summary>The features that can be switched.</summary>
    public static IEnumerable<string> FeatureNames =>
        Enum.GetValues<CpuFeatures>().Where(f => f != CpuFeatures.None).Select(f => f.ToString().ToLowerInvariant());
}

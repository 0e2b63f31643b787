using System.Runtime.InteropServices;
using Emulator.BT.Translator;
using Xunit;

namespace Emulator.Tests;

/// <summary>The ways in which guest code runs here, by name: the interpreter, and everything translated by each back end that the host has.</summary>
internal static class Tiers
{
    /// <summary>Names as a report shows them.</summary>
    public const string Interpreter = "interpreter", X64 = "x64", Il = "il";

    /// <summary>Their names.</summary>
    public static string[] Names => [Interpreter, .. TranslatedNames];

    /// <summary>Names of those that translate.</summary>
    public static string[] TranslatedNames => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? [X64, Il] : [Il];

    /// <summary>All of them.</summary>
    public static TheoryData<string> All => new(Names);

    /// <summary>Those that translate.</summary>
    public static TheoryData<string> Translated => new(TranslatedNames);

    /// <summary>The tier that translates on this host when nothing is said.</summary>
    public static string Usual => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? X64 : Il;

    /// <summary>What a processor is made with: every block translated before it runs, or null for the interpreter.</summary>
    public static TranslatorOptions? Options(string tier) => tier switch
    {
        Interpreter => null,
        X64 => new TranslatorOptions { Threshold = 0, BackEnd = TranslatorBackEnd.X64 },
        _ => new TranslatorOptions { Threshold = 0, BackEnd = TranslatorBackEnd.Il },
    };
}

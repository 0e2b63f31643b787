namespace Emulator.Devices.Audio;

/// <summary>
/// The two ROMs of Yamaha's FM operators, as read from photographs of the chips: a quarter of a logarithmic sine in 1/256 octaves of
/// attenuation, and the way back from there. Formulas: M. Gambrell and O. Niemitalo, "OPLx decapsulated" (2008).
/// </summary>
internal static class OplTables
{
    private const int Length = 256;

    private static readonly ushort[] LogSine = MakeLogSine(), Exponent = MakeExponent();

    /// <summary>Attenuation of a sine at 0-255, a quarter of a wave, in 1/256 of a factor 2.</summary>
    public static int SineAttenuation(int quarter) => LogSine[quarter];

    /// <summary>Amplitude, 0 to 4084, of an attenuation in 1/256 of a factor 2.</summary>
    public static int Amplitude(int attenuation) => (Exponent[attenuation & 0xFF] << 1) >> Math.Min(attenuation >> 8, 15);

    private static ushort[] MakeLogSine()
    {
        var table = new ushort[Length];
        for (int n = 0; n < Length; n++)
        {
            table[n] = (ushort)Math.Round(-Math.Log2(Math.Sin((n + 0.5) * Math.PI / (2 * Length))) * 256);
        }
        return table;
    }

    private static ushort[] MakeExponent()
    {
        var table = new ushort[Length];
        for (int n = 0; n < Length; n++)
        {
            table[n] = (ushort)Math.Round(Math.Pow(2, (Length - 1 - n) / 256.0) * 1024);
        }
        return table;
    }
}

using Emulator.BT.Fpu;
using Emulator.Core.Cpu;
using Xunit;

namespace Emulator.Tests.Fpu;

/// <summary>Environment and state images: against the host where it has the layout, by the manual's figures for real mode.</summary>
public sealed unsafe class X87ImageTests
{
    private const int ImageSize = 512;

    /// <summary>What an instruction does to the state and its image.</summary>
    private delegate void ImageSemantics(FpuState* f, Span<byte> image);

    [NativeFact(intelOnly: true)]
    public void StoringMatchesTheHost()
    {
        byte[] selectors32 = [16, 17, 24, 25], selectors16 = [8, 9, 12, 13], selectorsFx = [12, 13, 20, 21];
        Check([0xD9, 0xB7], selectors32, false, (f, m) => Environment(f, m, EnvironmentLayout.Protected32));
        Check([0x66, 0xD9, 0xB7], selectors16, false, (f, m) => Environment(f, m, EnvironmentLayout.Protected16));
        Check([0xDD, 0xB7], selectors32, false, (f, m) => Save(f, m, EnvironmentLayout.Protected32));
        Check([0x66, 0xDD, 0xB7], selectors16, false, (f, m) => Save(f, m, EnvironmentLayout.Protected16));
        // MXCSR, its mask and the XMM registers are not the FPU's.
        Check([0x0F, 0xAE, 0x87], [.. selectorsFx, .. Range(24, 32), .. Range(160, ImageSize)], false, (f, m) => X87.WriteFx(f, m, false));
        Check([0x48, 0x0F, 0xAE, 0x87], [.. Range(24, 32), .. Range(160, ImageSize)], false, (f, m) => X87.WriteFx(f, m, true));
    }

    [NativeFact(intelOnly: true)]
    public void LoadingMatchesTheHost()
    {
        Check([0xD9, 0xA7], [], true, (f, m) => X87.ReadEnvironment(f, m, EnvironmentLayout.Protected32));
        Check([0x66, 0xD9, 0xA7], [], true, (f, m) => X87.ReadEnvironment(f, m, EnvironmentLayout.Protected16));
        Check([0xDD, 0xA7], [], true, (f, m) => X87.ReadSave(f, m, EnvironmentLayout.Protected32));
        Check([0x66, 0xDD, 0xA7], [], true, (f, m) => X87.ReadSave(f, m, EnvironmentLayout.Protected16));
        Check([0x0F, 0xAE, 0x8F], [], true, (f, m) => X87.ReadFx(f, m, false));
    }

    [Fact]
    public void RealModeImagesHoldLinearAddresses()
    {
        // SDM Vol. 1, figures 8-10 and 8-12.
        FpuState f = default;
        X87.Initialize(&f);
        f.InstructionPointer = 0x4567;
        f.InstructionSelector = 0x1230;
        f.DataPointer = 0xFFFF;
        f.DataSelector = 0x2001;
        f.Opcode = 0x5D9;
        byte[] image = new byte[28];
        X87.WriteEnvironment(&f, image, EnvironmentLayout.Real16);
        Assert.Equal("7F030000FFFF6768D9150F000030", Convert.ToHexString(image[..14]));
        X87.WriteEnvironment(&f, image, EnvironmentLayout.Real32);
        Assert.Equal("7F03FFFF0000FFFFFFFFFFFF6768FFFFD91500000F00FFFF00300000", Convert.ToHexString(image));

        FpuState g = default;
        X87.ReadEnvironment(&g, image, EnvironmentLayout.Real32);
        Assert.Equal(0x16867ul, g.InstructionPointer);
        Assert.Equal(0x3000Ful, g.DataPointer);
        Assert.Equal(0x5D9, g.Opcode);
        Assert.Equal(0xFF, g.EmptyMask);
        Assert.Equal(0, g.InstructionSelector);
    }

    [Theory]
    [InlineData(EnvironmentLayout.Protected16, 94)]
    [InlineData(EnvironmentLayout.Real16, 94)]
    [InlineData(EnvironmentLayout.Protected32, 108)]
    [InlineData(EnvironmentLayout.Real32, 108)]
    public void SavedStateComesBack(EnvironmentLayout layout, int size)
    {
        var random = new X87Random(5);
        for (int n = 0; n < 200; n++)
        {
            FpuState f = Draw(random);
            byte[] image = new byte[size];
            X87.WriteSave(&f, image, layout);
            FpuState g = default;
            X87.ReadSave(&g, image, layout);
            Assert.Equal(X87.SaveSize(layout), size);
            Assert.Equal((f.Control, f.Status, f.Top, f.EmptyMask), (g.Control, g.Status, g.Top, g.EmptyMask));
            for (int i = 0; i < 8; i++)
            {
                Assert.Equal((f.R[i].SignExponent, f.R[i].Significand), (g.R[i].SignExponent, g.R[i].Significand));
            }
        }
    }

    private static void Environment(FpuState* f, Span<byte> image, EnvironmentLayout layout)
    {
        X87.WriteEnvironment(f, image, layout);
        X87.MaskExceptions(f);
    }

    private static void Save(FpuState* f, Span<byte> image, EnvironmentLayout layout)
    {
        X87.WriteSave(f, image, layout);
        X87.Initialize(f);
    }

    private static IEnumerable<byte> Range(int from, int to) => Enumerable.Range(from, Math.Min(to, 256) - from).Select(i => (byte)i);

    /// <summary>Same state, same image: afterwards both are equal but for the bytes the host leaves out or that aren't ours.</summary>
    private static void Check(byte[] opcode, byte[] ignored, bool loads, ImageSemantics run)
    {
        using var host = new X87Host([.. opcode, X87Instruction.BlockMemory & 0xFF, X87Instruction.BlockMemory >> 8, 0, 0]);
        var random = new X87Random(opcode[0]);
        byte[] image = new byte[ImageSize], ours = new byte[108];
        var hostImage = new Span<byte>(host.Block + X87Instruction.BlockMemory, ImageSize);
        for (int n = 0; n < 2000; n++)
        {
            FpuState f = Draw(random);
            X87.WriteSave(&f, new Span<byte>(host.Block + X87Host.SaveIn, 108), EnvironmentLayout.Protected32);
            for (int i = 0; i < ImageSize; i++)
            {
                image[i] = (byte)random.Next();
            }
            // Only a legal MXCSR may be loaded.
            image[24] = 0x80;
            image[25] = 0x1F;
            image[26] = 0;
            image[27] = 0;
            image.CopyTo(hostImage);
            if (!loads)
            {
                image.AsSpan().Clear();
                hostImage.Clear();
            }
            *(ulong*)(host.Block + X87Host.FlagsIn) = 0x202;
            host.Run();
            run(&f, image);
            X87.WriteSave(&f, ours, EnvironmentLayout.Protected32);
            string text = $"{Convert.ToHexString(opcode)} case {n}";
            int compared = opcode.Contains((byte)0xAE) ? 160 : ImageSize;
            for (int i = 0; i < compared; i++)
            {
                bool same = image[i] == hostImage[i] || ignored.Contains((byte)i);
                Assert.True(same, $"{text}: image byte {i} {image[i]:X2} host {hostImage[i]:X2}");
            }
            for (int i = 0; i < 108; i++)
            {
                byte b = host.Block[X87Host.SaveOut + i];
                Assert.True(ours[i] == b || i is >= 16 and < 20 or >= 24 and < 28, $"{text}: state byte {i} {ours[i]:X2} host {b:X2}");
            }
        }
    }

    private static FpuState Draw(X87Random random)
    {
        FpuState f = default;
        Float80 last = default;
        for (int i = 0; i < 8; i++)
        {
            last = random.Operand(last);
            f.R[i] = last;
        }
        uint bits = (uint)random.Next();
        f.Control = (ushort)(FpuControl.AlwaysOne | (bits & FpuControl.Writable));
        f.Status = (ushort)((bits >> 16 & FpuStatus.Conditions) | (random.Next() & f.Control & FpuStatus.Exceptions));
        f.Top = random.Next(8);
        f.EmptyMask = (byte)random.Next();
        f.InstructionPointer = (uint)random.Next();
        f.DataPointer = (uint)random.Next();
        return f;
    }
}

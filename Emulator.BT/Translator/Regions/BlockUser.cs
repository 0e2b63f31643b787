using System.Runtime.InteropServices;
using Emulator.BT.Decode;

namespace Emulator.BT.Translator.Regions;

/// <summary>A region that was made of a block, in the list of them that starts at <see cref="Decode.Block.Users"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct BlockUser
{
    /// <summary>The block.</summary>
    public Block* Block;

    /// <summary>The next region that has it.</summary>
    public BlockUser* Next;

    /// <summary>Number of the region.</summary>
    public int Region;
}

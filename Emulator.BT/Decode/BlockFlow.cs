namespace Emulator.BT.Decode;

/// <summary>How a block's last instruction goes on: what the region former follows.</summary>
public enum BlockFlow : byte
{
    /// <summary>At the next instruction: the block ended for its length, or at the end of its page.</summary>
    Next,

    /// <summary>Jcc, LOOP, JCXZ.</summary>
    Conditional,

    /// <summary>JMP rel.</summary>
    Jump,

    /// <summary>CALL rel.</summary>
    Call,

    /// <summary>CALL r/m.</summary>
    IndirectCall,

    /// <summary>JMP r/m.</summary>
    IndirectJump,

    /// <summary>RET.</summary>
    Return,

    /// <summary>MOVS, STOS, LODS, CMPS, SCAS: a helper that goes to the next instruction, or to itself again.</summary>
    String,

    /// <summary>Anything else: a helper decides.</summary>
    Helper,
}

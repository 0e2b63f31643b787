using Emulator.BT.Decode;
using Emulator.Core.Cpu;
using Iced.Intel;

namespace Emulator.BT.Translator.X64;

/// <summary>String instructions without repetition, upwards; downwards the interpreter does them.</summary>
internal sealed unsafe partial class X64Emitter
{
    private void EmitStringOnce(ref GuestInsn i)
    {
        Mnemonic m = i.X.Mnemonic;
        bool loads = m is Mnemonic.Lodsb or Mnemonic.Lodsw or Mnemonic.Lodsd, compares = IsCompare(m);
        bool source = loads || m is Mnemonic.Movsb or Mnemonic.Movsw or Mnemonic.Movsd or Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd;
        int bytes = i.Record->Sub, value = HostRegister.Rax;
        KeepFlags();
        LoseHostFlags();
        int trapTo = TrapLabel(resumes: true);
        code.RegMem(0xF7, 0, HostRegister.State, HostOffsets.FlagsOther);
        code.Int((int)Eflags.DF);
        code.JumpIf(NotZero, trapTo);
        if (source)
        {
            EmitElement(i.Record, HostRegister.Rsi, i.Record->Segment, bytes, write: false);
            EmitAccess(store: false, loads ? HostRegister.Rax : HostRegister.Scratch, bytes);
        }
        if (!loads)
        {
            if (source)
            {
                // The check needs Scratch.
                code.Store(HostRegister.State, HostOffsets.Spill(0), HostRegister.Scratch);
                value = HostRegister.Scratch;
            }
            EmitElement(i.Record, HostRegister.Rdi, Seg.ES, bytes, write: !compares);
            if (source)
            {
                code.Load(value, HostRegister.State, HostOffsets.Spill(0));
            }
            if (compares)
            {
                // CMP value, element.
                EmitOnOperand(bytes switch { 1 => 0x3A, 2 => 0x663B, _ => 0x3B }, value);
            }
            else
            {
                EmitAccess(store: true, value, bytes);
            }
        }
        if (source)
        {
            EmitAdvance(i.Record, HostRegister.Rsi, bytes);
        }
        if (!loads)
        {
            EmitAdvance(i.Record, HostRegister.Rdi, bytes);
        }
        RegistersChange(i.Writes);
        if (compares)
        {
            flags = new FlagPlaces { Host = true };
        }
    }

    // Ready for an access to the element at a pointer.
    private void EmitElement(Insn* record, int pointer, int segment, int bytes, bool write)
    {
        code.Move(HostRegister.Linear, pointer);
        if (record->AddressShift == 48)
        {
            code.RegReg(0x0FB7, HostRegister.Linear, HostRegister.Linear);
        }
        EmitCheck(segment, bytes, write, resumes: true);
    }

    // Flags stay.
    private void EmitAdvance(Insn* record, int pointer, int bytes)
    {
        bool narrow = record->AddressShift == 48;
        code.Lea(narrow ? HostRegister.Linear : pointer, pointer, bytes);
        if (narrow)
        {
            code.RegReg(0x6689, HostRegister.Linear, pointer);
        }
    }
}

using Emulator.BT.Decode;
using Emulator.BT.Translator.Il;
using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;
using Iced.Intel;

namespace Emulator.BT.Translator.X64;

/// <summary>Transfers: inside the region, to other regions through slots and the jump cache, and back to the dispatcher.</summary>
internal sealed unsafe partial class X64Emitter
{
    private const int MostSites = 4;

    // False: control does not go on behind it.
    private bool EmitTransfer(ref GuestInsn i)
    {
        int width = OperandBytes(i.Record) * 8;
        switch (i.Kind)
        {
            case HostKind.Jump:
                EmitEdge(block.BranchRip(width), isLast: true);
                break;
            case HostKind.Jcc:
                FixFor(ref i, leaves: false);
                NeedHostFlags();
                EmitConditional((int)i.X.ConditionCode - 1, block.BranchRip(width));
                break;
            case HostKind.Loop:
                EmitLoop(ref i, width);
                break;
            case HostKind.Call:
                EmitPushReturn(ref i);
                EmitEdge(block.BranchRip(width), isLast: true);
                break;
            default:
                EmitIndirect(ref i);
                break;
        }
        trap = resumeAfter = -1;
        return false;
    }

    private void EmitConditional(int condition, ulong taken)
    {
        int to = plan.IndexOf(taken);
        if (to >= 0 && !IsGuarded(to, taken) && !EntersLoop(to) && (heads.Heads[to] switch { HeadFlags.Image => flags.Image, HeadFlags.Host => flags.Host && flags.Fix == FlagFix.None, _ => true }))
        {
            code.JumpIf(condition, blockLabels[to]);
        }
        else
        {
            int next = code.NewLabel();
            code.JumpIf(condition ^ 1, next);
            FlagPlaces before = flags;
            EmitEdge(taken);
            flags = before;
            code.Bind(next);
        }
        EmitEdge(block.NextRip, isLast: true);
    }

    private void EmitLoop(ref GuestInsn i, int width)
    {
        bool wide = (i.Record->Extra & InsnFlags.Address32) != 0;
        KeepFlags();
        if (i.X.Mnemonic == Mnemonic.Loop)
        {
            code.Lea(wide ? HostRegister.Rcx : HostRegister.Linear, HostRegister.Rcx, -1);
            if (!wide)
            {
                code.RegReg(0x6689, HostRegister.Linear, HostRegister.Rcx);
            }
            RegistersChange(1 << HostRegister.Rcx);
        }
        code.RegReg(wide ? 0x85 : 0x6685, HostRegister.Rcx, HostRegister.Rcx);
        LoseHostFlags();
        EmitConditional(i.X.Mnemonic == Mnemonic.Loop ? NotZero : Zero, block.BranchRip(width));
    }

    private void EmitPushReturn(ref GuestInsn i)
    {
        int bytes = OperandBytes(i.Record);
        bool isNoted = KeepsReturns && bytes == 4 && !IsOtherPage(block.NextRip) && i.Record->Imm != block.Length && !ComesBackInside(block);
        if (isNoted)
        {
            SaveFlags();
        }
        EmitStackOperand(-bytes, bytes, write: true, resumes: false);
        EmitRip(HostRegister.Scratch, block.Rip + (ulong)i.Record->NextOffset);
        EmitAccess(store: true, HostRegister.Scratch, bytes);
        EmitMoveStack(-bytes);
        if (isNoted)
        {
            EmitNoteReturn();
        }
    }

    // True where RET finds the way back by what CALL noted. (A CALL of the next instruction asks where it is; no RET comes back from there.)
    private bool KeepsReturns => isFlatCode && !plan.ExactBudget;

    // A CALL of code of the region from which a RET of the region comes back: that one compares.
    private bool ComesBackInside(PlannedBlock caller) =>
        caller.Flow == BlockFlow.Call && plan.IndexOf(caller.NextRip) >= 0 && plan.IndexOf(caller.BranchRip(32)) >= 0 && plan.Blocks.Exists(b => b.Flow == BlockFlow.Return);

    // The RIP that CALL pushed is in Scratch; the flags are in the image.
    private void EmitNoteReturn()
    {
        const int top = HostRegister.Linear, address = HostRegister.Delta;
        LoseHostFlags();
        int site = code.NewLabel();
        code.RegMem(0x0FB6, top, HostRegister.State, HostOffsets.ReturnTop);
        code.RegReg(0x80, 0, top, bytes: true);
        code.Byte(8);
        code.RegMem(0x88, top, HostRegister.State, HostOffsets.ReturnTop, bytes: true);
        code.RegIndexed(0x89, HostRegister.Scratch, HostRegister.State, top, 1, HostOffsets.ReturnStack, wide: true);
        code.LeaLabel(address, site);
        code.RegIndexed(0x89, address, HostRegister.State, top, 1, HostOffsets.ReturnStack + sizeof(ulong), wide: true);
        Later(() =>
        {
            code.Bind(site);
            EmitReturnSite(block.NextRip);
        });
    }

    // RET comes here with RIP in Scratch: as at an entry that the jump cache found, all that the code takes for granted is looked at.
    private void EmitReturnSite(ulong rip)
    {
        const int slide = HostRegister.Linear, other = HostRegister.Delta;
        code.MemImm(7, HostRegister.State, HostOffsets.RegionKey, plan.Key);
        code.JumpToIf(NotZero, stubs.ReturnElsewhere);
        code.MoveImmediate(other, (uint)rip);
        code.Move(slide, HostRegister.Scratch);
        code.RegReg(0x29, other, slide, wide: true);
        code.Store(HostRegister.State, HostOffsets.CodeSlide, slide, wide: true);
        code.Move(other, HostRegister.Scratch);
        code.ShiftRight(other, 12);
        code.RegIndexed(0x03, slide, HostRegister.ReadTable, other, 3, 0, wide: true);
        code.MovePointer(other, block.Delta);
        code.RegReg(0x39, other, slide, wide: true);
        code.JumpToIf(NotZero, stubs.ReturnElsewhere);
        EmitUnits(rip, 0);
        flags = new FlagPlaces { Image = true };
        int to = plan.IndexOf(rip);
        if (to < 0)
        {
            EmitExit(rip);
            return;
        }
        if (heads.Heads[to] == HeadFlags.Host)
        {
            NeedHostFlags();
        }
        code.Jump(blockLabels[to]);
    }

    // JMP, CALL through a register or memory, RET.
    private void EmitIndirect(ref GuestInsn i)
    {
        int bytes = OperandBytes(i.Record);
        const int target = HostRegister.Scratch;
        SaveFlags();
        if (i.Kind == HostKind.Return)
        {
            EmitStackOperand(0, bytes, write: false, resumes: false);
            EmitLoadTarget(bytes);
            EmitTargetCheck();
            EmitMoveStack(bytes + (ushort)i.Record->Imm);
        }
        else
        {
            if (i.MemoryBytes != 0)
            {
                EmitOperand(i.Record, bytes, write: false, resumes: false);
                EmitLoadTarget(bytes);
            }
            else
            {
                LoseHostFlags();
                int from = HostRegister.Of(i.X.Op0Register.GetFullRegister32() - Register.EAX);
                if (bytes == 2)
                {
                    code.RegReg(0x0FB7, target, from);
                }
                else
                {
                    code.Move(target, from);
                }
            }
            EmitTargetCheck();
            if (i.Kind == HostKind.CallIndirect)
            {
                // The push needs Scratch.
                code.Store(HostRegister.State, HostOffsets.PendingSlot, target);
                EmitPushReturn(ref i);
                code.Load(target, HostRegister.State, HostOffsets.PendingSlot);
            }
        }
        FlagPlaces before = flags;
        int compared = target;
        foreach (int site in Sites())
        {
            if (isFlatCode && compared == target)
            {
                compared = HostRegister.Linear;
                code.Move(compared, target);
                code.RegMem(0x2B, compared, HostRegister.State, HostOffsets.CodeSlide);
            }
            int other = code.NewLabel();
            code.RegImm(7, compared, (int)plan.Blocks[site].Rip);
            code.JumpIf(NotZero, other);
            EmitEdge(plan.Blocks[site].Rip);
            flags = before;
            code.Bind(other);
        }
        if (i.Kind == HostKind.Return && KeepsReturns && bytes == 4)
        {
            code.JumpTo(stubs.Return);
            return;
        }
        if (!plan.ExactBudget)
        {
            code.MovePointer(HostRegister.Delta, (nint)((ulong)plan.Key << 32));
            code.JumpTo(isFlatCode ? stubs.Indirect : stubs.IndirectBased);
            return;
        }
        code.Store(HostRegister.State, HostOffsets.Rip, target, wide: true);
        EmitLeave(RegionExit.Left);
    }

    private void EmitLoadTarget(int bytes)
    {
        if (bytes == 2)
        {
            EmitOnOperand(0x0FB7, HostRegister.Scratch);
        }
        else
        {
            EmitAccess(store: false, HostRegister.Scratch, 4);
        }
    }

    private void EmitTargetCheck()
    {
        if (!isFlatCode)
        {
            code.MoveImmediate(HostRegister.Linear, plan.CsLimit);
            code.RegReg(0x39, HostRegister.Linear, HostRegister.Scratch);
            code.JumpIf(Above, TrapLabel(resumes: false));
        }
    }

    // Blocks of the region that a computed transfer may well go to.
    private IEnumerable<int> Sites()
    {
        return block.Flow == BlockFlow.Return
            ? Enumerable.Range(0, plan.Blocks.Count).Where(n => plan.Blocks[n].IsReturnSite && (!KeepsReturns || plan.Blocks.Exists(b => b.NextRip == plan.Blocks[n].Rip && ComesBackInside(b)))).OrderByDescending(n => plan.Blocks[n].Heat).Take(MostSites)
            : block.Observed.Select(plan.IndexOf).Where(n => n >= 0).Take(MostSites);
    }

    private bool IsOtherPage(ulong rip) => (uint)(plan.CsBase + rip) >> 12 != (uint)(plan.CsBase + block.Rip) >> 12;

    // An edge on which something has to be looked at.
    private bool IsGuarded(int to, ulong rip) => to <= blockIndex || plan.ExactBudget || IsOtherPage(rip);

    // From the end of the present block to a known RIP. Nothing is emitted between the last edge and the next block.
    private void EmitEdge(ulong rip, bool isLast = false)
    {
        int to = plan.IndexOf(rip);
        if (to < 0)
        {
            EmitExit(rip);
            return;
        }
        NoteLoop(to);
        if (IsGuarded(to, rip))
        {
            KeepFlags();
            LoseHostFlags();
            int stop = code.NewLabel();
            if (IsOtherPage(rip))
            {
                EmitPageCheck(rip, plan.Blocks[to].Delta, stop);
            }
            if (to <= blockIndex || plan.ExactBudget)
            {
                EmitStopCheck(plan.ExactBudget ? plan.Blocks[to].Count : 1, stop);
            }
            EmitStop(stop, rip);
        }
        if (EntersLoop(to))
        {
            code.Jump(loopLabels[to]);
            return;
        }
        switch (heads.Heads[to])
        {
            case HeadFlags.Host when flags.Fix != FlagFix.None:
                SaveFlags();
                NeedHostFlags();
                break;
            case HeadFlags.Host: NeedHostFlags(); break;
            case HeadFlags.Image: SaveFlags(); break;
            default: break;
        }
        if (!isLast || to != blockIndex + 1 || isApart || loops[to].Again != null)
        {
            code.Jump(blockLabels[to]);
        }
    }

    // True when the block has a version for a loop, and the flags can be made again here from just what that one takes.
    private bool EntersLoop(int to) => loops[to].Again != null && flags.Again != null && flags.Again.AsSpan().SequenceEqual(loops[to].Again);

    // A loop's edge, in the first round: what the flags can be made from there, the second round has a version of the head for.
    private void NoteLoop(int to)
    {
        if (to <= blockIndex && flags is { Again: not null, AgainFromImage: false, Fix: FlagFix.None } && heads.TakesOperands(to, flags.AgainRegisters))
        {
            found[to] = flags with { Host = false, Image = false };
        }
    }

    // Cold: back to the dispatcher, which looks at RIP.
    private void EmitStop(int label, ulong rip) => Later(() =>
    {
        code.Bind(label);
        EmitLeaveAt(rip);
    });

    private void EmitLeaveAt(ulong rip)
    {
        SaveFlags();
        EmitRip(HostRegister.Scratch, rip);
        code.Store(HostRegister.State, HostOffsets.Rip, HostRegister.Scratch, wide: true);
        EmitLeave(RegionExit.Left);
    }

    private void EmitLeave(RegionExit exit)
    {
        code.MoveImmediate(HostRegister.Linear, (uint)exit);
        code.JumpTo(stubs.Leave);
    }

    // As the dispatcher between two blocks: attention, and a budget of 'least'.
    private void EmitStopCheck(int least, int stop)
    {
        code.RegMem(0x3B, HostRegister.Budget, HostRegister.State, HostOffsets.StopBelow, wide: true);
        code.JumpIf(LessOrEqual, stop);
        if (least > 1)
        {
            code.RegImm(7, HostRegister.Budget, least, wide: true);
            code.JumpIf(Less, stop);
        }
    }

    private void EmitPageCheck(ulong rip, nint delta, int moved)
    {
        code.MovePointer(HostRegister.Linear, delta);
        EmitCompareWithPage(rip, HostRegister.Linear);
        code.JumpIf(NotZero, moved);
    }

    // ZF: the shadow table has at the page of a RIP, in its present place, what a register holds for the place of the plan. Scratch is lost.
    private void EmitCompareWithPage(ulong rip, int delta)
    {
        if (!isFlatCode)
        {
            code.RegMem(0x3B, delta, HostRegister.ReadTable, (int)((uint)(plan.CsBase + rip) >> 12) * 8, wide: true);
            return;
        }
        const int page = HostRegister.Scratch;
        EmitRip(page, rip);
        code.ShiftRight(page, 12);
        code.RegIndexed(0x8B, page, HostRegister.ReadTable, page, 3, 0, wide: true);
        code.RegMem(0x03, page, HostRegister.State, HostOffsets.CodeSlide, wide: true);
        code.RegReg(0x39, delta, page, wide: true);
    }

    // Out of the region to a known RIP: by the slot's link when there is one.
    private void EmitExit(ulong rip)
    {
        if (plan.ExactBudget || rip > plan.CsLimit || (!isFlatCode && IsOtherPage(rip)))
        {
            EmitLeaveAt(rip);
            return;
        }
        int number = Exits.IndexOf(rip);
        bool isFirst = number < 0;
        if (isFirst)
        {
            System.Diagnostics.Debug.Assert(Exits.Count < X64Compiler.MostExits * plan.Blocks.Count, "a block goes to two places at most");
            number = Exits.Count;
            Exits.Add(rip);
            exitJumps.Add(-1);
        }
        SaveFlags();
        LoseHostFlags();
        if (rip <= block.Rip || block.Flow is BlockFlow.Call)
        {
            // What goes round and round goes backwards somewhere, or by way of calls.
            int stop = code.NewLabel();
            EmitStopCheck(1, stop);
            EmitStop(stop, rip);
        }
        if (isFirst && !IsOtherPage(rip))
        {
            int bySlot = code.NewLabel();
            exitJumps[number] = code.NewLabel();
            code.Bind(exitJumps[number]);
            code.Jump(bySlot);
            Later(() =>
            {
                code.Bind(bySlot);
                code.MovePointer(HostRegister.Linear, (nint)(exitSlots + number));
                code.JumpMemory(HostRegister.Linear, SlotOffsets.Code);
            });
            return;
        }
        code.MovePointer(HostRegister.Linear, (nint)(exitSlots + number));
        if (IsOtherPage(rip))
        {
            code.Load(HostRegister.Delta, HostRegister.Linear, SlotOffsets.Delta, wide: true);
            EmitCompareWithPage(rip, HostRegister.Delta);
            code.JumpToIf(NotZero, stubs.Unlinked);
        }
        code.JumpMemory(HostRegister.Linear, SlotOffsets.Code);
    }
}

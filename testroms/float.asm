; x87 and SSE errors as the system sees them (SDM Vol. 1, 8.6, 8.7, 11.5 and appendix D; Vol. 3A, 6.15 interrupts 16 and 19): FERR and IRQ 13 without
; CR0.NE, IGNNE by port F0, #MF with CR0.NE, which instructions wait; #XM; images in the layout of each mode.
%include "boot.inc"
%include "irq.inc"

IRQ13   equ 0x2D

%macro FAULTS 4+        ; vector, error, "name", instruction
        TRY
%%at:   %4
        ENDTRY
        CHECK %1, %2, %%at, %3
%endmacro

%macro FINE 2+
        TRY
        %2
        ENDTRY
        CHECK NONE, 0, ANY, %1
%endmacro

; An unmasked division by zero is pending, and ST(0) is 1.
broken:
        fninit
        mov word [word0], 0x37B
        fldcw [word0]
        fld1
        fldz
        fdivp st1
        ret

tests:
        call errors
        call lines
        call images
        jmp vectors

; with CR0.NE
errors:
        call broken
        FAULTS 16, 0, "FLD with an exception pending: #MF, at the FLD", fld1
        FAULTS 16, 0, "WAIT: #MF", wait
        FAULTS 16, 0, "FLDCW waits: #MF", fldcw [word0]
        FAULTS 16, 0, "FRSTOR waits: #MF", frstor [area]
        FAULTS 16, 0, "FSTP to memory waits: #MF", fstp dword [area]
        FAULTS 16, 0, "an MMX instruction waits: #MF", movd mm0, eax
        FAULTS 16, 0, "EMMS waits: #MF", emms
        FINE "FNSTCW does not", fnstcw [word0]
        FINE "FNSTSW does not", fnstsw [word0]
        mov eax, [word0]
        and eax, 0x8084
        VALUE eax, 0x8084, "the status word has ZE, ES and B"
        FINE "FNSTENV does not", fnstenv [area]
        FINE "and masks all exceptions", fld1
        call broken
        FINE "FNCLEX does not", fnclex
        FINE "and ends it", fld1
        call broken
        FINE "FNSAVE does not", fnsave [area]
        FINE "and initialises", fld1
        ; what FRSTOR brings is pending again
        TRY
        frstor [area]
.wait:  wait
        ENDTRY
        CHECK 16, 0, .wait, "FRSTOR of a pending exception: the next one is #MF"
        fninit
        ; unmasking an exception that was noted makes it pending
        fld1
        fldz
        fdivp st1
        mov word [word0], 0x37B
        fldcw [word0]
        FAULTS 16, 0, "unmasking an exception that was noted: the next one is #MF", fld1
        fninit
        ret
; without it: FERR
lines:
        mov eax, cr0
        and al, ~0x20
        mov cr0, eax
        mov al, 0x11
        out 0x20, al
        out 0xA0, al
        mov al, IRQ0
        out 0x21, al
        mov al, 0x28
        out 0xA1, al
        mov al, 4
        out 0x21, al
        mov al, 2
        out 0xA1, al
        mov al, 1
        out 0x21, al
        out 0xA1, al
        mov al, 0xFB
        out 0x21, al
        mov al, 0xDF
        out 0xA1, al
        call broken
        FINE "FERR: instructions that do not wait run", fnstsw [word0]
        TRY
        sti
        nop
.fld:   fld1
        nop
        ENDTRY
        CHECK IRQ13, 0, .fld, "FERR: the next one that waits raises IRQ 13, and has not run"
        fnstsw ax
        and eax, 0x3800
        VALUE eax, 0x3000, "(the stack is as it was)"
        call eoi
        TRY
        sti
        nop
        cli
        ENDTRY
        CHECK NONE, 0, ANY, "IRQ 13 comes once"
        out 0xF0, al
        TRY
        sti
        fld1
        wait
        cli
        ENDTRY
        CHECK NONE, 0, ANY, "IGNNE, by a write to port F0: instructions run in spite of it"
        fnclex
        fldz
        fdivp st1
        TRY
        sti
        nop
.wait:  wait
        nop
        ENDTRY
        CHECK IRQ13, 0, .wait, "the next error raises IRQ 13 again: FNCLEX has ended IGNNE"
        fninit
        out 0xF0, al
        call eoi
        mov al, 0xFF
        out 0x21, al
        out 0xA1, al
        mov eax, cr0
        or al, 0x20
        mov cr0, eax
        ret

eoi:    push eax
        mov al, 0x20
        out 0xA0, al
        out 0x20, al
        pop eax
        ret

; 8.1.10, figures 8-9 to 8-12: FNSTENV where the mode and the operand size say
images:
        fninit
.op:    fld dword [one]
        fnstenv [area]
        VALUE [area + 12], images.op, "32-bit protected mode: EIP of the last instruction"
        movzx ecx, word [area + 16]
        VALUE ecx, CODE32, "CS"
        movzx ecx, word [area + 18]
        VALUE ecx, 0x105, "opcode D9 05"
        VALUE [area + 20], one, "the operand's offset"
        movzx ecx, word [area + 24]
        VALUE ecx, DATA32, "DS"
        mov ecx, [area + 8]
        movzx ecx, cx
        VALUE ecx, 0x3FFF, "the tag word"
        o16 fnstenv [area]
        movzx ecx, word [area + 6]
        VALUE ecx, images.op, "16-bit protected mode: IP"
        movzx ecx, word [area + 8]
        VALUE ecx, CODE32, "CS"
        movzx ecx, word [area + 10]
        VALUE ecx, one, "the operand's offset"
        fldenv [area]
        fninit
        fld1
        o16 fnsave [area]
        fnstsw ax
        movzx ecx, ax
        VALUE ecx, 0, "FNSAVE of 94 bytes initialises"
        mov eax, [area + 14 + 6]
        VALUE eax, 0x3FFF8000, "ST(0) begins at 14"
        fldz
        o16 frstor [area]
        fnstsw ax
        movzx ecx, ax
        VALUE ecx, 0x3800, "and FRSTOR brings it back"
        fnsave [area]
        movzx ecx, word [area + 28 + 8]
        VALUE ecx, 0x3FFF, "FNSAVE of 108 bytes: ST(0) begins at 28"
        frstor [area]
        fstp dword [area]
        VALUE [area], 0x3F800000, "FRSTOR of 108 bytes"
        o16 fnstenv [area]
        mov word [area], 0x27F
        o16 fldenv [area]
        fnstcw [word0]
        movzx ecx, word [word0]
        VALUE ecx, 0x27F, "FLDENV of 14 bytes"
        fninit
        ; virtual-8086 mode stores linear addresses
        TRY
        push dword 0
        push dword 0
        push dword 0
        push dword 0
        push dword 0x4F00
        push dword 0x800
        push dword 0x23002
        push dword (v86code - boot + 0x7C00) >> 4
        push dword 0
        iretd
        ENDTRY
        fninit
        movzx ecx, word [area + 6]
        VALUE ecx, v86code, "virtual-8086 mode, 16 bits: the linear address of the last instruction"
        movzx ecx, word [area + 8]
        VALUE ecx, 0x106, "and its opcode D9 06"
        movzx ecx, word [area + 10]
        VALUE ecx, one, "the operand's linear address"
        mov ecx, [area + 32 + 12]
        movzx ecx, cx
        VALUE ecx, v86code, "32 bits: the linear address"
        mov ecx, [area + 32 + 16]
        VALUE ecx, 0x106, "and the opcode"
        mov ecx, [area + 32 + 20]
        movzx ecx, cx
        VALUE ecx, one, "the operand's linear address"
        ret
        align 16
        bits 16
v86code:
        fld dword [one]
        fnstenv [area]
        fldenv [area]
        o32 fnstenv [area + 32]
        hlt
        bits 32

; 11.5: SSE's exceptions
vectors:
        mov eax, 1
        cpuid
        bt edx, 25
        jnc .none
        mov eax, cr4
        or ah, 6
        mov cr4, eax
%macro UNMASKED 4+      ; MXCSR, flag, "name", instruction
        mov dword [word0], %1
        ldmxcsr [word0]
        FAULTS 19, 0, %3, %4
        stmxcsr [area]
        mov ecx, [area]
        and ecx, 0x3F
        VALUE ecx, %2, "(MXCSR's flag)"
%endmacro
        mov dword [area + 32], 0x7F800001       ; a signalling NaN
        movss xmm2, [area + 32]
        mov dword [area + 32], 1                ; a denormal
        movss xmm3, [area + 32]
        mov dword [area + 32], 0x7F7FFFFF       ; the greatest
        movss xmm4, [area + 32]
        mov dword [area + 32], 0x00800000       ; the smallest normal
        movss xmm5, [area + 32]
        mov dword [area + 32], 0x3F800001
        movss xmm6, [area + 32]
        xorps xmm7, xmm7
        movss xmm0, [one]
        UNMASKED 0x1F00, 1, "invalid: #XM", addss xmm0, xmm2
        UNMASKED 0x1E80, 2, "denormal operand: #XM", addss xmm0, xmm3
        UNMASKED 0x1D80, 4, "division by zero: #XM", divss xmm0, xmm7
        UNMASKED 0x1B80, 8, "overflow: #XM", addss xmm4, xmm4
        UNMASKED 0x1780, 0x10, "underflow: #XM", mulss xmm5, xmm5
        UNMASKED 0x0F80, 0x20, "inexact: #XM", mulss xmm6, xmm6
        movss [area], xmm0
        VALUE [area], 0x3F800000, "the destination stays"
        ; masked: a flag alone
        mov dword [word0], 0x1F80
        ldmxcsr [word0]
        FINE "masked: none", divss xmm0, xmm7
        movss [area], xmm0
        VALUE [area], 0x7F800000, "the result is infinity"
        ; LDMXCSR with a flag and its mask clear raises nothing
        mov dword [word0], 0x1D84
        FINE "LDMXCSR of an unmasked flag raises nothing", ldmxcsr [word0]
        movss xmm0, [one]
        FINE "nor does the next instruction, if it has no such exception", addss xmm0, xmm0
        ; DAZ and FTZ
        mov eax, 1
        cpuid
        bt edx, 26
        jnc .no_daz
        mov dword [word0], 0x1FC0
        ldmxcsr [word0]
        movss xmm1, xmm3
        addss xmm1, xmm1
        movss [area], xmm1
        VALUE [area], 0, "DAZ: a denormal counts as 0"
        stmxcsr [area]
        mov ecx, [area]
        and ecx, 0x3F
        VALUE ecx, 0, "and raises nothing"
.no_daz:
        mov dword [word0], 0x9F80
        ldmxcsr [word0]
        movss xmm1, xmm5
        mulss xmm1, [half]
        movss [area], xmm1
        VALUE [area], 0, "FTZ: a denormal result is 0"
        stmxcsr [area]
        mov ecx, [area]
        and ecx, 0x3F
        VALUE ecx, 0x30, "with UE and PE"
        mov dword [word0], 0x1F80
        ldmxcsr [word0]
        mov eax, cr4
        and ah, ~6
        mov cr4, eax
.none:  ret

        align 8
one:    dd 0x3F800000
half:   dd 0x3F000000
word0:  dd 0
        align 16
area:   times 128 db 0
%include "end.inc"

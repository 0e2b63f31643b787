; Interrupts and their shadows, alignment check, SYSENTER, control registers, features (SDM Vol. 3A, 2.5, 6.8, 6.15; Vol. 2).
%include "boot.inc"
%include "irq.inc"

%macro FINE 2+
        TRY
        %2
        ENDTRY
        CHECK NONE, 0, ANY, %1
%endmacro

%macro FAULTS 4+        ; vector, error, "name", instruction
        TRY
%%at:   %4
        ENDTRY
        CHECK %1, %2, %%at, %3
%endmacro

; has bit of CPUID.1:EDX, label if not
%macro NEEDS 2
        mov eax, 1
        cpuid
        bt edx, %1
        jnc %2
%endmacro

tests:
        call shadows
        call alignment
        call fast_calls
        call control
        call floating
        call port_strings
        call widths
        jmp combinations

shadows:
        call pending
        TRY
        sti
        nop
.sti:   nop
        nop
        ENDTRY
        CHECK IRQ0, 0, .sti, "STI: one more instruction runs before the interrupt"
        call acknowledge
        call pending
        TRY
        sti
        cli
        nop
        ENDTRY
        CHECK NONE, 0, ANY, "STI, CLI: no interrupt"
        TRY
        sti
        nop
        ENDTRY
        call acknowledge
        call pending
        TRY
        mov bx, ss
        push dword 0x202
        popfd
.popf:  nop
        nop
        ENDTRY
        CHECK IRQ0, 0, .popf, "POPFD with IF: the interrupt comes at once"
        call acknowledge
        call pending
        TRY
        mov bx, ss
        sti
        mov ss, bx
        nop
.ss:    nop
        nop
        ENDTRY
        CHECK IRQ0, 0, .ss, "STI, MOV SS: the shadow of MOV SS counts"
        call acknowledge
        call pending
        TRY
        sti
        hlt
.hlt:   nop
        ENDTRY
        CHECK IRQ0, 0, .hlt, "STI, HLT: the interrupt wakes it, EIP is after the HLT"
        call acknowledge
        call pending
        TRY
        push dword 0x202
        push dword CODE32
        push dword .target
        iretd
.target: nop
        nop
        ENDTRY
        CHECK IRQ0, 0, .target, "IRET with IF: the interrupt comes at once"
        mov ecx, [got_flags]
        and ecx, 0x200
        VALUE ecx, 0x200, "with IF in the image"
        jmp acknowledge

; 6.15, interrupt 17
alignment:
        mov eax, cr0
        or eax, 0x40000
        mov cr0, eax
        mov dword [user_flags], 0x40002
%macro MISALIGNED 3+    ; vector, "name", instruction
        TRY
        USER %%at
%%at:   %3
        int DONE
        ENDTRY
        CHECK %1, 0, ANY, %2
%endmacro
        MISALIGNED 17, "a doubleword at 2: #AC(0)", mov eax, [0x60002]
        MISALIGNED 17, "a word at 1: #AC(0)", mov ax, [0x60001]
        MISALIGNED DONE, "a word at 2", mov ax, [0x60002]
        MISALIGNED DONE, "a byte at 1", mov al, [0x60001]
        MISALIGNED 17, "a write at 1: #AC(0)", mov [0x60001], eax
        MISALIGNED 17, "XCHG at 3: #AC(0)", xchg eax, [0x60003]
        MISALIGNED 17, "MOVSD: #AC(0)", call .movs
        mov dword [user_flags], 2
        MISALIGNED DONE, "without EFLAGS.AC", mov eax, [0x60002]
        mov eax, cr0
        and eax, ~0x40000
        mov cr0, eax
        mov dword [user_flags], 0x40002
        MISALIGNED DONE, "without CR0.AM", mov eax, [0x60002]
        mov eax, cr0
        or eax, 0x40000
        mov cr0, eax
        push dword 0x40002
        popfd
        FINE "in ring 0", mov eax, [0x60002]
        push dword 2
        popfd
        mov dword [user_flags], 2
        mov eax, cr0
        and eax, ~0x40000
        mov cr0, eax
        ret
.movs:  mov esi, 0x60000
        mov edi, 0x60005
        movsd
        ret

; Vol. 2 SYSENTER, SYSEXIT
fast_calls:
        NEEDS 11, .none
        mov ecx, 0x174
        xor eax, eax
        xor edx, edx
        wrmsr
        FAULTS 13, 0, "SYSENTER with SYSENTER_CS 0: #GP(0)", sysenter
        FAULTS 13, 0, "SYSEXIT with SYSENTER_CS 0: #GP(0)", sysexit
        mov ecx, 0x174
        mov eax, CODE32
        wrmsr
        mov ecx, 0x175
        mov eax, 0x56000
        wrmsr
        mov ecx, 0x176
        mov eax, .entered
        wrmsr
        ; SYSENTER_CS + 16 and + 24 are ring 3's: CODE16 and DATA16 for once
        mov eax, [gdt + USERCODE - 3]
        mov ebx, [gdt + USERCODE - 3 + 4]
        mov [gdt + CODE16], eax
        mov [gdt + CODE16 + 4], ebx
        mov eax, [gdt + USERDATA - 3]
        mov ebx, [gdt + USERDATA - 3 + 4]
        mov [gdt + DATA16], eax
        mov [gdt + DATA16 + 4], ebx
        TRY
        USER .user
.user:  mov dword [seen], 0
        sysenter
        int DONE
.entered:
        mov [seen], esp
        mov [seen + 4], cs
        mov [seen + 8], ss
        mov edx, .back
        mov ecx, USERSTACK - 64
        sysexit
.back:  int DONE
        ENDTRY
        CHECK DONE, 0, ANY, "SYSENTER and SYSEXIT"
        VALUE [seen], 0x56000, "ESP of ring 0"
        VALUE [seen + 4], CODE32, "CS"
        VALUE [seen + 8], DATA32, "SS"
        VALUE [got_cs], CODE16 | 3, "CS of ring 3"
        VALUE [got_ss], DATA16 | 3, "SS"
        VALUE [got_esp], USERSTACK - 64, "ESP"
        TRY
        USER .exit
.exit:  sysexit
        ENDTRY
        CHECK 13, 0, .exit, "SYSEXIT in ring 3: #GP(0)"
.none:  ret

; 2.5, Vol. 4
control:
        mov eax, 0x80000000
        FAULTS 13, 0, "a reserved bit of CR4: #GP(0)", mov cr4, eax
        TRY
        db 0x0F, 0x20, 0xC8     ; mov eax, cr1
        ENDTRY
        CHECK 6, 0, ANY, "CR1: #UD"
        TRY
        db 0x0F, 0x20, 0xE8     ; mov eax, cr5
        ENDTRY
        CHECK 6, 0, ANY, "CR5: #UD"
        TRY
        USER .user1
.user1: db 0x0F, 0x20, 0xC8
        ENDTRY
        CHECK 6, 0, ANY, "CR1 in ring 3: #UD"
        mov eax, cr0
        and eax, ~1
        lmsw ax
        mov ecx, cr0
        and ecx, 1
        VALUE ecx, 1, "LMSW can't clear PE"
        mov ecx, cr0
        and ecx, 0x10
        VALUE ecx, 0x10, "CR0.ET is 1"
        NEEDS 4, .no_tsc
        mov eax, cr4
        or al, 4
        mov cr4, eax
        FINE "RDTSC in ring 0 with TSD", rdtsc
        TRY
        USER .tsc
.tsc:   rdtsc
        ENDTRY
        CHECK 13, 0, .tsc, "RDTSC in ring 3 with TSD: #GP(0)"
        mov eax, cr4
        and al, ~4
        mov cr4, eax
        TRY
        USER .tsc2
.tsc2:  rdtsc
        int DONE
        ENDTRY
        CHECK DONE, 0, ANY, "RDTSC in ring 3 without"
.no_tsc:
        NEEDS 23, .no_pmc       ; RDPMC came with MMX
        TRY
        USER .pmc
.pmc:   rdpmc
        ENDTRY
        CHECK 13, 0, .pmc, "RDPMC in ring 3 without PCE: #GP(0)"
        mov eax, cr4
        or eax, 0x100
        mov cr4, eax
        mov ecx, -1
        FAULTS 13, 0, "RDPMC of a counter that is not there: #GP(0)", rdpmc
        mov eax, cr4
        and eax, ~0x100
        mov cr4, eax
.no_pmc:
        NEEDS 5, .no_msr
        mov ecx, 0x12345678
        FAULTS 13, 0, "RDMSR of none: #GP(0)", rdmsr
        FAULTS 13, 0, "WRMSR of none: #GP(0)", wrmsr
.no_msr:
        mov eax, 0x00200002
        push eax
        popfd
        pushfd
        pop ecx
        and ecx, 0x200000
        VALUE ecx, 0x200000, "EFLAGS.ID can be set"
        push dword 2
        popfd
        ret

; 2.5: EM, TS, MP, OSFXSR
floating:
        mov eax, cr0
        mov [saved], eax
        or al, 8
        mov cr0, eax
        FAULTS 7, 0, "FNOP with TS: #NM", fnop
        FINE "WAIT with TS and without MP", wait
        mov eax, [saved]
        or al, 8 | 2
        mov cr0, eax
        FAULTS 7, 0, "WAIT with TS and MP: #NM", wait
        NEEDS 23, .no_mmx
        FAULTS 7, 0, "MMX with TS: #NM", paddb mm0, mm1
        mov eax, [saved]
        or al, 4
        mov cr0, eax
        FAULTS 6, 0, "MMX with EM: #UD", paddb mm0, mm1
        FAULTS 7, 0, "FNOP with EM: #NM", fnop
.no_mmx:
        mov eax, [saved]
        mov cr0, eax
        NEEDS 25, .no_sse
        FAULTS 6, 0, "SSE without CR4.OSFXSR: #UD", addps xmm0, xmm1
        mov eax, cr4
        or ah, 2
        mov cr4, eax
        FINE "SSE with CR4.OSFXSR", xorps xmm0, xmm0
        FAULTS 13, 0, "MOVAPS at 8: #GP(0)", movaps xmm0, [0x60008]
        FINE "MOVUPS at 8", movups xmm0, [0x60008]
        mov eax, [saved]
        or al, 8
        mov cr0, eax
        FAULTS 7, 0, "SSE with TS: #NM", addps xmm0, xmm1
        mov eax, [saved]
        or al, 4
        mov cr0, eax
        FAULTS 6, 0, "SSE with EM: #UD", addps xmm0, xmm1
        mov eax, [saved]
        mov cr0, eax
        mov dword [seen], 0x80001F80
        FAULTS 13, 0, "LDMXCSR with a reserved bit: #GP(0)", ldmxcsr [seen]
        ; an unmasked exception: #UD without OSXMMEXCPT, #XM with it
        mov dword [seen], 0x1D80        ; divide by zero is unmasked
        ldmxcsr [seen]
        mov dword [seen + 4], 0x3F800000
        movss xmm0, [seen + 4]
        xorps xmm1, xmm1
        FAULTS 6, 0, "unmasked SSE exception without OSXMMEXCPT: #UD", divss xmm0, xmm1
        mov eax, cr4
        or ah, 4
        mov cr4, eax
        FAULTS 19, 0, "with OSXMMEXCPT: #XM", divss xmm0, xmm1
        mov dword [seen], 0x1F80
        ldmxcsr [seen]
        mov eax, cr4
        and ah, ~6
        mov cr4, eax
.no_sse:
        mov eax, [saved]
        mov cr0, eax
        ; 8.7: #MF comes at the next floating-point instruction
        fninit
        mov word [seen], 0x37B          ; divide by zero is unmasked
        fldcw [seen]
        fld1
        fldz
        FINE "the x87 instruction that raises an unmasked exception ends", fdivp st1
        FAULTS 16, 0, "the next one is #MF", fnop
        FINE "FNSTSW does not wait", fnstsw ax
        FAULTS 16, 0, "WAIT: #MF", wait
        fninit
        ret

; Vol. 2 INS, OUTS: by way of COM1's scratch register (3FF) and PCI's address register (CF8)
port_strings:
        cld
        mov dword [seen], 0x5AA51234
        mov esi, seen + 3
        mov dx, 0x3FF
        outsb
        sub esi, seen
        VALUE esi, 4, "OUTSB moves ESI by one"
        mov dx, 0x3FF
        in al, dx
        movzx ecx, al
        VALUE ecx, 0x5A, "and writes the byte"
        mov edi, seen
        mov dx, 0x3FF
        insb
        movzx ecx, byte [seen]
        VALUE ecx, 0x5A, "INSB reads it"
        mov esi, seen + 1
        mov dx, 0x3FE
        outsw
        mov edi, seen + 4
        mov dx, 0x3FE
        insw
        movzx ecx, byte [seen + 5]
        VALUE ecx, 0xA5, "OUTSW and INSW"
        mov dword [seen], 0x80001234
        mov esi, seen
        mov dx, 0xCF8
        outsd
        mov edi, seen + 8
        mov dx, 0xCF8
        insd
        VALUE [seen + 8], 0x80001234, "OUTSD and INSD"
        ; repeated, and downward
        mov dword [seen], 0x11223344
        mov esi, seen + 3
        mov ecx, 3
        mov dx, 0x3FF
        std
        rep outsb
        in al, dx
        cld
        movzx edx, al
        mov [seen + 4], edx
        mov [seen + 8], ecx
        VALUE [seen + 4], 0x33, "REP OUTSB downward: the last byte"
        VALUE [seen + 8], 0, "(ECX)"
        mov edi, seen
        mov ecx, 4
        mov dx, 0x3FF
        rep insb
        VALUE [seen], 0x33333333, "REP INSB"
        ret

; forms of the other operand size (Vol. 2, SGDT, LIDT, SLDT, SMSW, IN, OUT)
widths:
        sgdt [seen]
        o16 sgdt [saved]
        mov eax, [saved + 2]
        VALUE eax, [seen + 2], "SGDT with 16-bit operand size stores all of the base"
        sidt [seen]
        o16 sidt [saved]
        mov eax, [saved + 2]
        VALUE eax, [seen + 2], "SIDT: the same"
        mov dword [saved + 2], 0x12000000 + idt
        mov ax, [seen]
        mov [saved], ax
        o16 lidt [saved]
        sidt [seen]
        VALUE [seen + 2], idt, "LIDT with 16-bit operand size loads 24 bits of the base"
        mov eax, -1
        o16 sldt ax
        VALUE eax, 0xFFFF0000, "SLDT of 16 bits leaves the upper half"
        mov eax, -1
        o16 str ax
        VALUE eax, 0xFFFF0000 + TSS, "STR too"
        mov eax, cr0
        mov ecx, -1
        smsw ecx
        VALUE ecx, eax, "SMSW of 32 bits: all of CR0, as the P6 has it"
        and byte [gdt + TSS + 5], ~2
        mov ax, TSS
        o16 ltr ax
        str ecx
        VALUE ecx, TSS, "LTR"
        mov eax, 0x80000000
        mov dx, 0xCF8
        out dx, eax
        xor eax, eax
        in eax, dx
        VALUE eax, 0x80000000, "OUT and IN of 32 bits"
        mov eax, 0x12345678
        out 0x80, eax
        in eax, 0x80
        mov eax, 1
        cpuid
        bt edx, 24
        jnc .none
        mov dword [seen], 0x27F
        fninit
        fldcw [seen]
        fld1
        fxsave [image]
        fninit
        fxrstor [image]
        fnstcw [seen]
        movzx ecx, word [seen]
        VALUE ecx, 0x27F, "FXSAVE, FXRSTOR"
        movzx ecx, byte [image + 4]
        VALUE ecx, 0x80, "its tag byte"
        fninit
.none:  ret

; 2.5: last, for a processor that takes one of these is lost
combinations:
        mov eax, cr0
        and eax, ~0x40000000
        or eax, 0x20000000
        FAULTS 13, 0, "CR0.NW without CD: #GP(0)", mov cr0, eax
        mov eax, 0x80000000
        FAULTS 13, 0, "CR0.PG without PE: #GP(0)", mov cr0, eax
        ret

seen:   dd 0, 0, 0
saved:  dd 0, 0
        align 16
image:  times 512 db 0
%include "end.inc"

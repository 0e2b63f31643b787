; Virtual-8086 mode (SDM Vol. 3B, chapter 20): IOPL-sensitive instructions, interrupts out of it, VME and PVI.
%include "boot.inc"

CONFORMING equ SPARE
RING1CODE  equ SPARE + 0x08
SOFT       equ 0x31
V86STACK   equ 0x4F00           ; segment; SP is 800

; V86 label, flags: goes to virtual-8086 mode at a label that is 16-byte aligned (SEGMENT gives its segment).
%macro V86 2
        push dword 0            ; GS
        push dword 0            ; FS
        push dword 0x4000       ; DS
        push dword 0x4400       ; ES
        push dword V86STACK
        push dword 0x800
        push dword 0x20002 | %2
        push dword (%1 - boot + 0x7C00) >> 4
        push dword 0
        iretd
%endmacro

; FROMV86 flags, vector, error, ip or ANY, "name", instruction (then INT3)
%macro FROMV86 6+
        jmp %%over
        align 16
        bits 16
%%code: %6
        int3
        bits 32
%%over: TRY
        V86 %%code, %1
        ENDTRY
        CHECK %2, %3, %4, %5
%endmacro

IOPL3   equ 0x3000

tests:
        SETDESC CONFORMING, 0, 0xFFFFF, 0x9F, 0xC
        SETDESC RING1CODE, 0, 0xFFFFF, 0xBB, 0xC
        or byte [idt + 3 * 8 + 5], 0x60         ; INT3 may be used
        mov dword [tss_area + 12], 0x59000
        call plain
        call sensitive
        call interrupts
        call vme
        jmp pvi

; 20.2
plain:
        FROMV86 0, 3, 0, 2, "into virtual-8086 mode, INT3 comes out", nop
        VALUE [got_ss], V86STACK, "SS is on the ring 0 stack"
        VALUE [got_esp], 0x800, "ESP"
        mov eax, [got_v86]
        movzx eax, ax
        VALUE eax, 0x4400, "ES"
        mov eax, [got_v86 + 4]
        movzx eax, ax
        VALUE eax, 0x4000, "DS"
        VALUE [got_after], RING0STACK, "nine words in all"
        VALUE [got_ds], 0, "the handler has a null DS"
        mov ecx, [got_flags]
        and ecx, 0x20000
        VALUE ecx, 0x20000, "VM is set in the image"
        FROMV86 0, 13, 0, 0, "a word at offset FFFF: #GP(0)", mov ax, [0xFFFF]
        FROMV86 0, 12, 0, 0, "a word at offset FFFF of SS: #SS(0)", mov ax, [ss:0xFFFF]
        FROMV86 0, 3, 0, ANY, "a byte at offset FFFF", mov al, [0xFFFF]
        FROMV86 0, 13, 0, 0, "32-bit offset beyond FFFF: #GP(0)", a32 mov al, [0x10000]
        FROMV86 0, 3, 0, ANY, "a far jump changes CS the old way", jmp 0x40:.landing - 0x400
        VALUE [got_cs], 0x40, "CS is what was given"
        FROMV86 0, 13, 0, 0, "JMP beyond FFFF: #GP(0)", db 0x66, 0xE9, 0, 0, 2, 0
        FROMV86 0, 6, 0, 0, "LLDT: #UD", lldt ax
        FROMV86 0, 6, 0, 0, "LAR: #UD", lar ax, ax
        FROMV86 0, 6, 0, 0, "ARPL: #UD", arpl ax, ax
        FROMV86 0, 6, 0, 0, "STR: #UD", str ax
        ret
.landing: int3

; 20.2.7, 20.2.8
sensitive:
        FROMV86 0 << 12, 13, 0, 0, "CLI with IOPL 0: #GP(0)", cli
        FROMV86 0 << 12, 13, 0, 0, "STI with IOPL 0: #GP(0)", sti
        FROMV86 0 << 12, 13, 0, 0, "PUSHF with IOPL 0: #GP(0)", pushf
        FROMV86 0 << 12, 13, 0, 0, "PUSHFD with IOPL 0: #GP(0)", pushfd
        FROMV86 0 << 12, 13, 0, 0, "POPF with IOPL 0: #GP(0)", popf
        FROMV86 1 << 12, 13, 0, 0, "CLI with IOPL 1: #GP(0)", cli
        FROMV86 1 << 12, 13, 0, 0, "STI with IOPL 1: #GP(0)", sti
        FROMV86 1 << 12, 13, 0, 0, "PUSHF with IOPL 1: #GP(0)", pushf
        FROMV86 1 << 12, 13, 0, 0, "PUSHFD with IOPL 1: #GP(0)", pushfd
        FROMV86 1 << 12, 13, 0, 0, "POPF with IOPL 1: #GP(0)", popf
        FROMV86 2 << 12, 13, 0, 0, "CLI with IOPL 2: #GP(0)", cli
        FROMV86 2 << 12, 13, 0, 0, "STI with IOPL 2: #GP(0)", sti
        FROMV86 2 << 12, 13, 0, 0, "PUSHF with IOPL 2: #GP(0)", pushf
        FROMV86 2 << 12, 13, 0, 0, "PUSHFD with IOPL 2: #GP(0)", pushfd
        FROMV86 2 << 12, 13, 0, 0, "POPF with IOPL 2: #GP(0)", popf
        FROMV86 3 << 12, 3, 0, ANY, "CLI with IOPL 3", cli
        FROMV86 3 << 12, 3, 0, ANY, "STI with IOPL 3", sti
        FROMV86 3 << 12, 3, 0, ANY, "PUSHF with IOPL 3", pushf
        FROMV86 3 << 12, 3, 0, ANY, "PUSHFD with IOPL 3", pushfd
        FROMV86 3 << 12, 3, 0, ANY, "POPF with IOPL 3", popf
        FROMV86 0, 13, 0, 0, "IRET with IOPL 0: #GP(0)", iret
        FROMV86 0, 13, 0, 0, "INT n with IOPL 0: #GP(0)", int SOFT
        FROMV86 0, 13, 0, 0, "INT 3 (CD 03) with IOPL 0: #GP(0)", db 0xCD, 3
        FROMV86 IOPL3, 13, 0, 0, "HLT: #GP(0)", hlt
        FROMV86 IOPL3, 13, 0, 0, "MOV from CR0: #GP(0)", mov eax, cr0
        FROMV86 IOPL3, 13, 0, 0, "MOV to DR7: #GP(0)", mov dr7, eax
        FROMV86 IOPL3, 13, 0, 0, "LGDT: #GP(0)", lgdt [0]
        FROMV86 IOPL3, 13, 0, 0, "CLTS: #GP(0)", clts
        FROMV86 IOPL3, 13, 0, 0, "LMSW: #GP(0)", lmsw ax
        FROMV86 IOPL3, 13, 0, 0, "IN from a port that the map denies, even with IOPL 3: #GP(0)", in al, 0x80
        and byte [tss_iomap + 0x80 / 8], ~1
        FROMV86 0, 3, 0, ANY, "IN from a port that the map allows", in al, 0x80
        jmp .over
        align 16
        bits 16
.popf:  push word 0x0202
        popf
        int3
        bits 32
.over:  TRY
        V86 .popf, IOPL3
        ENDTRY
        mov ecx, [got_flags]
        and ecx, 0x3200
        VALUE ecx, 0x3200, "POPF with IOPL 3 sets IF and leaves IOPL"
        ret

; 20.3
interrupts:
        mov eax, SOFT
        call restore_gate
        FROMV86 IOPL3, 13, SOFT * 8 + 2, ANY, "INT n, gate DPL 0: #GP(IDT entry)", int SOFT
        mov byte [idt + SOFT * 8 + 5], 0xEE
        FROMV86 IOPL3, SOFT, 0, 2, "INT n, gate DPL 3", int SOFT
        mov word [idt + SOFT * 8 + 2], CONFORMING
        FROMV86 IOPL3, 13, CONFORMING, ANY, "gate to conforming code: #GP(selector)", int SOFT
        mov word [idt + SOFT * 8 + 2], RING1CODE
        FROMV86 IOPL3, 13, RING1CODE, ANY, "gate to ring 1: #GP(selector)", int SOFT
        mov word [idt + SOFT * 8 + 2], CODE32
        FROMV86 0, 6, 0, 0, "an exception out of virtual-8086 mode", ud2
        ret

; Is there VME? CPUID.1:EDX.1
has_vme:
        mov eax, 1
        cpuid
        test dl, 2
        ret

; 20.3.3: interrupt redirection; the interrupt table at 0 sends SOFT to .handler
vme:
        call has_vme
        jz .none
        mov eax, cr4
        or al, 1
        mov cr4, eax
        mov eax, [SOFT * 4]
        mov [old_vector], eax
        mov dword [SOFT * 4], ((handler86 - boot + 0x7C00) >> 4) << 16
        ; redirected: bit clear
        and byte [tss_redirection + SOFT / 8], ~(1 << (SOFT & 7))
        FROMV86 0, 3, 0, 1, "VME: a redirected INT n stays in virtual-8086 mode", int SOFT
        mov eax, [got_cs]
        VALUE eax, (handler86 - boot + 0x7C00) >> 4, "in the handler of the table at 0"
        VALUE [got_esp], 0x800 - 6, "three words are pushed"
        movzx ecx, word [V86STACK * 16 + 0x7FE]
        VALUE ecx, 0x3002, "with IOPL 0 the image shows IOPL 3, and VIF for IF"
        FROMV86 0x80000, 3, 0, 1, "VME: VIF set", int SOFT
        movzx ecx, word [V86STACK * 16 + 0x7FE]
        VALUE ecx, 0x3202, "is IF in the image"
        mov ecx, [got_flags]
        and ecx, 0x80000
        VALUE ecx, 0, "and is cleared"
        FROMV86 IOPL3 | 0x200, 3, 0, 1, "VME, IOPL 3: a redirected INT n", int SOFT
        mov ecx, [got_flags]
        and ecx, 0x200
        VALUE ecx, 0, "clears IF"
        or byte [tss_redirection + SOFT / 8], 1 << (SOFT & 7)
        FROMV86 0, 13, 0, 0, "VME: INT n that is not redirected, IOPL 0: #GP(0)", int SOFT
        FROMV86 IOPL3, SOFT, 0, 2, "VME: INT n that is not redirected, IOPL 3: the IDT", int SOFT
        ; 20.3.3.4, VIF and VIP
        FROMV86 0, 3, 0, ANY, "VME: STI with IOPL 0", sti
        mov ecx, [got_flags]
        and ecx, 0x80000
        VALUE ecx, 0x80000, "sets VIF"
        FROMV86 0x80000, 3, 0, ANY, "VME: CLI with IOPL 0", cli
        mov ecx, [got_flags]
        and ecx, 0x80000
        VALUE ecx, 0, "clears VIF"
        FROMV86 0x100000, 13, 0, 0, "VME: STI with VIP: #GP(0)", sti
        FROMV86 0x80000, 3, 0, ANY, "VME: PUSHF with IOPL 0", pushf
        movzx ecx, word [V86STACK * 16 + 0x7FE]
        VALUE ecx, 0x3202, "pushes VIF as IF and IOPL 3"
        FROMV86 0, 13, 0, 0, "VME: PUSHFD with IOPL 0: #GP(0)", pushfd
        FROMV86 0, 13, 0, 0, "VME: POPFD with IOPL 0: #GP(0)", popfd
        FROMV86 0, 13, 0, 0, "VME: IRETD with IOPL 0: #GP(0)", iretd
        mov word [V86STACK * 16 + 0x800], 0x0202
        FROMV86 0, 3, 0, ANY, "VME: POPF of IF with IOPL 0", popf
        mov ecx, [got_flags]
        and ecx, 0x80200
        VALUE ecx, 0x80000, "sets VIF, not IF"
        FROMV86 0x100000, 13, 0, 0, "VME: POPF of IF with VIP: #GP(0)", popf
        mov word [V86STACK * 16 + 0x800], 0x0102
        FROMV86 0, 13, 0, 0, "VME: POPF of TF: #GP(0)", popf
        mov word [V86STACK * 16 + 0x800], 0
        mov word [V86STACK * 16 + 0x802], 0x40
        mov word [V86STACK * 16 + 0x804], 0x0202
        jmp .far
        align 16
        bits 16
.iret:  mov word [ss:0x800], plain.landing - 0x400
        iret
        bits 32
.far:   TRY
        V86 .iret, 0
        ENDTRY
        CHECK 3, 0, ANY, "VME: IRET with IOPL 0"
        mov ecx, [got_flags]
        and ecx, 0x80200
        VALUE ecx, 0x80000, "sets VIF from IF"
        mov eax, [old_vector]
        mov [SOFT * 4], eax
        mov eax, cr4
        and al, ~1
        mov cr4, eax
        ret
.none:  mov esi, no_vme
        jmp print
        align 16
handler86: int3

; 20.4: protected-mode virtual interrupts
pvi:
        call has_vme
        jz .none
        mov eax, cr4
        or al, 2
        mov cr4, eax
        mov dword [user_flags], 2
        TRY
        USER .sti
.sti:   sti
        int DONE
        ENDTRY
        CHECK DONE, 0, ANY, "PVI: STI in ring 3 with IOPL 0"
        mov ecx, [got_flags]
        and ecx, 0x80200
        VALUE ecx, 0x80000, "sets VIF"
        mov dword [user_flags], 0x80002
        TRY
        USER .cli
.cli:   cli
        int DONE
        ENDTRY
        mov ecx, [got_flags]
        and ecx, 0x80000
        VALUE ecx, 0, "PVI: CLI clears VIF"
        mov dword [user_flags], 0x100002
        TRY
        USER .vip
.vip:   sti
        int DONE
        ENDTRY
        CHECK 13, 0, .vip, "PVI: STI with VIP: #GP(0)"
        mov dword [user_flags], 2
        mov eax, cr4
        and al, ~2
        mov cr4, eax
.none:  ret

no_vme: db "SKIP VME: CPUID says there is none", 13, 10, 0
old_vector: dd 0
%include "end.inc"

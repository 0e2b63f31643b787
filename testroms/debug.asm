; Debug exceptions (SDM Vol. 3B, chapter 17): single step, breakpoints by address, data and port, DR6, DR7, shadows.
%include "boot.inc"

DATAAT  equ 0x60000
SOFT    equ 0x31

; DR7 bits of breakpoint 0
L0      equ 1
EXEC    equ 0 << 16
WRITE   equ 1 << 16
IO      equ 2 << 16
RW      equ 3 << 16
LEN1    equ 0 << 18
LEN2    equ 1 << 18
LEN4    equ 3 << 18

; BREAK address, DR7, eip or ANY or NONE for none, "name", instructions
%macro BREAK 5+
        mov eax, 0xFFFF0FF0
        mov dr6, eax
        mov eax, %1
        mov dr0, eax
        mov eax, %2
        TRY
        mov dr7, eax
%%at:   %5
%%after: nop
        ENDTRY
        xor eax, eax
        mov dr7, eax
%ifidn %3, NONE
        CHECK NONE, 0, ANY, %4
%elifidn %3, at
        CHECK 1, 0, %%at, %4
%else
        CHECK 1, 0, %%after, %4
%endif
%endmacro

%macro DR6 2    ; wanted, name
        mov ecx, dr6
        VALUE ecx, %1, %2
%endmacro

seen_ecx: dd 0

tests:
        call single_step
        call code
        call data
        call ports
        jmp registers

; 17.3.1.4
single_step:
        mov eax, 0xFFFF0FF0
        mov dr6, eax
        TRY
        push dword 0x102
        popfd
.first: nop
.step:  nop
        ENDTRY
        CHECK 1, 0, .step, "TF: a trap after the instruction that follows POPFD"
        DR6 0xFFFF4FF0, "DR6.BS"
        mov ecx, [got_flags]
        and ecx, 0x100
        VALUE ecx, 0x100, "TF is in the image"
        TRY
        push dword 0x102
        popfd
        int SOFT
.int:   nop
        ENDTRY
        VALUE [got_vector], SOFT, "INT n with TF: the handler is entered, without TF"
        TRY
        mov bx, ss
        push dword 0x102
        popfd
        mov ss, bx
        nop
.shadow: nop
        ENDTRY
        CHECK 1, 0, .shadow, "TF: no trap between MOV SS and the next instruction"
        TRY
        mov ecx, 3
        mov esi, DATAAT
        mov edi, DATAAT + 64
        push dword 0x102
        popfd
.rep:   rep movsb
        ENDTRY
        CHECK 1, 0, .rep, "TF: REP MOVS traps after each element"
        VALUE [got_ecx], 2, "one is done"
        mov ecx, [got_flags]
        and ecx, 0x10000
        VALUE ecx, 0x10000, "RF is set in the image between two elements"
        TRY
        mov ecx, 1
        mov esi, DATAAT
        mov edi, DATAAT + 64
        push dword 0x102
        popfd
        rep movsb
.rep1:  nop
        ENDTRY
        CHECK 1, 0, .rep1, "TF: after the last element"
        mov ecx, [got_flags]
        and ecx, 0x10000
        VALUE ecx, 0, "RF is clear after it"
        TRY
        push dword 0x102
        popfd
        ud2
        ENDTRY
        CHECK 6, 0, ANY, "TF: a fault comes instead of the trap"
        TRY
        push dword 0x102
        popfd
        jmp .far
        nop
.far:   nop
        ENDTRY
        CHECK 1, 0, .far, "TF: after a jump, at its target"
        TRY
        push dword .iret_to
        push dword CODE32
        pop eax
        pop ebx
        push dword 0x102
        push eax
        push ebx
        iretd
.iret_to: nop
.iret_next: nop
        ENDTRY
        CHECK 1, 0, .iret_next, "TF set by IRET: one instruction runs first"
        TRY
        db 0xF1
.icebp: nop
        ENDTRY
        CHECK 1, 0, .icebp, "INT1 (F1): #DB after the instruction"
        ret

; 17.3.1.1
code:
        mov eax, 0xFFFF0FF0
        mov dr6, eax
        mov eax, .here
        mov dr0, eax
        mov eax, L0
        mov dr7, eax
        TRY
        jmp .here
        ENDTRY
        CHECK 1, 0, .here, "a code breakpoint: a fault, before the instruction"
        DR6 0xFFFF0FF1, "DR6.B0"
        mov ecx, [got_flags]
        and ecx, 0x10000
        VALUE ecx, 0, "RF is clear in the image of a code breakpoint"
        ; with RF in the image IRET passes over it
        TRY
        push dword 0x10002
        push dword CODE32
        push dword .here
        iretd
        ENDTRY
        CHECK NONE, 0, ANY, "IRET with RF passes over it once"
        xor eax, eax
        mov dr7, eax
        mov eax, .here
        mov dr1, eax
        xor eax, eax
        mov dr0, eax
        mov eax, 8                      ; G1
        mov dr7, eax
        mov eax, 0xFFFF0FF0
        mov dr6, eax
        TRY
        jmp .here
        ENDTRY
        CHECK 1, 0, .here, "breakpoint 1, global enable"
        DR6 0xFFFF0FF2, "DR6.B1"
        xor eax, eax
        mov dr7, eax
        mov dr1, eax
        TRY
        jmp .here
        ENDTRY
        CHECK NONE, 0, ANY, "not enabled: nothing"
        ; other exceptions push RF
        TRY
        ud2
        ENDTRY
        mov ecx, [got_flags]
        and ecx, 0x10000
        VALUE ecx, 0x10000, "RF is set in the image of other faults"
        TRY
        int3
        ENDTRY
        mov ecx, [got_flags]
        and ecx, 0x10000
        VALUE ecx, 0, "but not of traps"
        ret
.here:  nop
        jmp [resume_eip]

; 17.2.5, 17.3.1.2
data:
        BREAK DATAAT, L0 | WRITE | LEN4, after, "a write to the doubleword: a trap", mov [DATAAT], eax
        DR6 0xFFFF0FF1, "DR6.B0"
        BREAK DATAAT, L0 | WRITE | LEN4, after, "a write to its last byte", mov [DATAAT + 3], al
        BREAK DATAAT, L0 | WRITE | LEN4, NONE, "a write after it", mov [DATAAT + 4], al
        BREAK DATAAT, L0 | WRITE | LEN4, after, "a write that begins before it", mov [DATAAT - 3], eax
        BREAK DATAAT, L0 | WRITE | LEN4, NONE, "a read is not a write", mov eax, [DATAAT]
        BREAK DATAAT, L0 | RW | LEN4, after, "a read, with R/W 3", mov eax, [DATAAT]
        BREAK DATAAT, L0 | RW | LEN1, after, "a byte", mov al, [DATAAT]
        BREAK DATAAT, L0 | RW | LEN1, NONE, "the byte after it", mov al, [DATAAT + 1]
        BREAK DATAAT + 1, L0 | RW | LEN2, after, "a word counts from an even address", mov al, [DATAAT]
        BREAK DATAAT + 3, L0 | RW | LEN4, after, "a doubleword from a multiple of four", mov al, [DATAAT]
        BREAK DATAAT, L0 | RW | LEN4, after, "PUSH", push dword [DATAAT]
        BREAK DATAAT, L0 | WRITE | LEN4, after, "a read-modify-write", inc dword [DATAAT]
        BREAK DATAAT, L0 | RW | LEN4, NONE, "a fetch is no read", nop
        mov eax, 0xFFFF0FF0
        mov dr6, eax
        mov eax, DATAAT + 2
        mov dr0, eax
        mov eax, L0 | WRITE | LEN1
        TRY
        mov dr7, eax
        mov edi, DATAAT
        mov ecx, 8
        mov al, 0
.rep:   rep stosb
        nop
        ENDTRY
        xor eax, eax
        mov dr7, eax
        CHECK 1, 0, .rep, "REP STOSB traps after the element that meets it"
        VALUE [got_ecx], 5, "three are done"
        mov ecx, [got_flags]
        and ecx, 0x10000
        VALUE ecx, 0x10000, "RF is set in the image"
        ; code breakpoint on REP: once, not at each element
        mov eax, 0xFFFF0FF0
        mov dr6, eax
        mov eax, .again
        mov dr0, eax
        mov eax, L0 | EXEC
        TRY
        mov dr7, eax
        mov esi, DATAAT
        mov edi, DATAAT + 64
        mov ecx, 3
        push dword 0x10002
        push dword CODE32
        push dword .again
        iretd
.again: rep movsb
        mov [seen_ecx], ecx
        ENDTRY
        xor eax, eax
        mov dr7, eax
        CHECK NONE, 0, ANY, "RF passes over a code breakpoint for all elements"
        VALUE [seen_ecx], 0, "(ECX)"
        ; two at once
        mov eax, 0xFFFF0FF0
        mov dr6, eax
        mov eax, DATAAT
        mov dr0, eax
        inc eax
        mov dr3, eax
        mov eax, L0 | WRITE | 0x40 | 1 << 28
        TRY
        mov dr7, eax
        mov [DATAAT], ax
        nop
        ENDTRY
        xor eax, eax
        mov dr7, eax
        DR6 0xFFFF0FF9, "two that are met at once: B0 and B3"
        ret

; 17.2.4: I/O, with CR4.DE
ports:
        mov eax, 1
        cpuid
        test dl, 4
        jz .none
        mov eax, cr4
        or al, 8
        mov cr4, eax
        BREAK 0x80, L0 | IO | LEN1, after, "OUT to the port: a trap", out 0x80, al
        BREAK 0x80, L0 | IO | LEN1, after, "IN from it", in al, 0x80
        BREAK 0x80, L0 | IO | LEN1, NONE, "another port", in al, 0x84
        BREAK 0x81, L0 | IO | LEN1, after, "a word that covers it", in ax, 0x80
        TRY
.dr4:   mov eax, dr4
        ENDTRY
        CHECK 6, 0, .dr4, "DR4 with CR4.DE: #UD"
        mov eax, cr4
        and al, ~8
        mov cr4, eax
        TRY
        mov eax, dr4
        ENDTRY
        CHECK NONE, 0, ANY, "DR4 without CR4.DE is DR6"
.none:  ret

; 17.2.3, 17.2.4
registers:
        mov eax, 0x2000
        mov ecx, 0xFFFF0FF0
        mov dr6, ecx
        TRY
        mov dr7, eax
.gd:    mov eax, dr0
        ENDTRY
        CHECK 1, 0, .gd, "DR7.GD: #DB before the instruction"
        mov eax, dr6
        VALUE eax, 0xFFFF2FF0, "DR6.BD"
        mov eax, dr7
        VALUE eax, 0x400, "GD is clear in the handler"
        mov eax, -1
        mov dr6, eax
        mov ecx, dr6
        and ecx, 0xFFFF1FF0
        VALUE ecx, 0xFFFF0FF0, "DR6: fixed bits"
        xor eax, eax
        mov dr6, eax
        DR6 0xFFFF0FF0, "DR6 after 0"
        xor eax, eax
        mov dr7, eax
        mov ecx, dr7
        VALUE ecx, 0x400, "DR7: bit 10 is 1"
        ret
%include "end.inc"

; Segments (SDM Vol. 3A, chapters 3 and 5): loads, types, limits, privileged instructions, I/O permission map.
%include "boot.inc"

NOTPRESENT equ SPARE
READONLY   equ SPARE + 0x08
EXECONLY   equ SPARE + 0x10
SMALL      equ SPARE + 0x18
DOWN32     equ SPARE + 0x20
DOWN16     equ SPARE + 0x28
USERSEG    equ SPARE + 0x30
LDTDESC    equ SPARE + 0x38
CONFORMING equ SPARE + 0x40
FRESH      equ SPARE + 0x48
CALLGATE   equ SPARE + 0x50
LDTGONE    equ SPARE + 0x58
DOWN64K    equ SPARE + 0x60
BEYOND     equ 0x7F0

; LOADS segment register, selector, vector, error, "name"
%macro LOADS 5
        TRY
        mov eax, %2
%%at:   mov %1, ax
        ENDTRY
        CHECK %3, %4, %%at, %5
%endmacro

; ACCESS selector for FS, vector, error, "name", instruction
%macro ACCESS 5+
        TRY
        mov ax, %1
        mov fs, ax
%%at:   %5
        ENDTRY
        CHECK %2, %3, %%at, %4
%endmacro

tests:
        SETDESC NOTPRESENT, 0, 0xFFFFF, 0x12, 0xC
        SETDESC READONLY, 0, 0xFFFFF, 0x90, 0xC
        SETDESC EXECONLY, 0, 0xFFFFF, 0x98, 0xC
        SETDESC SMALL, 0x60000, 0xFFF, 0x92, 4
        SETDESC DOWN32, 0x60000, 0xFFF, 0x96, 4
        SETDESC DOWN16, 0x60000, 0xFFF, 0x96, 0
        SETDESC USERSEG, 0, 0xFFFFF, 0xF2, 0xC
        SETDESC LDTDESC, ldt, 31, 0x82, 0
        SETDESC CONFORMING, 0, 0xFFFFF, 0x9E, 0xC
        SETDESC FRESH, 0, 0xFFFFF, 0x92, 0xC
        SETDESC LDTGONE, ldt, 31, 0x02, 0
        SETGATE gdt + CALLGATE, CODE32, 0, 0x8C, 0

        ; 3A 5.7, Vol. 2 MOV: what a segment register takes
        LOADS ds, BEYOND, 13, BEYOND, "MOV DS beyond the GDT: #GP(selector)"
        LOADS ds, BEYOND | 3, 13, BEYOND, "the RPL is not part of the error code"
        LOADS ds, NOTPRESENT, 11, NOTPRESENT, "MOV DS not present: #NP(selector)"
        LOADS ss, NOTPRESENT, 12, NOTPRESENT, "MOV SS not present: #SS(selector)"
        LOADS ds, EXECONLY, 13, EXECONLY, "MOV DS execute-only code: #GP(selector)"
        LOADS ds, LDTDESC, 13, LDTDESC, "MOV DS system descriptor: #GP(selector)"
        LOADS ds, CALLGATE, 13, CALLGATE, "MOV DS call gate: #GP(selector)"
        LOADS ss, 0, 13, 0, "MOV SS null: #GP(0)"
        LOADS ss, 3, 13, 0, "MOV SS null with RPL 3: #GP(0)"
        LOADS ss, READONLY, 13, READONLY, "MOV SS read-only: #GP(selector)"
        LOADS ss, CODE32, 13, CODE32, "MOV SS code: #GP(selector)"
        LOADS ss, USERSEG | 3, 13, USERSEG, "MOV SS with RPL and DPL 3 at CPL 0: #GP(selector)"
        LOADS ss, USERSEG, 13, USERSEG, "MOV SS with DPL 3 at CPL 0: #GP(selector)"
        LOADS ss, DATA32 | 1, 13, DATA32, "MOV SS with RPL 1 at CPL 0: #GP(selector)"
        LOADS ss, BEYOND, 13, BEYOND, "MOV SS beyond the GDT: #GP(selector)"
        LOADS ds, DATA32 | 3, 13, DATA32, "MOV DS with RPL 3 and DPL 0: #GP(selector)"
        LOADS ds, 4, 13, 4, "MOV DS from an LDT that is not there: #GP(selector)"
        ACCESS 3, NONE, 0, "a null selector with RPL 3 loads", nop
        ACCESS 3, 13, 0, "a read through a null FS: #GP(0)", mov eax, [fs:0]
        ACCESS READONLY, 13, 0, "a write to a read-only segment: #GP(0)", mov [fs:0x60000], eax
        TRY
.cs:    mov [cs:0x60000], eax
        ENDTRY
        CHECK 13, 0, .cs, "a write to a code segment: #GP(0)"
        TRY
        db 0x8E, 0xC8           ; mov cs, ax
        ENDTRY
        CHECK 6, 0, ANY, "MOV CS: #UD"
        TRY
        db 0x8E, 0xF0           ; mov seg6, ax
        ENDTRY
        CHECK 6, 0, ANY, "MOV to segment register 6: #UD"
        mov ax, FRESH
        mov fs, ax
        movzx ecx, byte [gdt + FRESH + 5]
        VALUE ecx, 0x93, "a load sets the accessed bit"
        mov ax, CONFORMING | 3
        TRY
        mov fs, ax
        ENDTRY
        CHECK NONE, 0, ANY, "conforming readable code loads into FS with any RPL"

        ; 3A 5.3: limits
        ACCESS SMALL, NONE, 0, "the last byte of a segment", mov al, [fs:0xFFF]
        ACCESS SMALL, NONE, 0, "the last doubleword of a segment", mov eax, [fs:0xFFC]
        ACCESS SMALL, 13, 0, "a byte beyond the limit: #GP(0)", mov al, [fs:0x1000]
        ACCESS SMALL, 13, 0, "a doubleword across the limit: #GP(0)", mov eax, [fs:0xFFD]
        ACCESS SMALL, 13, 0, "a word at the very end of 4 GiB: #GP(0)", mov ax, [fs:0xFFFFFFFF]
        TRY
        mov ax, SMALL
        mov ss, ax
        mov esp, 0x1000
.ssl:   mov eax, [esp]
        ENDTRY
        CHECK 12, 0, .ssl, "a read beyond the limit of SS: #SS(0)"
        ; 3A 5.3, 3.4.5.1: expand-down
        ACCESS DOWN32, 13, 0, "expand-down: the limit itself is outside", mov al, [fs:0xFFF]
        ACCESS DOWN32, NONE, 0, "expand-down: the byte after the limit", mov al, [fs:0x1000]
        ACCESS DOWN32, 13, 0, "expand-down: a doubleword that starts below", mov eax, [fs:0xFFE]
        ACCESS DOWN32, NONE, 0, "expand-down, B set: beyond 64 KiB", mov al, [fs:0x10000]
        ACCESS DOWN16, NONE, 0, "expand-down, B clear: FFFF", mov al, [fs:0xFFFF]
        ACCESS DOWN16, 13, 0, "expand-down, B clear: 10000", mov al, [fs:0x10000]
        ACCESS DOWN16, 13, 0, "expand-down, B clear: a word at FFFF", mov ax, [fs:0xFFFF]

        ; Vol. 2 LAR, LSL, VERR, VERW, ARPL
        mov ecx, READONLY
        lar eax, ecx
        and eax, ~0xF0000       ; the limit's bits are not defined
        VALUE eax, 0x00C09100, "LAR: access rights"
        mov ecx, SMALL
        lsl eax, ecx
        VALUE eax, 0xFFF, "LSL: byte granular"
        mov ecx, DATA32
        lsl eax, ecx
        VALUE eax, -1, "LSL: page granular"
%macro ZFLAG 3  ; instruction operand, wanted, name
        mov ecx, %2
        %1
        setz al
        movzx eax, al
        push %3
        pop edx
%endmacro
        ZFLAG {verr cx}, EXECONLY, 0
        VALUE eax, edx, "VERR of execute-only code: ZF clear"
        ZFLAG {verr cx}, READONLY, 1
        VALUE eax, edx, "VERR of read-only data: ZF set"
        ZFLAG {verw cx}, READONLY, 0
        VALUE eax, edx, "VERW of read-only data: ZF clear"
        ZFLAG {verw cx}, CONFORMING, 0
        VALUE eax, edx, "VERW of code: ZF clear"
        ZFLAG {verr cx}, DATA32 | 3, 0
        VALUE eax, edx, "VERR with RPL beyond DPL: ZF clear"
        ZFLAG {verr cx}, CONFORMING | 3, 1
        VALUE eax, edx, "VERR of conforming code with RPL 3: ZF set"
        ZFLAG {verr cx}, BEYOND, 0
        VALUE eax, edx, "VERR beyond the GDT: ZF clear"
        ZFLAG {verr cx}, 0, 0
        VALUE eax, edx, "VERR null: ZF clear"
        ZFLAG {lar eax, ecx}, CALLGATE, 1
        VALUE eax, edx, "LAR of a call gate: ZF set"
        ZFLAG {lsl eax, ecx}, CALLGATE, 0
        VALUE eax, edx, "LSL of a call gate: ZF clear"
        ZFLAG {lsl eax, ecx}, TSS, 1
        VALUE eax, edx, "LSL of a TSS: ZF set"
        ZFLAG {lar eax, ecx}, NOTPRESENT, 1
        VALUE eax, edx, "LAR of a segment that is not present: ZF set"

        ; Vol. 2 LLDT, LTR
        TRY
        mov ax, DATA32
.l1:    lldt ax
        ENDTRY
        CHECK 13, DATA32, .l1, "LLDT of a data segment: #GP(selector)"
        TRY
        mov ax, LDTGONE
        lldt ax
        ENDTRY
        CHECK 11, LDTGONE, ANY, "LLDT not present: #NP(selector)"
        TRY
        mov ax, LDTDESC | 4
        lldt ax
        ENDTRY
        CHECK 13, LDTDESC | 4, ANY, "LLDT with TI set: #GP(selector)"
        TRY
        mov ax, TSS
        ltr ax
        ENDTRY
        CHECK 13, TSS, ANY, "LTR of a busy TSS: #GP(selector)"
        TRY
        xor eax, eax
        ltr ax
        ENDTRY
        CHECK 13, 0, ANY, "LTR null: #GP(0)"
        and byte [gdt + TSS + 5], ~2
        mov ax, TSS
        ltr ax
        mov ax, LDTDESC
        lldt ax
        mov dword [ldt + 8], 0x0000FFFF
        mov dword [ldt + 12], 0x00CF9300
        TRY
        mov ax, 0xC
        mov fs, ax
        ENDTRY
        CHECK NONE, 0, ANY, "a segment of the LDT"
        TRY
        mov ax, 0x24
        mov fs, ax
        ENDTRY
        CHECK 13, 0x24, ANY, "beyond the LDT: #GP(selector)"
        xor eax, eax
        lldt ax
        mov fs, ax
        TRY
        mov ax, 0xC
        mov fs, ax
        ENDTRY
        CHECK 13, 0xC, ANY, "the LDT after LLDT null: #GP(selector)"

        call ring3
        ret

; PRIVILEGED vector, "name", instruction in ring 3
%macro PRIVILEGED 3+
        TRY
        USER %%user
%%user: %3
        int DONE
        ENDTRY
        CHECK %1, 0, ANY, %2
%endmacro

; 3A 5.9, 1 19.5: what ring 3 may not do
ring3:
        PRIVILEGED DONE, "NOP in ring 3", nop
        PRIVILEGED 13, "CLI with IOPL 0: #GP(0)", cli
        PRIVILEGED 13, "STI with IOPL 0: #GP(0)", sti
        PRIVILEGED 13, "HLT: #GP(0)", hlt
        PRIVILEGED 13, "MOV from CR0: #GP(0)", mov eax, cr0
        PRIVILEGED 13, "MOV to CR0: #GP(0)", mov cr0, eax
        PRIVILEGED 13, "MOV to CR3: #GP(0)", mov cr3, eax
        PRIVILEGED 13, "MOV from DR7: #GP(0)", mov eax, dr7
        PRIVILEGED 13, "LGDT: #GP(0)", lgdt [gdt_pointer]
        PRIVILEGED 13, "LIDT: #GP(0)", lidt [idt_pointer]
        PRIVILEGED DONE, "SGDT is allowed", sgdt [scratch]
        PRIVILEGED DONE, "SMSW is allowed", smsw ax
        PRIVILEGED DONE, "STR is allowed", str ax
        PRIVILEGED 13, "LMSW: #GP(0)", lmsw ax
        PRIVILEGED 13, "CLTS: #GP(0)", clts
        PRIVILEGED 13, "INVLPG: #GP(0)", invlpg [0]
        PRIVILEGED 13, "INVD: #GP(0)", invd
        PRIVILEGED 13, "WBINVD: #GP(0)", wbinvd
        PRIVILEGED 13, "RDMSR: #GP(0)", rdmsr
        PRIVILEGED 13, "WRMSR: #GP(0)", wrmsr
        PRIVILEGED 13, "LLDT: #GP(0)", lldt ax
        PRIVILEGED 13, "LTR: #GP(0)", ltr ax
        PRIVILEGED 13, "IN from a port that the map denies: #GP(0)", in al, 0x80
        and byte [tss_iomap + 0x80 / 8], ~1
        PRIVILEGED DONE, "IN from a port that the map allows", in al, 0x80
        PRIVILEGED 13, "IN of a word of which the map denies half: #GP(0)", in ax, 0x80
        and byte [tss_iomap + 0x80 / 8], ~2
        PRIVILEGED DONE, "IN of a word that the map allows", in ax, 0x80
        PRIVILEGED 13, "IN of a doubleword of which the map denies half: #GP(0)", in eax, 0x80
        and byte [tss_iomap + 0x87 / 8], 0x7F
        PRIVILEGED 13, "a word across a byte of the map: #GP(0)", in ax, 0x87
        and byte [tss_iomap + 0x88 / 8], 0xFE
        PRIVILEGED DONE, "a word across a byte of the map, allowed", in ax, 0x87
        mov edx, 0x1000
        PRIVILEGED 13, "a port beyond the map: #GP(0)", in al, dx
        xor ecx, ecx
        PRIVILEGED 13, "REP INSB from it with a count of 0: #GP(0) all the same", rep insb
        PRIVILEGED 13, "REP OUTSD to it with a count of 0: the same", rep outsd
        mov dword [user_flags], 0x3002
        PRIVILEGED DONE, "with IOPL 3 CLI is allowed", cli
        PRIVILEGED DONE, "with IOPL 3 every port is allowed", in al, 0x84
        mov dword [user_flags], 0x1002
        PRIVILEGED 13, "with IOPL 1 CLI is not", cli
        mov dword [user_flags], 2
        ; POPF at CPL 3 leaves IF and IOPL alone
        TRY
        USER .popf
.popf:  push dword 0x3202
        popfd
        pushfd
        pop eax
        int DONE
        ENDTRY
        mov eax, [got_eax]
        and eax, 0x3200
        VALUE eax, 0, "POPFD in ring 3 changes neither IF nor IOPL"
        ret
scratch: dd 0, 0
        align 8
ldt:    dd 0, 0, 0, 0, 0, 0, 0, 0
%include "end.inc"

; Gates and far transfers (SDM Vol. 3A, 5.8, 6.12, 6.13; Vol. 2 INT, IRET, CALL, RET): checks, stack switches, error codes.
%include "boot.inc"

RING1CODE  equ SPARE            ; DPL 1 code
RING1DATA  equ SPARE + 0x08     ; DPL 1 data
NOTPRESENT equ SPARE + 0x10     ; code, not present
NODATA     equ SPARE + 0x18     ; DPL 1 data, not present
TINY       equ SPARE + 0x20     ; DPL 1 data, 16 bytes
CONFORMING equ SPARE + 0x28     ; DPL 0, conforming
GATE       equ SPARE + 0x30
READONLY1  equ SPARE + 0x38     ; DPL 1 data, read-only
SHORTCODE  equ SPARE + 0x40     ; DPL 0 code of 16 bytes
CONFORM3   equ SPARE + 0x48     ; DPL 3, conforming
NOSTACK3   equ SPARE + 0x50     ; DPL 3 data, not present
BEYOND     equ 0x7F0
SOFT       equ 0x31             ; the vector that is tried

; FROMUSER vector, error, eip, "name", instruction in ring 3 (then DONE)
%macro FROMUSER 5+
        TRY
        USER %%user
%%user: %5
        int DONE
        ENDTRY
        CHECK %1, %2, %3, %4
%endmacro

; FROMKERNEL the same in ring 0
%macro FROMKERNEL 5+
        TRY
        %5
        ENDTRY
        CHECK %1, %2, %3, %4
%endmacro

tests:
        SETDESC RING1CODE, 0, 0xFFFFF, 0xBB, 0xC
        SETDESC RING1DATA, 0, 0xFFFFF, 0xB3, 0xC
        SETDESC NOTPRESENT, 0, 0xFFFFF, 0x1B, 0xC
        SETDESC NODATA, 0, 0xFFFFF, 0x33, 0xC
        SETDESC TINY, 0x60000, 15, 0xB3, 4
        SETDESC CONFORMING, 0, 0xFFFFF, 0x9F, 0xC
        SETDESC READONLY1, 0, 0xFFFFF, 0xB1, 0xC
        SETDESC SHORTCODE, 0, 15, 0x9B, 4
        SETDESC CONFORM3, 0, 0xFFFFF, 0xFF, 0xC
        SETDESC NOSTACK3, 0, 0xFFFFF, 0x73, 0xC
        call interrupts
        call inner_stacks
        call call_gates
        call direct
        call returns
        jmp exceptions

%define SOFTGATE idt + SOFT * 8

; Vol. 2 INT n; 3A 6.12.1.2, 6.13
interrupts:
        SETGATE SOFTGATE, CODE32, landed, 0x8E, 0
        FROMUSER 13, SOFT * 8 + 2, ANY, "INT n with gate DPL below CPL: #GP(IDT entry)", int SOFT
        FROMUSER 13, 13 * 8 + 2, ANY, "INT 13 in ring 3: #GP(IDT entry)", int 13
        FROMUSER 13, 3 * 8 + 2, ANY, "INT3 with gate DPL 0 in ring 3: #GP(IDT entry)", int3
        FROMKERNEL 13, 0x40 * 8 + 2, ANY, "INT n beyond the IDT: #GP(IDT entry)", int 0x40
        FROMKERNEL NONE, 0, ANY, "INT n lands", int SOFT
        SETGATE SOFTGATE, CODE32, landed, 0x0E, 0
        FROMKERNEL 11, SOFT * 8 + 2, ANY, "gate not present: #NP(IDT entry)", int SOFT
        SETGATE SOFTGATE, CODE32, landed, 0x8C, 0
        FROMKERNEL 13, SOFT * 8 + 2, ANY, "a call gate in the IDT: #GP(IDT entry)", int SOFT
        SETGATE SOFTGATE, CODE32, landed, 0x9E, 0
        FROMKERNEL 13, SOFT * 8 + 2, ANY, "a segment in the IDT: #GP(IDT entry)", int SOFT
        SETGATE SOFTGATE, 0, landed, 0x8E, 0
        FROMKERNEL 13, 0, ANY, "gate with a null selector: #GP(0)", int SOFT
        SETGATE SOFTGATE, BEYOND, landed, 0x8E, 0
        FROMKERNEL 13, BEYOND, ANY, "gate with a selector beyond the GDT: #GP(selector)", int SOFT
        SETGATE SOFTGATE, DATA32, landed, 0x8E, 0
        FROMKERNEL 13, DATA32, ANY, "gate to data: #GP(selector)", int SOFT
        SETGATE SOFTGATE, NOTPRESENT, landed, 0x8E, 0
        FROMKERNEL 11, NOTPRESENT, ANY, "gate to code that is not present: #NP(selector)", int SOFT
        SETGATE SOFTGATE, USERCODE, landed, 0x8E, 0
        FROMKERNEL 13, USERCODE & ~3, ANY, "gate to an outer ring: #GP(selector)", int SOFT
        SETGATE SOFTGATE, SHORTCODE, 16, 0x8E, 0
        FROMKERNEL 13, 0, ANY, "gate offset beyond the limit of its segment: #GP(0)", int SOFT
        ; 6.12.1.3: flags
        SETGATE SOFTGATE, CODE32, flags_seen, 0x8F, 0
        push dword 0x4602       ; NT, IF, DF
        popfd
        int SOFT
        cli
        cld
        VALUE [seen], 0x602, "a trap gate clears NT and leaves IF and DF"
        VALUE [pushed], 0x4602, "the image has NT as it was"
        SETGATE SOFTGATE, CODE32, flags_seen, 0x8E, 0
        push dword 0x202
        popfd
        int SOFT
        cli
        VALUE [seen], 2, "an interrupt gate clears IF"
        ; 16-bit gate
        SETGATE SOFTGATE, CODE32, narrow, 0x86, 0
        mov ebx, esp
        int SOFT
.back16: sub ebx, [seen]
        VALUE ebx, 6, "a 16-bit gate pushes six bytes"
        mov eax, [pushed]
        movzx eax, ax
        VALUE eax, .back16, "and a 16-bit return address"
        ; conforming: same ring
        SETGATE SOFTGATE, CONFORMING, conforming3, 0xEE, 0
        TRY
        USER .user
.user:  int SOFT
        ENDTRY
        VALUE [got_cs], CONFORMING | 3, "a gate to conforming code stays in ring 3"
        ret

landed: iretd

flags_seen:
        pushfd
        pop dword [seen]
        push dword [esp + 8]
        pop dword [pushed]
        iretd

narrow: mov [seen], esp
        mov ax, [esp]
        mov [pushed], ax
        o16 iret

conforming3:
        int DONE

; 3A 6.12.1: the stack of an inner ring, by gates to ring 1. Software: EXT clear. An exception: EXT set.
%macro INNER 5  ; SS1, limit of the TSS, vector, error, "name"
        mov word [tss_area + 16], %1
        mov word [gdt + TSS], %2
        ; the limit counts from the next LTR on
        and byte [gdt + TSS + 5], ~2
        mov ax, TSS
        ltr ax
        FROMUSER %3, %4, ANY, %5, int SOFT
%endmacro

inner_stacks:
        SETGATE SOFTGATE, RING1CODE, ring1, 0xEE, 0
        mov dword [tss_area + 12], 0x59000
        INNER RING1DATA | 1, TSS_LIMIT, DONE, 0, "INT to ring 1"
        VALUE [got_ss], RING1DATA | 1, "SS of ring 1"
        VALUE [got_cs], RING1CODE | 1, "CS of ring 1"
        VALUE [got_esp], 0x59000 - 20, "SS ESP EFLAGS CS EIP are on the stack of ring 1"
        INNER 0, TSS_LIMIT, 10, 0, "SS1 null: #TS(0)"
        INNER RING1DATA, TSS_LIMIT, 10, RING1DATA, "SS1 with RPL 0: #TS(SS1)"
        INNER DATA32 | 1, TSS_LIMIT, 10, DATA32, "SS1 with DPL 0: #TS(SS1)"
        INNER BEYOND | 1, TSS_LIMIT, 10, BEYOND, "SS1 beyond the GDT: #TS(SS1)"
        INNER READONLY1 | 1, TSS_LIMIT, 10, READONLY1, "SS1 read-only: #TS(SS1)"
        INNER RING1CODE | 1, TSS_LIMIT, 10, RING1CODE, "SS1 code: #TS(SS1)"
        INNER NODATA | 1, TSS_LIMIT, 12, NODATA, "SS1 not present: #SS(SS1)"
        mov dword [tss_area + 12], 16
        INNER TINY | 1, TSS_LIMIT, 12, TINY, "SS1 without room: #SS(SS1)"
        mov dword [tss_area + 12], 0x59000
        INNER RING1DATA | 1, 16, 10, TSS, "a TSS without SS1: #TS(TSS)"
        ; the same by an exception
        SETGATE idt + 6 * 8, RING1CODE, ring1, 0x8E, 0
        mov word [gdt + TSS], TSS_LIMIT
        and byte [gdt + TSS + 5], ~2
        mov ax, TSS
        ltr ax
        mov word [tss_area + 16], 0
        FROMUSER 10, 1, ANY, "an exception, SS1 null: #TS(EXT)", ud2
        mov word [tss_area + 16], NODATA | 1
        FROMUSER 12, NODATA | 1, ANY, "an exception, SS1 not present: #SS(SS1 + EXT)", ud2
        mov word [tss_area + 16], DATA32 | 1
        FROMUSER 10, DATA32 | 1, ANY, "an exception, SS1 with DPL 0: #TS(SS1 + EXT)", ud2
        mov dword [tss_area + 12], 16
        mov word [tss_area + 16], TINY | 1
        FROMUSER 12, TINY | 1, ANY, "an exception, SS1 without room: #SS(SS1 + EXT)", ud2
        mov eax, 6
        call restore_gate
        and byte [idt + 6 * 8 + 5], 0x7F
        FROMUSER 11, 6 * 8 + 3, ANY, "an exception whose gate is not present: #NP(IDT entry + EXT)", ud2
        SETGATE idt + 6 * 8, BEYOND, ring1, 0x8E, 0
        FROMKERNEL 13, BEYOND | 1, ANY, "an exception whose gate leads beyond the GDT: #GP(selector + EXT)", ud2
        SETGATE idt + 6 * 8, 0, ring1, 0x8E, 0
        FROMKERNEL 13, 1, ANY, "an exception whose gate is null: #GP(EXT)", ud2
        mov eax, 6
        call restore_gate
        ret

ring1:  int DONE

; 3A 5.8.3 to 5.8.5; Vol. 2 CALL
%define TOGATE gdt + GATE
call_gates:
        SETGATE TOGATE, CODE32, gate0, 0xEC, 2
        TRY
        USER .two
.two:   push dword 0x11111111
        push dword 0x22222222
        call GATE | 3:0
.back:  int DONE
        ENDTRY
        CHECK DONE, 0, ANY, "CALL through a gate to ring 0 and RET 8"
        VALUE [seen], 0x22222222, "the first parameter is copied"
        VALUE [pushed], 0x11111111, "and the second"
        VALUE [seen + 4], call_gates.back, "the return address"
        VALUE [seen + 8], USERCODE, "the return selector"
        VALUE [seen + 12], USERSTACK - 8, "ESP of ring 3"
        VALUE [seen + 16], USERDATA, "SS of ring 3"
        VALUE [got_esp], USERSTACK, "RET 8 releases the parameters of both stacks"
        SETGATE TOGATE, CODE32, gate0, 0x8C, 0
        FROMUSER 13, GATE, ANY, "gate with DPL below CPL: #GP(gate)", call GATE:0
        SETGATE TOGATE, CODE32, gate0, 0xAC, 0
        FROMKERNEL 13, GATE, ANY, "gate with DPL below RPL: #GP(gate)", call GATE | 3:0
        SETGATE TOGATE, CODE32, gate0, 0x6C, 0
        FROMUSER 11, GATE, ANY, "gate not present: #NP(gate)", call GATE:0
        SETGATE TOGATE, 0, gate0, 0xEC, 0
        FROMUSER 13, 0, ANY, "gate with a null selector: #GP(0)", call GATE:0
        SETGATE TOGATE, BEYOND, gate0, 0xEC, 0
        FROMUSER 13, BEYOND, ANY, "gate beyond the GDT: #GP(selector)", call GATE:0
        SETGATE TOGATE, DATA32, gate0, 0xEC, 0
        FROMUSER 13, DATA32, ANY, "gate to data: #GP(selector)", call GATE:0
        SETGATE TOGATE, NOTPRESENT, gate0, 0xEC, 0
        FROMUSER 11, NOTPRESENT, ANY, "gate to code that is not present: #NP(selector)", call GATE:0
        SETGATE TOGATE, USERCODE, gate0, 0xEC, 0
        FROMKERNEL 13, USERCODE & ~3, ANY, "gate to an outer ring: #GP(selector)", call GATE:0
        SETGATE TOGATE, CODE32, gate0, 0xEC, 0
        FROMUSER 13, CODE32, ANY, "JMP through a gate to an inner ring: #GP(selector)", jmp GATE:0
        SETGATE TOGATE, CONFORMING, gate3, 0xEC, 0
        FROMUSER DONE, 0, ANY, "JMP through a gate to conforming code", jmp GATE:0
        VALUE [got_cs], CONFORMING | 3, "which runs in ring 3"
        SETGATE TOGATE, SHORTCODE, 16, 0xEC, 0
        FROMUSER 13, 0, ANY, "gate offset beyond the limit: #GP(0)", call GATE:0
        SETGATE TOGATE, RING1CODE, ring1, 0xEC, 0
        mov word [tss_area + 16], 0
        FROMUSER 10, 0, ANY, "CALL gate, SS1 null: #TS(0)", call GATE:0
        mov word [tss_area + 16], NODATA | 1
        FROMUSER 12, NODATA, ANY, "CALL gate, SS1 not present: #SS(SS1)", call GATE:0
        mov dword [tss_area + 12], 12
        mov word [tss_area + 16], TINY | 1
        FROMUSER 12, TINY, ANY, "CALL gate, SS1 without room: #SS(SS1)", call GATE:0
        SETGATE TOGATE, CODE32, gate0_16, 0xE4, 1
        TRY
        USER .narrow
.narrow: push word 0x3333
        call GATE | 3:0
        int DONE
        ENDTRY
        CHECK DONE, 0, ANY, "a 16-bit gate and a 16-bit RETF 2"
        movzx ecx, word [seen]
        VALUE ecx, 0x3333, "its parameter of 16 bits"
        ret

gate0:  mov ax, DATA32
        mov ds, ax
        pop dword [seen + 4]
        pop dword [seen + 8]
        pop dword [seen]
        pop dword [pushed]
        pop dword [seen + 12]
        pop dword [seen + 16]
        sub esp, 24
        retf 8

gate0_16:
        mov ax, DATA32
        mov ds, ax
        mov ax, [esp + 4]
        mov [seen], ax
        o16 retf 2

gate3:  int DONE

; Vol. 2 JMP, CALL far
direct:
        FROMKERNEL 13, 0, ANY, "JMP far null: #GP(0)", jmp 0:0
        FROMKERNEL 13, 0, ANY, "CALL far null with RPL 3: #GP(0)", call 3:0
        FROMKERNEL 13, BEYOND, ANY, "JMP far beyond the GDT: #GP(selector)", jmp BEYOND:0
        FROMKERNEL 13, DATA32, ANY, "JMP far to data: #GP(selector)", jmp DATA32:0
        FROMKERNEL 11, NOTPRESENT, ANY, "CALL far, not present: #NP(selector)", call NOTPRESENT:0
        FROMKERNEL 13, USERCODE & ~3, ANY, "JMP far to DPL 3 from ring 0: #GP(selector)", jmp USERCODE:0
        FROMUSER 13, CODE32, ANY, "JMP far to DPL 0 from ring 3: #GP(selector)", jmp CODE32:0
        FROMKERNEL 13, CODE32, ANY, "JMP far with RPL beyond CPL: #GP(selector)", jmp CODE32 | 3:0
        FROMKERNEL 13, CONFORM3, ANY, "JMP far to conforming code of an outer ring: #GP(selector)", jmp CONFORM3:0
        FROMKERNEL 13, 0, ANY, "JMP far beyond the limit: #GP(0)", jmp SHORTCODE:16
        FROMUSER DONE, 0, ANY, "CALL far to conforming code from ring 3", call CONFORMING:gate3
        VALUE [got_cs], CONFORMING | 3, "CPL stays"
        FROMKERNEL 13, TSS, ANY, "JMP far to a busy TSS: #GP(selector)", jmp TSS:0
        ret

; Vol. 2 RET far, IRET
%macro RETURN 7 ; CS, SS, vector, error, "name", stack pointer adjust for same ring, instruction
        TRY
        push dword %2
        push dword USERSTACK
%ifidn %7, iretd
        push dword 2
%endif
        push dword %1
        push dword ring1
%%at:   %7
        ENDTRY
        CHECK %3, %4, ANY, %5
%endmacro

returns:
        RETURN 0, USERDATA, 13, 0, "RETF to null: #GP(0)", 0, retf
        RETURN BEYOND | 3, USERDATA, 13, BEYOND, "RETF beyond the GDT: #GP(selector)", 0, retf
        RETURN DATA32, USERDATA, 13, DATA32, "RETF to data: #GP(selector)", 0, retf
        RETURN NOTPRESENT, USERDATA, 11, NOTPRESENT, "RETF, CS not present: #NP(selector)", 0, retf
        RETURN CODE32 | 3, USERDATA, 13, CODE32, "RETF with RPL 3 to DPL 0: #GP(selector)", 0, retf
        RETURN USERCODE, 0, 13, 0, "RETF to ring 3, SS null: #GP(0)", 0, retf
        RETURN USERCODE, DATA32 | 3, 13, DATA32, "RETF to ring 3, SS with DPL 0: #GP(SS)", 0, retf
        RETURN USERCODE, USERDATA & ~3, 13, USERDATA & ~3, "RETF to ring 3, SS with RPL 0: #GP(SS)", 0, retf
        RETURN USERCODE, NOSTACK3 | 3, 12, NOSTACK3, "RETF to ring 3, SS not present: #SS(SS)", 0, retf
        RETURN USERCODE, USERDATA, DONE, 0, "RETF to ring 3", 0, retf
        RETURN CONFORMING | 3, USERDATA, DONE, 0, "RETF with RPL 3 to conforming code", 0, retf
        RETURN 0, USERDATA, 13, 0, "IRETD to null: #GP(0)", 0, iretd
        RETURN CODE32 | 3, USERDATA, 13, CODE32, "IRETD with RPL 3 to DPL 0: #GP(selector)", 0, iretd
        RETURN NOTPRESENT, USERDATA, 11, NOTPRESENT, "IRETD, CS not present: #NP(selector)", 0, iretd
        RETURN USERCODE, 0, 13, 0, "IRETD to ring 3, SS null: #GP(0)", 0, iretd
        RETURN USERCODE, RING1DATA | 3, 13, RING1DATA, "IRETD to ring 3, SS with DPL 1: #GP(SS)", 0, iretd
        RETURN USERCODE, NOSTACK3 | 3, 12, NOSTACK3, "IRETD to ring 3, SS not present: #SS(SS)", 0, iretd
        TRY
        USER .inner
.inner: push dword CODE32
        push dword 0
        retf
        ENDTRY
        CHECK 13, CODE32, ANY, "RETF to an inner ring: #GP(selector)"
        ; data segments of inner rings become null
        TRY
        push dword USERDATA
        push dword USERSTACK
        push dword 2
        push dword USERCODE
        push dword ring1
        mov ax, USERDATA
        mov es, ax
        iretd
        ENDTRY
        VALUE [got_ds], 0, "IRETD to ring 3 clears a DS of DPL 0"
        mov eax, [got_es]
        movzx eax, ax
        VALUE eax, USERDATA, "and keeps an ES of DPL 3"
        ret

; 3A 6.15: which, with what error code, and where EIP points
exceptions:
        TRY
        xor ecx, ecx
.div:   div ecx
        ENDTRY
        CHECK 0, 0, .div, "DIV by 0: #DE, at the instruction"
        TRY
        mov eax, 0x80000000
        cdq
        or ecx, -1
.idiv:  idiv ecx
        ENDTRY
        CHECK 0, 0, .idiv, "IDIV -2^31 by -1: #DE"
        TRY
        aam 0
        ENDTRY
        CHECK 0, 0, ANY, "AAM 0: #DE"
        TRY
        int3
.bp:    nop
        ENDTRY
        CHECK 3, 0, .bp, "INT3: #BP, after the instruction"
        TRY
        mov al, 0x7F
        inc al
        into
.of:    nop
        ENDTRY
        CHECK 4, 0, .of, "INTO: #OF, after the instruction"
        TRY
        mov eax, 11
.br:    bound eax, [limits]
        ENDTRY
        CHECK 5, 0, .br, "BOUND: #BR, at the instruction"
        TRY
.ud:    ud2
        ENDTRY
        CHECK 6, 0, .ud, "UD2: #UD"
        TRY
        db 0x0F, 0x0B
        ENDTRY
        CHECK 6, 0, ANY, "0F 0B: #UD"
        TRY
        db 0xF0, 0x90
        ENDTRY
        CHECK 6, 0, ANY, "LOCK NOP: #UD"
        TRY
        db 0xF0, 0x01, 0xC0
        ENDTRY
        CHECK 6, 0, ANY, "LOCK ADD with a register: #UD"
        TRY
        db 0x8D, 0xC0
        ENDTRY
        CHECK 6, 0, ANY, "LEA of a register: #UD"
        TRY
        db 0xC4, 0xC0
        ENDTRY
        CHECK 6, 0, ANY, "LES of a register: #UD"
        TRY
        db 0x62, 0xC0
        ENDTRY
        CHECK 6, 0, ANY, "BOUND of a register: #UD"
        TRY
        db 0xFF, 0xE8
        ENDTRY
        CHECK 6, 0, ANY, "JMP far of a register: #UD"
        TRY
        db 0x0F, 0xC7, 0xC8
        ENDTRY
        CHECK 6, 0, ANY, "CMPXCHG8B of a register: #UD"
        TRY
        db 0x0F, 0x01, 0xD8 + 7 * 0 - 0x18
        ENDTRY
        CHECK 6, 0, ANY, "SGDT to a register: #UD"
        TRY
        db 0xFE, 0xF8
        ENDTRY
        CHECK 6, 0, ANY, "FE /7: #UD"
        TRY
        db 0xFF, 0xF8
        ENDTRY
        CHECK 6, 0, ANY, "FF /7: #UD"
        TRY
        times 15 db 0x66
        nop
        ENDTRY
        CHECK 13, 0, ANY, "an instruction of 16 bytes: #GP(0)"
        TRY
        times 14 db 0x66
        nop
        ENDTRY
        CHECK NONE, 0, ANY, "an instruction of 15 bytes"
        ; double faults: table 6-5
        and byte [idt + 13 * 8 + 5], 0x7F
        TRY
        mov ax, BEYOND
.df:    mov fs, ax
        ENDTRY
        CHECK 8, 0, .df, "#GP whose gate is not present: #DF(0)"
        and byte [idt + 11 * 8 + 5], 0x7F
        or byte [idt + 13 * 8 + 5], 0x80
        TRY
        mov ax, NODATA
        mov fs, ax
        ENDTRY
        CHECK 8, 0, ANY, "#NP whose gate is not present: #DF(0)"
        or byte [idt + 11 * 8 + 5], 0x80
        and byte [idt + 0 * 8 + 5], 0x7F
        TRY
        xor ecx, ecx
        div ecx
        ENDTRY
        CHECK 8, 0, ANY, "#DE whose gate is not present: #DF(0)"
        or byte [idt + 0 * 8 + 5], 0x80
        and byte [idt + 5 * 8 + 5], 0x7F
        TRY
        mov eax, 11
        bound eax, [limits]
        ENDTRY
        CHECK 11, 5 * 8 + 3, ANY, "#BR whose gate is not present: #NP, for it is benign"
        or byte [idt + 5 * 8 + 5], 0x80
        ret

limits: dd 0, 10
seen:   times 8 dd 0
pushed: dd 0
%include "end.inc"

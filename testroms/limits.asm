; Instructions that fault half way and can be restarted: stacks, strings, far transfers and gates that meet a segment's limit or a page that is
; not there (SDM Vol. 3A, 5.3, 6.15 interrupts 12, 13 and 14; Vol. 2, the instructions' own lists of exceptions).
%include "boot.inc"

SMALL3    equ SPARE             ; stack of ring 3: 60000, limit FFF
SMALL1    equ SPARE + 0x08      ; of ring 1
SMALL     equ SPARE + 0x10      ; data: 60000, limit FFF
RING1CODE equ SPARE + 0x18
RING1DATA equ SPARE + 0x20
CONFORMING equ SPARE + 0x28
GATE      equ SPARE + 0x30
NARROW3   equ SPARE + 0x38      ; 16-bit stack of ring 3, 64 KiB
TINYCODE  equ SPARE + 0x40      ; code of ring 0, limit F
TINY1     equ SPARE + 0x48      ; stack of ring 1, limit F
NARROW0   equ SPARE + 0x50      ; 16-bit stack of ring 3 for returns to it
SOFT      equ 0x31
BEYOND    equ 0x7F0

DIRECTORY equ 0x70000
TABLE     equ 0x71000
TABLE2    equ 0x72000
TRIED     equ 0x400000
FRAME     equ 0x80000
FRAME2    equ 0x81000
P equ 1
W equ 2
U equ 4

%macro PTE 2
        mov dword [TABLE2 + (%1) * 4], %2
        invlpg [TRIED + (%1) * 0x1000]
%endmacro

%define pusha16 o16 pusha

; RING selectors of code and stack, ESP: what follows runs there, with DS and ES of ring 3
%macro RING 3
        mov ax, USERDATA
        mov ds, ax
        mov es, ax
        push dword %2
        push dword %3
        push dword 2
        push dword %1
        push dword %%in
        iretd
%%in:   mov esp, %3
%endmacro

; STACK code, stack, ESP, vector, error, "name", instruction: the fault is at the instruction, and ESP is as it was
%macro STACK 7+
        TRY
        RING %1, %2, %3
%%at:   %7
        int DONE
        ENDTRY
        CHECK %4, %5, %%at, %6
        VALUE [got_esp], %3, "(ESP)"
%endmacro

; FINE code, stack, ESP, ESP after, "name", instruction
%macro FINE 6+
        TRY
        RING %1, %2, %3
        %6
        int DONE
        ENDTRY
        CHECK DONE, 0, ANY, %5
        VALUE [got_esp], %4, "(ESP)"
%endmacro

; CUT vector, "name", bytes: they stand at the end of a page whose next one is not there
%macro CUT 3+
        jmp %%over
%%bytes: db %3
%%over: mov esi, %%bytes
        mov edi, FRAME + 0x1000 + %%bytes - %%over
        mov ecx, %%over - %%bytes
        rep movsb
        TRY
        jmp TRIED + 0x1000 + %%bytes - %%over
        ENDTRY
        CHECK %1, 0, TRIED + 0x1000 + %%bytes - %%over, %2
%endmacro

tests:
        SETDESC SMALL3, 0x60000, 0xFFF, 0xF3, 4
        SETDESC SMALL1, 0x60000, 0xFFF, 0xB3, 4
        SETDESC SMALL, 0x60000, 0xFFF, 0xF3, 4
        SETDESC RING1CODE, 0, 0xFFFFF, 0xBB, 0xC
        SETDESC RING1DATA, 0, 0xFFFFF, 0xB3, 0xC
        SETDESC CONFORMING, 0, 0xFFFFF, 0x9F, 0xC
        SETDESC NARROW3, 0x60000, 0xFFFF, 0xF3, 0
        SETDESC TINYCODE, 0, 15, 0x9B, 4
        SETDESC TINY1, 0x60000, 15, 0xB3, 4
        mov byte [idt + DONE * 8 + 5], 0xEE
        call pages
        call pushes
        call pops
        call calls
        call strings
        call narrow
        call gates
        jmp priorities

; stacks that run over the bottom of the segment
pushes:
        STACK USERCODE, SMALL3 | 3, 2, 12, 0, "PUSH of a doubleword with ESP 2: #SS(0)", push eax
        STACK USERCODE, SMALL3 | 3, 1, 12, 0, "PUSH of a word with ESP 1: #SS(0)", push ax
        STACK USERCODE, SMALL3 | 3, 0x1002, 12, 0, "PUSH with its upper half beyond the limit: #SS(0)", push eax
        STACK USERCODE, SMALL3 | 3, 16, 12, 0, "PUSHAD with ESP 16: #SS(0)", pushad
        STACK USERCODE, SMALL3 | 3, 0x1010, 12, 0, "PUSHAD that begins beyond the limit: #SS(0)", pushad
        FINE USERCODE, SMALL3 | 3, 32, 0, "PUSHAD with ESP 32", pushad
        STACK USERCODE, SMALL3 | 3, 2, 12, 0, "PUSHFD: #SS(0)", pushfd
        STACK USERCODE, SMALL3 | 3, 2, 12, 0, "PUSH of memory: #SS(0)", push dword [saved]
        STACK USERCODE, SMALL3 | 3, 2, 12, 0, "PUSH DS of 32 bits: #SS(0)", push ds
        TRY
        RING USERCODE, SMALL3 | 3, 8
        mov ebp, 0x1234
.enter: enter 16, 0
        ENDTRY
        CHECK 12, 0, .enter, "ENTER whose frame ends beyond the limit: #SS(0)"
        VALUE [got_esp], 8, "(ESP)"
        VALUE ebp, 0x1234, "(EBP)"
        TRY
        RING USERCODE, SMALL3 | 3, 0x800
        mov ebp, 0x1002
.deep:  enter 0, 2
        ENDTRY
        CHECK 12, 0, .deep, "ENTER that copies a link across the limit: #SS(0)"
        VALUE [got_esp], 0x800, "(ESP)"
        VALUE ebp, 0x1002, "(EBP)"
        TRY
        RING USERCODE, SMALL3 | 3, 12
        mov ebp, 0x400
.many:  enter 0, 4
        ENDTRY
        CHECK 12, 0, .many, "ENTER whose last link has no room: #SS(0)"
        VALUE [got_esp], 12, "(ESP)"
        VALUE ebp, 0x400, "(EBP)"
        ret

pops:
        STACK USERCODE, SMALL3 | 3, 0xFFE, 12, 0, "POP across the limit: #SS(0)", pop eax
        STACK USERCODE, SMALL3 | 3, 0xFFF, 12, 0, "POPFD across it: #SS(0)", popfd
        TRY
        RING USERCODE, SMALL3 | 3, 0xFE8
        mov edi, 0x11111111
        mov esi, 0x22222222
.popa:  popad
        ENDTRY
        CHECK 12, 0, .popa, "POPAD across the limit: #SS(0)"
        VALUE [got_esp], 0xFE8, "(ESP)"
        VALUE [got_edi], 0x11111111, "EDI has not been popped"
        VALUE [got_esi], 0x22222222, "nor ESI"
        FINE USERCODE, SMALL3 | 3, 0xFE0, 0x1000, "POPAD up to the limit", popad
        TRY
        RING USERCODE, SMALL3 | 3, 0x100
        mov ebp, 0xFFE
.leave: leave
        ENDTRY
        CHECK 12, 0, .leave, "LEAVE across the limit: #SS(0)"
        VALUE [got_esp], 0x100, "(ESP)"
        VALUE ebp, 0xFFE, "(EBP)"
        ; POP to memory that is outside: ESP is not released
        TRY
        RING USERCODE, SMALL3 | 3, 0x100
        mov ax, SMALL | 3
        mov ds, ax
.popm:  pop dword [0x1000]
        ENDTRY
        CHECK 13, 0, .popm, "POP to memory beyond the limit: #GP(0)"
        VALUE [got_esp], 0x100, "(ESP)"
        ; LDS whose selector is bad: the register stays
        TRY
        mov esi, 0x33333333
.les:   les esi, [far_bad]
        ENDTRY
        CHECK 13, BEYOND, .les, "LES with a selector beyond the GDT: #GP(selector)"
        VALUE [got_esi], 0x33333333, "the register stays"
        mov ax, DATA32
        mov es, ax
        TRY
        mov ax, SMALL
        mov fs, ax
        mov esi, 0x33333333
.lgs:   lgs esi, [fs:0xFFC]
        ENDTRY
        CHECK 13, 0, .lgs, "LGS whose selector lies beyond the limit: #GP(0)"
        VALUE [got_esi], 0x33333333, "the register stays"
        TRY
        mov ax, SMALL
        mov fs, ax
        mov dword [fs:0xFF8], -5
        mov dword [fs:0xFFC], 5
        xor eax, eax
        bound eax, [fs:0xFF8]
.bound: bound eax, [fs:0xFFC]
        ENDTRY
        CHECK 13, 0, .bound, "BOUND whose upper bound lies beyond the limit: #GP(0)"
        TRY
        mov ax, SMALL
        mov fs, ax
        mov eax, 0x44444444
.xadd:  xadd [fs:0xFFE], eax
        ENDTRY
        CHECK 13, 0, .xadd, "XADD across the limit: #GP(0)"
        VALUE [got_eax], 0x44444444, "the register stays"
        ret

calls:
        STACK USERCODE, SMALL3 | 3, 2, 12, 0, "CALL with ESP 2: #SS(0)", call calls
        STACK USERCODE, SMALL3 | 3, 2, 12, 0, "CALL through memory: #SS(0)", call [near_target]
        STACK USERCODE, SMALL3 | 3, 6, 12, 0, "CALL far with ESP 6: #SS(0)", call CONFORMING:calls
        STACK USERCODE, SMALL3 | 3, 0xFFE, 12, 0, "RET across the limit: #SS(0)", ret
        STACK USERCODE, SMALL3 | 3, 0xFFA, 12, 0, "RETF across it: #SS(0)", retf
        STACK USERCODE, SMALL3 | 3, 0xFF6, 12, 0, "IRETD across it: #SS(0)", iretd
        ; to an outer ring: the frame's stack pointer lies beyond the limit
        mov dword [0x60FF4], .over
        mov dword [0x60FF8], USERCODE
        STACK RING1CODE | 1, SMALL1 | 1, 0xFF4, 12, 0, "RETF to ring 3 whose ESP and SS lie beyond the limit: #SS(0)", retf
        mov dword [0x60FF0], .over
        mov dword [0x60FF4], USERCODE
        mov dword [0x60FF8], 2
        STACK RING1CODE | 1, SMALL1 | 1, 0xFF0, 12, 0, "IRETD to ring 3 whose ESP and SS lie beyond the limit: #SS(0)", iretd
        mov dword [0x60FEC], .over
        mov dword [0x60FF0], USERCODE
        mov dword [0x60FF4], 2
        mov dword [0x60FF8], 0x700
        mov dword [0x60FFC], SMALL3 | 3
        TRY
        RING RING1CODE | 1, SMALL1 | 1, 0xFEC
        iretd
.over:  int DONE
        ENDTRY
        CHECK DONE, 0, ANY, "IRETD to ring 3 with the frame at the limit"
        VALUE [got_esp], 0x700, "ESP of ring 3"
        VALUE [got_ss], SMALL3 | 3, "SS"
        ; a target outside: EIP stays at the instruction, nothing is pushed
        mov dword [0x607FC], 0x5A5A5A5A
        STACK USERCODE, SMALL3 | 3, 0x800, 13, TSS, "CALL far to a TSS in ring 3: #GP(selector)", call TSS:0
        VALUE [0x607FC], 0x5A5A5A5A, "nothing is pushed"
        TRY
        mov ax, SMALL
        mov fs, ax
.ptr:   jmp far [fs:0xFFC]
        ENDTRY
        CHECK 13, 0, .ptr, "JMP far through a pointer across the limit: #GP(0)"
        TRY
        mov ax, SMALL
        mov fs, ax
.ptr2:  call far [fs:0xFFD]
        ENDTRY
        CHECK 13, 0, .ptr2, "CALL far through a pointer across the limit: #GP(0)"
        TRY
        jmp CODE16:.sixteen
        bits 16
.sixteen: o32 jmp dword 0x12345
        bits 32
        ENDTRY
        CHECK 13, 0, .sixteen, "JMP beyond the limit of CS: #GP(0), at the jump"
        TRY
        jmp CODE16:.loop
        bits 16
.loop:  o32 call dword 0x12345
        bits 32
        ENDTRY
        CHECK 13, 0, .loop, "CALL beyond the limit of CS: #GP(0), at the call"
        ret

strings:
%macro STRING 8+ ; vector, ESI, EDI, ECX before; ECX after, ESI after, "name", instruction
        TRY
        mov esi, %2
        mov edi, %3
        mov ecx, %4
        mov dx, SMALL
        mov fs, dx
        cld
%%at:   %8
        ENDTRY
        CHECK %1, 0, %%at, %7
        VALUE [got_ecx], %5, "(ECX)"
        VALUE [got_esi], %6, "(ESI)"
%endmacro
        STRING 13, 0xFF0, 0x90000, 32, 16, 0x1000, "REP MOVSB from beyond the limit: #GP(0)", fs rep movsb
        VALUE [got_edi], 0x90010, "(EDI)"
        STRING 13, 0xFE2, 0x90000, 32, 25, 0xFFE, "REP MOVSD: the doubleword across the limit: #GP(0)", fs rep movsd
        STRING 13, 0xFF0, 0, 32, 16, 0x1000, "REP LODSB: #GP(0)", fs rep lodsb
        STRING 13, 0xFFE, 0, 1, 1, 0xFFE, "LODSD across the limit: #GP(0)", fs lodsd
        mov edi, 0x60000
        mov ecx, 0x1000
        mov al, 0
        rep stosb
        mov edi, 0x90000
        mov ecx, 64
        rep stosb
        STRING 13, 0xFF0, 0x90000, 32, 16, 0x1000, "REPE CMPSB: #GP(0)", fs repe cmpsb
        VALUE [got_edi], 0x90010, "(EDI)"
        push es
        mov ax, SMALL
        mov es, ax
        STRING 13, 0x8000, 0xFF8, 32, 24, 0x8008, "REP MOVSB to beyond the limit: #GP(0)", rep movsb
        VALUE [got_edi], 0x1000, "(EDI)"
        mov ax, SMALL
        mov es, ax
        STRING 13, 0, 0xFF6, 8, 6, 0, "REP STOSD: #GP(0)", rep stosd
        VALUE [got_edi], 0xFFE, "(EDI)"
        mov ax, SMALL
        mov es, ax
        mov al, 0x77
        STRING 13, 0, 0xFFC, 32, 28, 0, "REPNE SCASB: #GP(0)", repne scasb
        mov ax, DATA32
        mov es, ax
        pop es
        ; downward, over offset 0
        TRY
        mov ax, SMALL
        mov fs, ax
        mov ecx, 32
        mov esi, 8
        mov edi, 0x90010
        std
.down:  fs rep movsb
        ENDTRY
        cld
        CHECK 13, 0, .down, "REP MOVSB downward over offset 0: #GP(0)"
        VALUE [got_ecx], 23, "(ECX)"
        VALUE [got_esi], -1, "(ESI)"
        ; 16-bit addresses wrap where 64 KiB are allowed
        mov esi, 0x1234FFFE
        mov edi, 0x56780000
        mov ecx, 0x9ABC0004
        a16 rep movsb
        mov [saved], edi
        VALUE esi, 0x12340002, "REP MOVSB with 16-bit addresses: SI wraps, the upper half stays"
        VALUE [saved], 0x56780004, "(EDI)"
        VALUE ecx, 0x9ABC0000, "(ECX)"
        ret

; 16-bit stacks: SP wraps, the upper half of ESP stays (Vol. 3A, 6.2; Vol. 2, IRET)
narrow:
        FINE USERCODE, NARROW3 | 3, 0x8000, 0x7FFC, "PUSH on a 16-bit stack", push eax
        TRY
        RING USERCODE, NARROW3 | 3, 0x8000
        mov esp, 0x12348000
        push eax
        int DONE
        ENDTRY
        VALUE [got_esp], 0x12347FFC, "the upper half of ESP stays"
        TRY
        RING USERCODE, NARROW3 | 3, 0x8000
        mov esp, 0x12340000
        push eax
        int DONE
        ENDTRY
        VALUE [got_esp], 0x1234FFFC, "PUSH with SP 0 wraps"
        STACK USERCODE, NARROW3 | 3, 2, 12, 0, "PUSH of a doubleword with SP 2: #SS(0)", push eax
        FINE USERCODE, NARROW3 | 3, 2, 0, "PUSH of a word with SP 2", push ax
        FINE USERCODE, NARROW3 | 3, 0xFFFE, 0, "POP of a word with SP FFFE", pop ax
        STACK USERCODE, NARROW3 | 3, 0xFFFE, 12, 0, "POP of a doubleword with SP FFFE: #SS(0)", pop eax
        STACK USERCODE, NARROW3 | 3, 7, 12, 0, "PUSHA of words with SP 7: #SS(0)", pusha16
        FINE USERCODE, NARROW3 | 3, 6, 0xFFF6, "PUSHA of words with SP 6 wraps", pusha16
        TRY
        RING USERCODE, NARROW3 | 3, 0x8000
        mov esp, 0x12348000
        mov ebp, 0x56784000
        enter 0x10, 0
        int DONE
        ENDTRY
        VALUE [got_esp], 0x12347FEC, "ENTER on a 16-bit stack moves SP"
        TRY
        RING USERCODE, NARROW3 | 3, 0x8000
        mov esp, 0x12348000
        mov ebp, 0x56784000
        leave
        int DONE
        ENDTRY
        VALUE [got_esp], 0x12344004, "LEAVE on a 16-bit stack moves SP"
        ; a return to a 16-bit stack loads SP alone: the upper half of ESP is the inner ring's
        mov eax, esp
        and eax, 0xFFFF0000
        or eax, 0x8000
        mov [wanted_esp], eax
        TRY
        push dword NARROW3 | 3
        push dword 0x12348000
        push dword 2
        push dword USERCODE
        push dword .out
        iretd
        ENDTRY
        VALUE [got_esp], [wanted_esp], "IRETD to a 16-bit stack: the upper half of ESP is the old one's"
        TRY
        push dword NARROW3 | 3
        push dword 0x12348000
        push dword USERCODE
        push dword .out
        retf
        ENDTRY
        VALUE [got_esp], [wanted_esp], "RETF to a 16-bit stack: the same"
        ret
.out:   int DONE

; gates to ring 1
gates:
        mov dword [tss_area + 12], 0x59000
        mov word [tss_area + 16], RING1DATA | 1
        ; parameters that are not on the old stack
        SETGATE gdt + GATE, RING1CODE, .ring1, 0xEC, 4
        STACK USERCODE, SMALL3 | 3, 0xFF4, 12, 0, "CALL gate whose parameters lie beyond the old stack's limit: #SS(0)", call GATE | 3:0
        FINE USERCODE, SMALL3 | 3, 0xFF0, 0x1000, "with room for them", call GATE | 3:0
        SETGATE gdt + GATE, RING1CODE, .many, 0xEC, 31
        mov dword [tss_area + 12], 16 + 31 * 4
        mov word [tss_area + 16], SMALL1 | 1
        FINE USERCODE, USERDATA, USERSTACK - 124, USERSTACK, "CALL gate with 31 parameters and just room for them", call GATE | 3:0
        mov dword [tss_area + 12], 12 + 31 * 4
        STACK USERCODE, USERDATA, USERSTACK - 124, 12, SMALL1, "and with four bytes too few: #SS(SS1)", call GATE | 3:0
        ; both the stack has no room and the offset is outside: the stack comes first (Vol. 2, CALL and INT n)
        SETDESC TINYCODE, 0, 15, 0xBB, 4
        SETGATE gdt + GATE, TINYCODE, 16, 0xEC, 0
        mov dword [tss_area + 12], 8
        mov word [tss_area + 16], TINY1 | 1
        STACK USERCODE, USERDATA, USERSTACK, 12, TINY1, "CALL gate: no room on the new stack comes before an offset beyond the limit", call GATE | 3:0
        SETGATE idt + SOFT * 8, TINYCODE, 16, 0xEE, 0
        STACK USERCODE, USERDATA, USERSTACK, 12, TINY1, "INT n: no room on the new stack comes before an offset beyond the limit", int SOFT
        mov dword [tss_area + 12], 0x59000
        mov word [tss_area + 16], RING1DATA | 1
        STACK USERCODE, USERDATA, USERSTACK, 13, 0, "CALL gate: an offset beyond the limit: #GP(0)", call GATE | 3:0
        STACK USERCODE, USERDATA, USERSTACK, 13, 0, "INT n: an offset beyond the limit: #GP(0)", int SOFT
        ; a TSS that ends before SS1: EXT as the event has it (Vol. 2, INT n)
        mov word [gdt + TSS], 16
        and byte [gdt + TSS + 5], ~2
        mov ax, TSS
        ltr ax
        SETGATE idt + SOFT * 8, RING1CODE, .soft1, 0xEE, 0
        STACK USERCODE, USERDATA, USERSTACK, 10, TSS, "INT n, a TSS without SS1: #TS(TSS)", int SOFT
        SETGATE idt + 6 * 8, RING1CODE, .soft1, 0x8E, 0
        STACK USERCODE, USERDATA, USERSTACK, 10, TSS | 1, "an exception, a TSS without SS1: #TS(TSS + EXT)", ud2
        mov word [gdt + TSS], TSS_LIMIT
        and byte [gdt + TSS + 5], ~2
        mov ax, TSS
        ltr ax
        ; the same ring, no room for the frame
        SETGATE idt + SOFT * 8, RING1CODE, .soft1, 0xEE, 0
        STACK RING1CODE | 1, SMALL1 | 1, 8, 12, 0, "INT n in ring 1 without room for its frame: #SS(0)", int SOFT
        STACK RING1CODE | 1, SMALL1 | 1, 8, 12, 1, "an exception in ring 1 without room for its frame: #SS(EXT)", ud2
        mov eax, 6
        call restore_gate
        ret
.ring1: retf 16
.many:  retf 31 * 4
.soft1: int DONE

; 6.9, table 6-2: which of two faults
priorities:
        TRY
        mov ax, SMALL
        mov fs, ax
.lock:  db 0xF0, 0x64, 0x89, 0x05, 0, 0x20, 0, 0        ; lock mov [fs:2000], eax
        ENDTRY
        CHECK 6, 0, .lock, "LOCK MOV to memory outside: #UD before #GP"
        mov eax, cr0
        or al, 4
        mov cr0, eax
        TRY
        mov ax, SMALL
        mov fs, ax
.em:    fld dword [fs:0x2000]
        ENDTRY
        CHECK 7, 0, .em, "x87 with EM and memory outside: #NM before #GP"
        TRY
.lockem: db 0xF0, 0xD9, 0x05, 0, 0, 0, 0                ; lock fld dword [0]
        ENDTRY
        CHECK 6, 0, .lockem, "LOCK FLD with EM: #UD before #NM"
        mov eax, cr0
        and al, ~4
        mov cr0, eax
        TRY
        mov ax, SMALL
        mov fs, ax
.null:  div dword [fs:0x2000]
        ENDTRY
        CHECK 13, 0, .null, "DIV by memory outside: #GP"
        ret

; 4.7, 6.15: the same with pages
; An instruction is read to its end before it is #UD; an opcode that the map does not have is its own end (docs/decisions/0028).
undefined:
        CUT 14, "0F at a page's end: #PF", 0x0F
        CUT 6, "UD2 at a page's end: #UD", 0x0F, 0x0B
        CUT 6, "UD0: #UD without a ModR/M byte", 0x0F, 0xFF
        CUT 14, "UD1 has a ModR/M byte: #PF", 0x0F, 0xB9
        CUT 14, "and its displacement", 0x0F, 0xB9, 0x80, 0, 0, 0
        CUT 6, "UD1 with all of it: #UD", 0x0F, 0xB9, 0x80, 0, 0, 0, 0
        CUT 6, "0F 04, which no map has: #UD", 0x0F, 0x04
        CUT 6, "0F 0F, which is AMD's: #UD", 0x0F, 0x0F
        CUT 6, "0F 38, which came later: #UD", 0x0F, 0x38
        CUT 6, "0F A6, which was one stepping's: #UD", 0x66, 0x0F, 0xA6
        CUT 14, "LOCK: #PF", 0xF0
        CUT 6, "LOCK NOP: #UD", 0xF0, 0x90
        CUT 14, "LOCK ADD without its ModR/M byte: #PF", 0xF0, 0x01
        CUT 6, "LOCK ADD of registers: #UD", 0xF0, 0x01, 0xC0
        CUT 14, "LOCK MOV without all of its immediate: #PF", 0xF0, 0xB8, 0, 0, 0
        CUT 6, "LOCK MOV: #UD", 0xF0, 0xB8, 0, 0, 0, 0
        CUT 6, "LOCK MOV of 16 bits: #UD", 0x66, 0xF0, 0xB8, 0, 0
        CUT 14, "LOCK CMP without its immediate: #PF", 0xF0, 0x81, 0x38, 0, 0, 0
        CUT 14, "LOCK JMP without its offset: #PF", 0xF0, 0xEB
        CUT 6, "LOCK JMP: #UD", 0xF0, 0xEB, 0
        CUT 14, "FE without its ModR/M byte: #PF", 0xFE
        CUT 6, "FE /7: #UD", 0xFE, 0xF8
        CUT 14, "FE /7 without its displacement: #PF", 0xFE, 0xB8, 0, 0, 0
        CUT 14, "FE /7 without its SIB byte: #PF", 0xFE, 0x3C
        CUT 14, "FE /7 whose SIB byte asks for a displacement: #PF", 0xFE, 0x3C, 0x25, 0, 0
        CUT 14, "FE /7 of 16-bit addresses without its displacement: #PF", 0x67, 0xFE, 0x3E, 0
        CUT 6, "with it: #UD", 0x67, 0xFE, 0x3E, 0, 0
        CUT 6, "MOV from segment register 7: #UD", 0x8C, 0x38
        CUT 14, "without its displacement: #PF", 0x8C, 0x78
        CUT 6, "MOV to CS: #UD", 0x8E, 0xC8
        CUT 6, "LEA of a register: #UD", 0x8D, 0xC0
        CUT 6, "LES of a register, VEX one day: #UD", 0xC4, 0xE2
        CUT 6, "LDS of a register: #UD", 0xC5, 0xF8
        CUT 6, "BOUND of a register, EVEX one day: #UD", 0x62, 0xF1
        CUT 6, "POP /1, XOP one day: #UD", 0x8F, 0xC8
        CUT 14, "C7 /1 without its immediate: #PF", 0xC7, 0xC8, 0, 0, 0
        CUT 6, "C7 /1: #UD", 0xC7, 0xC8, 0, 0, 0, 0
        CUT 6, "D9 D1: #UD", 0xD9, 0xD1
        CUT 14, "DB /4 without its displacement: #PF", 0xDB, 0xA0, 0, 0, 0
        CUT 6, "DB /4: #UD", 0xDB, 0x20
        CUT 14, "0F 00 without its ModR/M byte: #PF", 0x0F, 0x00
        CUT 6, "0F 00 /6: #UD", 0x0F, 0x00, 0xF0
        CUT 14, "0F BA /0 without its immediate: #PF", 0x0F, 0xBA, 0xC0
        CUT 6, "0F BA /0: #UD", 0x0F, 0xBA, 0xC0, 0
        CUT 6, "0F C7 /0: #UD", 0x0F, 0xC7, 0x00
        CUT 6, "MOV from CR1, whatever mod says: #UD", 0x0F, 0x20, 0x88
        CUT 14, "0F 71 /0 without its immediate: #PF", 0x0F, 0x71, 0xC0
        CUT 6, "0F D6 without a prefix: #UD", 0x0F, 0xD6, 0xC0
        CUT 14, "PREFETCHT0 and more of a register: a NOP cut short, #PF", 0x0F, 0x18, 0x80
        CUT 14, "14 prefixes: #PF", 0x66, 0x67, 0x66, 0x67, 0x66, 0x67, 0x66, 0x67, 0x66, 0x67, 0x66, 0x67, 0x66, 0x67
        CUT 13, "15 prefixes: #GP(0)", 0x66, 0x67, 0x66, 0x67, 0x66, 0x67, 0x66, 0x67, 0x66, 0x67, 0x66, 0x67, 0x66, 0x67, 0x66
        ret

pages:
        mov edi, DIRECTORY
        mov ecx, 0x3000 / 4
        xor eax, eax
        rep stosd
        mov dword [DIRECTORY], TABLE | P | W | U
        mov dword [DIRECTORY + 4], TABLE2 | P | W | U
        xor ecx, ecx
.map:   mov eax, ecx
        shl eax, 12
        or eax, P | W | U
        mov [TABLE + ecx * 4], eax
        inc ecx
        cmp ecx, 1024
        jb .map
        mov eax, DIRECTORY
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        PTE 0, FRAME | P | W | U
        PTE 1, 0
        call undefined
        STACK USERCODE, USERDATA, TRIED + 0xFEC, 14, 4, "POPAD into a missing page: error 4", popad
        STACK USERCODE, USERDATA, TRIED + 0xFFE, 14, 4, "RET across the end", ret
        STACK USERCODE, USERDATA, TRIED + 0xFFC, 14, 4, "RETF whose CS lies in the missing page", retf
        STACK USERCODE, USERDATA, TRIED + 0xFF8, 14, 4, "IRETD whose EFLAGS lie in it", iretd
        STACK USERCODE, USERDATA, TRIED + 0x1004, 14, 6, "CALL far whose second push faults: error 6", call CONFORMING:pages
        TRY
        RING USERCODE, USERDATA, USERSTACK
        mov ebp, TRIED + 0xFFE
.leave: leave
        ENDTRY
        CHECK 14, 4, .leave, "LEAVE across the end"
        VALUE [got_esp], USERSTACK, "(ESP)"
        VALUE ebp, TRIED + 0xFFE, "(EBP)"
        ; ring 0 to ring 3, the frame's end missing
        mov dword [FRAME + 0xFF4], .out
        mov dword [FRAME + 0xFF8], USERCODE
        mov dword [FRAME + 0xFFC], 2
        TRY
        mov esp, TRIED + 0xFF4
.iret:  iretd
        ENDTRY
        CHECK 14, 0, .iret, "IRETD from ring 0 to ring 3 whose ESP lies in a missing page: error 0"
        mov ecx, [got_cr2]
        and ecx, ~0xFFF
        VALUE ecx, TRIED + 0x1000, "(the page in CR2)"
        VALUE [got_cs], CODE32, "(CS)"
        mov dword [FRAME + 0xFF8], .out
        mov dword [FRAME + 0xFFC], USERCODE
        TRY
        mov esp, TRIED + 0xFF8
.retf:  retf
        ENDTRY
        CHECK 14, 0, .retf, "RETF from ring 0 to ring 3 whose ESP lies in a missing page: error 0"
        VALUE [got_cs], CODE32, "(CS)"
        ; gates whose stack lies there
        mov dword [tss_area + 12], TRIED + 0x1800
        mov word [tss_area + 16], RING1DATA | 1
        SETGATE gdt + GATE, RING1CODE, gates.ring1, 0xEC, 0
        STACK USERCODE, USERDATA, USERSTACK, 14, 2, "CALL gate to ring 1 whose stack is missing: error 2", call GATE | 3:0
        VALUE [got_cs], USERCODE, "(CS)"
        SETGATE idt + SOFT * 8, RING1CODE, gates.soft1, 0xEE, 0
        STACK USERCODE, USERDATA, USERSTACK, 14, 2, "INT n to ring 1 whose stack is missing: error 2", int SOFT
        mov dword [tss_area + 12], TRIED + 0x1008
        STACK USERCODE, USERDATA, USERSTACK, 14, 2, "and whose first two pushes fit nowhere", int SOFT
        ; the parameters of a gate
        mov dword [tss_area + 12], 0x59000
        SETGATE gdt + GATE, RING1CODE, gates.ring1, 0xEC, 4
        STACK USERCODE, USERDATA, TRIED + 0xFF8, 14, ANY, "CALL gate whose parameters lie in a missing page", call GATE | 3:0
        ; far pointers and descriptors
        TRY
.far:   jmp far [TRIED + 0xFFC]
        ENDTRY
        CHECK 14, 0, .far, "JMP far through a pointer whose selector is missing"
        VALUE [got_cr2], TRIED + 0x1000, "(CR2)"
        TRY
        mov esi, 0x33333333
.les:   les esi, [TRIED + 0xFFC]
        ENDTRY
        CHECK 14, 0, .les, "LES whose selector is missing"
        VALUE [got_esi], 0x33333333, "the register stays"
        TRY
        mov eax, 0x44444444
        mov edx, eax
.cx8:   cmpxchg8b [TRIED + 0xFFC]
        ENDTRY
        CHECK 14, 2, .cx8, "CMPXCHG8B across the end: a write"
        VALUE [got_eax], 0x44444444, "EAX stays"
        TRY
        mov eax, 0x44444444
.xadd:  xadd [TRIED + 0xFFE], eax
        ENDTRY
        CHECK 14, 2, .xadd, "XADD across the end: a write"
        VALUE [got_eax], 0x44444444, "EAX stays"
        TRY
        xor eax, eax
.bound: bound eax, [TRIED + 0xFFC]
        ENDTRY
        CHECK 14, 0, .bound, "BOUND whose upper bound is missing"
        TRY
        mov eax, 0x8000
.bt:    bt [TRIED], eax
        ENDTRY
        CHECK 14, 0, .bt, "BT of a bit in the next page"
        VALUE [got_cr2], TRIED + 0x1000, "(CR2)"
        ; x87 images: the state must not be lost
        fninit
        fld1
        mov dword [saved], 0x27F
        fldcw [saved]
        TRY
.fsave: fnsave [TRIED + 0xFC0]
        ENDTRY
        CHECK 14, 2, .fsave, "FNSAVE into a missing page"
        fnstcw [saved]
        movzx ecx, word [saved]
        VALUE ecx, 0x27F, "has not initialised the x87"
        fnstsw ax
        movzx ecx, ax
        VALUE ecx, 0x3800, "nor lost its register"
        TRY
.fstp:  fstp tword [TRIED + 0xFF8]
        ENDTRY
        CHECK 14, 2, .fstp, "FSTP of 80 bits across the end"
        fnstsw ax
        movzx ecx, ax
        VALUE ecx, 0x3800, "has not popped"
        TRY
.frstor: frstor [TRIED + 0xFC0]
        ENDTRY
        CHECK 14, 0, .frstor, "FRSTOR from a missing page"
        fnstsw ax
        movzx ecx, ax
        VALUE ecx, 0x3800, "has loaded nothing"
        ; one fault of two: limit before page, x87's availability before its operand
        TRY
        mov ax, SMALL
        mov fs, ax
.limit: mov al, [fs:TRIED + 0x1000]
        ENDTRY
        CHECK 13, 0, .limit, "beyond the limit and in a missing page: #GP"
        mov eax, cr0
        or al, 8
        mov cr0, eax
        TRY
.nm:    fld dword [TRIED + 0x1000]
        ENDTRY
        CHECK 7, 0, .nm, "x87 with TS and a missing page: #NM"
        clts
        TRY
        mov eax, TRIED + 0x1000
        mov dr0, eax
        mov ecx, 1
        mov dr7, ecx
        jmp eax
        ENDTRY
        xor eax, eax
        mov dr7, eax
        CHECK 1, 0, TRIED + 0x1000, "a code breakpoint in a missing page: #DB before #PF"
        ; 4.10: entries that are still cached are the program's matter; INVLPG and global pages
        mov eax, 1
        cpuid
        test dh, 0x20
        jz .done
        mov eax, cr4
        or al, 0x80
        mov cr4, eax
        mov dword [FRAME], 0x1111
        mov dword [FRAME2], 0x2222
        PTE 2, FRAME | P | W | 0x100
        VALUE [TRIED + 0x2000], 0x1111, "a global page"
        mov dword [TABLE2 + 8], FRAME2 | P | W | 0x100
        mov eax, cr3
        mov cr3, eax
        VALUE [TRIED + 0x2000], 0x1111, "stays after MOV to CR3"
        invlpg [TRIED + 0x2000]
        VALUE [TRIED + 0x2000], 0x2222, "and goes with INVLPG"
        mov dword [TABLE2 + 8], FRAME | P | W | 0x100
        mov eax, cr3
        mov cr3, eax
        VALUE [TRIED + 0x2000], 0x2222, "stays again"
        mov eax, cr4
        and al, ~0x80
        mov cr4, eax
        VALUE [TRIED + 0x2000], 0x1111, "and goes when CR4.PGE is cleared"
.done:  mov eax, cr0
        and eax, 0x7FFFFFFF
        mov cr0, eax
        ret
.out:   int DONE

        align 4
saved:      dd 0
near_target: dd calls
wanted_esp: dd 0
far_bad:    dd 0
            dw BEYOND
%include "end.inc"

; Task switches that fault in the middle (SDM Vol. 3A, 7.3 and its table of checks, 6.13, 6.15 interrupt 10): pages of a TSS that are not there,
; faults while an exception or interrupt enters a task, nested tasks, address spaces, pending interrupts.
%include "boot.inc"
%include "irq.inc"

NEWTSS     equ SPARE
THIRDTSS   equ SPARE + 0x08
TASK16     equ SPARE + 0x10
MOVEDTSS   equ SPARE + 0x18
CATCHTSS   equ SPARE + 0x20
LDTDESC    equ SPARE + 0x28
SOFT       equ 0x31
BEYOND     equ 0x7F0

DIRECTORY  equ 0x70000
TABLE      equ 0x71000
TABLE2     equ 0x72000
DIRECTORY2 equ 0x73000
TABLE3     equ 0x74000
TRIED      equ 0x400000
FRAME      equ 0x80000
FRAME2     equ 0x81000
P equ 1
W equ 2

%macro PTE 2
        mov dword [TABLE2 + (%1) * 4], %2
        invlpg [TRIED + (%1) * 0x1000]
%endmacro

; MAKE address, EIP, stack: a TSS with everything right
%macro MAKE 3
        mov edi, %1
        mov eax, %2
        mov edx, %3
        call make
%endmacro

make:   push eax
        mov ecx, 104 / 4
        xor eax, eax
        cld
        rep stosd
        pop eax
        sub edi, 104
        mov dword [edi + 4], 0x57000
        mov dword [edi + 8], DATA32
        mov dword [edi + 0x1C], DIRECTORY
        mov [edi + 0x20], eax
        mov dword [edi + 0x24], 2
        mov [edi + 0x38], edx
        mov dword [edi + 0x48], DATA32
        mov dword [edi + 0x4C], CODE32
        mov dword [edi + 0x50], DATA32
        mov dword [edi + 0x54], DATA32
        mov dword [edi + 0x58], DATA32
        mov dword [edi + 0x5C], DATA32
        mov word [edi + 0x66], 104
        ret

; The first task again, wherever a test ended.
leave_task:
        pushfd
        and dword [esp], ~0x4000
        popfd
        and byte [gdt + TSS + 5], ~2
        mov ax, TSS
        ltr ax
        xor eax, eax
        lldt ax
        mov ax, DATA32
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        clts
        SETDESC NEWTSS, new_tss, 103, 0x89, 0
        SETDESC THIRDTSS, third_tss, 103, 0x89, 0
        SETDESC CATCHTSS, catch_tss, 103, 0x89, 0
        ret

%macro BUSY 3   ; descriptor, wanted, "name"
        movzx ecx, byte [gdt + (%1) + 5]
        VALUE ecx, %2, %3
%endmacro

tests:
        mov edi, DIRECTORY
        mov ecx, 0x5000 / 4
        xor eax, eax
        rep stosd
        mov dword [DIRECTORY], TABLE | P | W
        mov dword [DIRECTORY + 4], TABLE2 | P | W
        mov dword [DIRECTORY2], TABLE | P | W
        mov dword [DIRECTORY2 + 4], TABLE3 | P | W
        mov dword [TABLE3], FRAME2 | P | W
        xor ecx, ecx
.map:   mov eax, ecx
        shl eax, 12
        or eax, P | W
        mov [TABLE + ecx * 4], eax
        inc ecx
        cmp ecx, 1024
        jb .map
        mov eax, DIRECTORY
        mov cr3, eax
        mov [tss_area + 0x1C], eax      ; a switch loads CR3, and saves none
        mov eax, cr0
        or eax, 0x80010000              ; PG, WP
        mov cr0, eax
        call leave_task
        call missing
        call nested
        call spaces
        call arrivals
        call codes
        call interrupts
        mov eax, cr0
        and eax, 0x7FFEFFFF
        mov cr0, eax
        ret

; the TSS lies across two pages, of which one is not there: the old task faults, and nothing is done
missing:
        SETDESC NEWTSS, TRIED + 0xFC0, 103, 0x89, 0
        PTE 0, FRAME | P | W
        PTE 1, FRAME2 | P | W
        MAKE TRIED + 0xFC0, .task, 0x58000
        mov dword [tss_area + 0x20], 0x5A5A5A5A
        call NEWTSS:0
.back:  VALUE [seen], TSS, "a TSS across two pages: CALL and IRET"
        VALUE [TRIED + 0xFC0 + 0x20], .after, "EIP is saved in it"
        clts
        mov dword [tss_area + 0x20], 0x5A5A5A5A
        PTE 1, 0
        TRY
.call:  call NEWTSS:0
        ENDTRY
        CHECK 14, 0, .call, "the second page is missing: #PF in the old task, error 0"
        mov ecx, [got_cr2]
        and ecx, ~0xFFF
        VALUE ecx, TRIED + 0x1000, "(the page in CR2)"
        BUSY NEWTSS, 0x89, "the new TSS is not busy"
        BUSY TSS, 0x8B, "the old one is"
        str ecx
        VALUE ecx, TSS, "TR is the old one"
        VALUE [tss_area + 0x20], 0x5A5A5A5A, "nothing is saved"
        TRY
.jmp:   jmp NEWTSS:0
        ENDTRY
        CHECK 14, 0, .jmp, "JMP: the same"
        BUSY TSS, 0x8B, "the old TSS stays busy"
        PTE 1, FRAME2 | P | W
        PTE 0, 0
        TRY
.first: call NEWTSS:0
        ENDTRY
        CHECK 14, ANY, .first, "the first page is missing: #PF in the old task"
        mov ecx, [got_cr2]
        and ecx, ~0xFFF
        VALUE ecx, TRIED, "(the page in CR2)"
        ; the old TSS can't be written
        PTE 0, FRAME | P | W
        SETDESC MOVEDTSS, TRIED + 0x1800, 103, 0x89, 0
        MAKE TRIED + 0x1800, 0, 0
        mov ax, MOVEDTSS
        ltr ax
        PTE 1, FRAME2 | P
        SETDESC NEWTSS, new_tss, 103, 0x89, 0
        MAKE new_tss, .task, 0x58000
        TRY
.old:   jmp NEWTSS:0
        ENDTRY
        CHECK 14, 3, .old, "the old TSS is read-only: #PF in the old task, error 3"
        BUSY NEWTSS, 0x89, "the new TSS is not busy"
        BUSY MOVEDTSS, 0x8B, "the old one is"
        PTE 1, FRAME2 | P | W
        jmp leave_task
.task:  mov eax, [TRIED + 0xFC0]
        mov [seen], eax
        iretd
.after: jmp .task

; 7.4
nested:
        MAKE new_tss, .second, 0x58000
        MAKE third_tss, .third, 0x59000
        mov dword [count], 0
        call NEWTSS:0
        VALUE [count], 0x321, "a task that calls a task: each IRET goes back one"
        VALUE [third_tss], NEWTSS, "the third is linked to the second"
        VALUE [new_tss], TSS, "the second to the first"
        BUSY NEWTSS, 0x89, "the second is not busy any more"
        BUSY THIRDTSS, 0x89, "nor the third"
        ; a task is not re-entrant
        MAKE new_tss, .again, 0x58000
        mov dword [got_vector], NONE
        mov dword [resume_eip], .busy
        call NEWTSS:0
.busy_end:
        VALUE [got_vector], 13, "a task that calls itself: #GP"
        VALUE [got_error], NEWTSS, "(selector)"
        mov dword [resume_eip], unexpected
        clts
        ret
.second:
        mov dword [count], 1
        call THIRDTSS:0
        or dword [count], 0x300
        iretd
.third: or dword [count], 0x20
        iretd
.again: mov [resume_esp], esp
        call NEWTSS:0
.busy:  push dword 0x4002
        popfd
        iretd

; 7.5, 4.10.4: CR3 and LDT of the task
spaces:
        mov dword [FRAME], 0x11111111
        mov dword [FRAME2], 0x22222222
        mov dword [FRAME2 + 0x100], 0x0000FFFF
        mov dword [FRAME2 + 0x104], 0x00CF9300
        PTE 0, FRAME | P | W
        SETDESC LDTDESC, TRIED + 0x100, 15, 0x82, 0
        mov eax, [TRIED]
        MAKE new_tss, .task, 0x58000
        mov dword [new_tss + 0x1C], DIRECTORY2
        mov dword [new_tss + 0x60], LDTDESC
        mov dword [new_tss + 0x58], 4
        call NEWTSS:0
        clts
        VALUE [seen], 0x22222222, "the task has its own CR3"
        VALUE [seen + 4], 0x22222222, "FS comes from an LDT in its address space"
        VALUE [TRIED], 0x11111111, "IRET brings the first one's back"
        mov ecx, cr3
        VALUE ecx, DIRECTORY, "CR3 is the first task's"
        sldt ecx
        VALUE ecx, 0, "LDTR too"
        ret
.task:  mov eax, [TRIED]
        mov [seen], eax
        mov eax, [fs:TRIED]
        mov [seen + 4], eax
        iretd

; table of checks: what the task that IRET returns to faults at, and what comes when an exception's task can't be entered
arrivals:
        MAKE new_tss, .spoils, 0x58000
        TRY
        call NEWTSS:0
.back:  nop
        ENDTRY
        CHECK 10, BEYOND, .back, "IRET to a task whose DS is bad: #TS(DS), at its EIP"
        str ecx
        VALUE ecx, TSS, "in that task"
        BUSY NEWTSS, 0x89, "the one that ended is not busy"
        call leave_task
        ; #GP by a task gate whose task has a bad LDT: #DF, in the new task (its stack is not there yet, so that is a task's as well)
        MAKE new_tss, landed, 0x58000
        mov dword [new_tss + 0x60], DATA32
        MAKE catch_tss, .caught, 0x56000
        SETGATE idt + 13 * 8, NEWTSS, 0, 0x85, 0
        SETGATE idt + 8 * 8, CATCHTSS, 0, 0x85, 0
        SETGATE idt + 10 * 8, CATCHTSS, 0, 0x85, 0
        mov dword [seen], -1
        mov [main_esp], esp
        mov ax, BEYOND
        mov fs, ax
.caught:
        pop dword [seen]
        movzx eax, word [catch_tss]
        mov [seen + 4], eax
        mov eax, [new_tss + 0x20]
        mov [seen + 8], eax
        mov esp, [main_esp]
        call leave_task
        VALUE [seen], 0, "#GP whose task has a bad LDT: #DF(0), for #TS is contributory"
        VALUE [seen + 4], NEWTSS, "in the new task"
        VALUE [seen + 8], landed, "at its first instruction"
        mov eax, 13
        call restore_gate
        mov eax, 8
        call restore_gate
        ; #UD, which is benign, by such a gate: #TS with EXT
        MAKE new_tss, landed, 0x58000
        mov dword [new_tss + 0x60], DATA32
        MAKE catch_tss, .caught2, 0x56000
        SETGATE idt + 6 * 8, NEWTSS, 0, 0x85, 0
        mov dword [seen], -1
        mov [main_esp], esp
        ud2
.caught2:
        pop dword [seen]
        mov esp, [main_esp]
        call leave_task
        VALUE [seen], DATA32 | 1, "#UD whose task has a bad LDT: #TS(LDT + EXT)"
        mov eax, 6
        call restore_gate
        ; INT n: without EXT
        MAKE new_tss, landed, 0x58000
        mov dword [new_tss + 0x60], DATA32
        MAKE catch_tss, .caught3, 0x56000
        SETGATE idt + SOFT * 8, NEWTSS, 0, 0x85, 0
        mov dword [seen], -1
        mov [main_esp], esp
        int SOFT
.caught3:
        pop dword [seen]
        mov esp, [main_esp]
        call leave_task
        VALUE [seen], DATA32, "INT n whose task has a bad LDT: #TS(LDT)"
        ; a gate whose TSS is too short
        SETDESC NEWTSS, new_tss, 100, 0x89, 0
        mov eax, 10
        call restore_gate
        TRY
.short: int SOFT
        ENDTRY
        CHECK 10, NEWTSS, .short, "INT n, a TSS that is too short: #TS(TSS)"
        SETGATE idt + 6 * 8, NEWTSS, 0, 0x85, 0
        TRY
.short6: ud2
        ENDTRY
        CHECK 10, NEWTSS | 1, .short6, "#UD, a TSS that is too short: #TS(TSS + EXT)"
        mov eax, 6
        call restore_gate
        mov eax, SOFT
        call restore_gate
        jmp leave_task
.spoils:
        mov dword [tss_area + 0x54], BEYOND
        iretd

landed: ud2

; error codes on the new stack: as wide as its TSS
codes:
        mov edi, task16
        mov ecx, 44 / 4
        xor eax, eax
        rep stosd
        mov word [task16 + 0x0E], .handler
        mov word [task16 + 0x10], 2
        mov word [task16 + 0x1A], 0x7000
        mov word [task16 + 0x22], DATA32
        mov word [task16 + 0x24], CODE32
        mov word [task16 + 0x26], DATA16
        mov word [task16 + 0x28], DATA32
        SETDESC TASK16, task16, 43, 0x81, 0
        SETGATE idt + 13 * 8, TASK16, 0, 0x85, 0
        mov ax, BEYOND
        mov fs, ax
.cont:  movzx ecx, word [seen_sp]
        VALUE ecx, 0x6FFE, "an error code on the stack of a 16-bit task has two bytes"
        VALUE [seen], BEYOND, "(the error code)"
        mov eax, 13
        call restore_gate
        jmp leave_task
.handler:
        mov [seen_sp], sp
        xor eax, eax
        pop ax
        mov [seen], eax
        mov dword [tss_area + 0x20], .cont
        iretd

; 7.3: EFLAGS of the new task count from its first instruction on
interrupts:
        call pending
        MAKE new_tss, .open, 0x58000
        mov dword [new_tss + 0x24], 0x202
        TRY
        jmp NEWTSS:0
.open:  nop
        nop
        ENDTRY
        CHECK IRQ0, 0, .open, "JMP to a task with IF: a pending interrupt comes before its first instruction"
        call acknowledge
        call leave_task
        call pending
        MAKE new_tss, .open2, 0x58000
        mov dword [new_tss + 0x24], 0x202
        TRY
        call NEWTSS:0
.open2: nop
        nop
        ENDTRY
        CHECK IRQ0, 0, .open2, "CALL of a task with IF: the same"
        call acknowledge
        call leave_task
        ; single step comes after the task's first instruction, not at the switch
        MAKE new_tss, .stepped, 0x58000
        mov dword [new_tss + 0x24], 0x102
        TRY
        jmp NEWTSS:0
.stepped: nop
.step1: nop
        ENDTRY
        CHECK 1, 0, .step1, "a task with TF: #DB after its first instruction"
        call leave_task
        ; an interrupt through a task gate
        MAKE new_tss, .irq, 0x58000
        SETGATE idt + IRQ0 * 8, NEWTSS, 0, 0x85, 0
        call pending
        mov dword [seen], 0
        sti
        nop
        cli
.here:  VALUE [seen], TSS, "an interrupt through a task gate"
        call leave_task
        ; whose task can't be entered: EXT
        MAKE new_tss, landed, 0x58000
        mov dword [new_tss + 0x60], DATA32
        MAKE catch_tss, .caught, 0x56000
        SETGATE idt + 10 * 8, CATCHTSS, 0, 0x85, 0
        call pending
        mov dword [seen], -1
        mov [main_esp], esp
        sti
        nop
        nop
        cli
.caught:
        pop dword [seen]
        mov esp, [main_esp]
        call leave_task
        VALUE [seen], DATA32 | 1, "an interrupt whose task has a bad LDT: #TS(LDT + EXT)"
        mov eax, 10
        call restore_gate
        mov eax, IRQ0
        call restore_gate
        jmp acknowledge
.irq:   movzx eax, word [new_tss]
        mov [seen], eax
        call acknowledge
        iretd

        align 4
seen:     times 4 dd 0
seen_sp:  dd 0
count:    dd 0
main_esp: dd 0
        align 16
new_tss:  times 26 dd 0
third_tss: times 26 dd 0
catch_tss: times 26 dd 0
task16:   times 11 dd 0
%include "end.inc"

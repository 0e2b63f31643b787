; What is done over and over, INT n and IRET between the rings and segment loads, while what it depends on changes in the middle: descriptors and
; gates are read anew each time (SDM Vol. 3A, 3.4.3, 6.12), whatever a processor keeps of the last time.
%include "boot.inc"

KCODE     equ SPARE             ; DPL 0 code, of the gate
KSTACK    equ SPARE + 0x08      ; DPL 0 data, of the TSS
OTHERCODE equ SPARE + 0x10      ; another one of each
OTHERSTACK equ SPARE + 0x18
DATASEG   equ SPARE + 0x20      ; DPL 3 data at FIRST
KDATA     equ SPARE + 0x28      ; DPL 0 data
LDTDESC   equ SPARE + 0x30
LDTDESC2  equ SPARE + 0x38
INLDT     equ 4                 ; the LDTs' first
SOFT      equ 0x31
ROUNDS     equ 400
FIRST     equ 0x60000
SECOND    equ 0x61000
other_idt equ 0x62000
other_gdt equ 0x63000
KERNELTOP equ 0x5C000           ; ESP0 here
OTHERTOP  equ 0x5B800

%define SOFTGATE idt + SOFT * 8

; RINGS change: INT n from ring 3, ROUNDS times, with the change made by the handler half-way
%macro RINGS 1
        call fresh
        mov dword [change], %1
        TRY
        USER program
        ENDTRY
%endmacro

; CHANGES name: a change, up to its RET
%macro CHANGES 1+
        jmp %%over
%%change: %1
        ret
%%over: call fresh
        mov dword [change], %%change
%endmacro

%macro RINGSBY 1+
        CHANGES %1
        TRY
        USER program
        ENDTRY
%endmacro

; LOADSBY loop, change: the loop in ring 0
%macro LOADSBY 2+
        CHANGES %2
        TRY
        mov ecx, ROUNDS
        jmp %1
        ENDTRY
%endmacro

tests:
        call gates
        call stacks
        call back
        call inner
        call loads
        call local
        ret

; Everything as it was at first.
fresh:
        SETDESC KCODE, 0, 0xFFFFF, 0x9B, 0xC
        SETDESC KSTACK, 0, 0xFFFFF, 0x93, 0xC
        SETDESC OTHERCODE, 0, 0xFFFFF, 0x9B, 0xC
        SETDESC OTHERSTACK, 0, 0xFFFFF, 0x93, 0xC
        SETDESC (USERCODE & ~3), 0, 0xFFFFF, 0xFB, 0xC
        SETDESC (USERDATA & ~3), 0, 0xFFFFF, 0xF3, 0xC
        SETDESC DATASEG, FIRST, 0xFFF, 0xF3, 4
        SETDESC KDATA, FIRST, 0xFFF, 0x93, 4
        SETDESC LDTDESC, ldt1, 15, 0x82, 0
        SETDESC LDTDESC2, ldt2, 15, 0x82, 0
        SETGATE SOFTGATE, KCODE, handler, 0xEF, 0
        lidt [idt_pointer]
        lgdt [gdt_pointer]
        mov esi, idt
        mov edi, other_idt
        mov ecx, IDT_ENTRIES * 2
        cld
        rep movsd
        SETGATE other_idt + SOFT * 8, KCODE, other_handler, 0xEF, 0
        mov esi, gdt
        mov edi, other_gdt
        mov ecx, (gdt_end - gdt) / 4
        rep movsd
        mov byte [other_gdt + DATASEG + 3], SECOND >> 8 & 0xFF
        mov ax, LDTDESC
        lldt ax
        mov dword [tss_area + 4], KERNELTOP
        mov dword [tss_area + 8], KSTACK
        mov dword [FIRST], 'one'
        mov dword [SECOND], 'two'
        mov dword [user_flags], 0x202
        xor eax, eax
        mov [count], eax
        mov [others], eax
        mov [last_flags], eax
        mov [read], eax
        ret

; Ring 3
program:
        mov ecx, ROUNDS
.next:  push dword [program_flags]
        popfd
.int:   int SOFT
.back:  pushfd
        pop dword [last_flags]
        loop .next
        int DONE
.end:

program_flags: dd 0x202

; Ring 0
handler:
        pushfd
        pop dword [seen_flags]
        inc dword [count]
        mov [seen_esp], esp
        mov [seen_ss], ss
        mov [seen_cs], cs
        push ecx
        mov ecx, 5
        lea esi, [esp + 4]
        mov edi, frame
        cld
.copy:  mov eax, [ss:esi]
        mov [edi], eax
        add esi, 4
        add edi, 4
        loop .copy
        pop ecx
        cmp dword [count], ROUNDS / 2
        jne .out
        call [change]
.out:   iretd

other_handler:
        inc dword [others]
        iretd

; the entry of the INT n, and what it pushes
gates:
        RINGSBY nop
        CHECK DONE, 0, ANY, "nothing changes"
        VALUE [count], ROUNDS, "INT n came each time"
        VALUE [frame], program.back, "EIP in the frame"
        VALUE [frame + 4], USERCODE, "CS in the frame"
        VALUE [frame + 8], 0x202, "EFLAGS in the frame"
        VALUE [frame + 12], USERSTACK, "ESP in the frame"
        VALUE [frame + 16], USERDATA, "SS in the frame"
        VALUE [seen_esp], KERNELTOP - 20, "ESP of the handler"
        VALUE [seen_flags], 0x202, "a trap gate leaves IF"
        mov dword [program_flags], 0xAD7
        RINGSBY nop
        VALUE [frame + 8], 0xAD7, "every arithmetic flag in the frame"
        VALUE [seen_flags], 0xAD7, "and in the handler"
        VALUE [last_flags], 0xAD7, "and after IRET"
        mov dword [program_flags], 0x202
        RINGSBY mov dword [program_flags], 0x647
        VALUE [frame + 8], 0x647, "other flags from now on, DF too"
        VALUE [last_flags], 0x647, "and after IRET, other flags"
        mov dword [program_flags], 0x202
        RINGSBY mov word [SOFTGATE], other_handler
        CHECK DONE, 0, ANY, "the gate leads elsewhere"
        VALUE [count], ROUNDS / 2, "half of them here"
        VALUE [others], ROUNDS / 2, "half of them there"
        RINGSBY mov byte [SOFTGATE + 5], 0x8F
        CHECK 13, SOFT * 8 + 2, program.int, "the gate's DPL becomes 0: #GP(IDT entry)"
        VALUE [count], ROUNDS / 2, "not one too many"
        RINGSBY mov byte [SOFTGATE + 5], 0x6F
        CHECK 11, SOFT * 8 + 2, program.int, "the gate is not present any more: #NP(IDT entry)"
        RINGSBY mov byte [SOFTGATE + 5], 0xEE
        CHECK DONE, 0, ANY, "the gate becomes an interrupt gate"
        VALUE [seen_flags], 2, "which clears IF"
        VALUE [last_flags], 0x202, "and IRET sets it"
        RINGSBY mov word [SOFTGATE + 2], OTHERCODE
        CHECK DONE, 0, ANY, "the gate names another segment"
        VALUE [seen_cs], OTHERCODE, "CS of the handler"
        RINGSBY and byte [gdt + KCODE + 5], 0x7F
        CHECK 11, KCODE, program.int, "the handler's segment is not present any more: #NP(selector)"
        RINGSBY mov byte [gdt + KCODE + 5], 0x93
        CHECK 13, KCODE, program.int, "the handler's segment becomes data: #GP(selector)"
        RINGSBY mov byte [gdt + KCODE + 5], 0x9A
        CHECK DONE, 0, ANY, "the handler's segment is not accessed any more"
        movzx ebx, byte [gdt + KCODE + 5]
        VALUE ebx, 0x9B, "INT n has accessed it again"
        RINGSBY lidt [other_idt_pointer]
        CHECK DONE, 0, ANY, "another IDT"
        VALUE [others], ROUNDS / 2, "half of them by its gate"
        RINGSBY lidt [short_idt_pointer]
        CHECK 13, SOFT * 8 + 2, program.int, "a shorter IDT: #GP(IDT entry)"
        ret

; the stack of the inner ring
stacks:
        RINGSBY mov dword [tss_area + 4], OTHERTOP
        CHECK DONE, 0, ANY, "ESP0 changes"
        VALUE [seen_esp], OTHERTOP - 20, "ESP of the handler with the new ESP0"
        RINGSBY mov dword [tss_area + 4], KERNELTOP + 8
        CHECK DONE, 0, ANY, "the frame crosses a page's end"
        VALUE [seen_esp], KERNELTOP - 12, "ESP of the handler across the page's end"
        VALUE [frame], program.back, "EIP in the frame across the page's end"
        VALUE [frame + 16], USERDATA, "SS in the frame across the page's end"
        RINGSBY mov dword [tss_area + 4], KERNELTOP + 3
        CHECK DONE, 0, ANY, "the frame is not aligned"
        VALUE [seen_esp], KERNELTOP - 17, "ESP of the handler, not aligned"
        VALUE [frame], program.back, "EIP in the frame, not aligned"
        RINGSBY mov word [tss_area + 8], OTHERSTACK
        CHECK DONE, 0, ANY, "SS0 changes"
        VALUE [seen_ss], OTHERSTACK, "SS of the handler"
        RINGSBY mov byte [gdt + KSTACK + 3], 0x10
        CHECK DONE, 0, ANY, "the inner stack's base changes"
        VALUE [KERNELTOP + 0x1000 - 20], program.end, "and the frames are there"
        RINGSBY and byte [gdt + KSTACK + 5], ~1
        CHECK DONE, 0, ANY, "the inner stack is not accessed any more"
        movzx ebx, byte [gdt + KSTACK + 5]
        VALUE ebx, 0x93, "INT n has accessed the stack again"
        ret

; IRET to ring 3
back:
        RINGSBY and byte [gdt + (USERCODE & ~3) + 5], 0x7F
        CHECK 11, USERCODE & ~3, handler.out, "the program's CS is not present any more: #NP(selector)"
        VALUE [got_cs], KCODE, "in the handler"
        RINGSBY and byte [gdt + (USERDATA & ~3) + 5], 0x7F
        CHECK 12, USERDATA & ~3, handler.out, "the program's SS is not present any more: #SS(selector)"
        RINGSBY and byte [gdt + (USERCODE & ~3) + 5], ~1
        CHECK DONE, 0, ANY, "the program's CS is not accessed any more"
        movzx ebx, byte [gdt + (USERCODE & ~3) + 5]
        VALUE ebx, 0xFB, "IRET has accessed it again"
        jmp .kernel_data
.keep:  mov ax, DATA32
        mov es, ax
        ret
.kernel_data:
        RINGS .keep
        CHECK DONE, 0, ANY, "the handler leaves an ES of its own"
        VALUE [got_es], 0, "IRET takes it away"
        RINGSBY or dword [esp + 8 + 4], 0x100
        CHECK 1, 0, program.back + 1, "TF in the frame: #DB after one instruction"
        RINGSBY or dword [esp + 8 + 4], 0x3000
        CHECK DONE, 0, ANY, "IOPL in the frame"
        VALUE [last_flags], 0x3202, "IOPL in the program"
        RINGSBY or dword [esp + 8 + 4], 0x40000
        CHECK DONE, 0, ANY, "AC in the frame"
        VALUE [frame + 8], 0x202, "AC is the program's to clear"
        RINGSBY or dword [esp + 8 + 4], 0x4000
        CHECK DONE, 0, ANY, "NT in the frame"
        RINGSBY and dword [esp + 8 + 4], ~0x200
        CHECK DONE, 0, ANY, "IF clear in the frame"
        VALUE [seen_flags], 2, "IF stays clear: a program's POPF does not set it"
        RINGSBY mov dword [esp + 4 + 4], DATA32 + 3
        CHECK 13, DATA32, handler.out, "data as CS in the frame: #GP(selector)"
        RINGSBY mov dword [esp + 16 + 4], DATA32 + 3
        CHECK 13, DATA32, handler.out, "DPL 0 as SS in the frame: #GP(selector)"
        RINGSBY sub dword [esp + 12 + 4], 0x100
        CHECK DONE, 0, ANY, "another ESP in the frame"
        VALUE [frame + 12], USERSTACK - 0x100, "ESP of the program"
        jmp .nested
.nest:  push dword 0x4202       ; NT
        popfd
        ret
.nested:
        RINGS .nest
        CHECK 10, 0, handler.out, "NT in the handler: IRET to the task in the back link, which is none: #TS(0)"
        ret

; IRET that stays in ring 0
same:
        pushfd
        push cs
        push dword .back
.iret:  iretd
.back:  inc dword [count]
        cmp dword [count], ROUNDS / 2
        jne .go
        call [change]
.go:    dec ecx
        jnz same
        int DONE

%macro INNERBY 1+
        CHANGES %1
        TRY
        mov ecx, ROUNDS
        jmp KCODE:same
        ENDTRY
%endmacro

inner:
        INNERBY nop
        CHECK DONE, 0, ANY, "nothing changes in ring 0"
        VALUE [got_cs], KCODE, "CS in ring 0"
        INNERBY and byte [gdt + KCODE + 5], 0x7F
        CHECK 11, KCODE, same.iret, "CS is not present any more: #NP(selector)"
        VALUE [count], ROUNDS / 2, "not one IRET too many"
        INNERBY mov byte [gdt + KCODE + 5], 0x93
        CHECK 13, KCODE, same.iret, "CS becomes data: #GP(selector)"
        INNERBY and byte [gdt + KCODE + 5], ~1
        CHECK DONE, 0, ANY, "CS is not accessed any more"
        movzx ebx, byte [gdt + KCODE + 5]
        VALUE ebx, 0x9B, "the inner IRET has accessed it again"
        INNERBY mov byte [gdt + KCODE + 6], 0x40
        CHECK DONE, 0, ANY, "CS has another limit, which is far enough"
        ret

; FS and GS in ring 0. ECX: how often
%macro AGAIN 1
        mov [read], eax
        inc dword [count]
        cmp dword [count], ROUNDS / 2
        jne %%go
        call [change]
%%go:   dec ecx
        jnz %1
        int DONE
%endmacro

by_move:
        mov eax, DATASEG
.at:    mov fs, ax
        mov eax, [fs:0]
        AGAIN by_move

by_memory:
        mov gs, [selector]
        mov eax, [gs:0]
        AGAIN by_memory

by_pop: push dword DATASEG | 3
        pop fs
        mov eax, [fs:0]
        AGAIN by_pop

by_pointer:
        lgs esi, [pointer]
        mov eax, [gs:esi]
        AGAIN by_pointer

by_short_pointer:
        o16 lfs si, [short_pointer]
        and esi, 0xFFFF
        mov eax, [fs:esi]
        AGAIN by_short_pointer

by_kernel:
        mov eax, KDATA
        mov fs, ax
        mov eax, [fs:0]
        AGAIN by_kernel

to_null:
        xor eax, eax
        mov fs, ax
        mov eax, DATASEG
        mov fs, ax
        mov eax, [fs:0]
        AGAIN to_null

to_flat:
        mov eax, DATASEG
        mov fs, ax
        mov ebx, [fs:0]
        mov eax, USERDATA
        mov fs, ax
        mov eax, [fs:FIRST]
        AGAIN to_flat

by_local:
        mov eax, INLDT
        mov fs, ax
        mov eax, [fs:0]
        AGAIN by_local

%macro BASEMOVES 1
        LOADSBY %1, mov byte [gdt + DATASEG + 3], 0x10
        CHECK DONE, 0, ANY, "the base changes"
        VALUE [count], ROUNDS, "every time"
        VALUE [read], 'two', "what is there"
%endmacro

loads:
        BASEMOVES by_move
        BASEMOVES by_memory
        BASEMOVES by_pop
        BASEMOVES by_pointer
        BASEMOVES by_short_pointer
        BASEMOVES to_null
        LOADSBY to_flat, mov dword [FIRST], 'new'
        CHECK DONE, 0, ANY, "flat and not flat by turns"
        VALUE [read], 'new', "what is there, flat"
        LOADSBY by_move, and byte [gdt + DATASEG + 5], 0x7F
        CHECK 11, DATASEG, by_move.at, "the segment is not present any more: #NP(selector)"
        VALUE [count], ROUNDS / 2, "not one load too many"
        LOADSBY by_move, mov byte [gdt + DATASEG + 5], 0x99
        CHECK 13, DATASEG, by_move.at, "the segment becomes execute-only: #GP(selector)"
        LOADSBY by_move, mov word [gdt + DATASEG], 2
        CHECK 13, 0, by_move.at + 2, "the limit shrinks: #GP(0) on access"
        LOADSBY by_move, and byte [gdt + DATASEG + 5], ~1
        CHECK DONE, 0, ANY, "the segment is not accessed any more"
        movzx ebx, byte [gdt + DATASEG + 5]
        VALUE ebx, 0xF3, "the load has accessed it again"
        LOADSBY by_move, lgdt [short_gdt_pointer]
        CHECK 13, DATASEG, by_move.at, "a shorter GDT: #GP(selector)"
        LOADSBY by_move, lgdt [other_gdt_pointer]
        CHECK DONE, 0, ANY, "another GDT"
        VALUE [read], 'two', "what is there by the other GDT"
        LOADSBY by_kernel, nop
        CHECK DONE, 0, ANY, "DPL 0 in ring 0"
        TRY
        USER .user
.user:  mov eax, KDATA
.at:    mov fs, ax
        int DONE
        ENDTRY
        CHECK 13, KDATA, .at, "and then in ring 3: #GP(selector)"
        ret

local:
        LOADSBY by_local, mov byte [ldt1 + 3], 0x10
        CHECK DONE, 0, ANY, "a base in the LDT changes"
        VALUE [read], 'two', "what is there by the LDT"
        mov byte [ldt1 + 3], 0
        jmp .load
.other: mov ax, LDTDESC2
        lldt ax
        ret
.load:  call fresh
        mov dword [change], .other
        TRY
        mov ecx, ROUNDS
        jmp by_local
        ENDTRY
        CHECK DONE, 0, ANY, "another LDT"
        VALUE [read], 'two', "what is there by the other LDT"
        ret

        align 8
ldt1:   dw DESC(FIRST, 0xFFF, 0x93, 4)
        dd 0, 0
ldt2:   dw DESC(SECOND, 0xFFF, 0x93, 4)
        dd 0, 0
other_idt_pointer: dw IDT_ENTRIES * 8 - 1
        dd other_idt
short_idt_pointer: dw SOFT * 8 - 1
        dd idt
other_gdt_pointer: dw gdt_end - gdt - 1
        dd other_gdt
short_gdt_pointer: dw DATASEG - 1
        dd gdt
change: dd 0
count:  dd 0
others: dd 0
last_flags: dd 0
seen_flags: dd 0
seen_esp: dd 0
seen_ss: dd 0
seen_cs: dd 0
frame:  times 5 dd 0
read:   dd 0
selector: dd DATASEG
pointer: dd 0
        dw DATASEG
short_pointer: dw 0, DATASEG
%include "end.inc"

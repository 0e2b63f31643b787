; Hardware tasks (SDM Vol. 3A, chapter 7): switches by CALL, JMP, IRET, gates and exceptions; checks before and after the switch.
%include "boot.inc"

NEWTSS     equ SPARE            ; the task that is switched to, 32 bits
NEWTSS16   equ SPARE + 0x08
TASKGATE   equ SPARE + 0x10
LDTDESC    equ SPARE + 0x18
NOTPRESENT equ SPARE + 0x20     ; code
NODATA     equ SPARE + 0x28     ; data, not present
SHORTTSS   equ SPARE + 0x30
GONETSS    equ SPARE + 0x38
SHORTCODE  equ SPARE + 0x40
GONELDT    equ SPARE + 0x48
SHORT16    equ SPARE + 0x50
BEYOND     equ 0x7F0
SOFT       equ 0x31

; FIELD offset, value: of the new task's TSS
%macro FIELD 2
        mov dword [new_tss + %1], %2
%endmacro

; A new task with everything right; EIP is %1.
%macro TASK 1
        mov edi, new_tss
        mov ecx, 104 / 4
        xor eax, eax
        cld
        rep stosd
        FIELD 4, 0x57000        ; ESP0
        FIELD 8, DATA32
        FIELD 0x20, %1
        FIELD 0x24, 2
        FIELD 0x38, 0x58000     ; ESP
        FIELD 0x48, DATA32
        FIELD 0x4C, CODE32
        FIELD 0x50, DATA32
        FIELD 0x54, DATA32
        FIELD 0x58, DATA32
        FIELD 0x5C, DATA32
        mov word [new_tss + 0x66], 104
        SETDESC NEWTSS, new_tss, 103, 0x89, 0
%endmacro

; BADTASK offset, value, vector, error, "name": the new task faults on arrival, in its own name
%macro BADTASK 5
        TASK arrived
        FIELD %1, %2
        call arm
        call NEWTSS:0
        clts
        CHECK %3, %4, arrived, %5
        VALUE [link], NEWTSS, "(in the new task)"
%endmacro

CATCH   equ SPARE + 0x60        ; three tasks, for vectors 10, 11 and 12

; The gates of 10, 11 and 12 lead to tasks, which have stacks of their own.
arm:    mov dword [got_vector], NONE
        mov dword [link], 0
        mov edi, catch_tss
        mov ecx, 3 * 104 / 4
        xor eax, eax
        cld
        rep stosd
%assign n 0
%rep 3
%define T catch_tss + n * 104
        mov dword [T + 0x1C], 0
        mov dword [T + 0x20], catch_ %+ n
        mov dword [T + 0x24], 2
        mov dword [T + 0x38], 0x56000
        mov dword [T + 0x48], DATA32
        mov dword [T + 0x4C], CODE32
        mov dword [T + 0x50], DATA32
        mov dword [T + 0x54], DATA32
        SETDESC CATCH + n * 8, T, 103, 0x89, 0
        SETGATE idt + (10 + n) * 8, CATCH + n * 8, 0, 0x85, 0
%assign n n + 1
%endrep
        ret

disarm: mov eax, 10
        call restore_gate
        mov eax, 11
        call restore_gate
        mov eax, 12
        jmp restore_gate

%assign n 0
%rep 3
catch_ %+ n:
        mov dword [got_vector], 10 + n
        pop dword [got_error]
        movzx eax, word [catch_tss + n * 104]
        mov [link], eax
        mov eax, [new_tss + 0x20]
        mov [got_eip], eax
        jmp catch_end
%assign n n + 1
%endrep
catch_end:
        and byte [gdt + TSS + 5], ~2
        jmp TSS:0

; After a test that ended in another task: the first one again.
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
        mov fs, ax
        mov gs, ax
        clts
        ret

tests:
        SETDESC LDTDESC, new_tss, 31, 0x82, 0
        SETDESC NOTPRESENT, 0, 0xFFFFF, 0x1B, 0xC
        SETDESC NODATA, 0, 0xFFFFF, 0x13, 0xC
        SETDESC SHORTTSS, new_tss, 102, 0x89, 0
        SETDESC SHORT16, new_tss, 42, 0x81, 0
        SETDESC GONETSS, new_tss, 103, 0x09, 0
        SETDESC SHORTCODE, 0, 15, 0x9B, 4
        SETDESC GONELDT, 0, 31, 0x02, 0
        call plain
        call checks
        call arrivals
        call gates
        call sixteen
        jmp flags

; 3A 7.3
plain:
        TASK .task
        mov ebx, 0x11112222
        mov dword [tss_area + 0x34], 0
        clts
        call NEWTSS:0
.back:  VALUE [seen], 0x4002, "CALL: NT is set in the new task"
        VALUE [link], TSS, "the back link"
        VALUE [busy], 0x8B, "the new TSS is busy meanwhile"
        VALUE [busy_old], 0x8B, "the old one stays busy"
        VALUE [seen_cr0], 8, "CR0.TS is set"
        VALUE [tss_area + 0x34], 0x11112222, "the old TSS has EBX"
        VALUE [tss_area + 0x20], plain.back, "and EIP after the CALL"
        VALUE [tss_area + 0x4C], CODE32, "and CS"
        VALUE [new_tss + 0x20], .after, "IRET saves EIP of the task that ends"
        movzx ecx, byte [gdt + NEWTSS + 5]
        VALUE ecx, 0x89, "which is no longer busy"
        mov ecx, [new_tss + 0x24]
        and ecx, 0x4000
        VALUE ecx, 0, "IRET clears NT in the image of the task that ends"
        pushfd
        pop ecx
        and ecx, 0x4000
        VALUE ecx, 0, "the first task has no NT"
        VALUE ebx, 0x11112222, "EBX is back"
        clts
        ; JMP there and back
        TASK .jumped
        jmp NEWTSS:0
.over:  VALUE [seen], 2, "JMP: NT stays clear"
        VALUE [busy_old], 0x89, "JMP: the old TSS is not busy"
        VALUE [busy], 0x8B, "the new one is"
        VALUE [link], 0, "and has no back link"
        clts
        ret
.task:  pushfd
        pop dword [seen]
        mov eax, [new_tss]
        mov [link], eax
        movzx eax, byte [gdt + NEWTSS + 5]
        mov [busy], eax
        movzx eax, byte [gdt + TSS + 5]
        mov [busy_old], eax
        mov eax, cr0
        and eax, 8
        mov [seen_cr0], eax
        iretd
.after: jmp .task
.jumped:
        pushfd
        pop dword [seen]
        mov eax, [new_tss]
        mov [link], eax
        movzx eax, byte [gdt + NEWTSS + 5]
        mov [busy], eax
        movzx eax, byte [gdt + TSS + 5]
        mov [busy_old], eax
        jmp TSS:0

; 3A table 7-1, the checks before the switch: the old task faults
checks:
        TASK arrived
%macro BEFORE 5+ ; vector, error, "name", unused, instruction
        TRY
%%at:   %5
        ENDTRY
        CHECK %1, %2, %%at, %3
%endmacro
        BEFORE 13, TSS, "CALL of the busy TSS: #GP(TSS)", 0, call TSS:0
        BEFORE 13, TSS, "JMP to the busy TSS: #GP(TSS)", 0, jmp TSS:0
        BEFORE 11, GONETSS, "TSS not present: #NP(TSS)", 0, call GONETSS:0
        BEFORE 10, SHORTTSS, "limit of a 32-bit TSS below 103: #TS(TSS)", 0, call SHORTTSS:0
        BEFORE 10, SHORT16, "limit of a 16-bit TSS below 43: #TS(TSS)", 0, call SHORT16:0
        BEFORE 13, NEWTSS, "TSS with DPL below RPL: #GP(TSS)", 0, call (NEWTSS | 3):0
        TRY
        USER .user
.user:  call NEWTSS:0
        ENDTRY
        CHECK 13, NEWTSS, .user, "TSS with DPL below CPL: #GP(TSS)"
        pushfd
        or dword [esp], 0x4000
        popfd
        mov dword [tss_area], 0
        TRY
.ir0:   iretd
        ENDTRY
        CHECK 10, 0, .ir0, "IRET with NT, link null: #TS(0)"
        pushfd
        or dword [esp], 0x4000
        popfd
        mov dword [tss_area], NEWTSS
        TRY
.ir1:   iretd
        ENDTRY
        CHECK 10, NEWTSS, .ir1, "IRET with NT, the linked TSS is not busy: #TS(link)"
        pushfd
        or dword [esp], 0x4000
        popfd
        mov dword [tss_area], DATA32
        TRY
        iretd
        ENDTRY
        CHECK 10, DATA32, ANY, "IRET with NT, the link is no TSS: #TS(link)"
        pushfd
        or dword [esp], 0x4000
        popfd
        mov dword [tss_area], NEWTSS | 4
        TRY
        iretd
        ENDTRY
        CHECK 10, NEWTSS | 4, ANY, "IRET with NT, the link has TI set: #TS(link)"
        mov dword [tss_area], 0
        ret

; 3A table 7-1, the checks after it: the new task faults, at its first instruction
arrivals:
        BADTASK 0x60, DATA32, 10, DATA32, "LDT selector of a data segment: #TS(LDT)"
        BADTASK 0x60, GONELDT, 10, GONELDT, "LDT not present: #TS(LDT)"
        BADTASK 0x60, BEYOND, 10, BEYOND, "LDT beyond the GDT: #TS(LDT)"
        BADTASK 0x60, LDTDESC | 4, 10, LDTDESC | 4, "LDT with TI set: #TS(LDT)"
        BADTASK 0x54, DATA32 | 3, 10, DATA32, "DS with RPL beyond DPL: #TS(DS)"
        BADTASK 0x54, NODATA, 11, NODATA, "DS not present: #NP(DS)"
        BADTASK 0x54, BEYOND, 10, BEYOND, "DS beyond the GDT: #TS(DS)"
        BADTASK 0x58, TSS, 10, TSS, "FS of a system descriptor: #TS(FS)"
        BADTASK 0x48, NODATA, 11, NODATA, "ES not present: #NP(ES)"
        BADTASK 0x4C, 0, 10, 0, "CS null: #TS(0)"
        BADTASK 0x4C, BEYOND, 10, BEYOND, "CS beyond the GDT: #TS(CS)"
        BADTASK 0x4C, DATA32, 10, DATA32, "CS of data: #TS(CS)"
        BADTASK 0x4C, CODE32 | 3, 10, CODE32, "CS with RPL 3 and DPL 0: #TS(CS)"
        BADTASK 0x4C, NOTPRESENT, 11, NOTPRESENT, "CS not present: #NP(CS)"
        BADTASK 0x50, 0, 10, 0, "SS null: #TS(0)"
        BADTASK 0x50, BEYOND, 10, BEYOND, "SS beyond the GDT: #TS(SS)"
        BADTASK 0x50, DATA32 | 3, 10, DATA32, "SS with RPL 3 at CPL 0: #TS(SS)"
        BADTASK 0x50, USERDATA & ~3, 10, USERDATA & ~3, "SS with DPL 3 at CPL 0: #TS(SS)"
        BADTASK 0x50, CODE32, 10, CODE32, "SS of code: #TS(SS)"
        BADTASK 0x50, NODATA, 12, NODATA, "SS not present: #SS(SS)"
        call disarm
        ; EIP beyond the limit of CS comes when everything else is there
        TASK 16
        FIELD 0x4C, SHORTCODE
        TRY
        call NEWTSS:0
        ENDTRY
        CHECK 13, 0, 16, "EIP beyond the limit of CS: #GP(0)"
        call leave_task
        ret

arrived: ud2

; 3A 7.2.5, 7.3: task gates
gates:
        TASK plain.task
        SETGATE gdt + TASKGATE, NEWTSS, 0, 0x85, 0
        call TASKGATE:0
        VALUE [link], TSS, "CALL through a task gate"
        clts
        SETGATE gdt + TASKGATE, NEWTSS, 0, 0xE5, 0
        TASK plain.task
        TRY
        USER .user
.user:  call TASKGATE:0
        int DONE
        ENDTRY
        CHECK DONE, 0, ANY, "CALL through a task gate of DPL 3 from ring 3, and back"
        clts
        SETGATE gdt + TASKGATE, GONETSS, 0, 0x85, 0
        BEFORE 11, GONETSS, "a task gate to a TSS that is not present: #NP(TSS)", 0, call TASKGATE:0
        SETGATE gdt + TASKGATE, NEWTSS, 0, 0x05, 0
        BEFORE 11, TASKGATE, "a task gate that is not present: #NP(gate)", 0, call TASKGATE:0
        SETGATE gdt + TASKGATE, DATA32, 0, 0x85, 0
        BEFORE 13, DATA32, "a task gate to data: #GP(selector)", 0, call TASKGATE:0
        ; INT through a task gate
        TASK plain.task
        SETGATE idt + SOFT * 8, NEWTSS, 0, 0x85, 0
        int SOFT
.soft:  VALUE [link], TSS, "INT through a task gate"
        VALUE [tss_area + 0x20], .soft, "EIP after the INT"
        clts
        ; an exception with an error code
        TASK .handler
        SETGATE idt + 13 * 8, NEWTSS, 0, 0x85, 0
        mov dword [seen], 0
        mov ax, BEYOND
.fault: mov fs, ax
.cont:  VALUE [seen], BEYOND, "#GP through a task gate pushes its error code"
        VALUE [seen_esp], 0x58000 - 4, "on the new task's stack"
        VALUE [seen_eip], .fault, "EIP of the instruction that faulted"
        mov ecx, [seen_flags]
        and ecx, 0x10000
        VALUE ecx, 0x10000, "with RF in the image"
        mov eax, 13
        call restore_gate
        clts
        ; a double fault through a task gate when the stack is gone
        TASK .double
        SETGATE idt + 8 * 8, NEWTSS, 0, 0x85, 0
        and byte [idt + 11 * 8 + 5], 0x7F
        and byte [idt + 13 * 8 + 5], 0x7F
        mov dword [seen], -1
        mov ax, BEYOND
        mov fs, ax
.cont2: VALUE [seen], 0, "#DF through a task gate pushes 0"
        or byte [idt + 11 * 8 + 5], 0x80
        or byte [idt + 13 * 8 + 5], 0x80
        mov eax, 8
        call restore_gate
        clts
        ret
.handler:
        mov [seen_esp], esp
        pop dword [seen]
        mov eax, [tss_area + 0x20]
        mov [seen_eip], eax
        mov eax, [tss_area + 0x24]
        mov [seen_flags], eax
        mov dword [tss_area + 0x20], .cont
        iretd
.double:
        pop dword [seen]
        mov dword [tss_area + 0x20], .cont2
        iretd

; 3A 7.6: a 16-bit TSS
sixteen:
        mov edi, new_tss
        mov ecx, 104 / 4
        xor eax, eax
        rep stosd
        mov word [new_tss + 0x0E], .task
        mov word [new_tss + 0x10], 2
        mov word [new_tss + 0x12], 0x1234       ; AX
        mov word [new_tss + 0x1A], 0x8000       ; SP
        mov word [new_tss + 0x22], DATA32       ; ES CS SS DS
        mov word [new_tss + 0x24], CODE32
        mov word [new_tss + 0x26], DATA16
        mov word [new_tss + 0x28], DATA32
        SETDESC NEWTSS16, new_tss, 43, 0x81, 0
        call NEWTSS16:0
        clts
        movzx ecx, word [seen]
        VALUE ecx, 0x1234, "a 16-bit TSS: AX"
        movzx ecx, word [seen_esp]
        VALUE ecx, 0x8000, "and SP"
        movzx ecx, word [link]
        VALUE ecx, TSS, "the back link"
        VALUE [busy], 0x83, "busy is type 3"
        movzx ecx, word [new_tss + 0x12]
        VALUE ecx, 0x83, "AX is saved in it when it ends"
        movzx ecx, word [seen_fs]
        VALUE ecx, 0, "FS is null in it"
        ; from virtual-8086 mode: its EFLAGS have no VM, and nothing of the old ones is left
        mov word [new_tss + 0x0E], .out
        mov word [new_tss + 0x10], 2
        mov word [new_tss + 0x1A], 0x7000
        mov word [new_tss + 0x22], DATA32
        mov word [new_tss + 0x24], CODE32
        mov word [new_tss + 0x26], DATA16
        mov word [new_tss + 0x28], DATA32
        SETDESC NEWTSS16, new_tss, 43, 0x81, 0
        SETGATE idt + 3 * 8, NEWTSS16, 0, 0xE5, 0
        mov dword [seen], -1
        mov [main_esp], esp
        push dword 0
        push dword 0
        push dword 0x4000
        push dword 0x4000
        push dword 0x4F00
        push dword 0x800
        push dword 0x60202      ; VM, AC, IF
        push dword 0x4000
        push dword 0
        mov byte [0x40000], 0xCC
        iretd
.out:   pushfd
        pop dword [seen]
        mov ax, DATA32
        mov ss, ax
        mov esp, [main_esp]
        call leave_task
        VALUE [seen], 0x4002, "an interrupt out of virtual-8086 mode: EFLAGS are the 16 bits of the TSS and NT"
        mov eax, 3
        jmp restore_gate
.task:  mov [seen], eax
        mov [seen_esp], esp
        mov [seen_fs], fs
        mov eax, [new_tss]
        mov [link], eax
        movzx eax, byte [gdt + NEWTSS16 + 5]
        mov [busy], eax
        iretd

; 3A 7.2.1: T raises #DB after the switch; EFLAGS, CR3 and LDT come from the TSS
flags:
        TASK .trapped
        mov word [new_tss + 0x64], 1
        mov eax, 0xFFFF0FF0
        mov dr6, eax
        TRY
        call NEWTSS:0
        ENDTRY
        mov ebx, dr6
        call leave_task
        CHECK 1, 0, .trapped, "T flag: #DB before the first instruction"
        and ebx, 0x8000
        VALUE ebx, 0x8000, "DR6.BT says so"
        ; a task in ring 3
        TASK .ring3
        FIELD 0x4C, USERCODE
        FIELD 0x50, USERDATA
        FIELD 0x54, USERDATA
        FIELD 0x48, USERDATA
        FIELD 0x58, 0
        FIELD 0x5C, 0
        TRY
        jmp NEWTSS:0
        ENDTRY
        call leave_task
        VALUE [got_vector], DONE, "a task whose CS has RPL 3"
        VALUE [got_cs], USERCODE, "runs in ring 3"
        VALUE [got_after], 0x57000, "and has its own ESP0"
        ; V86 task
        TASK .v86
        mov dword [new_tss + 0x20], 0
        FIELD 0x24, 0x20002
        FIELD 0x4C, V86CODE >> 4
        FIELD 0x50, 0x5000
        FIELD 0x54, 0x1234
        FIELD 0x38, 0x1000
        TRY
        jmp NEWTSS:0
        ENDTRY
        call leave_task
        VALUE [got_vector], 13, "a task in virtual-8086 mode (its HLT is #GP)"
        mov ecx, [got_v86 + 4]
        movzx ecx, cx
        VALUE ecx, 0x1234, "with DS of the TSS"
        ret
.trapped: ud2
.ring3: int DONE
.v86:
        align 16
V86CODE equ $ - $$ + 0x7C00
        hlt

        align 4
seen:     dd 0
link:     dd 0
busy:     dd 0
busy_old: dd 0
seen_cr0: dd 0
seen_esp: dd 0
seen_eip: dd 0
seen_flags: dd 0
main_esp: dd 0
seen_fs:  dd 0
        align 16
new_tss: times 32 dd 0
catch_tss: times 3 * 104 / 4 dd 0
%include "end.inc"

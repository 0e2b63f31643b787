; Paging (SDM Vol. 3A, chapter 4; 6.15 interrupt 14): rights, A and D, error codes, CR2, large pages, PAE, restartability.
%include "boot.inc"

DIRECTORY equ 0x70000
TABLE     equ 0x71000           ; 0 to 4 MiB
TABLE2    equ 0x72000           ; 4 to 8 MiB: the pages that are tried
PDPT      equ 0x74000
PAEDIR    equ 0x75000           ; four directories would be four pages; one is used
PAETABLE  equ 0x76000           ; 2 to 4 MiB ... see pae
TRIED     equ 0x400000          ; linear
FRAME     equ 0x80000           ; physical
FRAME2    equ 0x81000

P equ 1
W equ 2
U equ 4
A equ 0x20
D equ 0x40

%macro PTE 2    ; page number from TRIED, entry
        mov dword [TABLE2 + (%1) * 4], %2
        invlpg [TRIED + (%1) * 0x1000]
%endmacro

; FAULTS error, cr2, "name", instruction in ring 0
%macro FAULTS 4+
        TRY
%%at:   %4
        ENDTRY
        CHECK 14, %1, %%at, %3
        VALUE [got_cr2], %2, "(CR2)"
%endmacro

%macro UFAULTS 4+       ; the same in ring 3
        TRY
        USER %%at
%%at:   %4
        int DONE
        ENDTRY
        CHECK 14, %1, %%at, %3
        VALUE [got_cr2], %2, "(CR2)"
%endmacro

%macro FINE 2+
        TRY
        %2
        ENDTRY
        CHECK NONE, 0, ANY, %1
%endmacro

%macro UFINE 2+
        TRY
        USER %%at
%%at:   %2
        int DONE
        ENDTRY
        CHECK DONE, 0, ANY, %1
%endmacro

%macro ENTRY 3  ; address of the entry, wanted A and D, name
        mov ecx, [%1]
        and ecx, A | D
        VALUE ecx, %2, %3
%endmacro

tests:
        mov edi, DIRECTORY
        mov ecx, 0x6000 / 4
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
        call rights
        call marks
        call crossing
        call large
        call structures
        call doubles
        mov eax, cr0
        and eax, 0x7FFFFFFF
        mov cr0, eax
        jmp pae

; 4.6, 4.7
rights:
        PTE 0, 0
        FAULTS 0, TRIED + 0x123, "read, not present: error 0", mov al, [TRIED + 0x123]
        FAULTS 2, TRIED, "write, not present: error 2", mov [TRIED], eax
        UFAULTS 4, TRIED, "read in ring 3, not present: error 4", mov eax, [TRIED]
        UFAULTS 6, TRIED, "write in ring 3, not present: error 6", mov [TRIED], eax
        FAULTS 2, TRIED, "a read-modify-write, not present: error 2", add [TRIED], eax
        FAULTS 2, TRIED, "XCHG, not present: error 2", xchg [TRIED], eax
        FAULTS 0, TRIED, "CMP, not present: error 0", cmp [TRIED], eax
        FAULTS 2, TRIED, "CMPXCHG, not present: error 2", cmpxchg [TRIED], ecx
        FAULTS 2, TRIED, "CMPXCHG8B, not present: error 2", cmpxchg8b [TRIED]
        FAULTS 2, TRIED, "BTS, not present: error 2", bts dword [TRIED], 1
        FAULTS 0, TRIED, "BT, not present: error 0", bt dword [TRIED], 1
        TRY
        mov ebx, TRIED
        jmp ebx
        ENDTRY
        CHECK 14, 0, TRIED, "a fetch, not present: error 0, EIP is the target"
        PTE 0, FRAME | P
        FINE "ring 0 writes to a read-only page with WP clear", mov [TRIED], eax
        mov eax, cr0
        or eax, 0x10000
        mov cr0, eax
        FAULTS 3, TRIED, "with WP set: error 3", mov [TRIED], eax
        mov eax, cr0
        and eax, ~0x10000
        mov cr0, eax
        FINE "and again with WP clear", mov [TRIED], eax
        UFAULTS 5, TRIED, "read of a supervisor page in ring 3: error 5", mov eax, [TRIED]
        PTE 0, FRAME | P | U
        UFINE "read of a read-only user page in ring 3", mov eax, [TRIED]
        UFAULTS 7, TRIED, "write to it: error 7", mov [TRIED], eax
        mov dword [DIRECTORY + 4], TABLE2 | P | U
        mov eax, cr3
        mov cr3, eax
        PTE 0, FRAME | P | W | U
        UFAULTS 7, TRIED, "read-only by the directory: error 7", mov [TRIED], eax
        mov dword [DIRECTORY + 4], TABLE2 | P | W
        mov eax, cr3
        mov cr3, eax
        UFAULTS 5, TRIED, "supervisor by the directory: error 5", mov eax, [TRIED]
        mov dword [DIRECTORY + 4], 0
        mov eax, cr3
        mov cr3, eax
        UFAULTS 4, TRIED, "not present in the directory: error 4", mov eax, [TRIED]
        mov dword [DIRECTORY + 4], TABLE2 | P | W | U
        ret

; 4.8
marks:
        and dword [DIRECTORY + 4], ~(A | D)
        PTE 0, FRAME | P | W | U
        mov eax, cr3
        mov cr3, eax
        mov eax, [TRIED]
        ENTRY TABLE2, A, "a read sets A"
        ENTRY DIRECTORY + 4, A, "and A of the directory entry"
        mov [TRIED], eax
        ENTRY TABLE2, A | D, "a write sets D"
        PTE 0, FRAME | P | W | U
        lock add dword [TRIED], 1
        ENTRY TABLE2, A | D, "a read-modify-write sets A and D"
        PTE 0, FRAME | P
        mov eax, cr0
        or eax, 0x10000
        mov cr0, eax
        TRY
        mov [TRIED], eax
        ENDTRY
        ENTRY TABLE2, 0, "a write that faults sets neither"
        mov eax, cr0
        and eax, ~0x10000
        mov cr0, eax
        ; 4.10.4.1: INVLPG makes a new frame seen
        mov dword [FRAME], 0x1111
        mov dword [FRAME2], 0x2222
        PTE 0, FRAME | P | W
        VALUE [TRIED], 0x1111, "a page"
        PTE 0, FRAME2 | P | W
        VALUE [TRIED], 0x2222, "another frame after INVLPG"
        mov dword [TABLE2], FRAME | P | W
        mov eax, cr3
        mov cr3, eax
        VALUE [TRIED], 0x1111, "another frame after MOV to CR3"
        ret

; operands across two pages, and instructions that are half done: nothing has happened
crossing:
        PTE 0, FRAME | P | W
        PTE 1, 0
        mov dword [FRAME + 0xFFC], 0x12345678
        FAULTS 0, TRIED + 0x1000, "a read across the end: CR2 is the second page", mov eax, [TRIED + 0xFFE]
        FAULTS 2, TRIED + 0x1000, "a write across the end", mov [TRIED + 0xFFE], eax
        VALUE [FRAME + 0xFFC], 0x12345678, "leaves the first page as it was"
        PTE 1, FRAME2 | P
        mov eax, cr0
        or eax, 0x10000
        mov cr0, eax
        FAULTS 3, TRIED + 0x1000, "a read-modify-write across the end to a read-only page", not dword [TRIED + 0xFFE]
        VALUE [FRAME + 0xFFC], 0x12345678, "changes nothing"
        mov eax, cr0
        and eax, ~0x10000
        mov cr0, eax
        PTE 1, 0
        ; PUSHA over the end downward: ESP stays
        TRY
        USER .pusha
.pusha: mov esp, TRIED + 0x1008
        pusha
        ENDTRY
        CHECK 14, 6, ANY, "PUSHA whose first stores fault in ring 3: error 6"
        VALUE [got_esp], TRIED + 0x1008, "ESP is as it was"
        PTE 1, FRAME2 | P | W | U
        PTE 0, 0
        TRY
        USER .push2
.push2: mov esp, TRIED + 0x1008
        pusha
        ENDTRY
        CHECK 14, 6, ANY, "PUSHA whose last stores fault"
        VALUE [got_esp], TRIED + 0x1008, "ESP is as it was"
        TRY
        USER .enter
.enter: mov esp, TRIED + 0x1004
        mov ebp, 0x1234
        enter 16, 0
        ENDTRY
        CHECK 14, 6, ANY, "ENTER whose frame ends in a missing page: error 6"
        VALUE [got_esp], TRIED + 0x1004, "ESP is as it was"
        VALUE ebp, 0x1234, "EBP too"
        ; REP MOVS stops at the page, with exact registers
        PTE 0, FRAME | P | W | U
        PTE 1, 0
        TRY
        mov esi, 0x8000
        mov edi, TRIED + 0xFF0
        mov ecx, 32
.rep:   rep movsb
        ENDTRY
        CHECK 14, 2, .rep, "REP MOVSB into a missing page"
        VALUE [got_ecx], 16, "ECX: what is left"
        VALUE [got_edi], TRIED + 0x1000, "EDI: where it stopped"
        VALUE [got_esi], 0x8010, "ESI"
        TRY
        mov esi, TRIED + 0xFF2
        mov edi, 0x90000
        mov ecx, 32
.rep4:  rep movsd
        ENDTRY
        CHECK 14, 0, .rep4, "REP MOVSD from across a missing page"
        VALUE [got_ecx], 29, "ECX"
        VALUE [got_cr2], TRIED + 0x1000, "CR2"
        ; POP to memory that faults
        TRY
        mov ebx, esp
        push eax
.pop:   pop dword [TRIED + 0x1000]
        ENDTRY
        CHECK 14, 2, .pop, "POP into a missing page"
        ; CALL whose push faults: EIP at the CALL
        TRY
        USER .call
.call:  mov esp, TRIED + 0x1004
.call2: call .call
        ENDTRY
        CHECK 14, 6, .call2, "CALL whose push faults: EIP is the CALL's"
        ; an instruction across two pages of which the second is missing
        mov byte [FRAME + 0xFFF], 0xB8
        TRY
        mov ebx, TRIED + 0xFFF
        jmp ebx
        ENDTRY
        CHECK 14, 0, TRIED + 0xFFF, "an instruction that goes on in a missing page: EIP is its start"
        VALUE [got_cr2], TRIED + 0x1000, "CR2 the page"
        ret

; 4.3: 4 MiB pages
large:
        mov eax, 1
        cpuid
        test dl, 8
        jz .none
        mov dword [FRAME], 0x1111
        mov eax, cr4
        or al, 0x10
        mov cr4, eax
        mov dword [DIRECTORY + 8], 0x00000080 | P | W | U
        VALUE [0x800000 + FRAME], 0x1111, "a page of 4 MiB"
        mov ecx, [DIRECTORY + 8]
        and ecx, A | D
        VALUE ecx, A, "its A"
        mov dword [0x800000 + FRAME], 0x3333
        mov ecx, [DIRECTORY + 8]
        and ecx, A | D
        VALUE ecx, A | D, "its D"
        mov dword [DIRECTORY + 8], 0x00000080 | P
        mov eax, cr3
        mov cr3, eax
        UFAULTS 5, 0x800000 + FRAME, "a supervisor page of 4 MiB in ring 3: error 5", mov eax, [0x800000 + FRAME]
        mov dword [DIRECTORY + 8], 0x00200080 | P | W | U
        mov eax, cr3
        mov cr3, eax
        FAULTS 9, 0x800000, "bit 21 of a 4 MiB entry is reserved: error 9", mov eax, [0x800000]
        UFAULTS 13, 0x800000, "in ring 3: error 13", mov eax, [0x800000]
        FAULTS 11, 0x800000, "by a write: error 11", mov [0x800000], eax
        mov dword [DIRECTORY + 8], 0
        mov eax, cr4
        and al, ~0x10
        mov cr4, eax
.none:  ret

; faults in system structures: the access is the supervisor's
structures:
        ; a GDT in a missing page, read from ring 3
        PTE 0, 0
        sgdt [saved]
        mov word [moved], 0xFFF
        mov dword [moved + 2], TRIED - 0x100
        mov esi, gdt
        mov edi, TRIED - 0x100
        mov ecx, 0x100 / 4
        rep movsd
        TRY
        lgdt [moved]
        mov ax, 0x100
.gdt:   mov fs, ax
        ENDTRY
        CHECK 14, 0, .gdt, "a descriptor in a missing page: error 0"
        VALUE [got_cr2], TRIED, "CR2 is the descriptor"
        TRY
        USER .user
.user:  mov ax, 0x100
        mov fs, ax
        ENDTRY
        CHECK 14, 0, ANY, "from ring 3 as well: error 0, not 4"
        lgdt [saved]
        ; the accessed bit in a read-only page with WP
        ret

; table 6-5
doubles:
        PTE 0, 0
        and byte [idt + 14 * 8 + 5], 0x7F
        TRY
        mov eax, [TRIED]
        ENDTRY
        CHECK 8, 0, ANY, "#PF whose gate is not present: #DF"
        or byte [idt + 14 * 8 + 5], 0x80
        ; #PF while #PF is delivered: the gate leads to ring 1, whose stack is missing
        SETDESC SPARE, 0, 0xFFFFF, 0xBB, 0xC
        SETDESC SPARE + 8, 0, 0xFFFFF, 0xB3, 0xC
        SETGATE idt + 14 * 8, SPARE, .ring1, 0x8E, 0
        mov dword [tss_area + 12], TRIED + 0x800
        mov dword [tss_area + 16], (SPARE + 8) | 1
        TRY
        USER .pf
.pf:    mov eax, [TRIED]
        ENDTRY
        CHECK 8, 0, .pf, "#PF during #PF: #DF, EIP is the first's"
        mov eax, 14
        call restore_gate
        ; #PF while #UD is delivered: benign, #PF
        SETGATE idt + 6 * 8, SPARE, .ring1, 0x8E, 0
        TRY
        USER .ud
.ud:    ud2
        ENDTRY
        CHECK 14, 2, .ud, "#PF while #UD is delivered: #PF, a supervisor write"
        mov eax, 6
        call restore_gate
        SETGATE idt + 13 * 8, SPARE, .ring1, 0x8E, 0
        TRY
        USER .gp
.gp:    hlt
        ENDTRY
        CHECK 14, 2, .gp, "#PF while #GP is delivered: #PF, not #DF (table 6-5)"
        mov eax, 13
        call restore_gate
        ret
.ring1: int DONE

; 4.4
pae:
        mov eax, 1
        cpuid
        test dl, 0x40
        jz .none
        mov edi, PDPT
        mov ecx, 0x3000 / 4
        xor eax, eax
        rep stosd
        mov dword [PDPT], PAEDIR | P
        mov dword [PAEDIR], 0x83                ; 0 to 2 MiB, 4-MiB..: 2 MiB page
        mov dword [PAEDIR], 0x87
        mov dword [PAEDIR + 8], PAETABLE | P | W | U
        mov dword [PAETABLE], FRAME | P | W | U
        mov eax, cr4
        or al, 0x20
        mov cr4, eax
        mov eax, PDPT
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        mov dword [FRAME], 0x4444
        VALUE [0x200000], 0x4444, "PAE: a page of 4 KiB"
        mov ecx, [PAETABLE]
        and ecx, A | D
        VALUE ecx, A, "PAE: its A"
        UFAULTS 4, 0x201000, "PAE: not present", mov eax, [0x201000]
        UFAULTS 4, 0x40000000, "PAE: no directory pointer", mov eax, [0x40000000]
        mov dword [PAETABLE + 12], 0x40000000   ; bit 62 of the second entry
        mov dword [PAETABLE + 8], FRAME | P | W | U
        FAULTS 9, 0x201000, "PAE: bit 62 is reserved: error 9", mov eax, [0x201000]
        mov dword [PAETABLE + 12], 0x80000000
        invlpg [0x201000]
        FAULTS 9, 0x201000, "PAE: bit 63 is reserved without NX: error 9", mov eax, [0x201000]
        mov dword [PAEDIR + 16], 0x00002080 | P | W | U
        FAULTS 9, 0x400000, "PAE: bit 13 of a 2 MiB entry is reserved: error 9", mov eax, [0x400000]
        mov dword [PAEDIR + 16], 0x00000080 | P | W | U
        invlpg [0x400000]
        VALUE [0x400000 + FRAME], 0x4444, "PAE: a page of 2 MiB"
        ; 4.4.1: the pointers are loaded with CR3, and checked
        mov dword [PDPT + 8], PAEDIR | P | 2
        TRY
        mov eax, PDPT
.cr3:   mov cr3, eax
        ENDTRY
        CHECK 13, 0, .cr3, "PAE: MOV to CR3 with a reserved bit in a pointer: #GP(0)"
        mov dword [PDPT + 8], PAEDIR | P
        UFAULTS 4, 0x40000000, "PAE: a pointer counts from the next MOV to CR3", mov eax, [0x40000000]
        mov eax, PDPT
        mov cr3, eax
        VALUE [0x40000000 + FRAME], 0x4444, "PAE: then it does"
        mov eax, cr0
        and eax, 0x7FFFFFFF
        mov cr0, eax
        mov eax, cr4
        and al, ~0x20
        mov cr4, eax
.none:  ret

        align 4
saved:  dd 0, 0
moved:  dd 0, 0
%include "end.inc"

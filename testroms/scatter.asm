; Floppy: an attack on the host's mappings. In ring 0, every second page of 4 GiB is counted up and read for a while, so that the loop is
; hot enough for the window of the host's MMU (docs/decisions/0012) and each page is two more mappings of the host's. One page table of 4 MiB
; serves for all of them. Near the 65,530 mappings that Linux allows, new code of many kinds of instruction runs at each page: a process that has
; used them up dies of what its runtime needs for that. At the end each page must have been counted 1024 times a round: "scattered" on port E9 and
; exit code 15, or 17.
DIRECTORY equ 0x10000
TABLE     equ 0x11000
FIRST     equ 0x100000          ; below are the video memory and ROMs
LAST      equ 0x400000
CODE      equ 0x20000           ; made anew each time
SCRATCH   equ 0x30000
FROM      equ 30000             ; pages: the runtime has some hundred mappings of its own
UPTO      equ 33000
SECTORS   equ 4
SPIN      equ 3000
ROUNDS    equ 1

        bits 16
        org 0x7C00
        cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7C00
        sti
        mov ax, 0x200 + SECTORS - 1
        mov bx, 0x7E00
        mov cx, 2
        mov dh, 0
        int 0x13
        cli
        in al, 0x92             ; A20
        or al, 2
        out 0x92, al
        lgdt [gdtr]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp 8:flat

        bits 32
flat:   mov ax, 16
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov esp, 0x7C00
        cld
        mov edi, DIRECTORY
        mov ecx, 1024
        mov eax, TABLE | 3
        rep stosd
        mov ecx, 1024
        mov eax, 3
entry:  stosd
        add eax, 0x1000
        loop entry
        mov edi, FIRST
        mov ecx, (LAST - FIRST) / 4
        xor eax, eax
        rep stosd
        mov eax, DIRECTORY
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax

        fninit
        xor ebx, ebx            ; pages so quick
        mov dword [next], instructions
        mov ebp, ROUNDS
round:  xor esi, esi            ; 4 MiB each
alias:  mov edi, FIRST
page:   inc dword [esi + edi]
        mov ecx, SPIN
spin:   add edx, [esi + edi]
        dec ecx
        jnz spin
        inc ebx
        cmp ebx, FROM
        jb quick
        cmp ebx, UPTO
        ja quick
        call storm
quick:    add edi, 0x2000
        cmp edi, LAST
        jb page
        mov al, '.'
        test esi, 0x0FFFFFFF    ; one a 256 MiB
        jnz quiet
        out 0xE9, al
quiet:  add esi, LAST
        jnz alias
        dec ebp
        jnz round

        mov esi, wrong
        mov bl, 8
        mov edi, FIRST
check:  cmp dword [edi], ROUNDS * 1024
        jne tell
        add edi, 0x2000
        cmp edi, LAST
        jb check
        mov esi, right
        mov bl, 7
tell:   lodsb
        out 0xE9, al
        test byte [esi], 0xFF
        jnz tell
        mov al, bl
        mov dx, 0x501
        out dx, al
        cli
        hlt

; Copies of one instruction of the list, run a hundred times; the next one the next time.
storm:  pushad
        mov edi, CODE
        mov edx, 64
fill:   mov esi, [next]
        movzx ecx, byte [esi]
        inc esi
        rep movsb
        dec edx
        jnz fill
        mov byte [edi], 0xC3
        cmp byte [esi], 0
        jne more
        mov esi, instructions
more:   mov [next], esi
        mov ecx, 100
again:   pushad
        mov eax, CODE
        xor edx, edx
        mov ecx, 1
        mov ebx, SCRATCH
        call eax
        popad
        dec ecx
        jnz again
        popad
        ret

gdt:    dq 0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF
gdtr:   dw gdtr - gdt - 1
        dd gdt
right:  db "scattered", 10, 0
wrong:  db "a page was not counted", 10, 0
        times 510 - ($ - $$) db 0
        dw 0xAA55

next:   dd 0

%macro I 1+
        db %%end - %%start
%%start: %1
%%end:
%endmacro

instructions:
%assign n 0
%rep 8
        I db 0x01 + 8 * n, 0xC2         ; ADD to CMP, 32, 8 and 16 bits, memory
        I db 0x00 + 8 * n, 0xC2
        I db 0x66, 0x01 + 8 * n, 0xC2
        I db 0x03 + 8 * n, 0x13
        I db 0x83, 0xC2 + 8 * n, 0x55
        I db 0xC1, 0xC2 + 8 * n, 3      ; rotations and shifts
        I db 0xD3, 0xC2 + 8 * n
        I db 0x66, 0xC1, 0xC2 + 8 * n, 3
        I db 0xD0, 0xC2 + 8 * n
        I db 0xD8, 0xC0 + 8 * n         ; FADD to FDIVR
        I db 0xD8, 0x03 + 8 * n
        I db 0x0F, 0x90 + 2 * n, 0xC2   ; SETcc, CMOVcc
        I db 0x0F, 0x40 + 2 * n, 0xC2
%assign n n + 1
%endrep
        I bt edx, 3
        I bts edx, 3
        I btr edx, ecx
        I btc [ebx], ecx
        I bsf edx, ecx
        I bsr edx, ecx
        I bswap edx
        I imul edx, ecx
        I imul edx, ecx, 7
        I mul ecx
        I cdq
        I cwde
        I cbw
        I shld edx, ecx, 5
        I shrd [ebx], edx, cl
        I xadd [ebx + 0x100], edx
        I cmpxchg [ebx + 0x100], edx
        I cmpxchg8b [ebx + 0x100]
        I movzx edx, cl
        I movsx edx, cx
        I xchg edx, [ebx + 0x100]
        I not edx
        I neg edx
        I lahf
        I sahf
        I cmc
        I stc
        I clc
        I cld
        I aaa
        I aas
        I daa
        I das
        I aam
        I aad
        I lea edx, [edx + ecx * 4 + 5]
        I cpuid
        I rdtsc
        I fldpi
        I fsin
        I fcos
        I fsqrt
        I fabs
        I fchs
        I fxam
        I frndint
        I f2xm1
        I fptan
        I fpatan
        I fyl2x
        I fprem
        I fscale
        I fninit
        I fnstcw [ebx + 0x100]
        I fild dword [ebx]
        I fistp dword [ebx + 0x100]
        I fld qword [ebx]
        I fstp tword [ebx + 0x100]
        I fbstp [ebx + 0x100]
        I paddb mm0, mm1
        I paddw mm0, mm1
        I pmaddwd mm0, mm1
        I pmullw mm0, mm1
        I punpcklbw mm0, mm1
        I packsswb mm0, mm1
        I pcmpeqb mm0, mm1
        I psllq mm0, 3
        I psraw mm0, 3
        I pxor mm0, mm1
        I movd mm1, edx
        I movq [ebx + 0x100], mm0
        I emms
        I str dx
        I sldt dx
        I smsw dx
        I sgdt [ebx + 0x100]
        I sidt [ebx + 0x100]
        I mov edx, cr0
        I mov edx, dr7
        I verr dx
        I lsl edx, ecx
        I invlpg [ebx + 0x100]
        I wbinvd
        I in al, 0x61
        I out 0x80, al
        db 0
        times SECTORS * 512 - ($ - $$) db 0

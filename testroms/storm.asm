; Boot sector: a storm of code. In every 64 bytes of RAM from 1 to 48 MiB a function is written and run, four times over with other bytes, so that all of it is decoded, is
; translated where it is hot enough, and dies. Says so on port E9, a dot a round, and ends by isa-debug-exit: 15, or 17 where a function gave another sum.
FIRST  equ 1 << 20
LAST   equ 48 << 20
ROUNDS equ 4
CALLS  equ 60                   ; calls of each, of 20 turns each

        bits 16
        org 0x7C00
        cli
        xor ax, ax
        mov ds, ax
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
        mov dword [round], ROUNDS
next:   mov ebx, FIRST
write:  mov esi, model
        mov edi, ebx
        mov ecx, model_end - model
        rep movsb
        mov edx, ebx            ; what it adds differs each time
        add edx, [round]
        mov [ebx + added - model], edx
        imul edx, 20
        mov ebp, CALLS
call_it:
        call ebx
        cmp eax, edx
        jne bad
        dec ebp
        jnz call_it
        add ebx, 64
        cmp ebx, LAST
        jb write
        mov al, '.'
        out 0xE9, al
        dec dword [round]
        jnz next
        mov al, 7
        jmp done
bad:    mov al, 8
done:   mov dx, 0x501
        out dx, al
        cli
        hlt

model:  xor eax, eax
        mov ecx, 20
turn:   db 0x05                 ; ADD EAX, imm32
added:  dd 0
        dec ecx
        jnz turn
        ret
model_end:

round:  dd 0
gdt:    dq 0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF
gdtr:   dw gdtr - gdt - 1
        dd gdt
        times 510 - ($ - $$) db 0
        dw 0xAA55

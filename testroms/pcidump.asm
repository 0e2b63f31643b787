; Boot sector: the configuration space of every function of PCI bus 0 on COM1, one function a line ("dd.f" and 64 dwords), after the firmware has set
; the devices up; then isa-debug-exit with 0. For tools/compare-pci.
        bits 16
        org 0x7C00
start:  xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 0x7C00
        mov ebx, 0x80000000             ; enable, bus 0, device, function, register
.function:
        mov eax, ebx
        call read
        cmp eax, 0xFFFFFFFF
        je .next
        mov eax, ebx
        shr eax, 11
        call byte_out
        mov al, '.'
        call putc
        mov eax, ebx
        shr eax, 8
        and al, 7
        add al, '0'
        call putc
        mov si, 64
        push ebx
.dword: mov al, ' '
        call putc
        mov eax, ebx
        call read
        call dword_out
        add ebx, 4
        dec si
        jnz .dword
        pop ebx
        mov al, 13
        call putc
        mov al, 10
        call putc
.next:  add ebx, 0x100
        test ebx, 0x10000
        jz .function
        mov dx, 0x501
        xor eax, eax
        out dx, al
.halt:  cli
        hlt
        jmp .halt

read:   mov dx, 0xCF8
        out dx, eax
        mov dx, 0xCFC
        in eax, dx
        ret
dword_out:
        ror eax, 24
        mov cx, 4
.byte:  push cx
        call byte_out
        pop cx
        rol eax, 8
        loop .byte
        ret
byte_out:
        push eax
        shr al, 4
        call digit
        pop eax
        push eax
        and al, 15
        call digit
        pop eax
        ret
digit:  add al, '0'
        cmp al, '9'
        jbe putc
        add al, 39
putc:   push dx
        push ax
        mov dx, 0x3FD
.wait:  in al, dx
        test al, 0x20
        jz .wait
        pop ax
        mov dx, 0x3F8
        out dx, al
        pop dx
        ret
        times 510 - ($ - $$) db 0
        dw 0xAA55

; Boot sector: says hello on the screen (INT 10h), on port E9 and on COM1, then ends the process through isa-debug-exit at 501
; with value 7 (exit code 15).
        bits 16
        org 0x7C00
start:
        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 0x7C00
        mov si, text
next:
        lodsb
        test al, al
        jz done
        out 0xE9, al
        mov dx, 0x3F8
        out dx, al
        mov ah, 0x0E
        xor bx, bx
        int 0x10
        jmp next
done:
        mov al, 7
        mov dx, 0x501
        out dx, al
        cli
        hlt
text:   db "hello from a boot sector", 13, 10, 0
        times 510 - ($ - $$) db 0
        dw 0xAA55

; Boot sector: writes "written by the guest" to sector 1 of the drive that it was booted from (INT 13h), then ends the process through
; isa-debug-exit at 501 with an eighth of the drive's number (0 floppy, 10h hard disk), or with 7F after an error.
        bits 16
        org 0x7C00
start:
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7C00
        mov bx, sector
        mov ax, 0x0301
        mov cx, 0x0002
        mov dh, 0
        int 0x13
        mov al, dl
        jc failed
        shr al, 3
        jmp done
failed:
        mov al, 0x7F
done:
        mov dx, 0x501
        out dx, al
        cli
        hlt
sector: db "written by the guest"
        times 510 - ($ - $$) db 0
        dw 0xAA55

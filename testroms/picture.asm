; Boot sector: mode 13h with all 256 colours in diagonal stripes; a key makes a white square in the middle, the next one brings text back. For
; tools/screen-proof.
        bits 16
        org 0x7C00
        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 0x7C00
        mov ax, 0x0013
        int 0x10
        mov ax, 0xA000
        mov es, ax
        xor di, di
        cld
        xor dx, dx              ; line
.line:  mov cx, 320
        mov al, dl
.dot:   stosb
        inc al
        loop .dot
        inc dx
        cmp dx, 200
        jb .line
        mov al, '1'
        call wait_for_key
        mov bx, 8
        mov di, 96 * 320 + 156
.square:
        mov al, 15
        mov cx, 8
        rep stosb
        add di, 320 - 8
        dec bx
        jnz .square
        mov al, '2'
        call wait_for_key
        mov ax, 0x0003
        int 0x10
        mov ax, 0x0E58
        int 0x10
        mov al, '3'
        call wait_for_key
        mov dx, 0x501
        xor al, al
        out dx, al
        hlt

; Says AL on COM1, then waits.
wait_for_key:
        mov dx, 0x3F8
        out dx, al
        xor ah, ah
        int 0x16
        ret
        times 510 - ($ - $$) db 0
        dw 0xAA55
        times 1474560 - ($ - $$) db 0

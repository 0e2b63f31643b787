; A boot sector for MachineStateTests: reads a sector of the primary master into memory by bus-master DMA, changes it, writes it back by DMA, 64 times,
; while the BIOS counts ticks and takes keys, and says what came of it on port E9; then isa-debug-exit. Function 1 of device 1 is the PIIX3's IDE.
        bits 16
        org 0x7C00
PRD     equ 0x7000
BUFFER  equ 0x8000
start:
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7000
        mov eax, 0x80000904             ; command register: bus master and I/O
        mov dx, 0xCF8
        out dx, eax
        mov dx, 0xCFC
        mov ax, 5
        out dx, ax
        mov eax, 0x80000920             ; BAR 4
        mov dx, 0xCF8
        out dx, eax
        mov dx, 0xCFC
        in eax, dx
        and al, 0xF0
        mov [master], ax
        mov dword [PRD], BUFFER
        mov dword [PRD + 4], 0x80000200
        mov al, 0x36                    ; a tick in 1.19 ms
        out 0x43, al
        mov al, 0x90
        out 0x40, al
        mov al, 0x05
        out 0x40, al
        mov bp, 1
        sti
again:
        mov cl, 0xC8                    ; READ DMA
        mov bl, 8
        call transfer
        mov si, BUFFER                  ; sum, and the next contents
        mov cx, 128
        xor edx, edx
.word:  lodsd
        add edx, eax
        rol eax, 3
        xor eax, [0x46C]                ; ticks since midnight
        mov [si - 4], eax
        loop .word
        add [sum], edx
        mov eax, [sum]
        call say
        mov cl, 0xCA                    ; WRITE DMA
        mov bl, 0
        call transfer
        mov ah, 1                       ; a key?
        int 0x16
        jz .none
        xor ah, ah
        int 0x16
        add [sum], ax
        movzx eax, ax
        call say
.none:  hlt
        inc bp
        cmp bp, 65
        jb again
        mov al, 0x11
        mov dx, 0x501
        out dx, al
.halt:  cli
        hlt
        jmp .halt

; Command CL of sector BP, direction BL, without interrupts of the drive.
transfer:
        mov dx, [master]
        add dx, 4
        mov eax, PRD
        out dx, eax
        sub dx, 2
        mov al, 6
        out dx, al
        sub dx, 2
        mov al, bl
        out dx, al
        mov dx, 0x3F6
        mov al, 2
        out dx, al
        mov dx, 0x1F2
        mov al, 1
        out dx, al
        inc dx
        mov ax, bp
        and al, 15
        out dx, al
        inc dx
        xor al, al
        out dx, al
        inc dx
        out dx, al
        inc dx
        mov al, 0xE0
        out dx, al
        inc dx
        mov al, cl
        out dx, al
        mov dx, [master]
        mov al, bl
        or al, 1
        out dx, al
        add dx, 2
.wait:  in al, dx
        test al, 1
        jnz .wait
        mov dx, 0x1F7
        in al, dx
        sub dx, 7
        add [sum], al
        mov dx, [master]
        xor al, al
        out dx, al
        ret

say:    mov cx, 4
.byte:  out 0xE9, al
        shr eax, 8
        loop .byte
        ret

sum:    dd 0
master: dw 0
        times 510-($-$$) db 0
        dw 0xAA55

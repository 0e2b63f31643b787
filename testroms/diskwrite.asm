; A boot sector for tools/kill-rom: writes numbered sectors to the primary master by PIO, each time followed by FLUSH CACHE, and says the number on
; port E9 (four bytes, lowest first) once the drive has confirmed it. Number n goes to LBA (n * 40503) mod 16384, all its dwords being n.
        bits 16
        org 0x7C00
start:
        cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7C00
        mov dx, 0x3F6
        mov al, 2               ; no interrupts
        out dx, al
        mov ebx, [first]
next:
        inc ebx
        mov edi, 0x8000
        mov ecx, 128
        mov eax, ebx
        cld
        rep stosd
        call ready
        imul eax, ebx, 40503
        and eax, 16383
        mov ecx, eax
        mov dx, 0x1F2
        mov al, 1
        out dx, al
        inc dx
        mov al, cl
        out dx, al
        inc dx
        mov al, ch
        out dx, al
        inc dx
        xor al, al
        out dx, al
        inc dx
        mov al, 0xE0
        out dx, al
        inc dx
        mov al, 0x30            ; WRITE SECTORS
        out dx, al
        call drq
        mov si, 0x8000
        mov cx, 256
        mov dx, 0x1F0
        rep outsw
        call ready
        mov dx, 0x1F7
        mov al, 0xE7            ; FLUSH CACHE
        out dx, al
        call ready
        mov eax, ebx
        mov cx, 4
say:
        out 0xE9, al
        shr eax, 8
        loop say
        jmp next

; Waits until the drive is not busy; an error stops everything.
ready:
        mov dx, 0x1F7
        in al, dx
        test al, 0x80
        jnz ready
        test al, 0x21
        jnz failed
        ret
drq:
        call ready
        test al, 8
        jz drq
        ret
failed:
        mov al, 0xFF
        out 0xE9, al
        hlt
        jmp failed

        times 504-($-$$) db 0
first:  dd 0                    ; the host puts the last number here
        times 510-($-$$) db 0
        dw 0xAA55

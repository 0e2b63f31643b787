; Boot sector for `fuzz-boot`: leads every interrupt vector to a handler that goes on one byte behind where it came from, then runs
; what the fuzzer puts at `code`.
        bits 16
        org 0x7C00
start:
        cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7C00
        xor di, di
        mov cx, 32
vectors:
        mov ax, handler
        stosw
        xor ax, ax
        stosw
        loop vectors
        sti
        jmp code
handler:
        push bp
        mov bp, sp
        inc word [ss:bp + 2]
        pop bp
        iret
        times 64 - ($ - $$) nop
code:                                   ; offset 64
        times 510 - ($ - $$) nop
        dw 0xAA55

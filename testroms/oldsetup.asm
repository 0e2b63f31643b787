; A kernel of the oldest boot protocol with a header, 2.00 (tests patch version and flags): its 16-bit setup asks the BIOS, looks for what the
; loader owes it (Linux Documentation/arch/x86/boot.rst), tells it on COM1, and ends by isa-debug-exit.
        bits 16
        org 0
        times 0x1F1 - ($ - $$) db 0
        db 1                    ; setup sectors
        dw 0                    ; root flags
        dd 1                    ; system size in paragraphs
        dw 0
vid_mode: dw 0xFFFF
        dw 0
        dw 0xAA55
entry:  jmp short header_end
        db "HdrS"
version: dw 0x0200
        dd 0
        dw 0
        dw 0
        db 0                    ; loader
loadflags: db 0
        dw 0x8000
        dd 0x100000             ; code32_start
ramdisk: dd 0, 0
        dd 0
heap_end: dw 0
        dw 0
cmd_line_ptr: dd 0
        dd 0x37FFFFFF           ; highest address of the RAM disk
        times 0x268 - ($ - $$) db 0

header_end:
        ; COM1 as the BIOS left it
        mov ax, cs
        sub ax, 0x20
        mov ds, ax
        mov si, text_setup
        call print
        mov ax, ds
        call print_hex
        mov si, text_loader
        call print
        mov al, [0x210]
        xor ah, ah
        call print_hex
        ; the command line
        mov si, text_line
        call print
        cmp word [version], 0x0202
        jb .old
        mov eax, [cmd_line_ptr]
        jmp .line
.old:   cmp word [0x20], 0xA33F
        jne .none
        xor eax, eax
        mov ax, ds
        shl eax, 4
        movzx ebx, word [0x22]
        add eax, ebx
.line:  mov bx, ax
        and bx, 15
        shr eax, 4
        mov es, ax
.next:  mov al, [es:bx]
        test al, al
        jz .none
        call print_char
        inc bx
        jmp .next
.none:  ; the kernel
        mov si, text_kernel
        call print
        mov ax, 0x1000          ; below 90000, or at 1 MiB
        mov bx, 0
        test byte [loadflags], 1
        jz .low
        in al, 0x92
        or al, 2
        out 0x92, al
        mov ax, 0xFFFF
        mov bx, 0x10
.low:   mov es, ax
        mov ax, [es:bx]
        call print_hex
        mov si, text_disk
        call print
        mov ax, [ramdisk + 2]
        call print_hex
        mov ax, [ramdisk + 4]
        call print_hex
        ; services: memory, disks, keyboard
        mov si, text_memory
        call print
        int 0x12
        call print_hex
        mov si, text_mode
        call print
        mov ax, [vid_mode]
        call print_hex
        mov si, text_screen
        call print
        mov ah, 0x0F
        int 0x10
        xor ah, ah
        call print_hex
        mov si, text_end
        call print
        mov al, 0
        mov dx, 0x501
        out dx, al
.stop:  hlt
        jmp .stop

%include "print16.inc"

text_setup:  db "setup ", 0
text_loader: db " loader ", 0
text_line:   db " line ", 0
text_kernel: db " kernel ", 0
text_disk:   db " disk ", 0
text_memory: db " memory ", 0
text_mode:   db " mode ", 0
text_screen: db " screen ", 0
text_end:    db 13, 10, 0
        times 1024 - ($ - $$) db 0
kernel: dw 0xBEEF
        times 14 db 0

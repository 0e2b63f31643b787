; A Multiboot kernel that goes back to real mode and lives by the BIOS's services, as kernels behind a boot loader may: vectors, data area and
; interrupt controllers are as a BIOS leaves them. Tells what it finds on COM1 and ends by isa-debug-exit.
        org 0x8000
        bits 32
        align 4
header: dd 0x1BADB002, 0x10000, -(0x1BADB002 + 0x10000)
        dd header, header, image_end, image_end, start

start:  cli
        lgdt [gdt_pointer]
        lidt [idt_pointer]
        jmp 0x08:narrow
        bits 16
narrow: mov ax, 0x10
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        mov eax, cr0
        and al, 0xFE
        mov cr0, eax
        jmp 0:real
real:   xor ax, ax
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        mov sp, 0x7C00
        mov si, text_masks
        call print
        in al, 0xA1
        mov ah, al
        in al, 0x21
        call print_hex
        ; the timer's interrupt counts at 40:6C
        mov si, text_ticks
        call print
        mov eax, [0x46C]
        sti
.wait:  hlt
        cmp eax, [0x46C]
        je .wait
        mov ax, 1
        call print_hex
        mov si, text_memory
        call print
        int 0x12
        call print_hex
        mov si, text_equipment
        call print
        int 0x11
        call print_hex
        mov si, text_screen
        call print
        mov ah, 0x0F
        int 0x10
        call print_hex
        mov si, text_cell       ; what teletype output writes is on the screen
        call print
        mov ax, 0x0200
        xor bx, bx
        xor dx, dx
        int 0x10
        mov ax, 0x0E52
        int 0x10
        mov ax, 0xB800
        mov es, ax
        mov ax, [es:0]
        call print_hex
        mov si, text_disk       ; the disk's first word
        call print
        xor ax, ax
        mov es, ax
        mov ax, 0x0201
        mov cx, 1
        mov dx, 0x80
        mov bx, 0x6000
        int 0x13
        mov ax, [0x6000]
        call print_hex
        mov si, text_end
        call print
        mov al, 0
        mov dx, 0x501
        out dx, al
.stop:  hlt
        jmp .stop

%include "print16.inc"

        align 8
gdt:    dq 0
        dw 0xFFFF, 0, 0x9B00, 0
        dw 0xFFFF, 0, 0x9300, 0
gdt_pointer: dw 23
        dd gdt
idt_pointer: dw 0x3FF
        dd 0
text_masks:     db "masks ", 0
text_ticks:     db " ticks ", 0
text_memory:    db " memory ", 0
text_equipment: db " equipment ", 0
text_screen:    db " screen ", 0
text_cell:      db " cell ", 0
text_disk:      db " disk ", 0
text_end:       db 13, 10, 0
        align 16
image_end:

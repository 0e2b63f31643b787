; fdformat DEVICE TRACKS HEADS for the device guest, which has none (Debian 12 packages none): formats every track by the floppy driver's FDFMT ioctls
; (linux/fd.h). Says which track failed and ends with 1. A static i386 program of one segment: nasm -f bin.
        bits 32
        org 0x8048000
ehdr:   db 0x7F, "ELF", 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
        dw 2, 3
        dd 1, start, phdr - $$, 0, 0
        dw 52, 32, 1, 0, 0, 0
phdr:   dd 1, 0, $$, $$, file_end - $$, file_end - $$, 7, 0x1000

OPEN    equ 5
WRITE   equ 4
EXIT    equ 1
IOCTL   equ 54
FDFMTBEG equ 0x247
FDFMTTRK equ 0x400C0248
FDFMTEND equ 0x249

start:  mov eax, OPEN
        mov ebx, [esp + 8]
        mov ecx, 1              ; O_WRONLY
        xor edx, edx
        int 0x80
        test eax, eax
        js failed
        mov [device], eax
        mov esi, [esp + 12]
        call number
        mov [tracks], eax
        mov esi, [esp + 16]
        call number
        mov [heads], eax
        mov ecx, FDFMTBEG
        call control
.track: mov dword [head], 0
.head:  mov ecx, FDFMTTRK
        call control
        inc dword [head]
        mov eax, [head]
        cmp eax, [heads]
        jb .head
        inc dword [track]
        mov eax, [track]
        cmp eax, [tracks]
        jb .track
        mov ecx, FDFMTEND
        call control
        xor ebx, ebx
exit:   mov eax, EXIT
        int 0x80

control:
        mov eax, IOCTL
        mov ebx, [device]
        mov edx, descriptor
        int 0x80
        test eax, eax
        js failed
        ret

failed: neg eax
        add al, '0'
        mov [error], al
        mov al, [track]
        add al, '0'
        mov [where], al
        mov eax, WRITE
        mov ebx, 2
        mov ecx, text
        mov edx, text_end - text
        int 0x80
        mov ebx, 1
        jmp exit

number: xor eax, eax            ; ESI, decimal
.digit: movzx ecx, byte [esi]
        sub ecx, '0'
        jb .done
        imul eax, eax, 10
        add eax, ecx
        inc esi
        jmp .digit
.done:  ret

text:   db "fdformat: error (as a character from 0 on) "
error:  db 0, " at track "
where:  db 0, 10
text_end:
device: dd 0
tracks: dd 0
heads:  dd 0
descriptor:                     ; struct format_descr
        dd 0
head:   dd 0
track:  dd 0
file_end:

; Boot floppy that sets every standard mode of the VGA and modes of VBE through INT 10h, fills the memory with numbers that can be computed
; elsewhere, programs what the picture is about, and writes the picture's number to port E9: whoever listens there takes the screen. Ends through
; isa-debug-exit at 501 with value 0. The numbers are those of Emulator.Tests/Video/RomPictures*.cs.
;   bytes:  s = s * 25173 + 13849 (16 bits); byte = s >> 8          dwords (VBE): d(n) = 01020304 + n * 01030507
        bits 16
        org 0x7C00

SECTORS equ 17                  ; the rest of the first track
results equ 0x7000              ; what was measured: words
fonts   equ 0x7010              ; far pointers to the 8x8, 8x14 and 8x16 fonts
info    equ 0x6000              ; VBE's mode information
buffer  equ 0x5000

%macro show 1
        mov al, %1
        out 0xE9, al
%endmacro

%macro mode 1
        mov ax, %1
        int 0x10
%endmacro

; A mode on the other side of the CRTC's two addresses: SeaBIOS' video BIOS writes the CRTC at the new one before it moves it there.
%macro moved_mode 1
        mode %1
        mode %1
%endmacro

; reg PORT, INDEX, VALUE: an indexed register
%macro reg 3
        mov dx, %1
        mov ax, (%3) << 8 | (%2)
        out dx, ax
%endmacro

; attr INDEX, VALUE: a register of the attribute controller
%macro attr 2
        mov dx, 0x3DA
        in al, dx
        mov dx, 0x3C0
        mov al, %1
        out dx, al
        mov al, %2
        out dx, al
        mov al, 0x20
        out dx, al
%endmacro

; bytes SEGMENT, COUNT, SEED
%macro bytes 3
        mov ax, %1
        mov es, ax
        xor di, di
        mov cx, %2
        mov ax, %3
        call fill
%endmacro

start:
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7000
        cld
        mov [drive], dl
        mov ax, 0x0200 | SECTORS
        mov bx, 0x7E00
        mov cx, 2
        xor dh, dh
        int 0x13
        jnc main
        mov al, 2               ; the disk cannot be read
        jmp leave
drive:  db 0
        times 510 - ($ - $$) db 0
        dw 0xAA55

main:
        mov bh, 3               ; 8x8
        mov si, fonts
        call font_pointer
        mov bh, 2               ; 8x14
        call font_pointer
        mov bh, 6               ; 8x16
        call font_pointer

%include "video_text.inc"
%include "video_graphics.inc"
%include "video_memory.inc"
%include "video_timing.inc"
%include "video_vbe.inc"

        mov al, 0
leave:
        mov dx, 0x501
        out dx, al
        cli
        hlt

; ES:DI, CX bytes (0: 64 KiB), AX seed; changes AX, BX, DX.
fill:
        mov bx, 25173
.next:  mul bx
        add ax, 13849
        mov [es:di], ah
        inc di
        loop .next
        ret

; The four planes at A0000, 64 KiB each, seeds 1 to 4.
fill_planes:
        mov ax, 0xA000
        mov es, ax
        mov si, 1
        mov bp, 0x0102          ; index and map mask, as OUT wants them
.plane: mov dx, 0x3C4
        mov ax, bp
        out dx, ax
        xor di, di
        xor cx, cx
        mov ax, si
        call fill
        inc si
        add bp, bp
        sub bp, 2               ; the mask twice, the index again
        cmp si, 5
        jb .plane
        reg 0x3C4, 2, 0x0F
        ret

; BH: which of INT 10h AX=1130h's fonts; DS:SI gets the pointer, and SI goes on.
font_pointer:
        mov ax, 0x1130
        push si
        int 0x10
        pop si
        mov [si], bp
        mov [si + 2], es
        add si, 4
        ret

; Waits for AX starts of vertical retrace.
frames:
        mov cx, ax
        mov dx, 0x3DA
.in:    in al, dx
        test al, 8
        jnz .in
.out:   in al, dx
        test al, 8
        jz .out
        loop .in
        ret

%if $ - $$ > 512 * (SECTORS + 1)
%error "the ROM is longer than a track"
%endif
        times 1474560 - ($ - $$) db 0

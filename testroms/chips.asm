; The registers of the board's old chips, as their data sheets have them: 8259A (Intel 231468), 8254 (231164), MC146818 (ADI-856), 8042 with keyboard and
; mouse (IBM PS/2 Technical Reference), 8237A (231466). Interrupts stay off; requests are taken by the 8259's poll command.
%include "boot.inc"

; A script of accesses, which `run` executes.
%macro O 2              ; OUT port, value
        db 1
        dw %1
        db %2
%endmacro
%macro E 4              ; IN port AND mask is a value: a case with a name
        db 2
        dw %1
        db %2, %3, %4, 0
%endmacro
%macro K 2-3 0xFF       ; a byte of the 8042 comes within 300 ms and is a value (under a mask): a case
        db 3, %3, %1, %2, 0
%endmacro
%macro D 1              ; waits so many refresh requests (15 us)
        db 4
        dw %1
%endmacro
%macro W 3              ; reads a clock register until it has a value under a mask, at most 1.5 s
        db 5, %1, %2, %3
%endmacro
%macro TWICE 4          ; the same as E, of the second of two reads
        db 7
        dw %1
        db %2, %3, %4, 0
%endmacro
%macro F 0              ; empties the 8042's output buffer
        db 6
%endmacro
%macro R 2              ; a clock register is written
        O 0x70, %1
        O 0x71, %2
%endmacro
%macro X 4              ; a clock register is read: a case
        O 0x70, %1
        E 0x71, %2, %3, %4
%endmacro
%macro M 1              ; a byte for the mouse
        O 0x64, 0xD4
        O 0x60, %1
%endmacro
%macro MASTER 1         ; ICW1-4, everything masked
        O 0x20, 0x11
        O 0x21, 0x20
        O 0x21, 0x04
        O 0x21, %1
        O 0x21, 0xFF
%endmacro
%macro SLAVE 0
        O 0xA0, 0x11
        O 0xA1, 0x28
        O 0xA1, 0x02
        O 0xA1, 0x01
        O 0xA1, 0xFF
%endmacro
%macro IRQ0 0           ; an edge from counter 0
        O 0x43, 0x30
        O 0x40, 2
        O 0x40, 0
        D 3
%endmacro
%macro IRQ1 0           ; an edge from the 8042
        F
        O 0x64, 0xD2
        O 0x60, 0x5A
%endmacro
%macro IRQ12 0
        F
        O 0x64, 0xD3
        O 0x60, 0x5A
%endmacro
%macro POLL 2           ; the 8259's poll word, bits 7 and 2-0
        O 0x20, 0x0C
        E 0x20, 0x87, %1, %2
%endmacro
%macro STATUS 2         ; status byte of counter 2
        O 0x43, 0xE8
        E 0x42, 0xFF, %1, %2
%endmacro

tests:
        mov al, 0x74            ; counter 1, mode 2, the longest count
        out 0x43, al
        xor al, al
        out 0x41, al
        out 0x41, al
        mov esi, pic
        call run
        mov esi, pit
        call run
        mov esi, keyboard
        call run
        mov esi, mouse
        call run
        mov esi, dma
        call run
        mov esi, clock
        call run
        ret

; ESI: the script.
run:    movzx eax, byte [esi]
        inc esi
        jmp [.operations + eax * 4]
.end:   ret
.out:   movzx edx, word [esi]
        mov al, [esi + 2]
        add esi, 3
        out dx, al
        jmp run
.expect:
        movzx edx, word [esi]
        in al, dx
        and al, [esi + 2]
        movzx eax, al
        movzx edx, byte [esi + 3]
        add esi, 4
.case:  mov edi, esi
        pushad
        call check_value
        popad
.skip:  lodsb
        test al, al
        jnz .skip
        jmp run
.byte:  mov ecx, 20000
.poll:  in al, 0x64
        test al, 1
        jnz .full
        call refresh
        loop .poll
        mov eax, 0x100
        jmp .got
.full:  in al, 0x60
        and al, [esi]
        movzx eax, al
.got:   movzx edx, byte [esi + 1]
        add esi, 2
        jmp .case
.delay: movzx ecx, word [esi]
        add esi, 2
.more:  call refresh
        loop .more
        jmp run
.wait:  mov ecx, 100000
.again: mov al, [esi]
        out 0x70, al
        in al, 0x71
        and al, [esi + 1]
        cmp al, [esi + 2]
        je .there
        call refresh
        loop .again
.there: add esi, 3
        jmp run
.flush: in al, 0x64
        test al, 1
        jz run
        in al, 0x60
        mov ecx, 30
.pause: call refresh
        loop .pause
        jmp .flush
.twice: movzx edx, word [esi]
        in al, dx
        jmp .expect
.operations:
        dd .end, .out, .expect, .byte, .delay, .wait, .flush, .twice

; 15 us by counter 1: what port 61 shows of the refresh request is not its timing everywhere.
refresh:
        push eax
        push ebx
        call count
        mov ebx, eax
.same:  call count
        neg eax
        add eax, ebx
        cmp ax, 18
        jb .same
        pop ebx
        pop eax
        ret
count:  mov al, 0x40
        out 0x43, al
        in al, 0x41
        mov ah, al
        in al, 0x41
        xchg al, ah
        ret

pic:    ; the keyboard controller as a source: interrupts on
        O 0x64, 0xAD
        O 0x64, 0xA7
        F
        O 0x64, 0x60
        O 0x60, 0x23
        R 0x0B, 0x02
        O 0x21, 0x5A
        O 0x20, 0x11
        E 0x21, 0xFF, 0x00, "8259: ICW1 clears IMR"
        MASTER 1
        SLAVE
        E 0x21, 0xFF, 0xFF, "8259: IMR reads as written"
        IRQ0
        O 0x20, 0x0A
        E 0x20, 0x01, 0x01, "8259: IRR shows a masked request"
        O 0x20, 0x0B
        E 0x20, 0xFF, 0x00, "8259: ISR is empty"
        POLL 0x00, "8259: a masked request is not polled"
        O 0x21, 0xFE
        POLL 0x80, "8259: poll of IR0"
        O 0x20, 0x0B
        E 0x20, 0x01, 0x01, "8259: a poll sets ISR"
        O 0x20, 0x0A
        E 0x20, 0x01, 0x00, "8259: and clears IRR"
        POLL 0x00, "8259: a poll without request"
        O 0x20, 0x20
        O 0x20, 0x0B
        E 0x20, 0xFF, 0x00, "8259: EOI clears ISR"
        ; priorities
        O 0x21, 0xFC
        IRQ0
        IRQ1
        POLL 0x80, "8259: IR0 comes before IR1"
        POLL 0x00, "8259: IR1 waits for IR0's EOI"
        O 0x20, 0x20
        POLL 0x81, "8259: then IR1 comes"
        O 0x20, 0x20
        ; special mask mode
        IRQ0
        IRQ1
        POLL 0x80, "8259: special mask mode, IR0 in service"
        O 0x20, 0x68
        O 0x21, 0xFD
        POLL 0x81, "8259: special mask mode lets IR1 through"
        O 0x20, 0x0B
        E 0x20, 0xFF, 0x03, "8259: both in service"
        O 0x20, 0x60
        E 0x20, 0xFF, 0x02, "8259: specific EOI of IR0"
        O 0x20, 0x61
        E 0x20, 0xFF, 0x00, "8259: specific EOI of IR1"
        O 0x20, 0x48
        O 0x21, 0xFC
        ; rotation
        O 0x20, 0xC0
        IRQ0
        IRQ1
        POLL 0x81, "8259: set priority, IR1 before IR0"
        O 0x20, 0x20
        POLL 0x80, "8259: then IR0"
        O 0x20, 0x20
        O 0x20, 0xC7
        IRQ0
        IRQ1
        POLL 0x80, "8259: IR7 lowest again"
        O 0x20, 0xA0
        IRQ0
        POLL 0x81, "8259: rotation by EOI put IR0 last"
        O 0x20, 0x20
        POLL 0x80, "8259: so that it came after IR1"
        O 0x20, 0x20
        O 0x20, 0xC7
        IRQ0
        POLL 0x80, "8259: IR0 once more"
        O 0x20, 0xE0
        IRQ0
        IRQ1
        POLL 0x81, "8259: rotation by specific EOI"
        O 0x20, 0x20
        POLL 0x80, "8259: IR0 after it"
        O 0x20, 0x20
        ; automatic EOI
        MASTER 3
        O 0x21, 0xFC
        O 0x20, 0x80
        IRQ0
        IRQ1
        POLL 0x80, "8259: automatic EOI, IR0"
        O 0x20, 0x0B
        E 0x20, 0xFF, 0x00, "8259: automatic EOI leaves ISR empty"
        IRQ0
        POLL 0x81, "8259: rotation in automatic EOI"
        POLL 0x80, "8259: IR0 last"
        O 0x20, 0x00
        ; the slave
        MASTER 1
        O 0x21, 0xFB
        O 0xA1, 0xEE
        IRQ12
        POLL 0x82, "8259: the slave asks by IR2"
        O 0xA0, 0x0C
        E 0xA0, 0x87, 0x84, "8259: poll of the slave's IR4"
        R 0x0A, 0x26
        R 0x0B, 0x42
        X 0x0C, 0x00, 0x00, "8259: the clock makes IRQ 8"
        D 150
        O 0xA0, 0x0A
        E 0xA0, 0x01, 0x01, "8259: the slave's IR0 is there"
        POLL 0x00, "8259: fully nested, a second of the slave waits"
        O 0x20, 0x20
        POLL 0x82, "8259: until the master's EOI"
        O 0xA0, 0x0C
        E 0xA0, 0x87, 0x80, "8259: the slave's IR0 comes before IR4"
        O 0xA0, 0x0B
        E 0xA0, 0xFF, 0x11, "8259: both are in service there"
        R 0x0B, 0x02
        X 0x0C, 0x00, 0x00, "8259: the clock is quiet"
        SLAVE
        MASTER 0x11
        O 0x21, 0xFB
        O 0xA1, 0xEE
        IRQ12
        POLL 0x82, "8259: special fully nested, IR2"
        O 0xA0, 0x0C
        E 0xA0, 0x87, 0x84, "8259: special fully nested, slave's IR4"
        R 0x0B, 0x42
        D 150
        POLL 0x82, "8259: special fully nested, IR2 again"
        R 0x0B, 0x02
        X 0x0C, 0x00, 0x00, "8259: the clock is quiet again"
        ; ELCR
        O 0x4D0, 0xFF
        O 0x4D1, 0xFF
        E 0x4D0, 0xFF, 0xF8, "ELCR: IRQ 0, 1, 2 stay edges"
        E 0x4D1, 0xFF, 0xDE, "ELCR: IRQ 8, 13 stay edges"
        O 0x4D0, 0x00
        O 0x4D1, 0x10
        SLAVE
        IRQ12
        O 0xA0, 0x0A
        E 0xA0, 0x10, 0x10, "ELCR: a level is a request"
        F
        E 0xA0, 0x10, 0x00, "ELCR: and goes with its line"
        O 0x4D1, 0x00
        ; initialization words
        O 0x20, 0x13
        O 0x21, 0x20
        O 0x21, 0x01
        O 0x21, 0x5A
        E 0x21, 0xFF, 0x5A, "8259: SNGL leaves out ICW3"
        O 0x20, 0x12
        O 0x21, 0x20
        O 0x21, 0xA5
        E 0x21, 0xFF, 0xA5, "8259: without IC4 no ICW4"
        MASTER 1
        SLAVE
        db 0

pit:    O 0x61, 0x00
        O 0x43, 0xB0
        STATUS 0x70, "8254: mode 0, control word: OUT low, null count"
        O 0x42, 0x34
        O 0x42, 0x12
        D 2
        STATUS 0x30, "8254: mode 0, count loaded"
        E 0x42, 0xFF, 0x34, "8254: mode 0, GATE low holds the count (low)"
        E 0x42, 0xFF, 0x12, "8254: mode 0, GATE low holds the count (high)"
        E 0x61, 0x20, 0x00, "port 61: OUT 2 low"
        O 0x43, 0xB2
        STATUS 0xF2, "8254: mode 1, control word: OUT high"
        O 0x42, 0x00
        O 0x42, 0x80
        D 2
        STATUS 0xF2, "8254: mode 1, not loaded before a trigger"
        E 0x61, 0x20, 0x20, "port 61: OUT 2 high"
        O 0x43, 0xE8
        O 0x61, 0x01
        D 1
        O 0x43, 0xE8
        E 0x42, 0xFF, 0xF2, "8254: a status that is latched stays"
        STATUS 0x32, "8254: mode 1, the trigger loads and lowers OUT"
        O 0x61, 0x00
        O 0x43, 0xB4
        STATUS 0xF4, "8254: mode 2, control word"
        O 0x42, 0x34
        O 0x42, 0x12
        D 2
        E 0x61, 0x20, 0x20, "8254: mode 2, GATE low keeps OUT high"
        O 0x43, 0xB6
        STATUS 0xF6, "8254: mode 3, control word"
        O 0x43, 0xB8
        STATUS 0xF8, "8254: mode 4, control word"
        O 0x42, 0x34
        O 0x42, 0x12
        D 2
        STATUS 0xB8, "8254: mode 4, count loaded"
        O 0x43, 0x80
        O 0x42, 0x78
        O 0x42, 0x56
        D 2
        O 0x43, 0x80
        E 0x42, 0xFF, 0x34, "8254: a latched count stays (low)"
        E 0x42, 0xFF, 0x12, "8254: a latched count stays (high)"
        E 0x42, 0xFF, 0x78, "8254: then the count itself (low)"
        E 0x42, 0xFF, 0x56, "8254: then the count itself (high)"
        O 0x43, 0xC8
        E 0x42, 0xFF, 0xB8, "8254: read-back of both, status first"
        E 0x42, 0xFF, 0x78, "8254: read-back of both, low byte"
        E 0x42, 0xFF, 0x56, "8254: read-back of both, high byte"
        O 0x43, 0xBA
        STATUS 0xFA, "8254: mode 5, control word"
        O 0x43, 0x98
        O 0x42, 0x34
        D 2
        E 0x42, 0xFF, 0x34, "8254: low byte only"
        E 0x42, 0xFF, 0x34, "8254: low byte only, again"
        STATUS 0x98, "8254: status of low byte only"
        O 0x43, 0xA8
        O 0x42, 0x12
        D 2
        E 0x42, 0xFF, 0x12, "8254: high byte only"
        STATUS 0xA8, "8254: status of high byte only"
        O 0x43, 0xB1
        O 0x42, 0x99
        O 0x42, 0x99
        D 2
        STATUS 0x31, "8254: BCD in the status"
        E 0x42, 0xFF, 0x99, "8254: BCD count (low)"
        E 0x42, 0xFF, 0x99, "8254: BCD count (high)"
        O 0x61, 0x01
        O 0x43, 0xB0
        O 0x42, 0x04
        O 0x42, 0x00
        D 3
        STATUS 0xB0, "8254: mode 0, OUT high at terminal count"
        E 0x61, 0x20, 0x20, "port 61: OUT 2 at terminal count"
        O 0x42, 0xFF
        STATUS 0x30, "8254: mode 0, the first byte lowers OUT"
        O 0x42, 0xFF
        O 0x61, 0x00
        O 0x61, 0x0C
        E 0x61, 0xCF, 0x0C, "port 61: error masks are stored, no error"
        O 0x61, 0x00
        db 0

keyboard:
        O 0x64, 0xAD
        O 0x64, 0xA7
        F
        O 0x64, 0xAA
        K 0x55, "8042: self-test"
        E 0x64, 0x04, 0x04, "8042: system flag after it"
        O 0x64, 0xAB
        K 0x00, "8042: keyboard interface test"
        O 0x64, 0xA9
        K 0x00, "8042: mouse interface test"
        O 0x64, 0x60
        E 0x64, 0x08, 0x08, "8042: the last write was a command"
        O 0x60, 0x34
        E 0x64, 0x08, 0x00, "8042: the last write was data"
        O 0x64, 0x20
        K 0x34, "8042: command byte"
        O 0x64, 0xA8
        O 0x64, 0x20
        K 0x14, "8042: mouse enabled"
        O 0x64, 0xAE
        O 0x64, 0x20
        K 0x04, "8042: keyboard enabled"
        O 0x64, 0xA7
        O 0x64, 0xAD
        O 0x64, 0x20
        K 0x34, "8042: both disabled"
        O 0x64, 0xD2
        O 0x60, 0x5A
        E 0x64, 0x21, 0x01, "8042: a byte as if from the keyboard"
        K 0x5A, "8042: is that byte"
        O 0x64, 0xD3
        O 0x60, 0xA5
        E 0x64, 0x21, 0x21, "8042: a byte as if from the mouse"
        K 0xA5, "8042: is that byte too"
        O 0x64, 0x61
        O 0x60, 0x77
        O 0x64, 0x21
        K 0x77, "8042: its RAM"
        O 0x64, 0xD0
        K 0x03, "8042: output port, A20 open, no reset", 0x03
        O 0x64, 0xDD
        O 0x64, 0xD0
        K 0x01, "8042: A20 shut", 0x03
        E 0x92, 0x02, 0x00, "port 92: A20 shut"
        O 0x64, 0xDF
        E 0x92, 0x02, 0x02, "port 92: A20 open"
        ; the keyboard, untranslated
        O 0x64, 0x60
        O 0x60, 0x04
        O 0x60, 0xFF
        K 0xFA, "keyboard: reset"
        K 0xAA, "keyboard: passed"
        O 0x60, 0xF2
        K 0xFA, "keyboard: identify"
        K 0xAB, "keyboard: AB"
        K 0x83, "keyboard: 83"
        O 0x60, 0xEE
        K 0xEE, "keyboard: echo"
        O 0x60, 0xFE
        K 0xEE, "keyboard: resend"
        O 0x60, 0xF0
        K 0xFA, "keyboard: scan code set"
        O 0x60, 0x00
        K 0xFA, "keyboard: which"
        K 0x02, "keyboard: 2"
        O 0x60, 0xF0
        K 0xFA, "keyboard: scan code set again"
        O 0x60, 0x01
        K 0xFA, "keyboard: 1"
        O 0x60, 0xF0
        K 0xFA, "keyboard: which now"
        O 0x60, 0x00
        K 0xFA, "keyboard: that is"
        K 0x01, "keyboard: set 1"
        O 0x60, 0xED
        K 0xFA, "keyboard: lights"
        O 0x60, 0x07
        K 0xFA, "keyboard: all of them"
        O 0x60, 0xF3
        K 0xFA, "keyboard: typematic"
        O 0x60, 0x20
        K 0xFA, "keyboard: 500 ms, 30 a second"
        O 0x60, 0xF6
        K 0xFA, "keyboard: defaults"
        O 0x60, 0xF0
        K 0xFA, "keyboard: which set by default"
        O 0x60, 0x00
        K 0xFA, "keyboard: it is"
        K 0x02, "keyboard: set 2"
        O 0x60, 0x05
        K 0xFE, "keyboard: no such command"
        O 0x64, 0x60
        O 0x60, 0x44
        O 0x60, 0xF2
        K 0xFA, "keyboard: identify, translated"
        K 0xAB, "keyboard: AB stays"
        K 0x41, "keyboard: 83 becomes 41"
        db 0

mouse:  O 0x64, 0x60
        O 0x60, 0x04
        M 0xFF
        K 0xFA, "mouse: reset"
        K 0xAA, "mouse: passed"
        K 0x00, "mouse: identifier"
        M 0xF2
        K 0xFA, "mouse: identify"
        K 0x00, "mouse: standard"
        M 0xE9
        K 0xFA, "mouse: status"
        K 0x00, "mouse: off, stream, 1:1"
        K 0x02, "mouse: 4 counts a mm"
        K 0x64, "mouse: 100 a second"
        M 0xF3
        K 0xFA, "mouse: sample rate"
        M 0x0A
        K 0xFA, "mouse: 10 a second"
        M 0xE8
        K 0xFA, "mouse: resolution"
        M 0x03
        K 0xFA, "mouse: 8 counts a mm"
        M 0xE7
        K 0xFA, "mouse: scaling 2:1"
        M 0xF4
        K 0xFA, "mouse: on"
        M 0xE9
        K 0xFA, "mouse: status now"
        K 0x30, "mouse: on, 2:1"
        K 0x03, "mouse: that resolution"
        K 0x0A, "mouse: that rate"
        M 0xF0
        K 0xFA, "mouse: remote"
        M 0xE9
        K 0xFA, "mouse: status in remote mode"
        K 0x70, "mouse: remote", 0x50 | 0x20
        K 0x03, "mouse: resolution stays"
        K 0x0A, "mouse: rate stays"
        M 0xEB
        K 0xFA, "mouse: read data"
        K 0x08, "mouse: no button"
        K 0x00, "mouse: no x"
        K 0x00, "mouse: no y"
        M 0xEA
        K 0xFA, "mouse: stream"
        M 0xF6
        K 0xFA, "mouse: defaults"
        M 0xEE
        K 0xFA, "mouse: wrap"
        M 0x55
        K 0x55, "mouse: comes back"
        M 0xEC
        K 0xFA, "mouse: end of wrap"
        M 0xF3
        K 0xFA, "mouse: wheel, 1"
        M 200
        K 0xFA, "mouse: wheel, 2"
        M 0xF3
        K 0xFA, "mouse: wheel, 3"
        M 100
        K 0xFA, "mouse: wheel, 4"
        M 0xF3
        K 0xFA, "mouse: wheel, 5"
        M 80
        K 0xFA, "mouse: wheel, 6"
        M 0xF2
        K 0xFA, "mouse: identify with wheel"
        K 0x03, "mouse: wheel"
        M 0xFF
        K 0xFA, "mouse: reset again"
        K 0xAA, "mouse: passed again"
        K 0x00, "mouse: standard again"
        M 0x01
        K 0xFE, "mouse: no such command"
        O 0x64, 0x60
        O 0x60, 0x34
        F
        db 0

dma:    O 0x0D, 0x00
        E 0x08, 0x0F, 0x00, "8237: master clear, no terminal count"
        E 0x0F, 0x0F, 0x0F, "8237: master clear masks all"
        E 0x0D, 0xFF, 0x00, "8237: temporary register"
        O 0x02, 0x34
        O 0x02, 0x12
        O 0x03, 0x78
        O 0x03, 0x56
        E 0x02, 0xFF, 0x34, "8237: address (low)"
        E 0x02, 0xFF, 0x12, "8237: address (high)"
        E 0x03, 0xFF, 0x78, "8237: count (low)"
        E 0x03, 0xFF, 0x56, "8237: count (high)"
        E 0x02, 0xFF, 0x34, "8237: flip-flop, low byte of one"
        E 0x03, 0xFF, 0x56, "8237: then the high byte of another"
        E 0x02, 0xFF, 0x34, "8237: low byte"
        O 0x0C, 0x00
        E 0x02, 0xFF, 0x34, "8237: low byte again after clearing the flip-flop"
        O 0x0C, 0x00
        O 0x0E, 0x00
        E 0x0F, 0x0F, 0x00, "8237: clear mask register"
        O 0x0A, 0x06
        E 0x0F, 0x0F, 0x04, "8237: set one mask bit"
        O 0x0A, 0x02
        E 0x0F, 0x0F, 0x00, "8237: clear it"
        O 0x0F, 0x0A
        E 0x0F, 0x0F, 0x0A, "8237: write all mask bits"
        O 0x0F, 0x0F
        O 0xDA, 0x00
        E 0xDE, 0x0F, 0x0F, "8237: the second is masked too"
        O 0xC4, 0x34
        O 0xC4, 0x12
        O 0xC6, 0x78
        O 0xC6, 0x56
        E 0xC4, 0xFF, 0x34, "8237: second, address (low)"
        E 0xC4, 0xFF, 0x12, "8237: second, address (high)"
        E 0xC6, 0xFF, 0x78, "8237: second, count (low)"
        E 0xC6, 0xFF, 0x56, "8237: second, count (high)"
%assign port 0x81
%rep 15
        O port, port ^ 0x55
%assign port port + 1
%endrep
%macro PAGE 2
        E %1, 0xFF, %1 ^ 0x55, %2
%endmacro
        PAGE 0x81, "page register of channel 2"
        PAGE 0x82, "page register of channel 3"
        PAGE 0x83, "page register of channel 1"
        PAGE 0x87, "page register of channel 0"
        PAGE 0x89, "page register of channel 6"
        PAGE 0x8A, "page register of channel 7"
        PAGE 0x8B, "page register of channel 5"
        PAGE 0x8F, "page register of refresh"
        PAGE 0x84, "spare page register 84"
        PAGE 0x88, "spare page register 88"
        PAGE 0x8E, "spare page register 8E"
        O 0xD6, 0xC0
        O 0xD4, 0x00
        db 0

clock:  R 0x0B, 0x12
        R 0x0B, 0x92
        X 0x0B, 0xFF, 0x82, "clock: SET clears UIE"
        R 0x0D, 0x00
        X 0x0D, 0xFF, 0x80, "clock: register D is VRT, read only"
        R 0x0A, 0xA6
        X 0x0A, 0xFF, 0x26, "clock: UIP is read only"
        R 0x40, 0x5A
        R 0x41, 0xA5
        X 0x40, 0xFF, 0x5A, "clock: memory"
        X 0x41, 0xFF, 0xA5, "clock: memory beside it"
        ; the last second of a century, BCD, 24 hours
        R 0x00, 0x59
        R 0x02, 0x59
        R 0x04, 0x23
        R 0x06, 0x06
        R 0x07, 0x31
        R 0x08, 0x12
        R 0x09, 0x99
        R 0x32, 0x19
        X 0x04, 0xFF, 0x23, "clock: reads as set while SET stands"
        R 0x0B, 0x02
        W 0x00, 0xFF, 0x00
        X 0x02, 0xFF, 0x00, "clock: new year, minute"
        X 0x04, 0xFF, 0x00, "clock: new year, hour"
        X 0x06, 0xFF, 0x07, "clock: new year, weekday"
        X 0x07, 0xFF, 0x01, "clock: new year, day"
        X 0x08, 0xFF, 0x01, "clock: new year, month"
        X 0x09, 0xFF, 0x00, "clock: new year, year"
        X 0x32, 0xFF, 0x20, "clock: new year, century"
        ; binary, 12 hours
        R 0x0B, 0x84
        R 0x00, 59
        R 0x02, 59
        R 0x04, 0x80 | 11
        R 0x07, 28
        R 0x08, 2
        R 0x09, 4
        R 0x32, 20
        R 0x0B, 0x04
        W 0x00, 0xFF, 0x00
        X 0x04, 0xFF, 12, "clock: binary, after 11 PM comes 12 AM"
        X 0x07, 0xFF, 29, "clock: leap day, binary"
        X 0x08, 0xFF, 2, "clock: still February"
        ; BCD, 12 hours
        R 0x0B, 0x80
        R 0x00, 0x59
        R 0x02, 0x59
        R 0x04, 0x11
        R 0x07, 0x28
        R 0x08, 0x02
        R 0x09, 0x01
        R 0x32, 0x20
        R 0x0B, 0x00
        W 0x00, 0xFF, 0x00
        X 0x04, 0xFF, 0x92, "clock: BCD, after 11 AM comes 12 PM"
        R 0x0B, 0x82
        R 0x00, 0x59
        R 0x02, 0x59
        R 0x04, 0x23
        R 0x0B, 0x02
        W 0x00, 0xFF, 0x00
        X 0x07, 0xFF, 0x01, "clock: no leap year, day"
        X 0x08, 0xFF, 0x03, "clock: no leap year, month"
        ; flags
        R 0x0A, 0x26
        R 0x0B, 0x42
        X 0x0C, 0x00, 0x00, "clock: flags read once"
        D 200
        X 0x0C, 0xC0, 0xC0, "clock: PF and IRQF"
        R 0x0A, 0x2A            ; 64 Hz
        D 2200
        O 0x70, 0x0C
        TWICE 0x71, 0xC0, 0x00, "clock: gone when read"
        R 0x0A, 0x26
        R 0x0B, 0x02
        X 0x0C, 0x00, 0x00, "clock: flags read again"
        D 200
        X 0x0C, 0xC0, 0x40, "clock: PF without PIE, no IRQF"
        R 0x01, 0xC0
        R 0x03, 0xC0
        R 0x05, 0xC0
        R 0x0B, 0x32
        X 0x0C, 0x00, 0x00, "clock: flags before the alarm"
        W 0x0A, 0x80, 0x80
        W 0x0A, 0x80, 0x00
        X 0x0C, 0xB0, 0xB0, "clock: alarm of any time, and update"
        R 0x0B, 0x02
        db 0
%include "end.inc"

; Boot sector: shuts the processor down by a breakpoint without an interrupt table.
        bits 16
        org 0x7C00
        lidt [cs:none]
        int3
none:   times 510 - ($ - $$) db 0
        dw 0xAA55

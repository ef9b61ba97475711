//! HTTP/2 as those write it who do not keep to it.

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let head = [length[1], length[2], length[3], kind, flags];
    [&head, &stream.to_be_bytes()[..], payload].concat()
}

/// A text without compression, of less than 127 bytes.
fn text(text: &str) -> Vec<u8> {
    [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

/// How a connection begins.
pub(super) fn preface() -> Vec<u8> {
    [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()
}

/// The head of a hook with a signature that nobody has made, and as many headers more.
pub(super) fn head(stream: u32, more: usize) -> Vec<u8> {
    let mut block = vec![0x83, 0x86];
    for (name, value) in [
        (&[0x04][..], "/hooks/connect"),
        (&[0x0f, 0x10], "application/json"),
        (&[0x0f, 0x08], "WCS 00112233445566778899aabbccddeeff"),
    ] {
        block.extend([name, &text(value)].concat());
    }
    for number in 0..more {
        block.extend([&[0x00][..], &text(&format!("x-{number}")), &text(&"v".repeat(100))].concat());
    }
    frame(HEADERS, END_HEADERS, stream, &block)
}

pub(super) fn data(stream: u32, length: usize) -> Vec<u8> {
    frame(DATA, 0, stream, &vec![b' '; length])
}

pub(super) fn reset(stream: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())
}
